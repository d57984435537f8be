import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.money import EXPONENTS, MAX_MINOR, Money, split, total
from payments.rules import (
    HOLD_LIFECYCLE,
    PAYMENT_LIFECYCLE,
    REFUND_LIFECYCLE,
    SMALLEST,
    STEPS,
    TAKES,
    HoldStatus,
    PaymentStatus,
    RefundStatus,
    quote,
    why_not_payable,
)

currencies = st.sampled_from(["USD", "JPY", "KWD"])
amounts = st.builds(Money, st.integers(1, MAX_MINOR), currencies)
fees = st.integers(0, 10_000)


@pytest.mark.parametrize(
    ("amount", "fee_bps", "fee", "net"),
    [
        (Money(600_01, "USD"), 1000, 60_00, 540_01),
        (Money(600_05, "USD"), 1000, 60_01, 540_04),  # half a cent goes up
        (Money(6500, "JPY"), 1000, 650, 5850),
        (Money(5, "JPY"), 1000, 1, 4),
        (Money(4, "JPY"), 1000, 0, 4),
        (Money(1_250, "KWD"), 1000, 125, 1_125),
        (Money(1, "USD"), 10_000, 1, 0),
        (Money(100, "USD"), 0, 0, 100),
    ],
)
def test_quote(amount: Money, fee_bps: int, fee: int, net: int) -> None:
    figures = quote(amount, fee_bps)
    assert (figures.gross, figures.fee.minor, figures.net.minor) == (amount, fee, net)


@given(amounts, fees)
def test_fee_and_net_are_the_gross_and_neither_is_negative(amount: Money, fee_bps: int) -> None:
    figures = quote(amount, fee_bps)
    assert figures.fee + figures.net == figures.gross == amount
    assert figures.fee.minor >= 0
    assert figures.net.minor >= 0


@given(amounts, fees, st.lists(st.integers(0, 1000), min_size=1, max_size=12).filter(any))
def test_fees_of_parts_add_up_to_the_fee_of_the_whole(amount: Money, fee_bps: int, weights: list[int]) -> None:
    before = Money(0, amount.currency)
    figures = []
    for part in split(amount, weights):
        figures.append(quote(part, fee_bps, after=before))
        before = before + part
    whole = quote(amount, fee_bps)
    assert total((part.fee for part in figures), amount.currency) == whole.fee
    assert total((part.net for part in figures), amount.currency) == whole.net
    assert all(part.fee.minor >= 0 and part.net.minor >= 0 for part in figures)


def test_a_quote_does_not_mix_currencies() -> None:
    with pytest.raises(ValueError, match="does not mix"):
        quote(Money(1, "USD"), 1000, after=Money(1, "EUR"))


def moves(lifecycle: object, statuses: object) -> set[tuple[str, str, str]]:
    return {
        (source, step.name, step.target)
        for step in lifecycle.moves.values()  # type: ignore[attr-defined]
        for source in step.sources
    }


def test_moves_of_a_hold() -> None:
    assert moves(HOLD_LIFECYCLE, HoldStatus) == {
        ("pending", "fund", "held"),
        ("pending", "cancel", "cancelled"),
        ("held", "release_part", "held"),
        ("held", "refund_part", "held"),
        ("held", "freeze", "held"),
        ("held", "unfreeze", "held"),
        ("held", "release", "released"),
        ("held", "refund", "refunded"),
    }


def test_paid_and_cancelled_payments_never_move_again() -> None:
    assert {source for source, _, _ in moves(PAYMENT_LIFECYCLE, PaymentStatus)}.isdisjoint({"succeeded", "cancelled"})


def test_moves_of_a_refund() -> None:
    assert moves(REFUND_LIFECYCLE, RefundStatus) == {
        ("pending", "succeed", "succeeded"),
        ("pending", "fail", "failed"),
        ("succeeded", "fail", "failed"),
        ("failed", "retry", "pending"),
        ("failed", "leave_to_bank", "by_bank"),
    }


@pytest.mark.parametrize("lifecycle", [HOLD_LIFECYCLE, PAYMENT_LIFECYCLE, REFUND_LIFECYCLE])
def test_every_status_has_a_word_a_tone_and_an_icon(lifecycle: object) -> None:
    for status in lifecycle.statuses.values:  # type: ignore[attr-defined]
        assert all(lifecycle.badge(status))  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("provider", "minor", "currency", "reason"),
    [
        ("stripe", 50, "USD", ""),
        ("stripe", 49, "USD", "Card payments start at $0.50."),
        ("stripe", 49, "JPY", "Card payments start at ¥50."),
        ("stripe", 174_99, "HUF", "Card payments start at HUF\u00a0175.00."),
        ("stripe", 1_250, "KWD", ""),
        (
            "stripe",
            1_255,
            "KWD",
            "Card payments in KWD need a rounder amount, such as KWD\u00a01.250 or KWD\u00a01.260.",
        ),
        ("stripe", 5, "KWD", "Card payments start at KWD\u00a00.010."),
        ("paypal", 1, "USD", ""),
        ("paypal", 500, "JPY", ""),
        ("paypal", 1_000_00, "HUF", ""),
        (
            "paypal",
            1_000_50,
            "HUF",
            "PayPal payments in HUF need a rounder amount, such as HUF\u00a01,000.00 or HUF\u00a01,001.00.",
        ),
        ("paypal", 1_250, "KWD", "PayPal payments are not possible in KWD. Choose another way to pay."),
    ],
)
def test_what_a_provider_takes(provider: str, minor: int, currency: str, reason: str) -> None:
    assert why_not_payable(provider, Money(minor, currency)) == reason


def test_every_currency_that_a_list_names_is_one_of_ours() -> None:
    for table in (SMALLEST, STEPS):
        for amounts in table.values():
            assert set(amounts) <= set(EXPONENTS)
    for currencies in TAKES.values():
        assert currencies <= set(EXPONENTS)
