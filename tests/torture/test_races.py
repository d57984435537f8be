import pytest

from torture import races

pytestmark = pytest.mark.django_db(transaction=True)


def test_of_several_who_want_the_same_money_at_once_one_gets_it() -> None:
    figures = races.run(seed=1, rounds=8, identical=10)
    assert figures.violations == []
    assert figures.counts["rounds"] == 8
