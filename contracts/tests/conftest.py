from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import datetime

import pytest
import time_machine

from core import clock
from payments.selectors import prove
from payments.tests.fakes import FakeProvider


@pytest.fixture
def at() -> Iterator[Callable[[datetime], None]]:
    """`at(moment)`: both clocks, ours and the database's, stand there until it is called again."""
    with ExitStack() as stack:

        def stand(moment: datetime) -> None:
            stack.pop_all().close()
            stack.enter_context(time_machine.travel(moment, tick=False))
            stack.enter_context(clock.standing_at(moment))

        yield stand


@pytest.fixture
def right_books(provider: FakeProvider) -> Iterator[None]:
    """Whatever a test did with money, which the provider in memory takes, the books are right after it."""
    yield
    assert [finding for finding in prove() if finding.offenders] == []
