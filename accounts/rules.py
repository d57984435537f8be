"""Kinds of people and what their profiles may hold. Pure."""

import ipaddress
import re
import secrets
import unicodedata
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime, time, timedelta, tzinfo
from itertools import pairwise
from typing import Any, NamedTuple

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
# Widths in pixels that are made of every picture of a kind, beside it.
THUMBNAILS = {
    UploadKind.PROFILE: (96, 384),
    UploadKind.GIG: (384, 1024),
    UploadKind.ATTACHMENT: (384,),
    UploadKind.IDENTITY: (384,),
}
UNUSED_UPLOADS_KEPT = timedelta(days=1)  # time enough to finish the form that they were sent for
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
MAX_API_KEYS = 20
MAX_API_KEY_DAYS = 730
APPEAL_DAYS = timedelta(days=14)
MAX_IDENTITY_FILES = 3
IDENTITY_FILES_KEPT = timedelta(days=30)  # after the decision
EXPORT_KEPT = timedelta(days=7)
EXPORT_GIVEN_UP = timedelta(days=1)  # unfinished by then, it never will be
FORMER_MEMBER = "Former member"
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


# --- The address of a profile --------------------------------------------------------------------

# Words that somebody could take for the site itself or for its pages. First parts of the site's addresses are among
# them; tests/architecture/test_handles.py compares.
RESERVED_HANDLES = frozenset({
    "about", "account", "accounts", "admin", "api", "appeal", "appeals", "apply", "auth", "availability",
    "billing", "blog", "calendar", "careers", "change-email", "chat", "client", "clients", "confirm", "contact",
    "contracts", "credentials", "dashboard", "data", "dev", "developers", "disputes", "docs", "everybody",
    "everyone", "export", "exports", "faq", "feed", "fees", "files", "finance", "forgot-password", "freelancer",
    "freelancers", "gallery", "gigs", "guild", "health", "help", "helper", "helpers", "home", "how-it-works",
    "invite", "jobs", "join", "knowledge", "legal", "login", "logout", "mail", "me", "media", "messages",
    "moderation", "myself", "new", "news", "nobody", "notifications", "null", "pay", "payment", "payments",
    "people", "person", "places", "press", "pricing", "privacy", "profile", "profiles", "projects", "redoc",
    "register", "reset-password", "reviews", "robots", "root", "search", "second-factor", "security",
    "settings", "sign-in", "sign-out", "sign-up", "signin", "signup", "site", "sitemap", "sitemaps", "static",
    "status", "support", "switch-view", "system", "team", "terms", "test", "tickets", "trust", "undefined",
    "user", "users", "verify", "verify-email", "wallet", "webhooks", "www",
})  # fmt: skip
# A name with one of these words in it would speak for us.
STAFF_WORDS = frozenset(
    {"admin", "administrator", "guildhall", "helpdesk", "moderator", "official", "staff", "support"}
)


def handle_fault(handle: str) -> str:
    """What is wrong with an address that somebody wishes for; "" when nothing is. Whether it is free is another question."""
    if not re.fullmatch(HANDLE, handle):
        return "Use 3 to 40 of the letters a to z, digits and hyphens. Begin with a letter, do not end with a hyphen."
    if "--" in handle:
        return "Use one hyphen at a time."
    if handle in RESERVED_HANDLES or STAFF_WORDS.intersection(handle.split("-")):
        return "This word is kept for the site itself."
    return ""


# Letters that are no letter with a mark on it; the first is the dotless i.
_LETTERS = str.maketrans(
    {"\u0131": "i", "ł": "l", "ø": "o", "đ": "d", "ð": "d", "þ": "th", "ß": "ss", "æ": "ae", "œ": "oe"}
)


def handle_ideas(first: str, last: str, number: int) -> list[str]:
    """Good addresses for somebody of this name, the best first; none for names without Latin letters.

    The last idea ends in `number`, which belongs to the person alone.
    """
    first, last = _in_plain_letters(first), _in_plain_letters(last)
    whole = "-".join(filter(None, [first, last]))
    ideas = [whole, "-".join(filter(None, [last, first])), f"{first[:1]}-{last}", f"{whole}-{number}" if whole else ""]
    return [idea for idea in dict.fromkeys(ideas) if not handle_fault(idea)]


def _in_plain_letters(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name.lower().translate(_LETTERS)).encode("ascii", "ignore").decode()
    return "-".join(re.findall(r"[a-z0-9]+", plain.replace("'", "")))


# --- Hours of work -------------------------------------------------------------------------------

DAYS = {
    "mon": "Monday", "tue": "Tuesday", "wed": "Wednesday", "thu": "Thursday", "fri": "Friday", "sat": "Saturday",
    "sun": "Sunday",
}  # fmt: skip
MAX_SPANS = 4  # a day
_CLOCK = re.compile(r"([01]\d|2[0-3]):([0-5]\d)|24:00")
_SPOKEN = re.compile(r"(\d{1,2})(?:[:.h](\d{2})?)?\s*(?:-|–|—|\bto\b)\s*(\d{1,2})(?:[:.h](\d{2})?)?")

