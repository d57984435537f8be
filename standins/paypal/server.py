"""The process: one event loop, one socket, and a line that says when it is ready."""

from __future__ import annotations

import socket
import sys
from contextlib import suppress
from dataclasses import replace

import uvicorn

from ..stripe.server import CuttableProtocol, Server
from .app import StandIn
from .config import Config

SECONDS_TO_STOP = 1


def serve(config: Config) -> None:
    listening = _listen(config)
    port = listening.getsockname()[1]
    address = f"http://{config.host}:{port}"
    config = replace(config, port=port, public_url=(config.public_url or address).rstrip("/"))
    settings = uvicorn.Config(
        StandIn(config).app(),
        http=CuttableProtocol,
        ws="none",
        log_level="warning",
        proxy_headers=False,
        timeout_graceful_shutdown=SECONDS_TO_STOP,
    )
    server = Server(settings, f"PayPal stand-in ready at {address} (state: {config.state})")
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
