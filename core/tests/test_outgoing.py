"""Requests to addresses that people gave us."""

import socket
import struct
import time
from http.server import BaseHTTPRequestHandler
from ipaddress import ip_address
from typing import Any

import pytest

from core import outgoing
from core.outgoing import Refused, Unreachable, check_address, is_outside, post
from tests.fixtures.receiver import Receiver

PRIVATE = [
    "0.0.0.0", "10.0.0.1", "100.64.0.1", "100.127.255.254", "127.0.0.1", "127.8.8.8", "169.254.169.254", "172.16.0.1",
    "192.0.0.192", "192.168.1.1", "198.18.0.1", "224.0.0.1", "240.0.0.1", "255.255.255.255", "::", "::1",
    "::127.0.0.1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "::ffff:100.64.0.1",
    "2002:7f00:1::", "2002:a00:1::1", "64:ff9b::7f00:1", "64:ff9b::808:808", "64:ff9b:1::1", "fc00::1",
    "fd00:ec2::254", "fe80::1", "fec0::1", "ff02::1", "2001:0:4136:e378:8000:63bf:3fff:fdd2", "2001:db8::1", "3fff::1",
]  # fmt: skip
PUBLIC = ["1.1.1.1", "8.8.8.8", "93.184.215.14", "::ffff:8.8.8.8", "2606:4700:4700::1111", "2a00:1450:4001:80b::200e"]


def resolve_to(monkeypatch: pytest.MonkeyPatch, *numbers: str) -> list[str]:
    """Names resolve to these numbers, one after another; returns the names that were looked up."""
    asked: list[str] = []
    real, left = socket.getaddrinfo, list(numbers)

    def look_up(host: Any, port: Any, *args: Any, **kwargs: Any) -> Any:
        name = host.decode() if isinstance(host, bytes) else host
        if not name.endswith(".example"):
            return real(host, port, *args, **kwargs)
        asked.append(name)
        number = left.pop(0)
        family = socket.AF_INET6 if ":" in number else socket.AF_INET
        return [(family, socket.SOCK_STREAM, 6, "", (number, port))]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    return asked


@pytest.fixture
def no_connections(monkeypatch: pytest.MonkeyPatch) -> None:
    def connect(self: Any, address: Any) -> None:
        pytest.fail(f"It connects to {address}.")

    monkeypatch.setattr(socket.socket, "connect", connect)


@pytest.mark.parametrize("number", PRIVATE)
def test_numbers_that_no_public_host_has(number: str) -> None:
    assert not is_outside(ip_address(number))


@pytest.mark.parametrize("number", PUBLIC)
def test_numbers_of_public_hosts(number: str) -> None:
    assert is_outside(ip_address(number))


@pytest.mark.parametrize("number", PRIVATE)
@pytest.mark.usefixtures("no_connections")
def test_a_name_that_leads_inside_is_refused_before_anything_is_sent(
    monkeypatch: pytest.MonkeyPatch, number: str
) -> None:
    resolve_to(monkeypatch, number)
    with pytest.raises(Refused, match="private network"):
        post("https://inside.example/", body=b"", headers={})


@pytest.mark.parametrize("number", ["10.0.0.1", "169.254.169.254", "::ffff:10.0.0.1", "fd00::1"])
@pytest.mark.usefixtures("no_connections")
def test_where_this_machine_is_allowed_the_network_around_it_is_not(
    monkeypatch: pytest.MonkeyPatch, settings: Any, number: str
) -> None:
    settings.OUTGOING_ALLOW_LOCAL = True
    resolve_to(monkeypatch, number)
    with pytest.raises(Refused, match="private network"):
        post("http://inside.example:8000/", body=b"", headers={})


