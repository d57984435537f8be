"""Who is at the other end of a socket: a ticket, an access token as subprotocol, or the session cookie."""

from collections.abc import Awaitable, Callable, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from http.cookies import CookieError, SimpleCookie
from typing import Any, ParamSpec, TypeVar
from urllib.parse import parse_qs, urlsplit

from channels.db import DatabaseSyncToAsync
from django.conf import settings
from django.http.request import split_domain_port, validate_host

from chat.services.tickets import Credential, Standing, redeem_ticket, standing_of

Scope = MutableMapping[str, Any]
Application = Callable[[Scope, Callable[..., Any], Callable[..., Any]], Awaitable[None]]
Args = ParamSpec("Args")
Result = TypeVar("Result")

MAX_CREDENTIAL = 4096
WRONG_ORIGIN = 4403

# A few threads, each with one database connection, serve all sockets of the process.
threads = ThreadPoolExecutor(max_workers=8, thread_name_prefix="sockets")


async def in_thread(call: Callable[Args, Result], *args: Args.args, **kwargs: Args.kwargs) -> Result:
    """Run a call that uses the database or Redis away from the event loop."""
    return await DatabaseSyncToAsync(call, thread_sensitive=False, executor=threads)(*args, **kwargs)


@dataclass(frozen=True)
class SignIn:
    """`standing` is None for somebody who is not signed in; `subprotocol` must be answered when it was offered."""

    credential: Credential
    standing: Standing | None
    subprotocol: str | None = None


class SocketSignIn:
    """Puts a SignIn into `scope["sign_in"]`; refuses the handshake of another site's page."""

    def __init__(self, app: Application) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Callable[..., Any], send: Callable[..., Any]) -> None:
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        origin, host = headers.get("origin", ""), headers.get("host", "")
        own = _is_own_origin(origin, host)
        if origin and not own and origin not in settings.CORS_ALLOWED_ORIGINS:
            await send({"type": "websocket.close", "code": WRONG_ORIGIN})
            return
        scope["sign_in"] = await in_thread(_sign_in, scope, headers.get("cookie", "") if own else "")
        await self.app(scope, receive, send)


def _is_own_origin(origin: str, host: str) -> bool:
    """Whether a page of this very site opened the socket: only then does its cookie count."""
    if not origin:
        return False
    if origin == _origin_of(settings.SITE_URL):
        return True
    domain, _port = split_domain_port(host)
    scheme, _, netloc = origin.partition("://")
    secure = scheme == "https" or (scheme == "http" and not settings.SESSION_COOKIE_SECURE)
    return secure and netloc.lower() == host.lower() and bool(domain) and validate_host(domain, settings.ALLOWED_HOSTS)


def _origin_of(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def _sign_in(scope: Scope, cookies: str) -> SignIn:
    """The first credential that was offered decides: a wrong ticket is not made good by a cookie."""
    subprotocols = [name[:MAX_CREDENTIAL] for name in scope.get("subprotocols", [])]
    bearer = "bearer" in subprotocols
    ticket = parse_qs(scope["query_string"].decode("latin-1")).get("ticket", [""])[0][:MAX_CREDENTIAL]
    if ticket:
        credential = redeem_ticket(ticket)
    elif bearer:
        token = next((name for name in subprotocols if name != "bearer"), "")
        credential = Credential(access_token=token) if token else None
    else:
        credential = Credential(session_key=_session_key(cookies))
    standing = standing_of(credential) if credential else None
    return SignIn(credential or Credential(), standing, "bearer" if bearer else None)


def _session_key(cookies: str) -> str:
    try:
        morsel = SimpleCookie(cookies).get(settings.SESSION_COOKIE_NAME)
    except CookieError:
        return ""
    return morsel.value if morsel else ""
