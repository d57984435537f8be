"""Reviews: whose side is rated. Pure."""

from django.db.models import TextChoices

MAX_COMMENT = 2000


class Side(TextChoices):
    """As what the reviewed person took part."""

    CLIENT = "client", "As client"
    FREELANCER = "freelancer", "As freelancer"