@pytest.mark.parametrize(
    "url",
    [
        "", "hooks.example", "ftp://hooks.example/", "http://hooks.example/", "file:///etc/passwd", "https://",
        "https://user@hooks.example/", "https://user:word@hooks.example/", "https://hooks.example:22/",
        "https://hooks.example:0/", "https://hooks.example:1024/", "https://hooks.example:99999/", "https://127.0.0.1/",
        "https://[::1]/", "https://[::ffff:10.0.0.1]/", "https://169.254.169.254/latest/", "https://hooks.example/a b",
        "https://hooks.example\\@127.0.0.1/", "https://hooks.example/\r\nX: y", "https://[::1",
    ],
)  # fmt: skip
@pytest.mark.usefixtures("no_connections")
def test_addresses_that_are_refused_as_they_stand(url: str) -> None:
    with pytest.raises(Refused):
        check_address(url)
    with pytest.raises(Refused):
        post(url, body=b"", headers={})


@pytest.mark.parametrize(
    "url",
    ["https://hooks.example/", "https://hooks.example:443/", "https://hooks.example:8443/a?b=c", "https://8.8.8.8/"],
)
def test_addresses_that_are_taken(url: str) -> None:
    check_address(url)


@pytest.mark.parametrize("host", ["2130706433", "0x7f000001", "0177.0.0.1", "127.1", "localhost", "localhost."])
@pytest.mark.usefixtures("no_connections")
def test_other_spellings_of_this_machine_are_seen_through(host: str) -> None:
    with pytest.raises((Refused, Unreachable)):
        post(f"https://{host}/", body=b"", headers={})


def test_what_was_checked_is_what_is_connected_to(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    """A name that changes its meaning between two lookups has no second one."""
    asked = resolve_to(monkeypatch, "127.0.0.1")
    port = receiver.server.server_port
    assert post(f"http://rebound.example:{port}/", body=b"{}", headers={}).is_good
    assert asked == ["rebound.example"]
    assert receiver.received[0].headers["host"] == f"rebound.example:{port}"


def test_redirects_are_not_followed(receiver: Receiver) -> None:
    receiver.status, receiver.headers = 302, {"Location": receiver.url + "/further"}
    answer = post(receiver.url, body=b"{}", headers={})
    assert (answer.status, answer.is_good, len(receiver.received)) == (302, False, 1)


def test_proxies_and_sign_ins_of_the_machine_are_not_used(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9/")
    assert post(receiver.url, body=b"{}", headers={}).is_good


def test_of_a_long_answer_the_beginning_is_kept(receiver: Receiver) -> None:
    receiver.status, receiver.answer = 500, b"No\x00 \x1b[31mway" + b"x" * 100_000
    answer = post(receiver.url, body=b"{}", headers={})
    assert answer.snippet.startswith("No [31mwayxxx")
    assert len(answer.snippet) <= outgoing.SNIPPET


def test_nobody_there(receiver: Receiver) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}/"
    with pytest.raises(Unreachable, match="No connection"):
        post(url, body=b"{}", headers={})


def test_silence_is_given_up(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outgoing, "PATIENCE", 0.1)
    receiver.behave = lambda handler: time.sleep(0.5)
    with pytest.raises(Unreachable, match="No answer in time"):
        post(receiver.url, body=b"{}", headers={})


def test_a_connection_that_breaks_in_mid_answer(receiver: Receiver) -> None:
    def hang_up(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 10000\r\n\r\nhalf of")
        handler.wfile.flush()
        handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        handler.connection.close()

    receiver.behave = hang_up
    with pytest.raises(Unreachable):
        post(receiver.url, body=b"{}", headers={})


def test_an_answer_that_drips_in_is_cut_off(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each byte comes in time, the whole never would."""
    monkeypatch.setattr(outgoing, "DEADLINE", 0.3)
    ended: list[bool] = []

    def drip(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
        for _ in range(2_000):
            try:
                handler.wfile.write(b"a")
            except OSError:
                ended.append(True)
                return
            time.sleep(0.01)

    receiver.behave = drip
    with pytest.raises(Unreachable):
        post(receiver.url, body=b"{}", headers={})
