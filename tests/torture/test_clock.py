import pytest

from torture import clock

pytestmark = pytest.mark.django_db(transaction=True)


def test_wrong_clocks_new_fees_and_odd_amounts_change_nothing() -> None:
    figures = clock.run(seed=1, parts=10)
    assert figures.violations == []
