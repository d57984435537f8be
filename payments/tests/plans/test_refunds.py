"""Staff send back what a plan's invoice was paid with: income, tax, papers and the plan itself follow."""

from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from typing import Any
from uuid import uuid4

import pytest
from django.db import DatabaseError, transaction
from django.utils import timezone

from accounts.models import AuditEvent, User
from accounts.tests.factories import FreelancerFactory, staff_of
from core.errors import Conflict, Forbidden, Invalid, NotFound, Unavailable
from core.money import Money
from notifications.models import Notification
from payments.models import Document, Journal, Payment, Refund, Subscription
from payments.rules import Taxed, taxed_part
from payments.selectors import fee_bps, wallet
from payments.services import (
    billing,
    end_paid_back,
    process_event,
    reconcile,
    recover,
    refresh_subscription,
    refund_invoice,
    request_refund,
    retry_refund,
    send_refund,
    store_event,
    subscribe,
)
from payments.services.recovery import SLOW_NEWS
from payments.tests.factories import add_credit, make_plan, on_plan, usd
from payments.tests.fake_billing import invoice_object
from payments.tests.fakes import VISA, FakeProvider
from payments.tests.plans.books import NOTHING, balance, income

pytestmark = pytest.mark.django_db
RunJobs = Callable[[], list[str]]


PRICE = usd(15_00)


def refund(staff: User, payment: Payment, minor: int | None = None, **more: Any) -> Refund:
    amount = None if minor is None else usd(minor)
    return refund_invoice(staff, payment_id=payment.pk, amount=amount, **({"reason": "Paid by mistake."} | more))


# --- What paid for a plan -----------------------------------------------------------------------


def test_what_paid_an_invoice_is_a_payment_of_the_plan(
    plan: Subscription, payment: Payment, provider: FakeProvider
) -> None:
    invoice = provider.invoice(plan.subscription_id or "")
    assert (payment.payer, payment.status, payment.received) == (plan.user, "succeeded", PRICE)
    assert (payment.intent_id, payment.invoice_id, str(payment)) == (invoice.paid_by, invoice.id, "Pro plan")
    assert Journal.objects.get().cause == payment.cause
    assert [event.move for event in payment.events.all()] == ["create"]


def test_it_is_none_of_what_the_person_paid_in(payment: Payment, api_as: Any) -> None:
    api = api_as(payment.payer)
    assert not Payment.objects.visible_to(payment.payer).exists()
    assert api.get("/api/payments").data["results"] == []
    addresses = (
        f"/api/payments/{payment.pk}",
        f"/api/payments/{payment.pk}/receipt",
        f"/api/stripe/payment-intents/{payment.intent_id}",
    )
    assert [api.get(address).status_code for address in addresses] == [404, 404, 404]
    for act in ("confirm", "capture", "cancel"):
        assert api.post(f"/api/stripe/payment-intents/{payment.intent_id}/{act}", {}).status_code == 404
    [figures] = wallet(payment.payer)
    assert set(figures[1:]) == {NOTHING}


def test_its_person_cannot_ask_for_it_back(payment: Payment, api_as: Any) -> None:
    with pytest.raises(Conflict) as refusal:
        request_refund(payment.payer, intent_id=payment.intent_id or "")
    assert refusal.value.code == "paid_for_plan"
    for more in ({}, {"amount": 5_00}):
        answer = api_as(payment.payer).post("/api/stripe/refunds", {"payment_intent": payment.intent_id, **more})
        assert (answer.status_code, answer.data["error_type"]) == (409, "paid_for_plan")
    with pytest.raises(NotFound):
        request_refund(FreelancerFactory.create(), intent_id=payment.intent_id or "")


def test_its_papers_name_no_payment_that_the_person_cannot_see(payment: Payment, staff: User, api_as: Any) -> None:
    refund(staff, payment)
    note, invoice = api_as(payment.payer).get("/api/payments/documents").data["results"]
    assert (note["kind"], note["payment_id"], note["corrects_id"]) == ("credit_note", None, invoice["id"])
    assert (note["net"], note["tax"], note["taxes"][0]["amount"]) == (12_61, 2_39, 2_39)


def test_its_terms_are_frozen(payment: Payment) -> None:
    for changes in ({"invoice_id": "in_other"}, {"subscription": None, "invoice_id": None}):
        with pytest.raises(DatabaseError), transaction.atomic():
            Payment.objects.filter(pk=payment.pk).update(**changes)


