"""A bank takes back what paid for a plan: the income goes, the plan ends, and comes right when the bank decides for us."""

from collections.abc import Callable
from itertools import permutations
from typing import Any

import pytest

from accounts.models import User
from accounts.tests.factories import FreelancerFactory
from core.errors import Conflict
from core.money import Money
from notifications.models import Notification
from payments.models import Chargeback, Document, Journal, Payment, Subscription
from payments.selectors import fee_bps, wallet
from payments.services import (
    accept_chargeback,
    answer_chargeback,
    end_paid_back,
    process_event,
    reconcile,
    recover,
    refresh_chargeback,
    refresh_subscription,
    refund_invoice,
    request_refund,
    send_refund,
    store_event,
    write_off_debt,
)
from payments.services.recovery import SLOW_NEWS
from payments.tests.factories import add_credit, on_plan, usd
from payments.tests.fake_billing import invoice_object
from payments.tests.fakes import FakeProvider
from payments.tests.plans.books import NOTHING, balance, income

pytestmark = pytest.mark.django_db
RunJobs = Callable[[], list[str]]


def purse(person: User) -> tuple[Money, Money]:
    """(credit, debt)"""
    [figures] = wallet(person)
    return figures.credit, figures.debt


def charge_back(provider: FakeProvider, payment: Payment, amount: Money | None = None) -> Chargeback:
    chargeback = refresh_chargeback(provider.dispute(payment.intent_id or "", amount).id)
    assert chargeback
    return chargeback


def decide(provider: FakeProvider, chargeback: Chargeback, outcome: str) -> Chargeback:
    provider.decide_dispute(chargeback.dispute_id, outcome)
    decided = refresh_chargeback(chargeback.dispute_id)
    assert decided
    return decided


def papers(person: User) -> list[tuple[str, int, int]]:
    own = Document.objects.filter(recipient=person).order_by("id")
    return list(own.values_list("kind", "net_minor", "tax_minor"))


def told(person: User) -> str:
    return Notification.objects.filter(user=person, kind="chargeback_news").latest("id").message


def test_what_the_bank_takes_leaves_income_and_tax_and_the_plan_ends(
    plan: Subscription, payment: Payment, provider: FakeProvider, run_jobs: RunJobs, mailoutbox: list[Any]
) -> None:
    chargeback = charge_back(provider, payment)
    assert (chargeback.status, income(), balance("costs"), balance("provider")) == (
        "needs_response",
        (0, 0),
        -15_00,
        15_00,
    )
    assert purse(plan.user) == (NOTHING, NOTHING)
    assert papers(plan.user) == [("invoice", 12_61, 2_39), ("credit_note", 12_61, 2_39)]
    assert fee_bps(freelancer=plan.user) == 800
    run_jobs()
    plan.refresh_from_db()
    assert (plan.status, provider.subscriptions[plan.subscription_id or ""].has_ended) == ("ended", True)
    assert fee_bps(freelancer=plan.user) == 1000
    assert told(plan.user) == "Your plan ends with it, and nothing more is charged."
    [letter] = [mail.body for mail in mailoutbox if "took back" in mail.subject]
    assert "/settings/plan/" in letter


def test_the_same_news_again_changes_nothing(payment: Payment, provider: FakeProvider, run_jobs: RunJobs) -> None:
    chargeback = charge_back(provider, payment)
    for _ in range(3):
        refresh_chargeback(chargeback.dispute_id)
        run_jobs()
    kinds = list(Journal.objects.order_by("id").values_list("kind", flat=True))
    assert kinds == ["subscription", "chargeback", "provider_fee"]
    assert Document.objects.count() == 2


def test_won_books_it_back_and_an_invoice_corrects_the_credit_note(
    plan: Subscription, payment: Payment, provider: FakeProvider, run_jobs: RunJobs
) -> None:
    chargeback = charge_back(provider, payment)
    run_jobs()
    for _ in range(2):
        decide(provider, chargeback, "won")
    assert income() == (12_61, 2_39)
    invoice, note, again = Document.objects.order_by("id")
    assert (note.corrects, again.corrects) == (
        {"id": invoice.pk, "reference": invoice.reference},
        {"id": note.pk, "reference": note.reference},
    )
    assert papers(plan.user)[2] == ("invoice", 12_61, 2_39)
    payment.refresh_from_db()
    assert (payment.left, purse(plan.user)) == (usd(15_00), (NOTHING, NOTHING))
    assert told(plan.user) == f"What you paid for the plan stays paid: invoice {again.reference}."
    assert refresh_subscription(plan.pk).status == "ended"


def test_lost_leaves_nothing_owed_and_nothing_to_write_off(
    plan: Subscription, payment: Payment, provider: FakeProvider, staff: User
) -> None:
    chargeback = charge_back(provider, payment)
    decide(provider, chargeback, "lost")
    assert (purse(plan.user), told(plan.user)) == ((NOTHING, NOTHING), "What it took back stays with you.")
    with pytest.raises(Conflict) as refusal:
        write_off_debt(staff, chargeback_id=chargeback.pk, seen_minor=0, reason="Gone.")
    assert refusal.value.code == "no_debt"


