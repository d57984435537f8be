"""Who may do what in a room, given that they are in it."""

from accounts.models import User
from accounts.policies import why_not_act
from chat.models import Message, Room
from chat.rules import RoomKind
from core.errors import Refusal


def why_not_send(user: User) -> Refusal | None:
    return why_not_act(user)


def why_not_change(user: User, message: Message) -> Refusal | None:
    """Edit or delete a message."""
    if message.sender_id != user.pk:
        return Refusal("not_your_message", "You can only change your own messages.")
    return why_not_act(user)


def why_not_rename(user: User, room: Room) -> Refusal | None:
    if room.kind != RoomKind.DIRECT:
        return Refusal("subject_fixed", "This conversation is named after what it belongs to.")
    return why_not_act(user)
