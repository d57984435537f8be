"""Frames that clients send: read, checked and typed before anything else sees them."""

import time
import uuid
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import orjson

from chat.rules import FRAME_BURST, FRAMES_PER_SECOND, MAX_ATTACHMENTS, MAX_CONTENT, MAX_EMOJI_LENGTH, MAX_FRAME_BYTES
from core.errors import Invalid, TooLarge

LARGEST_ID = 2**63 - 1


class Frame(NamedTuple):
    """A checked frame: `values` are the arguments of its handler."""

    type: str
    values: dict[str, Any]
    client_id: str | None


class BadFrame(Invalid):
    """With the `client_id` as far as it could be read, so that the answer can repeat it."""

    def __init__(
        self, code: str, message: str, fields: Mapping[str, list[str]] | None = None, client_id: str = ""
    ) -> None:
        super().__init__(code, message, fields=fields)
        self.client_id = client_id


class Field(NamedTuple):
    """How one value of a frame is read; `read` raises ValueError with the sentence for its sender."""

    name: str
    read: Callable[[Any], Any]
    required: bool = True


# --- Readers of values --------------------------------------------------------------------------


def _identifier(value: Any) -> int:
    if type(value) is not int or not 0 < value <= LARGEST_ID:
        raise ValueError("Must be a whole number above zero.")
    return value


def _number(value: Any) -> int:
    if type(value) is not int or not 0 <= value <= LARGEST_ID:
        raise ValueError("Must be a whole number, zero or above.")
    return value


def _text(longest: int) -> Callable[[Any], str]:
    def read(value: Any) -> str:
        if not isinstance(value, str) or len(value) > longest:
            raise ValueError(f"Must be text of at most {longest:,} characters.")
        return value

    return read


def _switch(value: Any) -> bool:
    if type(value) is not bool:
        raise ValueError("Must be true or false.")
    return value


def _uuid(value: Any) -> uuid.UUID:
    try:
        return uuid.UUID(value)
    except (ValueError, TypeError, AttributeError):
        raise ValueError("Must be a UUID.") from None


def _attachments(value: Any) -> list[int]:
    if not isinstance(value, list) or len(value) > MAX_ATTACHMENTS:
        raise ValueError(f"Must be a list of at most {MAX_ATTACHMENTS} files.")
    return [_identifier(item) for item in value]


# --- What there is to say -----------------------------------------------------------------------

CHAT = Field("chat_id", _identifier)
PROJECT = Field("project_id", _identifier)
MESSAGE = Field("message_id", _identifier)
CONTENT = Field("content", _text(MAX_CONTENT))
UP_TO = Field("up_to_seq", _number)

FRAMES: dict[str, tuple[Field, ...]] = {
    "join_chat": (CHAT, Field("after_seq", _number, required=False), Field("after_change", _number, required=False)),
    "leave_chat": (CHAT,),
    "join_project": (PROJECT,),
    "leave_project": (PROJECT,),
    "send_message": (
        Field("chat_id", _identifier, required=False),
        Field("receiver_id", _identifier, required=False),
        Field("content", _text(MAX_CONTENT), required=False),
        Field("attachment_ids", _attachments, required=False),
        Field("reply_to", _identifier, required=False),
    ),
    "typing_start": (CHAT,),
    "typing_stop": (CHAT,),
    "mark_read": (CHAT, UP_TO),
    "mark_delivered": (CHAT, UP_TO),
    "sync": (CHAT, Field("after_seq", _number), Field("after_change", _number, required=False)),
    "edit_message": (MESSAGE, CONTENT),
    "delete_message": (MESSAGE,),
    "react": (MESSAGE, Field("emoji", _text(MAX_EMOJI_LENGTH)), Field("on", _switch)),
    "ping": (),
}


def read_frame(text: str | None) -> Frame:
    """The frame in a text message (None for a binary one), or BadFrame saying what is wrong with it."""
    if text is None:
        raise BadFrame("invalid_frame", "Frames are JSON text.")
    if len(text) > MAX_FRAME_BYTES or len(text.encode(errors="replace")) > MAX_FRAME_BYTES:
        raise TooLarge("frame_too_large", "A frame has at most 64 KiB.")
    data = _decode(text)
    echo = data.get("client_id")
    client_id = echo if isinstance(echo, str) and len(echo) <= 64 else ""
    kind = data.get("type")
    fields = FRAMES.get(kind) if isinstance(kind, str) else None
    if fields is None:
        raise BadFrame("unknown_type", "There is no frame of this type.", client_id=client_id)
    values, wrong = _read_fields(data, (*fields, Field("client_id", _uuid, required=False)))
    if kind == "send_message" and ("chat_id" in values) == ("receiver_id" in values) and not wrong:
        wrong = {"chat_id": ["Give either chat_id or receiver_id."]}
    if wrong:
        raise BadFrame("validation_error", "Please check the marked fields.", wrong, client_id)
    if kind != "send_message":
        values.pop("client_id", None)
    return Frame(str(kind), values, client_id or None)


def _decode(text: str) -> dict[str, Any]:
    try:
        data = orjson.loads(text)
    except ValueError:
        raise BadFrame("invalid_frame", "This is not valid JSON.") from None
    if not isinstance(data, dict):
        raise BadFrame("invalid_frame", "A frame is a JSON object.")
    return data


def _read_fields(data: Mapping[str, Any], fields: tuple[Field, ...]) -> tuple[dict[str, Any], dict[str, list[str]]]:
    """The values that could be read, and what is wrong with the others. Unknown keys are ignored."""
    values: dict[str, Any] = {}
    wrong: dict[str, list[str]] = {}
    for field in fields:
        given = data.get(field.name)
        if given is None:
            if field.required:
                wrong[field.name] = ["This is required."]
            continue
        try:
            values[field.name] = field.read(given)
        except ValueError as error:
            wrong[field.name] = [str(error)]
    return values, wrong


class Allowance:
    """How many frames a socket may still send: refilled steadily, up to a burst."""

    def __init__(self, factor: float) -> None:
        self.per_second = FRAMES_PER_SECOND * factor
        self.burst = FRAME_BURST * factor
        self._left = self.burst
        self._at = time.monotonic()

    def take(self) -> bool:
        """Use one up; False when there was none left."""
        now = time.monotonic()
        self._left = min(self.burst, self._left + (now - self._at) * self.per_second)
        self._at = now
        if self._left < 1:
            return False
        self._left -= 1
        return True