def test_a_question_of_the_bank_takes_nothing_and_ends_nothing(
    plan: Subscription, payment: Payment, provider: FakeProvider, staff: User, run_jobs: RunJobs
) -> None:
    refresh_chargeback(provider.inquire(payment.intent_id or "").id)
    run_jobs()
    assert (income(), refresh_subscription(plan.pk).status) == ((12_61, 2_39), "active")
    refund_invoice(staff, payment_id=payment.pk, reason="Before the bank takes it.")


def test_a_part_of_an_earlier_month_ends_the_plan_too(
    plan: Subscription, payment: Payment, provider: FakeProvider, run_jobs: RunJobs
) -> None:
    provider.renew(plan.subscription_id or "")
    refresh_subscription(plan.pk)
    charge_back(provider, payment, usd(5_00))
    run_jobs()
    plan.refresh_from_db()
    assert (plan.status, income()) == ("ended", (25_22 - 4_20, 4_78 - 80))


def test_staff_answer_and_accept_as_with_others(
    payment: Payment, provider: FakeProvider, staff: User, run_jobs: RunJobs
) -> None:
    chargeback = charge_back(provider, payment)
    answer_chargeback(staff, chargeback_id=chargeback.pk, evidence={"uncategorized_text": "They used the plan."})
    run_jobs()
    chargeback.refresh_from_db()
    assert chargeback.status == "under_review"
    other = charge_back(provider, on_plan(FreelancerFactory.create(), provider=provider).payments.get())
    accept_chargeback(staff, chargeback_id=other.pk, reason="Not worth it.")
    run_jobs()
    other.refresh_from_db()
    assert (other.status, income()) == ("lost", (0, 0))


# --- Beside refunds -----------------------------------------------------------------------------


def test_what_the_bank_has_is_not_refunded_as_well(payment: Payment, provider: FakeProvider, staff: User) -> None:
    chargeback = charge_back(provider, payment, usd(5_00))
    for outcome in ("under_review", "lost"):
        with pytest.raises(Conflict) as refusal:
            refund_invoice(staff, payment_id=payment.pk, amount=usd(1_00), reason="Sorry.")
        assert refusal.value.code == "payment_disputed"
        decide(provider, chargeback, outcome)
    with pytest.raises(Conflict) as refusal:
        request_refund(payment.payer, intent_id=payment.intent_id or "")
    assert refusal.value.code == "paid_for_plan"


def test_what_was_won_can_be_refunded(
    plan: Subscription, payment: Payment, provider: FakeProvider, staff: User, run_jobs: RunJobs
) -> None:
    decide(provider, charge_back(provider, payment, usd(5_01)), "won")
    refund_invoice(staff, payment_id=payment.pk, amount=usd(3_33), reason="The days without it.")
    refund_invoice(staff, payment_id=payment.pk, reason="The rest.")
    run_jobs()
    assert (income(), balance("provider")) == ((0, 0), 15_00)  # the bank's fee


def test_of_what_was_refunded_in_part_the_bank_takes_the_rest_and_the_person_owes_what_is_beyond(
    plan: Subscription, payment: Payment, provider: FakeProvider, staff: User, run_jobs: RunJobs
) -> None:
    """The bank does not know of the refund, so that the person has more back than they paid."""
    refund_invoice(staff, payment_id=payment.pk, amount=usd(5_00), reason="Sorry.")
    run_jobs()
    chargeback = charge_back(provider, payment)
    assert (income(), purse(plan.user)) == ((0, 0), (NOTHING, usd(5_00)))
    assert told(plan.user).startswith("Your plan ends with it, and nothing more is charged. You owe $5.00")
    decide(provider, chargeback, "won")
    assert (income(), purse(plan.user)) == ((8_41, 1_59), (NOTHING, NOTHING))


def test_of_what_was_refunded_whole_the_person_owes_all(
    plan: Subscription, payment: Payment, provider: FakeProvider, staff: User
) -> None:
    add_credit(plan.user, usd(4_00), provider)
    send_refund(refund_invoice(staff, payment_id=payment.pk, reason="Sorry.").pk)
    chargeback = charge_back(provider, payment)
    assert (income(), purse(plan.user), Document.objects.filter(kind="credit_note").count()) == (
        (0, 0),
        (NOTHING, usd(11_00)),
        1,
    )
    decide(provider, chargeback, "lost")
    write_off_debt(staff, chargeback_id=chargeback.pk, seen_minor=11_00, reason="Gone.")
    assert purse(plan.user) == (NOTHING, NOTHING)


def test_a_refund_that_came_too_late_settles_what_the_bank_left_open(
    plan: Subscription, payment: Payment, provider: FakeProvider, staff: User, run_jobs: RunJobs
) -> None:
    """The bank took all of it before the refund was sent, which the provider then refuses."""
    refund = refund_invoice(staff, payment_id=payment.pk, reason="Sorry.")
    provider.refuse_refunds = True
    chargeback = charge_back(provider, payment)
    run_jobs()
    refund.refresh_from_db()
    assert (refund.status, purse(plan.user)) == ("failed", (NOTHING, usd(15_00)))
    decide(provider, chargeback, "lost")
    run_jobs()
    refund.refresh_from_db()
    assert (refund.status, purse(plan.user), income()) == ("by_bank", (NOTHING, NOTHING), (0, 0))
    assert [kind for kind, _, _ in papers(plan.user)] == ["invoice", "credit_note"]


