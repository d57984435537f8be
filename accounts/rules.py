"""Kinds of people and what their profiles may hold. Pure."""

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


PUBLIC_UPLOADS = frozenset({UploadKind.PROFILE, UploadKind.GIG})
AVATAR_SIDE = 512
MAX_SKILLS = 15
DEFAULT_TRAVEL_RADIUS_KM = 5
