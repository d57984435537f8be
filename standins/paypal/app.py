"""The parts put together as one ASGI application."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.routing import Route

from .api import Api
from .config import Config
from .control import Control
from .gateway import Gateway
from .pages import Pages
from .store import Store
from .webhooks import Deliverer

API_METHODS = ["GET", "POST", "PATCH", "DELETE"]


def build(config: Config) -> Starlette:
    store = Store(config.state)
    deliverer = Deliverer(store, config)
    api = Api(store, config, deliverer)
    gateway = Gateway(api, deliverer)

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        delivering = asyncio.create_task(deliverer.run())
        yield
        delivering.cancel()
        await deliverer.forget()
        store.close()

    return Starlette(
        routes=[
            Route("/v1/{path:path}", gateway.handle, methods=API_METHODS),
            Route("/v2/{path:path}", gateway.handle, methods=API_METHODS),
            *Control(store, api, deliverer, gateway).routes(),
            *Pages(store, api, deliverer).routes(),
        ],
        lifespan=lifespan,
    )
