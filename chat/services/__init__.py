"""What people do in chat."""

from chat.services.changing import delete_message, edit_message, react
from chat.services.reading import mark_delivered, mark_read
from chat.services.reminders import notify_unread
from chat.services.rooms import (
    archive_room,
    open_direct_room,
    open_room,
    rename_room,
    set_membership,
)
from chat.services.sending import send_direct_message, send_message

__all__ = [
    "archive_room",
    "delete_message",
    "edit_message",
    "mark_delivered",
    "mark_read",
    "notify_unread",
    "open_direct_room",
    "open_room",
    "react",
    "rename_room",
    "send_direct_message",
    "send_message",
    "set_membership",
]
