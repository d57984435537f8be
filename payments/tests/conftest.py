from collections.abc import Iterator

import pytest

from payments.selectors import prove
from payments.tests.fakes import FakePayPal, FakeProvider, use_provider


@pytest.fixture(autouse=True)
def _books_are_right(request: pytest.FixtureRequest) -> Iterator[None]:
    """Whatever a test of money did, the ledger is right after it."""
    uses_database = request.node.get_closest_marker("django_db") is not None
    if uses_database:
        request.getfixturevalue("_django_db_helper")  # so that this ends before the test's data is thrown away
    yield
    if uses_database:
        assert [finding for finding in prove() if finding.offenders] == []


@pytest.fixture
def paypal(provider: FakeProvider) -> Iterator[FakePayPal]:
    """PayPal in memory, beside the card provider in memory."""
    fake = FakePayPal()
    with use_provider(provider, fake):
        yield fake
