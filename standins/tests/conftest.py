from __future__ import annotations

from collections.abc import Iterator

import pytest

from .process import WEBHOOK_SECRET, Receiver, Standin


@pytest.fixture(scope="session")
def served() -> Iterator[Standin]:
    standin = Standin("--webhook-retry-first", "0.02", "--webhook-retry-cap", "0.1")
    yield standin
    standin.stop()


@pytest.fixture
def standin(served: Standin) -> Standin:
    """An empty stand-in without webhook endpoints."""
    served.control("POST", "/reset")
    return served


@pytest.fixture
def receiver(standin: Standin) -> Iterator[Receiver]:
    receiver = Receiver()
    standin.control("POST", "/webhook-endpoint", {"url": receiver.url, "secret": WEBHOOK_SECRET})
    yield receiver
    standin.control("POST", "/reset")
    receiver.stop()
