"""Refusals of chat that more than one place raises."""

from core.errors import Conflict


class ClientIdTaken(Conflict):
    """The client_id belongs to a message in another room, or to somebody else's message in this one."""

    code = "client_id_conflict"
    message = "This client_id was used for another message. Make a new one for every message."
