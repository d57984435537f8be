"""Kinds of people and what their profiles may hold. Pure."""

import ipaddress
import re
from typing import NamedTuple

from django.db.models import TextChoices
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


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
LETTER_TRIES = 5  # letters that one address can be made to receive, and one caller to send, in LETTER_SECONDS
LETTER_SECONDS = 15 * 60
API_KEY_DAILY_QUOTA = 10_000
HANDLE = r"^[a-z][a-z0-9-]{1,38}[a-z0-9]$"
REFRESH_GRACE_SECONDS = 10  # two tabs may send the same refresh token at nearly the same time


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


class SecurityEvent(NamedTuple):
    """How an action of the audit log reads in the person's own security history."""

    title: str | Promise
    icon: str
    is_alarming: bool = False


# What a person sees of the audit log: everything that decides who gets into their account.
SECURITY_EVENTS = {
    "person.registered": SecurityEvent(_("The account was made"), "person-plus"),
    "person.signed_in": SecurityEvent(_("You signed in"), "box-arrow-in-right"),
    "person.failed_sign_in": SecurityEvent(
        _("A sign-in with a wrong password was refused"), "shield-exclamation", True
    ),
    "person.verified_email": SecurityEvent(_("Your e-mail address was confirmed"), "check-circle"),
    "person.changed_email": SecurityEvent(_("Your e-mail address was changed"), "envelope"),
    "password.changed": SecurityEvent(_("Your password was changed"), "key"),
    "password.reset": SecurityEvent(_("A new password was chosen by a mailed link"), "key"),
    "session.ended": SecurityEvent(_("A sign-in was ended"), "box-arrow-right"),
    "session.ended_others": SecurityEvent(_("All other sign-ins were ended"), "box-arrow-right"),
    "session.token_reused": SecurityEvent(_("A copied sign-in was used, so we ended it"), "shield-exclamation", True),
    "console.changed": SecurityEvent(_("Guildhall staff changed your account"), "person"),
}


def network_of(address: str) -> str:
    """The network that an address belongs to, as its first address: of IPv4 the /24, of IPv6 the /48."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return ""
    bits = 24 if ip.version == 4 else 48
    return str(ipaddress.ip_network((ip, bits), strict=False).network_address)
