"""Addresses of sockets."""

from collections.abc import Callable, MutableMapping
from typing import Any

from django.urls import re_path

from chat.consumers import SocketConsumer


async def unknown_address(
    scope: MutableMapping[str, Any], receive: Callable[..., Any], send: Callable[..., Any]
) -> None:
    """Refuse the handshake."""
    await send({"type": "websocket.close"})


websocket_urlpatterns = [
    re_path(r"^ws/?$", SocketConsumer.as_asgi()),
    re_path(r"^ws/chat/(?P<chat_id>\d{1,18})/?$", SocketConsumer.as_asgi()),
    re_path(r"", unknown_address),
]
