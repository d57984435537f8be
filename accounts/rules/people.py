"""Kinds of people, and what a profile may hold."""

from datetime import date

from django.db.models import TextChoices


class UserType(TextChoices):
    CLIENT = "client", "Client"
    FREELANCER = "freelancer", "Freelancer"
    BOTH = "both", "Client and freelancer"


class ExperienceLevel(TextChoices):
    ENTRY = "entry", "Entry"
    INTERMEDIATE = "intermediate", "Intermediate"
    EXPERT = "expert", "Expert"


class LanguageLevel(TextChoices):
    BASIC = "basic", "Basic"
    CONVERSATIONAL = "conversational", "Conversational"
    FLUENT = "fluent", "Fluent"
    NATIVE = "native", "Native"


MAX_SKILLS = 15
MAX_LANGUAGES = 10
MAX_LINKS = 5
MIN_TRAVEL_RADIUS_KM = 1
MAX_TRAVEL_RADIUS_KM = 200
DEFAULT_TRAVEL_RADIUS_KM = 5
MAX_SEARCH_RADIUS_KM = 500
DEFAULT_SEARCH_RADIUS_KM = 10


class EntryKind(TextChoices):
    EDUCATION = "education", "Education"
    WORK = "work", "Work"
    CERTIFICATE = "certificate", "Certificate"


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
