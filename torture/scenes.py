"""Use cases of money at the moment before they happen, each with what must be true once it has happened."""

import itertools
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import User
from accounts.tests.factories import ClientFactory
from contracts.models import Contract
from contracts.services import approve_milestone, cancel_contract, fund_milestone, release_overdue
from contracts.tests.factories import first_step, funded_step, make_contract, submitted_step
from core.money import Money
from gigs.services import cancel_gig, fund_gig, release_gig
from gigs.tests.factories import accepted_gig, completed_gig, funded_gig
from payments.models import Hold, Journal, Payment
from payments.services import (
    cancel_payment,
    capture_payment,
    confirm_payment,
    create_payment,
    freeze_hold,
    pay_hold,
    process_event,
    refund_hold,
    release_hold,
    retry_refund,
    split_hold,
    store_event,
)
from payments.tests.factories import NO_HOOKS, make_hold
from payments.tests.fakes import VISA
from projects.tests.factories import ProposalFactory
from torture.books import Bank
from torture.later import recover_all, work_off

REFUNDED_LATE = "pm_card_pendingRefund"
PRICE = 600_01
keys = itertools.count(1)


@dataclass
class Scene:
    """`act` may be repeated, as a person does who got no answer; `reached` is then what was `wanted`."""

    act: Callable[[], Any]
    reached: Callable[[], Any]
    wanted: Any


SCENES: dict[str, Callable[[Bank], Scene]] = {}


def scene(make: Callable[[Bank], Scene]) -> Callable[[Bank], Scene]:
    SCENES[make.__name__] = make
    return make


@scene
def fund_a_milestone(bank: Bank) -> Scene:
    step = first_step(make_contract([PRICE]))
    client = step.contract.client
    return Scene(
        lambda: fund_milestone(client, milestone_id=step.pk, payment_method=VISA),
        lambda: (fresh(step).status, books(fresh(step).hold), bank.took(client)),
        ("funded", ("held", PRICE, {"fund": 1}), ([PRICE], [])),
    )


@scene
def confirm_on_the_page(bank: Bank) -> Scene:
    step = first_step(make_contract([PRICE]))
    client = step.contract.client

    def act() -> None:
        _, payment = fund_milestone(client, milestone_id=step.pk)
        if payment.is_open:
            confirm_payment(client, intent_id=payment.intent_id, payment_method=VISA)

    return Scene(
        act,
        lambda: (fresh(step).status, books(fresh(step).hold), bank.took(client)),
        ("funded", ("held", PRICE, {"fund": 1}), ([PRICE], [])),
    )


@scene
def pay_in_credit_with_a_key(bank: Bank) -> Scene:
    payer = ClientFactory.create()
    pay = ("/api/payments", {"amount": PRICE, "currency": "usd", "payment_method": VISA})
    first, second = posted(payer, *pay), posted(payer, *pay)

    def act() -> None:
        if first().data["status"] == "cancelled":  # it had expired when the person came back
            second()

    return Scene(
        act,
        lambda: (credit_of(payer), bank.took(payer)),
        (PRICE, ([PRICE], [])),
    )


@scene
def capture_a_part(bank: Bank) -> Scene:
    payer = ClientFactory.create()
    payment = create_payment(payer, amount=Money(PRICE, "USD"), capture_method="manual", payment_method=VISA)
    return Scene(
        lambda: capture_payment(payer, intent_id=payment.intent_id or "", amount=Money(400_00, "USD")),
        lambda: (fresh(payment).status, credit_of(payer), bank.took(payer)),
        ("succeeded", 400_00, ([400_00], [])),
    )


@scene
def give_up_a_payment(bank: Bank) -> Scene:
    payer = ClientFactory.create()
    payment = create_payment(payer, amount=Money(PRICE, "USD"))
    return Scene(
        lambda: cancel_payment(payer, intent_id=payment.intent_id or ""),
        lambda: (fresh(payment).status, credit_of(payer), bank.took(payer)),
        ("cancelled", 0, ([], [])),
    )


@scene
def approve(bank: Bank) -> Scene:
    step = submitted_step([PRICE])
    contract = step.contract
    return Scene(
        lambda: approve_milestone(contract.client, milestone_id=step.pk),
        lambda: (fresh(step).status, fresh(contract).status, books(step.hold), bank.took(contract.client)),
        ("released", "completed", ("released", 0, {"fund": 1, "release": 1}), ([PRICE], [])),
    )


