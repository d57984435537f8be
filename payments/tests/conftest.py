import subprocess
import sys
from collections.abc import Iterator

import pytest

from payments.selectors import prove
from payments.tests.fake_paypal import FakePayPal
from payments.tests.fakes import FakeProvider, use_provider


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


class StandinProcess:
    """A provider's stand-in that really runs: started once for the session, since that takes longer than most tests."""

    def __init__(self, *command: str) -> None:
        self._command = [sys.executable, "-m", *command, "--port", "0"]
        self.start()

    def start(self) -> None:
        self._process = subprocess.Popen(self._command, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout is not None
        self.url = self._process.stdout.readline().split()[4]

    def stop(self) -> None:
        self._process.kill()
        self._process.communicate()


@pytest.fixture(scope="session")
def stripe_process() -> Iterator[StandinProcess]:
    process = StandinProcess("standins.stripe")
    yield process
    process.stop()


@pytest.fixture(scope="session")
def paypal_process() -> Iterator[StandinProcess]:
    process = StandinProcess("standins.paypal", "--webhook-id", "WH-OURS")
    yield process
    process.stop()
