"""How long a message takes from one socket to the other side's, through the front server, stored on the way."""

import asyncio
import json
import statistics
import time
import uuid
from dataclasses import dataclass, field
from random import Random

import uvloop
from websockets.asyncio.client import ClientConnection, connect

from bench.existing import LIMIT_MESSAGE_MS
from bench.report import figure, row
from bench.site import Site
from bench.subjects import Subjects, access_tokens

ROOMS = 50
EVERY_SECONDS = 1.0  # that each room has a message
SETTLING_SECONDS = 2
WIDTHS = (30, 10, 9, 9, 9, 9)


@dataclass
class Times:
    """Milliseconds from sending a message to its acknowledgement, and to the other side's socket."""

    sent_at: dict[str, float] = field(default_factory=dict)
    acknowledged: list[float] = field(default_factory=list)
    received: list[float] = field(default_factory=list)


def run(site: Site, *, seconds: int) -> bool:
    """Prints the percentiles; False if a message was lost or the 95th percentile is over the limit."""
    rooms = Subjects().rooms(ROOMS)
    tokens = access_tokens(person for _, people in rooms for person in people)
    pairs = [(room, tokens[people[0]], tokens[people[1]]) for room, people in rooms]
    times = Times()
    uvloop.run(_talk_everywhere(site, pairs, seconds, times))
    row(("", "messages", "p50 ms", "p95 ms", "p99 ms", "longest"), WIDTHS)
    _report("stored and acknowledged", times.acknowledged)
    _report("received by the other side", times.received)
    nothing_lost = len(times.sent_at) == len(times.received) == len(times.acknowledged)
    return nothing_lost and _percentile(times.received, 95) < LIMIT_MESSAGE_MS


def _report(name: str, values: list[float]) -> None:
    percentiles = [figure(_percentile(values, percent)) for percent in (50, 95, 99)]
    row((name, str(len(values)), *percentiles, figure(max(values))), WIDTHS)


def _percentile(values: list[float], percent: int) -> float:
    return statistics.quantiles(values, n=100)[percent - 1]


async def _talk_everywhere(site: Site, pairs: list[tuple[int, str, str]], seconds: int, times: Times) -> None:
    async with asyncio.timeout(seconds + 60):
        await asyncio.gather(*(_talk(site, room, (first, second), seconds, times) for room, first, second in pairs))


async def _talk(site: Site, room: int, tokens: tuple[str, str], seconds: int, times: Times) -> None:
    async with _socket(site, room, tokens[0]) as speaker, _socket(site, room, tokens[1]) as listener:
        readers = [
            asyncio.create_task(_note(speaker, "message_ack", times.sent_at, times.acknowledged)),
            asyncio.create_task(_note(listener, "new_message", times.sent_at, times.received)),
        ]
        await asyncio.sleep(SETTLING_SECONDS)  # until all of the hundred sockets are open
        await _speak(speaker, room, seconds, times.sent_at)
        await asyncio.sleep(SETTLING_SECONDS)  # for the last answers
        for reader in readers:
            reader.cancel()


def _socket(site: Site, room: int, token: str) -> connect:
    address = f"{site.sockets_url}/chat/{room}"
    return connect(address, subprotocols=["bearer", token], compression=None, open_timeout=30)  # type: ignore[list-item]


async def _speak(speaker: ClientConnection, room: int, seconds: int, sent_at: dict[str, float]) -> None:
    dice = Random(room)  # noqa: S311 - spreads the rooms over the second
    ends = time.monotonic() + seconds
    await asyncio.sleep(dice.random() * EVERY_SECONDS)
    while time.monotonic() < ends:
        client_id = str(uuid.uuid4())
        frame = {"type": "send_message", "chat_id": room, "content": "The third shelf is up.", "client_id": client_id}
        sent_at[client_id] = time.perf_counter()
        await speaker.send(json.dumps(frame))
        await asyncio.sleep(dice.uniform(0.5, 1.5) * EVERY_SECONDS)


async def _note(socket: ClientConnection, kind: str, sent_at: dict[str, float], into: list[float]) -> None:
    async for text in socket:
        frame = json.loads(text)
        if frame["type"] == kind and frame["client_id"] in sent_at:
            into.append((time.perf_counter() - sent_at[frame["client_id"]]) * 1000)
