"""What the payer's bank takes back, and what becomes of it."""

from contextlib import suppress
from typing import Any

from accounts.tests.factories import staff_of
from contracts.services.disputes import decide_dispute
from contracts.tests.factories import disputed_step, mediated
from core.errors import DomainError
from core.money import Money
from payments.models import Chargeback, Hold, Journal, Payment
from payments.services import (
    answer_chargeback,
    process_event,
    release_hold,
    store_event,
    write_off_debt,
)
from payments.tests.fakes import VISA
from torture.books import Bank, Json
from torture.later import work_off
from torture.scenes.payouts import LARGE
from torture.scenes.stage import PRICE, Scene, balance_of, books, fresh, paid_hold, posted, scene


def payment_of(hold: Hold) -> Payment:
    return hold.payments.get(status="succeeded")


def released_hold() -> Hold:
    """The freelancer has the money, and the payer has nothing here."""
    hold = paid_hold(VISA)
    release_hold(None, hold=hold, cause=f"torture:{hold.pk}")
    return fresh(hold)


def taken_back(bank: Bank, hold: Hold, amount: int | None = None) -> str:
    """The bank's id of the dispute, which we have heard of."""
    dispute_id = bank.dispute(payment_of(hold).intent_id, amount)
    hear(bank.news_of(dispute_id, "charge.dispute.created"))
    return dispute_id


def hear(event: Json) -> None:
    process_event(store_event(event).pk)


def story(hold: Hold) -> dict[str, Any]:
    payment = payment_of(hold)
    chargebacks = Chargeback.objects.filter(payment=payment)
    causes = [f"chargeback:{one.pk}" for one in chargebacks]
    return {
        "chargebacks": [one.status for one in chargebacks],
        "journals": sorted(_kinds(causes)),
        "held": fresh(hold).held_minor,
        "debt": -balance_of(hold.payer, "debt"),
        "credit": balance_of(hold.payer, "credit"),
        "earned": balance_of(hold.payee, "available"),
    }


def _kinds(causes: list[str]) -> list[str]:
    return list(Journal.objects.filter(cause__in=causes).values_list("kind", flat=True))


def told(**more: Any) -> dict[str, Any]:
    usual = {"chargebacks": ["needs_response"], "journals": ["chargeback"], "held": 0, "debt": 0, "credit": 0}
    return usual | {"earned": 0} | more


@scene
def a_chargeback_of_held_money(bank: Bank) -> Scene:
    hold = paid_hold(VISA)
    dispute_id = bank.dispute(payment_of(hold).intent_id)
    event = bank.news_of(dispute_id, "charge.dispute.created")
    return Scene(
        lambda: hear(event),
        lambda: (fresh(hold).status, story(hold)),
        ("refunded", told()),
    )


@scene
def a_chargeback_after_release_with_an_empty_wallet(bank: Bank) -> Scene:
    hold = released_hold()
    dispute_id = bank.dispute(payment_of(hold).intent_id)
    event = bank.news_of(dispute_id, "charge.dispute.funds_withdrawn")
    return Scene(lambda: hear(event), lambda: story(hold), told(debt=PRICE, earned=540_01))


@scene
def a_chargeback_of_a_part(bank: Bank) -> Scene:
    """Of what is partly released: first what is held, then the payer owes the rest."""
    hold = paid_hold(VISA)
    release_hold(None, hold=hold, amount=Money(500_01, "USD"), cause=f"torture:{hold.pk}")
    dispute_id = bank.dispute(payment_of(hold).intent_id, 150_00)
    event = bank.news_of(dispute_id, "charge.dispute.created")
    return Scene(lambda: hear(event), lambda: story(hold), told(debt=50_00, earned=450_01))