def test_other_debts_are_not_written_off_with_it(
    plan: Subscription, payment: Payment, provider: FakeProvider, staff: User
) -> None:
    credit = add_credit(plan.user, usd(7_00), provider)
    request_refund(plan.user, intent_id=credit.intent_id or "")
    charge_back(provider, credit)
    chargeback = charge_back(provider, payment)
    decide(provider, chargeback, "lost")
    with pytest.raises(Conflict):
        write_off_debt(staff, chargeback_id=chargeback.pk, seen_minor=0, reason="Gone.")
    assert purse(plan.user) == (NOTHING, usd(7_00))


def test_the_page_of_a_debt_does_not_list_a_plan_that_left_none(
    plan: Subscription, payment: Payment, provider: FakeProvider, staff: User
) -> None:
    charge_back(provider, payment)
    owed_for = Chargeback.objects.visible_to(plan.user).owed_for()
    assert not owed_for.exists()
    second = on_plan(FreelancerFactory.create(), provider=provider).payments.get()
    send_refund(refund_invoice(staff, payment_id=second.pk, amount=usd(5_00), reason="Sorry.").pk)
    charge_back(provider, second)
    assert Chargeback.objects.owed_for().get().payment == second


# --- Any order ----------------------------------------------------------------------------------


def dispute_object(dispute_id: str) -> dict[str, Any]:
    return {"object": "dispute", "id": dispute_id}


def test_news_in_any_order_and_repeated_end_the_same(provider: FakeProvider, run_jobs: RunJobs) -> None:
    """Of a month whose invoice nobody told us of before the bank took it back, and gave it back."""
    outcomes = set()
    for number, order in enumerate(permutations(range(3))):
        somebody = FreelancerFactory.create(country="DE")
        plan = on_plan(somebody, provider=provider)
        sub_id = plan.subscription_id or ""
        provider.renew(sub_id)
        paid = provider.invoice(sub_id)
        dispute = provider.dispute(paid.paid_by)
        news = [invoice_object(paid), dispute_object(dispute.id), dispute_object(dispute.id)]
        for index, place in enumerate([*order, *order]):
            if index == 2:
                provider.decide_dispute(dispute.id, "won")
            event = {"id": f"evt_{number}_{index}", "type": "x", "data": {"object": news[place]}}
            process_event(store_event(event).pk)
        run_jobs()
        plan.refresh_from_db()
        moved = sorted(
            Journal.objects.filter(lines__account__kind="taxes", documents__recipient=somebody).values_list(
                "kind", flat=True
            )
        )
        outcomes.add((plan.status, tuple(moved), tuple(sorted(papers(somebody)))))
    [(status, moved, made)] = outcomes
    assert (status, moved) == ("ended", ("chargeback", "chargeback_won", "subscription", "subscription"))
    assert len(made) == 4


def test_the_bank_is_quicker_than_the_news_of_the_invoice(plan: Subscription, provider: FakeProvider) -> None:
    provider.renew(plan.subscription_id or "")
    intent_id = provider.invoice(plan.subscription_id or "").paid_by
    assert not Payment.objects.filter(intent_id=intent_id).exists()
    refresh_chargeback(provider.dispute(intent_id).id)
    assert Payment.objects.get(intent_id=intent_id).charged_back == usd(15_00)


def test_a_dispute_about_nothing_of_ours_is_left_alone(payment: Payment, provider: FakeProvider) -> None:
    provider.intents["pi_other"] = provider.intents[payment.intent_id or ""]
    assert refresh_chargeback(provider.dispute("pi_other").id) is None


def test_recovery_ends_the_plan_when_the_job_was_lost(
    plan: Subscription, payment: Payment, provider: FakeProvider, run_jobs: RunJobs
) -> None:
    chargeback = charge_back(provider, payment)
    decide(provider, chargeback, "won")
    assert recover()["paid_back"] == 1
    end_paid_back(plan.pk)
    end_paid_back(plan.pk)
    assert recover()["paid_back"] == 0
    assert Notification.objects.filter(user=plan.user, kind="subscription_ended").count() == 1


def test_the_providers_movements_are_found_in_the_books(
    payment: Payment, provider: FakeProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("payments.services.reconciliation.GRACE", -SLOW_NEWS)
    chargeback = charge_back(provider, payment)
    provider.move("adjustment", -15_00, "USD", source_id=chargeback.dispute_id, fee=15_00)
    decide(provider, chargeback, "won")
    provider.move("adjustment", 15_00, "USD", source_id=chargeback.dispute_id)
    run = reconcile()
    assert run.matched == 3
    kinds = Journal.objects.filter(provider_transactions__isnull=False).order_by("pk").values_list("kind", flat=True)
    assert list(kinds) == ["subscription", "chargeback", "chargeback_won"]