def test_what_paid_it_is_learnt_later(
    plan: Subscription, staff: User, provider: FakeProvider, run_jobs: RunJobs
) -> None:
    """As of those invoices that were booked before we kept it."""
    provider.renew(plan.subscription_id or "")
    paid = provider.invoice(plan.subscription_id or "")
    billing.settle_invoice(plan.pk, replace(paid, paid_by=""))
    second = Payment.objects.latest("pk")
    assert second.intent_id is None
    with pytest.raises(Conflict) as refusal:
        refund(staff, second)
    assert refusal.value.code == "payment_not_known_yet"
    assert recover()["invoices"] == 0
    Payment.objects.filter(pk=second.pk).update(updated_at=timezone.now() - 2 * SLOW_NEWS)
    assert recover()["invoices"] == 1
    run_jobs()
    second.refresh_from_db()
    assert second.intent_id == paid.paid_by
    assert recover()["invoices"] == 0


# --- Refunding it -------------------------------------------------------------------------------


def test_all_of_it_goes_back_and_the_plan_ends(
    plan: Subscription, payment: Payment, staff: User, provider: FakeProvider, run_jobs: RunJobs
) -> None:
    assert income() == (12_61, 2_39)
    sent = refund(staff, payment)
    assert (sent.status, sent.amount, sent.requested_by, sent.reason) == ("pending", PRICE, staff, "Paid by mistake.")
    assert (income(), balance("refunds"), provider.refunds) == ((0, 0), 15_00, {})
    run_jobs()
    sent.refresh_from_db()
    assert (sent.status, balance("refunds"), balance("provider")) == ("succeeded", 0, 0)
    assert [one.amount_minor for one in provider.refunds.values()] == [15_00]
    plan.refresh_from_db()
    assert (plan.status, provider.subscriptions[plan.subscription_id or ""].has_ended) == ("ended", True)
    assert fee_bps(freelancer=plan.user) == 1000
    invoice, note = Document.objects.order_by("id")
    corrected = {"id": invoice.pk, "reference": invoice.reference}
    assert (note.kind, note.recipient, note.subscription, note.corrects) == ("credit_note", plan.user, plan, corrected)
    assert (note.net_minor, note.tax_minor, note.payload["taxes"]) == (12_61, 2_39, invoice.payload["taxes"])
    audited = AuditEvent.objects.get(action="refund.set_aside")
    assert (audited.actor, audited.data["reason"], audited.data["amount"]) == (staff, "Paid by mistake.", "15.00")


def test_the_person_reads_why_and_what_becomes_of_the_plan(
    payment: Payment, staff: User, run_jobs: RunJobs, mailoutbox: list[Any]
) -> None:
    refund(staff, payment, 5_00)
    refund(staff, payment)
    run_jobs()
    news = list(Notification.objects.filter(user=payment.payer).order_by("id").values_list("kind", "title"))
    assert news[2:4] == [
        ("subscription_refunded", "$5.00 for your Pro plan goes back to you"),
        ("subscription_refunded", "$10.00 for your Pro plan goes back to you"),
    ]
    assert {kind for kind, _ in news[4:]} == {"refund_sent", "subscription_ended"}
    part, rest = (mail.body for mail in mailoutbox if "goes back" in mail.subject)
    assert "Why: Paid by mistake." in part
    assert ("The plan goes on as it is." in part, "The plan ends now" in rest) == (True, True)


def test_parts_add_up_to_the_invoice(payment: Payment, staff: User, run_jobs: RunJobs) -> None:
    before = [income()]
    for minor in (1, 1, 1, 3_33, 3_33, 1, None):
        refund(staff, payment, minor)
        before.append(income())
    taxes = [earlier[1] - later[1] for earlier, later in pairwise(before)]
    assert (taxes, before[-1]) == ([0, 0, 0, 54, 53, 0, 1_32], (0, 0))
    notes = Document.objects.filter(kind="credit_note").order_by("id")
    assert [(one.number, one.tax_minor) for one in notes] == list(enumerate(taxes, start=1))
    run_jobs()
    assert balance("provider") == 0