@scene
def approve_a_part_with_a_key(bank: Bank) -> Scene:
    step = submitted_step([PRICE])
    act = posted(step.contract.client, f"/api/milestones/{step.pk}/approve", {"amount": "200.00"})
    return Scene(
        act,
        lambda: (fresh(step).status, books(step.hold)),
        ("submitted", ("held", PRICE - 200_00, {"fund": 1, "release": 1})),
    )


@scene
def release_by_silence(bank: Bank) -> Scene:
    step = submitted_step([PRICE])
    type(step).objects.filter(pk=step.pk).update(release_at=timezone.now() - timedelta(hours=1))
    return Scene(
        release_overdue,
        lambda: (fresh(step).status, books(step.hold)),
        ("released", ("released", 0, {"fund": 1, "release": 1})),
    )


@scene
def end_a_contract(bank: Bank) -> Scene:
    step = funded_step([PRICE])
    contract = step.contract

    def act() -> None:
        cancel_contract(contract.client, contract_id=contract.pk)
        work_off()

    return Scene(
        act,
        lambda: (fresh(contract).status, books(step.hold), bank.took(contract.client)),
        ("cancelled", ("refunded", 0, {"fund": 1, "refund": 1}), ([PRICE], [PRICE])),
    )


@scene
def send_credit_back_with_a_key(bank: Bank) -> Scene:
    payer = ClientFactory.create()
    payment = create_payment(payer, amount=Money(PRICE, "USD"), payment_method=VISA)
    body = {"payment_intent": payment.intent_id, "amount": 200_00}
    return Scene(
        posted(payer, "/api/stripe/refunds", body),
        lambda: (credit_of(payer), bank.took(payer)),
        (PRICE - 200_00, ([PRICE], [200_00])),
    )


@scene
def send_a_failed_refund_again(bank: Bank) -> Scene:
    hold = paid_hold(REFUNDED_LATE)
    refund_hold(None, hold=hold, reason="", cause=f"torture:{hold.pk}")
    work_off()
    refund = fresh(hold).payments.get().refunds.get()
    bank.settle_refund(refund.refund_id, "failed")
    recover_all(timedelta(minutes=2))
    staff = ClientFactory.create()

    def act() -> None:
        if fresh(refund).status == "failed":
            retry_refund(staff, refund_id=refund.pk)
        work_off()
        known = fresh(refund)
        if known.refund_id and known.status == "pending":
            bank.settle_refund(known.refund_id, "succeeded")
            recover_all(timedelta(minutes=2))

    return Scene(
        act,
        lambda: (fresh(refund).status, books(hold), bank.took(hold.payer)),
        ("succeeded", ("refunded", 0, {"fund": 1, "refund": 1}), ([PRICE], [PRICE])),
    )


@scene
def split_in_a_dispute(bank: Bank) -> Scene:
    hold = paid_hold(VISA)
    freeze_hold(None, hold=hold, reason="In dispute.")

    def act() -> None:
        split_hold(
            None, hold=fresh(hold), to_payee=Money(250_01, "USD"), reason="Half of it.", cause=f"dispute:{hold.pk}"
        )
        work_off()

    return Scene(
        act,
        lambda: (books(hold), bank.took(hold.payer)),
        (("refunded", 0, {"fund": 1, "release": 1, "refund": 1}), ([PRICE], [350_00])),
    )


@scene
def parts_and_the_rest_back(bank: Bank) -> Scene:
    hold = paid_hold(VISA)

    def act() -> None:
        release_hold(None, hold=fresh(hold), amount=Money(100_00, "USD"), cause=f"torture:{hold.pk}:1")
        refund_hold(None, hold=fresh(hold), amount=Money(50_00, "USD"), reason="", cause=f"torture:{hold.pk}:2")
        release_hold(None, hold=fresh(hold), amount=Money(200_00, "USD"), cause=f"torture:{hold.pk}:3")
        refund_hold(None, hold=fresh(hold), reason="", cause=f"torture:{hold.pk}:4")
        work_off()

    return Scene(
        act,
        lambda: (books(hold), bank.took(hold.payer)),
        (("refunded", 0, {"fund": 1, "release": 2, "refund": 2}), ([PRICE], [50_00, 250_01])),
    )