WeeklyHours = dict[str, list[list[str]]]


class SpanElsewhere(NamedTuple):
    """Hours of one day as they stand with the person, and on the reader's clock."""

    start: str
    end: str
    reader_day: str
    reader_start: str
    reader_end: str


def checked_hours(hours: Any) -> WeeklyHours:
    """In order and without empty days; ValueError with a sentence where they make no sense. "24:00" ends a day."""
    if not isinstance(hours, Mapping) or not set(hours) <= set(DAYS):
        raise ValueError('Give the days as "mon" to "sun".')
    checked: WeeklyHours = {}
    for day, name in DAYS.items():
        try:
            spans = checked_day(hours.get(day) or [])
        except ValueError as error:
            raise ValueError(f"{name}: {error}") from error
        if spans:
            checked[day] = spans
    return checked


def checked_day(spans: Any) -> list[list[str]]:
    """The hours of one day in order; ValueError as above."""
    if not isinstance(spans, Sequence) or isinstance(spans, str):
        raise ValueError("Give a list of pairs of times.")
    if len(spans) > MAX_SPANS:
        raise ValueError(f"Give at most {MAX_SPANS} spans.")
    pairs = sorted(_checked_span(span) for span in spans)
    for (start, end), (next_start, next_end) in pairwise(pairs):
        if next_start < end:
            raise ValueError(f"{_clock(start)}–{_clock(end)} and {_clock(next_start)}–{_clock(next_end)} overlap.")
    return [[_clock(start), _clock(end)] for start, end in pairs]


def read_spans(text: str) -> list[list[str]]:
    """ "9-12:30, 14-18" as [["09:00", "12:30"], ["14:00", "18:00"]]; ValueError when it is something else."""
    spans = []
    for part in filter(None, (part.strip() for part in re.split(r"[,;+]|\band\b", text))):
        found = _SPOKEN.fullmatch(part)
        if not found:
            raise ValueError("Write times such as 9-12:30, 14-18.")
        start_hour, start_minute, end_hour, end_minute = (int(group or 0) for group in found.groups())
        if (end_hour, end_minute) == (0, 0):
            end_hour = 24
        spans.append([f"{start_hour:02}:{start_minute:02}", f"{end_hour:02}:{end_minute:02}"])
    return spans


def written_spans(spans: Iterable[Sequence[str]]) -> str:
    """The other way round: "09:00–12:30, 14:00–18:00"."""
    return ", ".join(f"{start}–{end}" for start, end in spans)


def hours_elsewhere(hours: WeeklyHours, own: tzinfo, reader: tzinfo, monday: date) -> dict[str, list[SpanElsewhere]]:
    """The hours of the week that begins on `monday`, with each on the reader's clock, which may be another day's."""
    return {
        day: [_elsewhere(span, monday + timedelta(days=number), own, reader) for span in hours[day]]
        for number, day in enumerate(DAYS)
        if hours.get(day)
    }


def _checked_span(span: Any) -> tuple[int, int]:
    """In minutes after midnight."""
    pair = isinstance(span, Sequence) and not isinstance(span, str) and len(span) == 2
    if not pair or not all(isinstance(clock, str) and _CLOCK.fullmatch(clock) for clock in span):
        raise ValueError("Give pairs of times such as 09:00 and 12:30.")
    start, end = (int(clock[:2]) * 60 + int(clock[3:]) for clock in span)
    if start >= end:
        raise ValueError(f"{span[0]}–{span[1]} ends before it starts. Split what goes past midnight.")
    return start, end


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


def _elsewhere(span: Sequence[str], day: date, own: tzinfo, reader: tzinfo) -> SpanElsewhere:
    start, end = (_moment(day, clock, own).astimezone(reader) for clock in span)
    return SpanElsewhere(span[0], span[1], list(DAYS)[start.weekday()], f"{start:%H:%M}", f"{end:%H:%M}")


def _moment(day: date, clock: str, zone: tzinfo) -> datetime:
    days, hour = divmod(int(clock[:2]), 24)
    return datetime.combine(day + timedelta(days=days), time(hour, int(clock[3:])), tzinfo=zone)


# --- Education, work, certificates ---------------------------------------------------------------

MAX_ENTRIES = {EntryKind.EDUCATION: 8, EntryKind.WORK: 15, EntryKind.CERTIFICATE: 15}
FIRST_YEAR, LAST_YEAR = 1930, 2100


