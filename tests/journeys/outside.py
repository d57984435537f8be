"""A person's own program: knows the contract of the API and nothing of the code behind it."""

import json
import time
import uuid
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Self

import httpx
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

PATIENCE = 20  # seconds until something that must happen counts as missing
QUIET = 0.5  # seconds of silence after which nothing more is expected
Json = dict[str, Any]


class Person:
    """Somebody with an account; every call must be answered with the status that is expected of it."""

    def __init__(self, http: httpx.Client, sockets_url: str, email: str, password: str) -> None:
        self.http = http
        self.sockets_url = sockets_url
        self.email = email
        self.password = password
        self.id = 0
        self.access_token = ""

    def sign_in(self) -> Self:
        tokens = self.post("/api/auth/login", {"email": self.email, "password": self.password})
        assert tokens["token_type"] == "bearer" and not tokens["requires_2fa"]
        self.access_token = tokens["access_token"]
        self.http.headers["Authorization"] = f"Bearer {self.access_token}"
        self.id = self.get("/api/auth/me")["id"]
        return self

    def get(self, path: str, status: int = 200, **params: Any) -> Any:
        return self._call("GET", path, status, params=params or None)

    def post(self, path: str, body: Any = None, status: int = 200, *, key: str = "") -> Any:
        headers = {"Idempotency-Key": key} if key else {}
        return self._call("POST", path, status, json={} if body is None else body, headers=headers)

    def put(self, path: str, body: Any = None, status: int = 200) -> Any:
        return self._call("PUT", path, status, json={} if body is None else body)

    def delete(self, path: str, status: int = 200) -> Any:
        return self._call("DELETE", path, status)

    def upload(self, name: str, content: bytes, content_type: str) -> int:
        """The id of a file to attach."""
        files = {"file": (name, content, content_type)}
        answer = self._call("POST", "/api/uploads", 201, files=files, data={"kind": "attachment"})
        return int(answer["id"])

    def wallet(self, currency: str = "usd") -> dict[str, int]:
        """Balances in minor units; zeros before anything happened."""
        balances = {balance["currency"]: balance for balance in self.get("/api/wallet")["balances"]}
        return balances.get(currency) or {"available": 0, "pending": 0, "held": 0, "paid_out": 0}

    def socket(self, path: str = "", **options: Any) -> "Socket":
        """A socket of this person, signed in by a ticket unless `subprotocols` are given."""
        if "subprotocols" not in options:
            path = f"{path}?ticket={self.ticket()}"
        return Socket(f"{self.sockets_url}{path}", **options)

    def ticket(self) -> str:
        """Opens one socket."""
        return str(self.post("/api/ws/ticket", status=201)["ticket"])

    def _call(self, method: str, path: str, status: int, **what: Any) -> Any:
        response = self.http.request(method, path, **what)
        assert response.status_code == status, f"{method} {path}: {response.status_code} {response.text[:500]}"
        assert response.headers["X-Request-ID"]
        return response.json() if response.content else None


class Socket:
    """A WebSocket, open within its `with` block; keeps what arrives until somebody waits for it."""

    connection: ClientConnection

    def __init__(self, url: str, **options: Any) -> None:
        self._opening = connect(url, open_timeout=PATIENCE, **options)
        self._arrived: list[Json] = []

    def __enter__(self) -> Self:
        self.connection = self._opening.__enter__()
        return self

    def __exit__(self, *failure: Any) -> None:
        self._opening.__exit__(*failure)

    def lose(self) -> None:
        """The network is gone: no farewell."""
        self.connection.socket.close()

    def say(self, kind: str, **values: Any) -> None:
        self.connection.send(json.dumps({"type": kind, **values}))

    def send_message(self, chat_id: int, content: str, client_id: str = "") -> Json:
        """The message of the acknowledgement."""
        client_id = client_id or str(uuid.uuid4())
        self.say("send_message", chat_id=chat_id, content=content, client_id=client_id)
        acknowledgement = self.wait_for("message_ack", client_id=client_id)
        message: Json = acknowledgement["message"]
        return message

    def wait_for(self, kind: str, **values: Any) -> Json:
        """The next frame of this kind with these values; others are kept for later."""
        give_up = time.monotonic() + PATIENCE
        while True:
            for index, frame in enumerate(self._arrived):
                if frame["type"] == kind and all(frame.get(name) == value for name, value in values.items()):
                    return self._arrived.pop(index)
            left = give_up - time.monotonic()
            assert left > 0, f"No {kind} {values}, only {self._arrived}"
            with suppress(TimeoutError):
                self._arrived.append(json.loads(self.connection.recv(timeout=left)))

    def rest(self) -> list[Json]:
        """What has arrived and nobody waited for, once a `pong` shows that all before it was answered."""
        self.say("ping")
        self.wait_for("pong")
        with suppress(TimeoutError):
            while True:
                self._arrived.append(json.loads(self.connection.recv(timeout=QUIET)))
        frames, self._arrived = self._arrived, []
        return frames

    def close_code(self) -> int | None:
        """The code with which the other side closes."""
        try:
            while True:
                self.connection.recv(timeout=PATIENCE)
        except ConnectionClosed as closed:
            return closed.rcvd.code if closed.rcvd else None


def eventually(check: Callable[[], Any]) -> Any:
    """The first true answer of the check, which is repeated for a while: webhooks and jobs take their time."""
    give_up = time.monotonic() + PATIENCE
    while not (answer := check()):
        assert time.monotonic() < give_up, "This did not happen."
        time.sleep(0.1)
    return answer
