from collections.abc import Iterator

import pytest
from django.db import IntegrityError, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.tests.factories import ClientFactory, FreelancerFactory
from core.errors import Conflict, Invalid
from core.money import Money, split
from payments import hooks, ledger
from payments.models import Hold, Journal, Refund
from payments.rules import HOLD_LIFECYCLE, HoldStatus, step
from payments.selectors import wallet
from payments.services import (
    freeze_hold,
    pay_hold,
    refresh_payment,
    refund_hold,
    release_hold,
    split_hold,
    unfreeze_hold,
)
from payments.services.holds import fund_hold
from payments.tests.factories import funded_hold, make_hold, pay
from payments.tests.fake_paypal import FakePayPal

pytestmark = pytest.mark.django_db


def hold_in(status: HoldStatus) -> Hold:
    if status == HoldStatus.PENDING:
        return make_hold()
    if status == HoldStatus.CANCELLED:
        return refund_hold(None, hold=make_hold(), reason="", cause="made")
    hold = funded_hold()
    if status == HoldStatus.RELEASED:
        release_hold(None, hold=hold, cause="made")
    elif status == HoldStatus.REFUNDED:
        refund_hold(None, hold=hold, reason="", cause="made")
    return hold


def figures(hold: Hold) -> tuple[int, int, int, int, int]:
    hold.refresh_from_db()
    return hold.funded_minor, hold.released_minor, hold.fee_minor, hold.refunded_minor, hold.held_minor


@pytest.mark.parametrize("status", HoldStatus)
@pytest.mark.parametrize("move", HOLD_LIFECYCLE.moves)
def test_every_move_from_every_status(status: HoldStatus, move: str) -> None:
    hold = hold_in(status)
    before = figures(hold)
    act = {
        "fund": lambda: pay(hold),
        "release_part": lambda: release_hold(None, hold=hold, amount=Money(1_00, "USD"), cause="test"),
        "release": lambda: release_hold(None, hold=hold, cause="test"),
        "refund_part": lambda: refund_hold(None, hold=hold, reason="", cause="test", amount=Money(1_00, "USD")),
        "freeze": lambda: freeze_hold(None, hold=hold, reason="test"),
        "unfreeze": lambda: unfreeze_hold(None, hold=freeze_hold(None, hold=hold, reason="test"), reason="test"),
        "refund": lambda: refund_hold(None, hold=hold, reason="", cause="test"),
        "cancel": lambda: refund_hold(None, hold=hold, reason="", cause="test"),
    }[move]
    step = HOLD_LIFECYCLE.moves[move]
    if status in step.sources:
        act()
        assert hold.status == step.target
        assert hold.events.last().to_status == step.target
    elif move in {"refund", "refund_part", "cancel"} and status in {"pending", "held", "refunded", "cancelled"}:
        act()  # asked the same way: what fits the status happens, or it was done already
        assert hold.status in {HoldStatus.REFUNDED, HoldStatus.CANCELLED}
    elif move == "fund" and status in {"held", "released"}:
        act()  # the same payment again
        assert figures(hold) == before
    else:
        with pytest.raises(Conflict):
            act()
        assert figures(hold) == before


def test_a_new_hold_is_not_funded() -> None:
    hold = make_hold(Money(600_01, "USD"))
    assert (hold.status, figures(hold)) == ("pending", (0, 0, 0, 0, 0))
    assert hold.quote().net == Money(540_01, "USD")


def test_releasing_pays_the_payee_less_the_fee() -> None:
    hold = funded_hold(Money(600_01, "USD"))
    release_hold(hold.payer, hold=hold, cause="milestone:1")
    assert figures(hold) == (600_01, 540_01, 60_00, 0, 0)
    [balance] = wallet(hold.payee)
    assert (balance.available, balance.held) == (Money(540_01, "USD"), Money(0, "USD"))


def test_releasing_the_same_cause_again_changes_nothing() -> None:
    hold = funded_hold()
    for _ in range(3):
        release_hold(hold.payer, hold=hold, cause="milestone:1")
    assert Journal.objects.filter(kind="release").count() == 1


def test_releasing_for_another_cause_is_a_conflict() -> None:
    hold = funded_hold()
    release_hold(hold.payer, hold=hold, cause="milestone:1")
    with pytest.raises(Conflict) as refusal:
        release_hold(hold.payer, hold=hold, cause="milestone:1:again")
    assert refusal.value.code == "hold_not_held"


def test_a_cause_belongs_to_one_hold() -> None:
    release_hold(None, hold=funded_hold(), cause="milestone:1")
    other = funded_hold()
    with pytest.raises(Conflict) as refusal:
        release_hold(None, hold=other, cause="milestone:1")
    assert refusal.value.code == "cause_already_used"
    assert other.held == other.amount