@pytest.mark.parametrize("price", [15_00, 1, 2, 7, 99_99])
@pytest.mark.parametrize("tax", [0, 1, 2_39])
@pytest.mark.parametrize("step", [1, 2, 3, 499, 10_000])
def test_any_parts_in_any_number_are_in_proportion_and_lose_nothing(price: int, tax: int, step: int) -> None:
    whole = Taxed(usd(max(price - tax, 0)), usd(min(tax, price)))
    gone = Taxed(NOTHING, NOTHING)
    while gone.gross < whole.gross:
        amount = min(usd(step), whole.gross - gone.gross)
        part = taxed_part(amount, whole=whole, gone=gone)
        assert part.gross == amount
        assert min(part.net.minor, part.tax.minor) >= 0
        gone = Taxed(gone.net + part.net, gone.tax + part.tax)
        off = gone.tax.minor * whole.gross.minor - whole.tax.minor * gone.gross.minor
        assert 2 * abs(off) <= whole.gross.minor
    assert gone == whole


def test_a_part_leaves_the_plan_as_it_is(plan: Subscription, payment: Payment, staff: User, run_jobs: RunJobs) -> None:
    refund(staff, payment, 14_99)
    assert "payments.end_paid_back" not in run_jobs()
    assert refresh_subscription(plan.pk).status == "active"


def test_an_earlier_month_leaves_the_plan_as_it_is(
    plan: Subscription, payment: Payment, staff: User, provider: FakeProvider, run_jobs: RunJobs
) -> None:
    provider.renew(plan.subscription_id or "")
    refresh_subscription(plan.pk)
    refund(staff, payment)
    run_jobs()
    assert refresh_subscription(plan.pk).status == "active"
    refund(staff, Payment.objects.latest("pk"))
    run_jobs()
    plan.refresh_from_db()
    assert (plan.status, income()) == ("ended", (0, 0))


def test_a_month_of_a_plan_that_has_ended(
    plan: Subscription, payment: Payment, staff: User, provider: FakeProvider, run_jobs: RunJobs, mailoutbox: list[Any]
) -> None:
    provider.end_subscription(plan.subscription_id or "", key="x")
    refresh_subscription(plan.pk)
    refund(staff, payment)
    assert "payments.end_paid_back" not in run_jobs()
    [letter] = [mail.body for mail in mailoutbox if "goes back" in mail.subject]
    assert ("goes on" in letter, "ends now" in letter) == (False, False)


def test_a_new_plan_after_a_refund_is_not_ended(
    plan: Subscription, payment: Payment, staff: User, run_jobs: RunJobs
) -> None:
    refund(staff, payment)
    run_jobs()
    again = subscribe(plan.user, plan=plan.plan.code, payment_method=VISA)
    end_paid_back(plan.pk)
    end_paid_back(again.pk)
    assert (again.pk != plan.pk, refresh_subscription(again.pk).status, recover()["paid_back"]) == (True, "active", 0)


# --- Refusals -----------------------------------------------------------------------------------


@pytest.mark.parametrize("minor", [0, -1, 15_01])
def test_more_than_there_is_is_refused(payment: Payment, staff: User, minor: int) -> None:
    with pytest.raises(Conflict) as refusal:
        refund(staff, payment, minor)
    assert refusal.value.code == "amount_exceeds_payment"


def test_when_all_went_back_nothing_is_left(payment: Payment, staff: User) -> None:
    refund(staff, payment)
    with pytest.raises(Conflict) as refusal:
        refund(staff, payment)
    assert refusal.value.code == "amount_exceeds_payment"


def test_a_reason_is_asked_for(payment: Payment, staff: User) -> None:
    with pytest.raises(Invalid) as refusal:
        refund(staff, payment, reason="  ")
    assert "reason" in refusal.value.fields


def test_what_the_provider_cannot_send_back_exactly(person: User, staff: User, provider: FakeProvider) -> None:
    kuwait = on_plan(person, make_plan(currency="KWD", price_minor=15_000), provider).payments.get()
    with pytest.raises(Invalid) as refusal:
        refund_invoice(staff, payment_id=kuwait.pk, amount=Money(5_001, "KWD"), reason="Rounded.")
    assert "amount" in refusal.value.fields


def test_only_finance_refunds_and_nobody_themselves(payment: Payment, staff: User) -> None:
    payment.payer.groups.add(*staff.groups.all())
    User.objects.filter(pk=payment.payer_id).update(is_staff=True)
    for somebody in (staff_of("support"), FreelancerFactory.create(), User.objects.get(pk=payment.payer_id)):
        with pytest.raises(Forbidden):
            refund(somebody, payment)
    assert not Refund.objects.exists()


def test_no_other_payment_is_refunded_so(staff: User, provider: FakeProvider) -> None:
    credit = add_credit(FreelancerFactory.create(), PRICE, provider)
    with pytest.raises(NotFound):
        refund(staff, credit)


# --- Again, and half done -----------------------------------------------------------------------


