"""Kinds of rooms, limits of messages and the small arithmetic of watermarks. Pure."""

import unicodedata
from collections.abc import Iterable
from datetime import timedelta

from django.db.models import TextChoices

MAX_CONTENT = 10_000
MAX_ATTACHMENTS = 10
MAX_PREVIEW = 140
MAX_EMOJI_LENGTH = 16
MAX_EMOJIS_PER_MESSAGE = 20
HISTORY_PAGE = 50
SYNC_PAGE = 100

MAX_FRAME_BYTES = 64 * 1024
FRAMES_PER_SECOND = 20
FRAME_BURST = 40

TICKET_LIFETIME = timedelta(seconds=30)
TOKEN_WARNING = timedelta(minutes=1)
PRESENCE_LIFETIME = timedelta(seconds=90)
PRESENCE_REFRESH = timedelta(seconds=30)
PRESENCE_GRACE = timedelta(seconds=5)  # moving from page to page is not leaving

UNREAD_REMINDER_AFTER = timedelta(minutes=5)
UNREAD_REMINDER_RETRY = timedelta(minutes=30)
UNREAD_REMINDER_UNTIL = timedelta(days=1)


class RoomKind(TextChoices):
    DIRECT = "direct", "Direct"
    CONTRACT = "contract", "Contract"
    GIG = "gig", "Gig"


class MessageStatus(TextChoices):
    SENT = "sent", "Sent"
    DELIVERED = "delivered", "Delivered"
    READ = "read", "Read"


def direct_key(first_user_id: int, second_user_id: int) -> str:
    """The same for both orders: two people have one direct room."""
    return ":".join(str(user_id) for user_id in sorted((first_user_id, second_user_id)))


def status_of(seq: int, *, read_seq: int, delivered_seq: int) -> MessageStatus:
    """How far message number `seq` has come, given the lowest watermarks among its receivers."""
    if seq <= read_seq:
        return MessageStatus.READ
    return MessageStatus.DELIVERED if seq <= delivered_seq else MessageStatus.SENT


def preview_of(content: str, attachment_names: Iterable[str] = ()) -> str:
    """One line for lists of rooms: the text, or the names of the files when there is none."""
    line = " ".join(content.split()) or ", ".join(attachment_names)
    return line if len(line) <= MAX_PREVIEW else line[: MAX_PREVIEW - 1].rstrip() + "…"


def is_emoji(text: str) -> bool:
    """One pictograph with its modifiers: never letters, spaces or direction-changing characters."""
    return 0 < len(text) <= MAX_EMOJI_LENGTH and _is_pictograph(text[0]) and all(map(_belongs_to_emoji, text))


def _is_pictograph(char: str) -> bool:
    # The range is wider than what this Python's Unicode tables know: new emojis come every year.
    return unicodedata.category(char) == "So" or 0x1F300 <= ord(char) <= 0x1FAFF


def _belongs_to_emoji(char: str) -> bool:
    joins = char == "\u200d" or 0xE0020 <= ord(char) <= 0xE007F
    return joins or _is_pictograph(char) or unicodedata.category(char) in {"Sk", "Mn", "Me"}
