from collections.abc import Iterator
from typing import Any

import pytest

from standins.tests.process import PayPalStandin, Standin
from torture.books import Bank, forget_providers


@pytest.fixture(scope="session")
def _stand_ins() -> Iterator[tuple[Standin, PayPalStandin]]:
    both = Standin(), PayPalStandin()
    yield both
    for one in both:
        one.stop()


@pytest.fixture(scope="module")
def _emptied(_stand_ins: tuple[Standin, PayPalStandin], shared_db: None) -> tuple[Standin, PayPalStandin]:
    """The stand-ins with nothing in them from before. What they hold and what the books hold stays for the module."""
    stripe, paypal = _stand_ins
    stripe.control("POST", "/reset")
    paypal.reset()
    return _stand_ins


@pytest.fixture
def bank(_emptied: tuple[Standin, PayPalStandin], settings: Any) -> Iterator[Bank]:
    """The stand-ins as the site's payment providers."""
    stripe, paypal = _emptied
    settings.STRIPE_API_BASE = stripe.url
    for name, value in paypal.settings().items():
        setattr(settings, name, value)
    settings.PAYPAL_LIVE_MODE = False
    forget_providers()
    yield Bank(stripe.url, paypal.url)
    forget_providers()
