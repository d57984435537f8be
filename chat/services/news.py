"""Frames for open sockets, told once the transaction has committed.

Every frame goes to the people who may see it, not to a room: whoever is no longer in the room cannot receive it, and a
socket needs one subscription however many rooms its person has. A frame that is lost does no harm: messages and their
changes are numbered, and clients ask for what they miss.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from core.realtime import publish_to_all, user_group


def tell(user_ids: Iterable[int], frame: Mapping[str, Any]) -> None:
    """Send `frame`, as the contract writes it, to every open socket of these people."""
    publish_to_all(map(user_group, user_ids), {"type": "chat.frame", "frame": dict(frame)})
