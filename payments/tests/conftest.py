from collections.abc import Iterator

import pytest

from payments.selectors import prove


@pytest.fixture(autouse=True)
def _books_are_right(request: pytest.FixtureRequest) -> Iterator[None]:
    """Whatever a test of money did, the ledger is right after it."""
    uses_database = request.node.get_closest_marker("django_db") is not None
    if uses_database:
        request.getfixturevalue("_django_db_helper")  # so that this ends before the test's data is thrown away
    yield
    if uses_database:
        assert [finding for finding in prove() if finding.offenders] == []
