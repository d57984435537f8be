"""The process: one event loop, one socket, and a line that says when it is ready."""

from __future__ import annotations

import asyncio
import socket
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import TypeVar

import uvicorn
from starlette.applications import Starlette
from uvicorn.protocols.http.h11_impl import H11Protocol

from .config import Config

SECONDS_TO_STOP = 1

C = TypeVar("C", bound=Config)


class CuttableProtocol(H11Protocol):
    """Puts the connection's transport into the request's state, so that a fault can cut it."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        self.app_state = self.app_state | {"transport": transport}
        super().connection_made(transport)


class Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, ready: str) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets=sockets)
        if self.started:
            print(self._ready, flush=True)


def serve(config: C, build: Callable[[C], Starlette]) -> None:
    listening = _listen(config)
    port = listening.getsockname()[1]
    address = f"http://{config.host}:{port}"
    config = replace(config, port=port, public_url=(config.public_url or address).rstrip("/"))
    settings = uvicorn.Config(
        build(config),
        http=CuttableProtocol,
        ws="none",
        log_level="warning",
        proxy_headers=False,
        timeout_graceful_shutdown=SECONDS_TO_STOP,
    )
    server = Server(settings, f"{config.service} stand-in ready at {address} (state: {config.state})")
    with suppress(KeyboardInterrupt):
        server.run(sockets=[listening])


def _listen(config: Config) -> socket.socket:
    listening = socket.socket(socket.AF_INET)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((config.host, config.port))
    except OSError as error:
        sys.exit(f"The stand-in can't listen on {config.host}:{config.port}: {error.strerror}")
    return listening
