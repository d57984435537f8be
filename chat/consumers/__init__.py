"""The one kind of socket."""

from chat.consumers.socket import SocketConsumer

__all__ = ["SocketConsumer"]
