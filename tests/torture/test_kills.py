import pytest

from torture import kills
from torture.books import Bank

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("scene", ["fund_a_milestone", "end_a_contract"])
def test_whatever_is_killed_nothing_is_lost_or_doubled(bank: Bank, scene: str) -> None:
    figures = kills.run(bank, seed=1, kills=8, scenes=[scene])
    assert figures.violations == []
    assert figures.counts["kills"] >= 7
