from torture import webhooks
from torture.books import Bank
from torture.cases import CASES


def test_news_in_any_order_doubled_and_late_end_the_same(bank: Bank) -> None:
    figures = webhooks.run(bank, every=23)
    assert figures.violations == []
    assert figures.counts["orders"] == 6 * len(CASES)