def entry_faults(started: date | None, ended: date | None, today: date) -> dict[str, str]:
    """What cannot be about the months of an entry, by field."""
    faults = {
        name: f"Give a year from {FIRST_YEAR} to {LAST_YEAR}."
        for name, month in (("started", started), ("ended", ended))
        if month and not FIRST_YEAR <= month.year <= LAST_YEAR
    }
    if started and started > today:
        faults.setdefault("started", "This has not begun yet.")
    if started and ended and ended < started:
        faults.setdefault("ended", "The end is before the beginning.")
    return faults


# --- How complete a profile is -------------------------------------------------------------------


class Step(NamedTuple):
    """One part of a complete profile, and how much of the whole it is."""

    code: str
    label: str
    weight: int


# What decides whether a client reads on weighs most. Each table adds up to 100.
FREELANCER_STEPS = (
    Step("headline", "Say in one line what you do", 15),
    Step("skills", "Name your skills", 15),
    Step("bio", "Write a few sentences about you", 15),
    Step("photo", "Add a picture of yourself", 10),
    Step("hourly_rate", "Say what an hour costs", 10),
    Step("experience", "Add past work, a school or a certificate", 10),
    Step("place", "Say where you are", 5),
    Step("category", "Choose a category", 5),
    Step("languages", "Name the languages you speak", 5),
    Step("weekly_hours", "Say when you work", 5),
    Step("links", "Link to your work", 5),
)
# A company and its website are no part of it: many who hire have neither.
CLIENT_STEPS = (
    Step("about", "Write a few sentences about you or your company", 40),
    Step("photo", "Add a picture, so that people know whom they work for", 30),
    Step("place", "Say where you are", 30),
)


class Completeness(NamedTuple):
    percent: int
    next_step: Step | None
    missing: tuple[str, ...]


def steps_of(user_type: str) -> tuple[Step, ...]:
    """Of somebody who does both: what a freelancer needs, then what only a client does."""
    if user_type == UserType.CLIENT:
        return CLIENT_STEPS
    if user_type == UserType.FREELANCER:
        return FREELANCER_STEPS
    known = {step.code for step in FREELANCER_STEPS}
    return FREELANCER_STEPS + tuple(step for step in CLIENT_STEPS if step.code not in known)


def completeness(done: Collection[str], steps: Sequence[Step]) -> Completeness:
    """From the codes of what is there. The next step is the weightiest that is missing; 100 only when nothing is."""
    missing = [step for step in steps if step.code not in done]
    whole = sum(step.weight for step in steps)
    left = sum(step.weight for step in missing)
    best = max(missing, key=lambda step: step.weight) if missing else None
    return Completeness((whole - left) * 100 // whole, best, tuple(step.code for step in missing))


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
    "session.ended_all": SecurityEvent(_("All sign-ins were ended"), "box-arrow-right"),
    "session.confirmed": SecurityEvent(_("You confirmed that it is you"), "check-circle"),
    "second_factor.enabled": SecurityEvent(_("The second factor was turned on"), "shield-check"),
    "second_factor.disabled": SecurityEvent(_("The second factor was turned off"), "shield-exclamation", True),
    "second_factor.failed": SecurityEvent(_("A wrong code was refused"), "shield-exclamation", True),
    "backup_code.used": SecurityEvent(_("A backup code was used"), "key"),
    "backup_codes.renewed": SecurityEvent(_("New backup codes were made"), "key"),
    "passkey.added": SecurityEvent(_("A passkey was added"), "key"),
    "passkey.renamed": SecurityEvent(_("A passkey was renamed"), "key"),
    "passkey.removed": SecurityEvent(_("A passkey was removed"), "key"),
    "api_key.created": SecurityEvent(_("An API key was made"), "code-slash"),
    "api_key.revoked": SecurityEvent(_("An API key was revoked"), "code-slash"),
    "webhook.added": SecurityEvent(_("A webhook was added"), "hdd-network"),
    "webhook.changed_secret": SecurityEvent(_("The secret of a webhook was changed"), "hdd-network"),
    "webhook.removed": SecurityEvent(_("A webhook was removed"), "hdd-network"),
    "export.requested": SecurityEvent(_("A copy of your data was asked for"), "download"),
    "person.asked_to_change_email": SecurityEvent(_("A change of your e-mail address was asked for"), "envelope"),
    "person.deactivated": SecurityEvent(_("The account was closed"), "door-closed"),
    "person.reactivated": SecurityEvent(_("The account was opened again"), "person-check"),
    "person.suspended": SecurityEvent(_("The account was suspended"), "exclamation-triangle", True),
    "person.suspension_lifted": SecurityEvent(_("The suspension was lifted"), "person-check"),
    "identity.submitted": SecurityEvent(_("You sent an identity document"), "person-check"),
    "identity.approved": SecurityEvent(_("Your identity was verified"), "person-check"),
    "identity.refused": SecurityEvent(_("Your identity document was not accepted"), "person-check"),
    "staff.changed_groups": SecurityEvent(_("Your rights as staff were changed"), "person"),
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
