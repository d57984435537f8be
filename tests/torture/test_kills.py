import pytest

from torture import kills
from torture.books import Bank

SCENES = (
    "fund_a_milestone",
    "end_a_contract",
    "ask_for_a_payout_with_a_key",
    "a_chargeback_after_release_with_an_empty_wallet",
    "approve_a_week",
    "give_a_bonus_with_a_key",
    "begin_a_plan_with_a_key",
)


@pytest.mark.parametrize("scene", SCENES)
def test_whatever_is_killed_nothing_is_lost_or_doubled(bank: Bank, scene: str) -> None:
    figures = kills.run(bank, seed=1, kills=8, scenes=[scene])
    assert figures.violations == []
    assert figures.counts["kills"] >= 6