@pytest.mark.parametrize("minor", [600_01, 0, -1])
def test_an_amount_that_is_not_held_is_refused(minor: int) -> None:
    hold = funded_hold(Money(600_00, "USD"))
    with pytest.raises(Conflict) as refusal:
        release_hold(hold.payer, hold=hold, amount=Money(minor, "USD"), cause="test")
    assert refusal.value.code == "amount_exceeds_held"
    assert figures(hold)[-1] == 600_00


def test_an_amount_in_another_currency_is_a_mistake() -> None:
    hold = funded_hold()
    with pytest.raises(ValueError, match="does not mix"):
        release_hold(hold.payer, hold=hold, amount=Money(1, "EUR"), cause="test")


def test_partial_releases_come_to_the_fee_of_the_whole() -> None:
    hold = funded_hold(Money(10, "JPY"), fee_bps=1000)
    for number, part in enumerate(split(hold.amount, [1, 1, 1])):
        release_hold(hold.payer, hold=hold, amount=part, cause=f"part:{number}")
    assert (hold.status, hold.fee, hold.released) == ("released", Money(1, "JPY"), Money(9, "JPY"))


def test_the_rest_of_a_partial_release_goes_back() -> None:
    hold = funded_hold(Money(600_00, "USD"))
    release_hold(hold.payer, hold=hold, amount=Money(200_00, "USD"), cause="part")
    refund_hold(hold.payer, hold=hold, reason="The rest was not needed.", cause="rest")
    assert figures(hold) == (600_00, 180_00, 20_00, 400_00, 0)
    refund = Refund.objects.get()
    assert (refund.amount, refund.status, refund.payment.refunded) == (Money(400_00, "USD"), "pending", refund.amount)


def test_a_hold_without_fee_and_one_that_is_all_fee() -> None:
    free, dear = funded_hold(fee_bps=0), funded_hold(fee_bps=10_000)
    for hold in (free, dear):
        release_hold(None, hold=hold, cause=f"test:{hold.pk}")
    assert (free.fee.minor, dear.released.minor) == (0, 0)


def test_calling_off_what_was_not_paid_moves_no_money() -> None:
    hold = refund_hold(None, hold=make_hold(), reason="Changed plans", cause="test")
    assert hold.status == "cancelled"
    assert not Journal.objects.exists()


@pytest.fixture
def news() -> Iterator[list[tuple[str, int]]]:
    heard: list[tuple[str, int]] = []
    hooks.register(
        "listening",
        lock=lambda hold_id: heard.append(("lock", hold_id)),
        on_funded=lambda hold: heard.append(("funded", hold.held_minor)),
        on_released=lambda hold: heard.append(("released", hold.released_minor)),
        on_refunded=lambda hold: heard.append(("refunded", hold.refunded_minor)),
    )
    yield heard
    del hooks._registry["listening"]


def test_hooks_hear_what_happened_once(news: list[tuple[str, int]]) -> None:
    hold = funded_hold(Money(100_00, "USD"), purpose="listening")
    pay(hold)
    release_hold(None, hold=hold, amount=Money(40_00, "USD"), cause="part")
    release_hold(None, hold=hold, amount=Money(40_00, "USD"), cause="part")
    refund_hold(None, hold=hold, reason="", cause="rest")
    refund_hold(None, hold=hold, reason="", cause="rest")
    assert news == [("lock", hold.pk), ("funded", 100_00), ("released", 36_00), ("refunded", 60_00)]


def test_a_hook_that_fails_undoes_the_money() -> None:
    def fail(hold: Hold) -> None:
        raise RuntimeError

    hooks.register("failing", on_released=fail)
    hold = funded_hold(purpose="failing")
    with pytest.raises(RuntimeError):
        release_hold(None, hold=hold, cause="test")
    del hooks._registry["failing"]
    assert figures(hold)[-1] == hold.amount_minor


def test_funding_twice_is_a_conflict() -> None:
    hold = funded_hold()
    with pytest.raises(Conflict):
        fund_hold(hold, hold.payments.get())


@pytest.mark.parametrize(("method", "minor", "currency"), [("stripe", 1_234, "KWD"), ("paypal", 100_50, "HUF")])
def test_a_part_whose_rest_could_not_go_back_is_refused(
    paypal: FakePayPal, method: str, minor: int, currency: str
) -> None:
    hold = make_hold(Money(500_00, currency))
    payment = pay_hold(hold.payer, hold_id=hold.pk, provider=method, payment_method="pm_card_visa")
    if method == "paypal":
        paypal.approve(payment.intent_id or "")
        refresh_payment(payment.pk)
    hold.refresh_from_db()
    for act in (
        lambda: release_hold(None, hold=hold, amount=Money(minor, currency), cause="part"),
        lambda: refund_hold(None, hold=hold, amount=Money(minor, currency), reason="", cause="part"),
        lambda: split_hold(None, hold=hold, to_payee=Money(minor, currency), reason="", cause="part"),
    ):
        with pytest.raises(Invalid) as refusal:
            act()
        assert refusal.value.code == "amount_not_payable"
    assert figures(hold)[-1] == 500_00
    release_hold(None, hold=hold, amount=Money(minor - minor % 100, currency), cause="rounder")


