"""The parts put together as one ASGI application."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.routing import Route

from .api import Api
from .clock import Clock
from .config import Config
from .control import Control
from .gateway import Gateway
from .pages import Pages, stripe_js
from .store import Store
from .webhooks import Deliverer

# OPTIONS is the browser's question before a request to another origin; PUT and PATCH get Stripe's refusal.
API_METHODS = ["GET", "POST", "DELETE", "PUT", "PATCH", "OPTIONS"]
SCRIPT_METHODS = ["GET", "OPTIONS"]
SCRIPT_PATHS = ("/v3", "/v3/", "/stripe.js", "/{release}/stripe.js")
EXPOSED = ["Request-Id", "Stripe-Version", "Idempotent-Replayed", "Original-Request"]


def build(config: Config) -> Starlette:
    store = Store(config.state)
    deliverer = Deliverer(store, config)
    api = Api(store, config)
    gateway = Gateway(api, deliverer)
    control = Control(store, config, api, deliverer, gateway)

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        control.start()
        delivering = asyncio.create_task(deliverer.run())
        ticking = asyncio.create_task(Clock(store, api, deliverer).run())
        yield
        ticking.cancel()
        delivering.cancel()
        await deliverer.forget()
        store.close()

    # Browsers of any origin may use the API and load the script; the control API is for the machine itself.
    open_to_browsers = Middleware(
        CORSMiddleware, allow_origins=["*"], allow_methods=API_METHODS, allow_headers=["*"], expose_headers=EXPOSED
    )
    return Starlette(
        routes=[
            Route("/v1/{path:path}", gateway.handle, methods=API_METHODS, middleware=[open_to_browsers]),
            *(Route(path, stripe_js, methods=SCRIPT_METHODS, middleware=[open_to_browsers]) for path in SCRIPT_PATHS),
            *control.routes(),
            *Pages(store, api, deliverer).routes(),
        ],
        lifespan=lifespan,
    )
