"""Requests to addresses that people gave us: never to our own network, whatever their names resolve to."""

import contextlib
import ipaddress
import socket
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import SplitResult, urlsplit

import requests
from django.conf import settings
from requests_hardened import Config, HTTPSession
from requests_hardened.ip_filter import EXTRA_BLOCKED_NET_RANGES, InvalidIPAddress
from requests_hardened.ip_filter_adapter import IPFilterAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError

PATIENCE = 10  # seconds to connect, and to each next piece of the answer
DEADLINE = 15  # seconds for everything: an answer that drips in would hold the worker for hours
SNIPPET = 200
USUAL_PORT = {"http": 80, "https": 443}
FIRST_FREE_PORT = 1025  # below it live mail, databases' and machines' own services


class Refused(Exception):
    """The address may not be asked; `str()` is a sentence for whoever gave it."""


class Unreachable(Exception):
    """No answer; `str()` says why in a few words."""


@dataclass(frozen=True)
class Answer:
    status: int
    snippet: str

    @property
    def is_good(self) -> bool:
        return 200 <= self.status < 300


def check_address(url: str) -> None:
    """Refused for what no lookup is needed to see: the scheme, the port, a sign-in in the address, a private number."""
    try:
        parts = urlsplit(url)
        port = parts.port if parts.port is not None else USUAL_PORT.get(parts.scheme, 0)
    except ValueError as error:
        raise Refused("This is not an address.") from error
    if parts.scheme != "https" and not (parts.scheme == "http" and settings.OUTGOING_ALLOW_LOCAL):
        raise Refused("The address has to begin with https://.")
    if not parts.hostname or not url.isprintable() or " " in url or "\\" in url:
        raise Refused("This is not an address.")
    if "@" in parts.netloc:
        raise Refused("The address must not carry a name or password.")
    if port not in USUAL_PORT.values() and port < FIRST_FREE_PORT:
        raise Refused("Use port 443, or one above 1024.")
    _check_number(parts)


def post(url: str, *, body: bytes, headers: Mapping[str, str]) -> Answer:
    """Send, without following redirects. Refused or Unreachable when there is no answer.

    The name is looked up once; the address that was checked is the one that is connected to.
    """
    check_address(url)
    started = time.monotonic()
    try:
        with _session() as session:
            response = session.post(url, data=body, headers=dict(headers), stream=True)
            with response:
                answer = Answer(response.status_code, _beginning(response))
    except _Forbidden as error:
        raise Refused("The address leads into a private network.") from error
    except requests.Timeout as error:
        raise Unreachable("No answer in time") from error
    except requests.exceptions.SSLError as error:
        raise Unreachable("The certificate is not valid") from error
    except (requests.RequestException, HTTPError, UnicodeError, ValueError, OSError) as error:
        raise Unreachable("No connection") from error
    if time.monotonic() - started >= DEADLINE:  # we hung up: what came by then is half an answer
        raise Unreachable("No answer in time")
    return answer


def is_outside(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    """Whether a host of the public Internet can have it."""
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped:
            return is_outside(address.ipv4_mapped)
        if address.is_site_local or address.sixtofour or address.teredo:
            return False
    if any(address in network for network in EXTRA_BLOCKED_NET_RANGES):
        return False
    return address.is_global and not address.is_multicast and not address.is_reserved


class _Forbidden(requests.RequestException):
    pass


class _Adapter(IPFilterAdapter):  # type: ignore[misc]  # the package brings no types
    """The library's filter and, behind it, our own: the numbers of either list are refused."""

    def __init__(self, *, is_https_proto: bool) -> None:
        super().__init__(is_https_proto=is_https_proto, allow_loopback=settings.OUTGOING_ALLOW_LOCAL)
        self.poolmanager.pool_classes_by_scheme = {"http": _Pool, "https": _SecurePool}

    def build_connection_pool_key_attributes(self, *args: Any, **kwargs: Any) -> Any:
        try:
            host, pool = super().build_connection_pool_key_attributes(*args, **kwargs)
        except InvalidIPAddress as error:
            raise _Forbidden from error
        number = ipaddress.ip_address(host["host"].strip("[]"))
        if not is_outside(number) and not (settings.OUTGOING_ALLOW_LOCAL and number.is_loopback):
            raise _Forbidden
        return host, pool


class _Deadline(HTTPConnection):
    """Hangs up after DEADLINE seconds, at whatever stage the conversation is."""

    _alarm: threading.Timer | None = None
    _twin: socket.socket | None = None

    def _new_conn(self) -> socket.socket:
        sock = super()._new_conn()
        self._twin = sock.dup()  # stays usable when TLS takes the socket over
        self._alarm = threading.Timer(DEADLINE, _hang_up, [self._twin])
        self._alarm.daemon = True
        self._alarm.start()
        return sock

    def close(self) -> None:
        if self._alarm and self._twin:
            self._alarm.cancel()
            self._twin.close()
        super().close()


class _SecureDeadline(_Deadline, HTTPSConnection):
    pass


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Deadline


class _SecurePool(HTTPSConnectionPool):
    ConnectionCls = _SecureDeadline


def _session() -> HTTPSession:
    config = Config(
        ip_filter_enable=True,
        ip_filter_allow_loopback_ips=settings.OUTGOING_ALLOW_LOCAL,
        never_redirect=True,
        default_timeout=(PATIENCE, PATIENCE),
        user_agent_override=f"{settings.SITE_NAME}-webhooks/1",
    )
    session = HTTPSession(config)
    session.trust_env = False  # a proxy would look the name up again, and .netrc would sign us in
    session.mount("http://", _Adapter(is_https_proto=False))
    session.mount("https://", _Adapter(is_https_proto=True))
    return session


def _check_number(parts: SplitResult) -> None:
    """Of an address that is a number already. Other spellings of one (`0x7f.1`) are names, judged when connecting."""
    with contextlib.suppress(ValueError):
        number = ipaddress.ip_address(parts.hostname or "")
        if not is_outside(number) and not (settings.OUTGOING_ALLOW_LOCAL and number.is_loopback):
            raise Refused("The address leads into a private network.")


def _beginning(response: requests.Response) -> str:
    """A short piece of the body as plain text; the rest is never read."""
    piece: bytes = response.raw.read(SNIPPET, decode_content=False) or b""
    text = piece.decode("utf-8", "replace")
    return "".join(char for char in text if char.isprintable() or char == "\n").strip()


def _hang_up(sock: socket.socket) -> None:
    with contextlib.suppress(OSError):
        sock.shutdown(socket.SHUT_RDWR)
