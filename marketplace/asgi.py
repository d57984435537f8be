"""Sockets in production; sockets and HTTP in development."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "marketplace.settings.production")
django_application = get_asgi_application()

from channels.routing import ProtocolTypeRouter, URLRouter  # noqa: E402 - needs the apps loaded

from chat.routing import websocket_urlpatterns  # noqa: E402
from chat.sign_in import SocketSignIn  # noqa: E402

application = ProtocolTypeRouter(
    {"http": django_application, "websocket": SocketSignIn(URLRouter(websocket_urlpatterns))}
)