def test_a_card_takes_what_paypal_would_not_in_parts() -> None:
    hold = funded_hold(Money(500_00, "HUF"))
    release_hold(None, hold=hold, amount=Money(100_50, "HUF"), cause="part")
    assert figures(hold)[-1] == 399_50


steps = st.lists(st.tuples(st.sampled_from(["release", "refund"]), st.integers(1, 400), st.integers(0, 3)), max_size=8)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(1, 1000), st.sampled_from(["USD", "JPY", "KWD"]), st.integers(0, 10_000), steps)
def test_any_sequence_agrees_with_a_simple_model(
    amount: int, currency: str, fee_bps: int, sequence: list[tuple[str, int, int]]
) -> None:
    payer, payee = ClientFactory.create(), FreelancerFactory.create()
    unit = step("stripe", currency)
    amount *= unit
    hold = funded_hold(Money(amount, currency), payer=payer, payee=payee, fee_bps=fee_bps)
    left, gross, refunded, causes = amount, 0, 0, set()
    for act, part, cause in ((act, part * unit, cause) for act, part, cause in sequence):
        name = f"{hold.pk}:{cause}"
        try:
            if act == "release":
                release_hold(None, hold=hold, amount=Money(part, currency), cause=name)
            else:
                refund_hold(None, hold=hold, reason="", cause=name)
        except Conflict:
            assert (part > left) if act == "release" else (left == 0 and not refunded)
            continue
        if act == "release" and name not in causes:
            causes.add(name)
            left, gross = left - part, gross + part
        elif act == "refund":
            left, refunded = 0, refunded + left
    fee = (gross * fee_bps + 5000) // 10_000
    assert figures(hold) == (amount, gross - fee, fee, refunded, left)
    assert ledger.balance(ledger.available(payee.pk), currency).minor == gross - fee


def test_frozen_money_moves_only_by_the_outcome() -> None:
    hold = freeze_hold(None, hold=funded_hold(), reason="Dispute")
    for act in (
        lambda: release_hold(None, hold=hold, cause="test"),
        lambda: refund_hold(None, hold=hold, reason="", cause="test"),
    ):
        with pytest.raises(Conflict) as refusal:
            act()
        assert refusal.value.code == "hold_frozen"
    with pytest.raises(IntegrityError, match="in dispute"), transaction.atomic():
        Hold.objects.filter(pk=hold.pk).update(held_minor=0, refunded_minor=600_00, status="refunded")
    split_hold(None, hold=hold, to_payee=Money(400_00, "USD"), reason="Half was done", cause="dispute:1")
    assert figures(hold) == (600_00, 360_00, 40_00, 200_00, 0)
    split_hold(None, hold=hold, to_payee=Money(400_00, "USD"), reason="Half was done", cause="dispute:1")
    assert figures(hold) == (600_00, 360_00, 40_00, 200_00, 0)
    assert hold.status == HoldStatus.REFUNDED


def test_an_outcome_that_decided_about_other_funds_moves_nothing() -> None:
    decided, hold = (freeze_hold(None, hold=funded_hold(), reason="Dispute") for _ in range(2))
    split_hold(None, hold=decided, to_payee=Money(0, "USD"), reason="Decided", cause="dispute:1")
    with pytest.raises(Conflict) as refusal:
        split_hold(None, hold=hold, to_payee=Money(0, "USD"), reason="Decided", cause="dispute:1")
    assert refusal.value.code == "cause_already_used"
    assert figures(hold) == (600_00, 0, 0, 0, 600_00)


@pytest.mark.parametrize(("to_payee", "status"), [(0, HoldStatus.REFUNDED), (600_00, HoldStatus.RELEASED)])
def test_an_outcome_for_one_side(to_payee: int, status: HoldStatus) -> None:
    hold = freeze_hold(None, hold=funded_hold(), reason="Dispute")
    split_hold(None, hold=hold, to_payee=Money(to_payee, "USD"), reason="Decided", cause="dispute:2")
    assert (hold.status, hold.held_minor, hold.frozen_at) == (status, 0, None)


def test_a_part_goes_back_once_and_the_rest_is_released() -> None:
    hold = funded_hold()
    for _ in range(2):
        refund_hold(None, hold=hold, reason="Less work", cause="test", amount=Money(100_00, "USD"))
    assert figures(hold) == (600_00, 0, 0, 100_00, 500_00)
    release_hold(None, hold=hold, cause="test")
    assert figures(hold) == (600_00, 450_00, 50_00, 100_00, 0)
