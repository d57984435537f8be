"""Kinds of people and what their profiles may hold. Pure."""

import re
import secrets
from datetime import datetime, timedelta

from django.db.models import TextChoices


class UserType(TextChoices):
    CLIENT = "client", "Client"
    FREELANCER = "freelancer", "Freelancer"
    BOTH = "both", "Client and freelancer"


class ExperienceLevel(TextChoices):
    ENTRY = "entry", "Entry"
    INTERMEDIATE = "intermediate", "Intermediate"
    EXPERT = "expert", "Expert"


class UploadKind(TextChoices):
    PROFILE = "profile", "Profile picture"
    GIG = "gig", "Gig picture"
    ATTACHMENT = "attachment", "Attachment"
    IDENTITY = "identity", "Identity document"


class SecondFactor(TextChoices):
    TOTP = "totp", "Authenticator app"
    BACKUP_CODE = "backup_code", "Backup code"
    PASSKEY = "passkey", "Passkey"


class EntryKind(TextChoices):
    EDUCATION = "education", "Education"
    WORK = "work", "Work"
    CERTIFICATE = "certificate", "Certificate"


class SuspensionRule(TextChoices):
    CONTACT_DETAILS = "contact_details", "Repeatedly moving work off the site"
    FRAUD = "fraud", "Fraud or a stolen payment method"
    FALSE_IDENTITY = "false_identity", "Somebody else's identity or several accounts"
    ABUSE = "abuse", "Abuse, threats or discrimination"
    FORBIDDEN_WORK = "forbidden_work", "Work that is not allowed here"
    NOT_DELIVERING = "not_delivering", "Taking money or work and not appearing, repeatedly"


class EvidenceClass(TextChoices):
    MESSAGES = "messages", "Messages on the site"
    REPORTS = "reports", "Reports of several people"
    PAYMENTS = "payments", "Payment records"
    DOCUMENTS = "documents", "Documents"
    TECHNICAL = "technical", "Sign-in and device records"


class IdentityDocument(TextChoices):
    PASSPORT = "passport", "Passport"
    ID_CARD = "id_card", "Identity card"
    DRIVING_LICENCE = "driving_licence", "Driving licence"
    RESIDENCE_PERMIT = "residence_permit", "Residence permit"


PUBLIC_UPLOADS = frozenset({UploadKind.PROFILE, UploadKind.GIG})
AVATAR_SIDE = 512
MAX_SKILLS = 15
MAX_LANGUAGES = 10
MAX_LINKS = 5
MAX_PASSWORD = 128
MIN_TRAVEL_RADIUS_KM = 1
MAX_TRAVEL_RADIUS_KM = 200
DEFAULT_TRAVEL_RADIUS_KM = 5
MAX_SEARCH_RADIUS_KM = 500

DEFAULT_SEARCH_RADIUS_KM = 10

REGISTRATIONS = 10  # that one address may make in REGISTRATION_SECONDS
REGISTRATION_SECONDS = 60 * 60
SIGN_IN_TRIES = 10
SIGN_IN_SECONDS = 5 * 60
CODE_TRIES = ((5, 5 * 60), (20, 60 * 60))  # wrong second factors of one person: how many in how many seconds
LETTER_TRIES = 5  # letters that one address can be made to receive, and one caller to send, in LETTER_SECONDS
LETTER_SECONDS = 15 * 60
API_KEY_DAILY_QUOTA = 10_000
HANDLE = r"^[a-z][a-z0-9-]{1,38}[a-z0-9]$"
REFRESH_GRACE_SECONDS = 10  # two tabs may send the same refresh token at nearly the same time


TWO_FACTOR_LIFETIME = timedelta(minutes=5)  # from the password to the second factor
CHALLENGE_LIFETIME = timedelta(minutes=5)  # from a passkey's question to its answer
CONFIRMATION_LIFETIME = timedelta(minutes=15)  # how long a proof of who one is counts as fresh
SEEN_EVERY = timedelta(minutes=5)  # how exactly the last use of a browser's sign-in is known
BACKUP_CODES = 8
MAX_PASSKEYS = 20
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
