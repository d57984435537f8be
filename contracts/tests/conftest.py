from collections.abc import Iterator

import pytest

from payments.selectors import prove
from payments.tests.fakes import FakeProvider


@pytest.fixture
def right_books(provider: FakeProvider) -> Iterator[None]:
    """Whatever a test did with money, which the provider in memory takes, the books are right after it."""
    yield
    assert [finding for finding in prove() if finding.offenders] == []