@scene
def a_chargeback_during_a_dispute(bank: Bank) -> Scene:
    """The bank takes a part of what is frozen; the staff decide about the rest, which the bank sends back only when it is done."""
    dispute = mediated(disputed_step([PRICE]))
    mediator = staff_of("support")
    hold = dispute.hold
    event = bank.news_of(bank.dispute(payment_of(hold).intent_id, 150_00), "charge.dispute.created")

    def act() -> None:
        hear(event)
        if fresh(dispute).status == "mediation":
            decide_dispute(mediator, dispute_id=dispute.pk, to_freelancer=Money(200_01, "USD"), reasons="Most of it.")
        work_off()

    return Scene(
        act,
        lambda: (fresh(dispute).status, books(hold), story(hold), bank.took(hold.payer)),
        (
            "resolved",
            ("refunded", 0, {"fund": 1, "chargeback": 1, "release": 1, "refund": 1}),
            told(earned=180_01),
            ([PRICE], []),
        ),
    )


@scene
def a_chargeback_ends_a_dispute(bank: Bank) -> Scene:
    """Nothing is left that it could be about."""
    dispute = mediated(disputed_step([PRICE]))
    hold = dispute.hold
    event = bank.news_of(bank.dispute(payment_of(hold).intent_id), "charge.dispute.created")
    return Scene(
        lambda: hear(event),
        lambda: (fresh(dispute).status, fresh(hold).status, story(hold)),
        ("withdrawn", "refunded", told()),
    )


@scene
def a_chargeback_is_answered(bank: Bank) -> Scene:
    hold = released_hold()
    dispute_id = taken_back(bank, hold)
    chargeback = Chargeback.objects.get(dispute_id=dispute_id)
    staff = staff_of("finance")

    def act() -> None:
        try:
            answer_chargeback(staff, chargeback_id=chargeback.pk, evidence={"uncategorized_text": "It was delivered."})
        finally:
            work_off()

    return Scene(
        act,
        lambda: (story(hold), bank.times_answered(dispute_id)),
        (told(chargebacks=["under_review"], debt=PRICE, earned=540_01), 1),
    )


@scene
def a_chargeback_is_won(bank: Bank) -> Scene:
    hold = released_hold()
    dispute_id = taken_back(bank, hold)
    event = bank.decided_dispute(dispute_id, "won")
    return Scene(
        lambda: hear(event),
        lambda: story(hold),
        told(chargebacks=["won"], journals=["chargeback", "chargeback_won"], earned=540_01),
    )


@scene
def a_chargeback_is_lost(bank: Bank) -> Scene:
    hold = released_hold()
    dispute_id = taken_back(bank, hold)
    event = bank.decided_dispute(dispute_id, "lost")
    return Scene(
        lambda: hear(event),
        lambda: story(hold),
        told(chargebacks=["lost"], debt=PRICE, earned=540_01),
    )


@scene
def two_of_the_staff_write_off_a_debt(bank: Bank) -> Scene:
    hold = paid_hold(VISA, LARGE)
    release_hold(None, hold=hold, cause=f"torture:{hold.pk}")
    dispute_id = taken_back(bank, hold)
    hear(bank.decided_dispute(dispute_id, "lost"))
    chargeback = Chargeback.objects.get(dispute_id=dispute_id)
    first, second = staff_of("finance"), staff_of("finance")

    def act() -> None:
        for staff in (first, second):
            with suppress(DomainError):  # the first has asked already
                write_off_debt(staff, chargeback_id=chargeback.pk, seen_minor=LARGE, reason="They are insolvent.")

    return Scene(
        act,
        lambda: (story(hold), [(one.asked_by, one.confirmed_by) for one in chargeback.write_offs.all()]),
        (told(chargebacks=["lost"], journals=["chargeback", "write_off"], earned=1_800_00), [(first, second)]),
    )


@scene
def a_debt_is_settled_with_a_key(bank: Bank) -> Scene:
    hold = released_hold()
    taken_back(bank, hold)
    settle = "/api/wallet/debt", {"currency": "usd", "payment_method": VISA}
    first, second = posted(hold.payer, *settle), posted(hold.payer, *settle)

    def act() -> None:
        if first().data["status"] == "cancelled":  # it had expired when the person came back
            second()

    return Scene(
        act,
        lambda: (story(hold), bank.took(hold.payer)),
        (told(earned=540_01), ([PRICE, PRICE], [])),
    )
