"""Kinds of rooms and limits of messages. Pure."""

from django.db.models import TextChoices

MAX_CONTENT = 10_000
MAX_ATTACHMENTS = 10
SYNC_PAGE = 100
MAX_FRAME_BYTES = 64 * 1024
FRAMES_PER_SECOND = 20
FRAME_BURST = 40


class RoomKind(TextChoices):
    DIRECT = "direct", "Direct"
    CONTRACT = "contract", "Contract"
    GIG = "gig", "Gig"


def direct_key(first_user_id: int, second_user_id: int) -> str:
    """The same for both orders: two people have one direct room."""
    return ":".join(str(user_id) for user_id in sorted((first_user_id, second_user_id)))