@scene
def hear_of_a_payment(bank: Bank) -> Scene:
    hold = make_hold(Money(PRICE, "USD"))
    payment = started(hold)
    event = bank.paid_by_the_page(payment.intent_id)

    def act() -> None:
        process_event(store_event(event).pk)

    return Scene(
        act,
        lambda: (books(hold), bank.took(hold.payer)),
        (("held", PRICE, {"fund": 1}), ([PRICE], [])),
    )


@scene
def hear_too_late(bank: Bank) -> Scene:
    hold = make_hold(Money(PRICE, "USD"))
    payment = started(hold)
    event = bank.paid_by_the_page(payment.intent_id)
    refund_hold(None, hold=hold, reason="Called off.", cause=f"torture:{hold.pk}")

    def act() -> None:
        process_event(store_event(event).pk)
        work_off()

    return Scene(
        act,
        lambda: (fresh(hold).status, credit_of(hold.payer), bank.took(hold.payer)),
        ("cancelled", 0, ([PRICE], [PRICE])),
    )


@scene
def recover_what_is_half_done(bank: Bank) -> Scene:
    paid, back = make_hold(Money(PRICE, "USD")), paid_hold(VISA)
    bank.paid_by_the_page(started(paid).intent_id)
    refund_hold(None, hold=back, reason="", cause=f"torture:{back.pk}")
    return Scene(
        lambda: recover_all(timedelta(minutes=2)),
        lambda: (books(paid), books(back), bank.took(paid.payer), bank.took(back.payer)),
        (
            ("held", PRICE, {"fund": 1}),
            ("refunded", 0, {"fund": 1, "refund": 1}),
            ([PRICE], []),
            ([PRICE], [PRICE]),
        ),
    )


@scene
def fund_a_gig(bank: Bank) -> Scene:
    gig = accepted_gig()
    return Scene(
        lambda: fund_gig(gig.seeker, gig_id=gig.pk, payment_method=VISA),
        lambda: (books(fresh(gig).hold), bank.took(gig.seeker)),
        (("held", 45_00, {"fund": 1}), ([45_00], [])),
    )


@scene
def release_a_gig(bank: Bank) -> Scene:
    gig = completed_gig()
    return Scene(
        lambda: release_gig(gig.seeker, gig_id=gig.pk),
        lambda: books(fresh(gig).hold),
        ("released", 0, {"fund": 1, "release": 1}),
    )


@scene
def call_off_a_gig(bank: Bank) -> Scene:
    gig = funded_gig()

    def act() -> None:
        cancel_gig(gig.seeker, gig_id=gig.pk)
        work_off()

    return Scene(
        act,
        lambda: (fresh(gig).status, books(fresh(gig).hold), bank.took(gig.seeker)),
        ("cancelled", ("refunded", 0, {"fund": 1, "refund": 1}), ([45_00], [45_00])),
    )


@scene
def hire(bank: Bank) -> Scene:
    offer = ProposalFactory.create(bid_amount_minor=PRICE, steps=[PRICE])
    client = offer.project.client
    return Scene(
        posted(client, f"/api/proposals/{offer.pk}/accept", {}),
        lambda: [contract.milestones.count() for contract in Contract.objects.filter(client=client)],
        [1],
    )


def posted(person: User, path: str, body: dict[str, Any]) -> Callable[[], Any]:
    """The request of the person's program, which repeats it with the same key."""
    key = f"torture-{next(keys)}-{person.pk}"

    def act() -> Any:
        api = APIClient()
        api.force_authenticate(person)
        return api.post(path, body, format="json", headers={"Idempotency-Key": key})

    return act


def fresh(row: Any) -> Any:
    return type(row).objects.get(pk=row.pk)


def started(hold: Hold) -> Payment:
    """The person has opened the payment page, and confirms there without us."""
    return pay_hold(hold.payer, hold_id=hold.pk)


def paid_hold(card: str) -> Hold:
    hold = make_hold(Money(PRICE, "USD"), purpose=NO_HOOKS)
    pay_hold(hold.payer, hold_id=hold.pk, payment_method=card)
    return fresh(hold)


def books(hold: Hold | None) -> tuple[str, int, dict[str, int]]:
    """(status, still held, number of journals of each kind)"""
    assert hold is not None
    kinds = Journal.objects.filter(hold=hold).values_list("kind", flat=True)
    return fresh(hold).status, fresh(hold).held_minor, dict(Counter(kinds))


def credit_of(person: User) -> int:
    account = person.ledger_accounts.filter(kind="credit", currency="USD").first()
    return account.balance_minor if account else 0