def test_the_same_dialog_again_is_one_refund(payment: Payment, staff: User) -> None:
    token = uuid4()
    first = refund(staff, payment, 5_00, token=token)
    assert refund(staff, payment, 5_00, token=token).pk == first.pk
    assert refund(staff, payment, 5_00, token=uuid4()).pk != first.pk
    assert Refund.objects.count() == 2


@pytest.mark.parametrize("moment", ["fail_before", "fail_after"])
@pytest.mark.parametrize("call", ["create_refund", "end_subscription"])
def test_a_lost_answer_is_finished_by_recovery(
    plan: Subscription, payment: Payment, staff: User, provider: FakeProvider, run_jobs: RunJobs, moment: str, call: str
) -> None:
    sent = refund(staff, payment)
    getattr(provider, moment).add(call)
    with pytest.raises(Unavailable):
        send_refund(sent.pk) if call == "create_refund" else end_paid_back(plan.pk)
    Refund.objects.update(updated_at=timezone.now() - SLOW_NEWS)
    found = recover()
    assert (found["refunds"], found["paid_back"]) == (1, 1)
    run_jobs()
    plan.refresh_from_db()
    sent.refresh_from_db()
    assert (plan.status, sent.status, len(provider.refunds)) == ("ended", "succeeded", 1)
    found = recover()
    assert (found["refunds"], found["paid_back"]) == (0, 0)


def test_the_webhook_before_our_own_answer_and_again(
    payment: Payment, staff: User, provider: FakeProvider, run_jobs: RunJobs
) -> None:
    sent = refund(staff, payment)
    provider.fail_after.add("create_refund")
    with pytest.raises(Unavailable):
        send_refund(sent.pk)
    [there] = provider.refunds.values()
    for number in range(2):
        about = {
            "object": "refund", "id": there.id, "status": "succeeded", "amount": 15_00, "currency": "usd",
            "payment_intent": there.intent_id, "metadata": dict(there.metadata),
        }  # fmt: skip
        process_event(store_event({"id": f"evt_{number}", "type": "refund.created", "data": {"object": about}}).pk)
    run_jobs()
    sent.refresh_from_db()
    assert (sent.status, Journal.objects.filter(kind="refund_sent").count()) == ("succeeded", 1)


def test_one_that_fails_is_sent_again_by_staff(
    payment: Payment, staff: User, provider: FakeProvider, run_jobs: RunJobs
) -> None:
    provider.refuse_refunds = True
    sent = refund(staff, payment)
    run_jobs()
    sent.refresh_from_db()
    assert (sent.status, balance("refunds")) == ("failed", 15_00)
    provider.refuse_refunds = False
    retry_refund(staff, refund_id=sent.pk)
    run_jobs()
    sent.refresh_from_db()
    assert (sent.status, balance("refunds"), Document.objects.filter(kind="credit_note").count()) == ("succeeded", 0, 1)


def test_it_is_found_in_the_providers_movements(
    payment: Payment, staff: User, run_jobs: RunJobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("payments.services.reconciliation.GRACE", -SLOW_NEWS)
    refund(staff, payment, 4_00)
    run_jobs()
    run = reconcile()
    assert (run.matched, run.opened) == (2, 0)


def test_news_of_its_intent_and_invoice_change_nothing(
    plan: Subscription, payment: Payment, staff: User, provider: FakeProvider, run_jobs: RunJobs
) -> None:
    refund(staff, payment)
    run_jobs()
    paid = invoice_object(provider.invoice(plan.subscription_id or ""))
    intent = {
        "object": "payment_intent", "id": payment.intent_id, "status": "succeeded", "amount": 15_00,
        "amount_received": 15_00, "currency": "usd", "livemode": False,
    }  # fmt: skip
    charge = {
        "object": "charge", "id": "ch_1", "payment_intent": payment.intent_id,
        "payment_method_details": {"card": {"brand": "visa", "last4": "4242"}},
    }  # fmt: skip
    kinds = ("payment_intent.succeeded", "charge.succeeded", "invoice.paid")
    for number, (kind, about) in enumerate(zip(kinds, (intent, charge, paid), strict=True)):
        process_event(store_event({"id": f"evt_{number}", "type": kind, "data": {"object": about}}).pk)
    payment.refresh_from_db()
    plan.refresh_from_db()
    assert (payment.status, payment.left, payment.method_label) == ("succeeded", NOTHING, "Visa ending 4242")
    assert (plan.status, Journal.objects.filter(kind="subscription").count()) == ("ended", 1)
