import pytest

from torture import machine

pytestmark = pytest.mark.django_db(transaction=True)


def test_any_history_of_money_agrees_with_the_model() -> None:
    figures = machine.run(seed=1, steps=120)
    assert figures.violations == []
    assert figures.counts["steps"] >= 120
