"""Sockets of tests: the application below the server, spoken to frame by frame."""

import asyncio
import json
import uuid
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from threading import Barrier
from typing import Any

import pytest
from channels.routing import URLRouter
from channels.testing import WebsocketCommunicator
from django.db import connections

from accounts import tokens
from accounts.models import User
from accounts.tests.factories import AuthSessionFactory
from chat import sign_in
from chat.routing import websocket_urlpatterns

Frame = dict[str, Any]
PATIENCE = 10
THREADS = 4


class Talker:
    """One end of an open socket."""

    def __init__(self, communicator: WebsocketCommunicator) -> None:
        self.communicator = communicator

    async def say(self, kind: str, **values: Any) -> None:
        await self.communicator.send_json_to({"type": kind, **values})

    async def next(self) -> Frame:
        event = await self.communicator.receive_output(timeout=PATIENCE)
        assert event["type"] == "websocket.send", event
        frame: Frame = json.loads(event["text"])
        return frame

    async def hear(self, kind: str) -> Frame:
        """The next frame of a type; others before it are passed over."""
        while True:
            frame = await self.next()
            if frame["type"] == kind:
                return frame
            assert frame["type"] != "error", frame

    async def ask(self, kind: str, **values: Any) -> Frame:
        """Say something and hear its answer."""
        client_id = str(uuid.uuid4())
        await self.say(kind, client_id=client_id, **values)
        while True:
            frame = await self.next()
            if frame.get("client_id") == client_id and frame["type"] != "new_message":
                return frame

    async def heard_until_quiet(self) -> list[Frame]:
        """Everything that is on its way, in order: a ping goes behind it."""
        heard = []
        await self.say("ping")
        while (frame := await self.next())["type"] != "pong":
            heard.append(frame)
        return heard

    async def close_code(self) -> int:
        """The code with which the server closes; what it says before is passed over."""
        while True:
            event = await self.communicator.receive_output(timeout=PATIENCE)
            if event["type"] == "websocket.close":
                return int(event["code"])


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(autouse=True)
def _own_threads(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The threads of sockets end with their test, and their database connections with them."""
    everyone = Barrier(THREADS)

    def close_connections() -> None:
        everyone.wait()  # so that each thread takes one of these calls
        connections.close_all()

    with ThreadPoolExecutor(THREADS) as pool:
        monkeypatch.setattr(sign_in, "threads", pool)
        yield
        for _ in range(THREADS):
            pool.submit(close_connections)


def token_of(user: User) -> str:
    """An access token of a new session."""
    session = AuthSessionFactory(user=user)
    pair = tokens.issue(session)
    session.save()
    return str(pair["access_token"])


def communicator(
    path: str = "/ws", *, subprotocols: list[str] | None = None, headers: dict[str, str] | None = None
) -> WebsocketCommunicator:
    application = sign_in.SocketSignIn(URLRouter(websocket_urlpatterns))
    raw = [(name.encode(), value.encode()) for name, value in ({"host": "testserver"} | (headers or {})).items()]
    return WebsocketCommunicator(application, path, headers=raw, subprotocols=subprotocols)


@asynccontextmanager
async def talking(token: str, chat_id: int | None = None) -> AsyncIterator[Talker]:
    """An open socket of the person whose access token this is; with `chat_id` that chat's, joined."""
    socket = communicator(f"/ws/chat/{chat_id}" if chat_id else "/ws", subprotocols=["bearer", token])
    connected, subprotocol = await socket.connect(timeout=PATIENCE)
    assert connected
    assert subprotocol == "bearer"
    talker = Talker(socket)
    await talker.hear("connected")
    if chat_id:
        await talker.hear("chat_joined")
    try:
        yield talker
    finally:
        if not socket.future.done():
            await socket.disconnect(timeout=PATIENCE)
        await asyncio.sleep(0)
