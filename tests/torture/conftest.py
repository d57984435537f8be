from collections.abc import Iterator
from typing import Any

import pytest

from payments import providers
from standins.tests.process import Standin
from torture.books import Bank


@pytest.fixture(scope="session")
def _stand_in() -> Iterator[Standin]:
    stand_in = Standin()
    yield stand_in
    stand_in.stop()


@pytest.fixture
def bank(_stand_in: Standin, settings: Any) -> Iterator[Bank]:
    """Stripe's stand-in as the site's payment provider, with nothing in it from before."""
    _stand_in.control("POST", "/reset")
    settings.STRIPE_API_BASE = _stand_in.url
    providers.main.cache_clear()
    yield Bank(_stand_in.url)
    providers.main.cache_clear()
