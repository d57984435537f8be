"""Refusals of the domain. Adapters for the API (core.api), pages (core.middleware) and sockets render the same code."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from django.db import InterfaceError, OperationalError

# The database ended a deadlock, or is away for a moment: nothing was done, and trying again is safe.
DATABASE_BUSY = (OperationalError, InterfaceError)
MINUTES_SHOWN = 90  # above, a time to wait is told in hours
FieldErrors = Mapping[str, Sequence[str]]


class DomainError(Exception):
    """`code` is stable and snake_case, `message` one sentence for the person, `status` the HTTP answer."""

    status = 500
    code = "error"
    message = "Something went wrong."

    def __init__(self, code: str = "", message: str = "", *, fields: FieldErrors | None = None) -> None:
        self.code = code or self.code
        self.message = message or self.message
        self.fields = dict(fields or {})
        super().__init__(f"{self.code}: {self.message}")


class Invalid(DomainError):
    """The input is wrong; `fields` says where."""

    status = 400
    code = "validation_error"
    message = "Please check the marked fields."


class Forbidden(DomainError):
    """The object is visible but this person may not do that."""

    status = 403
    code = "forbidden"
    message = "You are not allowed to do this."


class NotFound(DomainError):
    """Not there, or not visible to this person: the same answer."""

    status = 404
    code = "not_found"
    message = "This does not exist, or you cannot see it."


class Conflict(DomainError):
    """The state does not allow it (any more), or somebody was quicker."""

    status = 409
    code = "conflict"
    message = "This changed in the meantime. Reload and try again."


class TooLarge(DomainError):
    status = 413
    code = "too_large"
    message = "This is too large."


class UnsupportedMedia(DomainError):
    status = 415
    code = "unsupported_media_type"
    message = "This kind of file is not accepted."


class TooMany(DomainError):
    """Too often; `wait` seconds until it may be tried again."""

    status = 429
    code = "throttled"

    def __init__(self, wait: int, message: str = "") -> None:
        super().__init__(message=message or f"That was too often. Try again in {in_words(wait)}.")
        self.wait = wait


def in_words(seconds: int) -> str:
    """A time to wait, rounded up: "5 minutes", "3 hours"."""
    minutes = -(-seconds // 60)
    if minutes > MINUTES_SHOWN:
        return f"{-(-minutes // 60)} hours"
    return "a minute" if minutes == 1 else f"{minutes} minutes"


class Unavailable(DomainError):
    """An outside service did not answer; trying again later is safe."""

    status = 503
    code = "unavailable"
    message = "A service we depend on did not answer. Nothing was lost; please try again in a moment."


class Refusal(NamedTuple):
    """Why a person may not do something. Policies return one, or None when the person may."""

    code: str
    message: str


def require(refusal: Refusal | None) -> None:
    """Raise Forbidden with a policy's reason."""
    if refusal:
        raise Forbidden(refusal.code, refusal.message)


def error_body(code: str, message: str, fields: FieldErrors | None = None) -> dict[str, Any]:
    """The API's error shape."""
    body: dict[str, Any] = {"detail": message, "error_type": code}
    if fields:
        body["fields"] = {name: list(why) for name, why in fields.items()}
    return body
