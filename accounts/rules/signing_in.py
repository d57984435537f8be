"""Getting in: how often one may try, how long a proof counts, what a second factor is."""

import ipaddress
import re
import secrets
from datetime import datetime, timedelta

from django.db.models import TextChoices


class SecondFactor(TextChoices):
    TOTP = "totp", "Authenticator app"
    BACKUP_CODE = "backup_code", "Backup code"
    PASSKEY = "passkey", "Passkey"


MAX_PASSWORD = 128

REGISTRATIONS = 10  # that one address may make in REGISTRATION_SECONDS
REGISTRATION_SECONDS = 60 * 60
SIGN_IN_TRIES = 10
SIGN_IN_SECONDS = 5 * 60
CODE_TRIES = ((5, 5 * 60), (20, 60 * 60))  # wrong second factors of one person: how many in how many seconds
LETTER_TRIES = 5  # letters that one address can be made to receive, and one caller to send, in LETTER_SECONDS
LETTER_SECONDS = 15 * 60
REFRESH_GRACE_SECONDS = 10  # two tabs may send the same refresh token at nearly the same time
TWO_FACTOR_LIFETIME = timedelta(minutes=5)  # from the password to the second factor
CHALLENGE_LIFETIME = timedelta(minutes=5)  # from a passkey's question to its answer
CONFIRMATION_LIFETIME = timedelta(minutes=15)  # how long a proof of who one is counts as fresh
SEEN_EVERY = timedelta(minutes=5)  # how exactly the last use of a browser's sign-in is known
BACKUP_CODES = 8
MAX_PASSKEYS = 20
API_KEY_DAILY_QUOTA = 10_000
MAX_API_KEYS = 20
MAX_API_KEY_DAYS = 730
LONGEST_NEW = timedelta(days=90)  # staff set for how many days an account is new, up to these
# Without letters and digits that look like others.
_CODE_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"


def new_backup_code() -> str:
    """Two groups of five, "k7mqx-2fdwz": about 49 bits."""
    return "-".join("".join(secrets.choice(_CODE_LETTERS) for _ in range(5)) for _ in range(2))


def bare_code(typed: str) -> str:
    """A code as it is compared: spaces, hyphens and capitals do not matter."""
    return re.sub(r"[\s-]", "", typed).lower()


def looks_like_backup_code(bare: str) -> bool:
    return len(bare) == 10


def is_fresh(confirmed_at: datetime, now: datetime) -> bool:
    """Whether a proof of that time still counts for changes that touch security."""
    return now - confirmed_at < CONFIRMATION_LIFETIME


def token_was_just_replaced(seconds_ago: float) -> bool:
    return seconds_ago <= REFRESH_GRACE_SECONDS


# The first that fits wins: most browsers also carry the names of older ones.
_BROWSERS = (("Edg/", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari"))
_SYSTEMS = ("Windows", "Android", "iPhone", "iPad", "Mac OS X", "Linux")


def device_name(user_agent: str) -> str:
    """ "Firefox on Linux"; of other programs the name they give themselves."""
    browser = next((name for mark, name in _BROWSERS if mark in user_agent), "")
    if not browser:
        return re.split(r"[/ ]", user_agent.strip(), maxsplit=1)[0]
    system = next((name for name in _SYSTEMS if name in user_agent), "")
    return f"{browser} on {system.replace(' OS X', '')}" if system else browser


def network_of(address: str) -> str:
    """The network that an address belongs to, as its first address: of IPv4 the /24, of IPv6 the /48."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return ""
    bits = 24 if ip.version == 4 else 48
    return str(ipaddress.ip_network((ip, bits), strict=False).network_address)
