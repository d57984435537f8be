"""What the lowest layer reports upwards: filled by the app that keeps it, in its AppConfig.ready."""

from collections.abc import Callable
from typing import Any

StaffActed = Callable[..., object]


def _nothing(*_: Any, **__: Any) -> None:
    pass


_staff_acted: StaffActed = _nothing


def register(*, staff_acted: StaffActed) -> None:
    """`staff_acted(actor, action, subject or None, **data)`: somebody did something in the staff console."""
    global _staff_acted
    _staff_acted = staff_acted


def staff_acted(actor: Any, action: str, subject: Any = None, **data: Any) -> None:
    _staff_acted(actor, action, subject, **data)
