from collections.abc import Iterator

import pytest

from payments.tests.fakes import FakeProvider, use_provider


@pytest.fixture
def provider() -> Iterator[FakeProvider]:
    fake = FakeProvider()
    with use_provider(fake):
        yield fake
