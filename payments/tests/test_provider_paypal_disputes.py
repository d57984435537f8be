"""Disputes and reversals at PayPal, until the books agree."""

from datetime import timedelta

import pytest

from accounts.tests.factories import staff_of
from core.errors import Invalid
from payments.models import Account, Chargeback, Payment, ProviderEvent, ProviderTransaction
from payments.providers import PayPalProvider
from payments.rules import ProviderName
from payments.services import (
    accept_chargeback,
    answer_chargeback,
    pay_hold,
    process_event,
    reconcile,
    refresh_payment,
    send_acceptance,
    send_evidence,
    store_event,
)
from payments.tests.factories import make_hold
from payments.tests.paypal_process import TEN, Standin, adapter, real, standin

__all__ = ["adapter", "real", "standin"]  # fixtures


@pytest.fixture
def paid(real: PayPalProvider, standin: Standin) -> Payment:
    """Paid by PayPal and held."""
    hold = make_hold(TEN)
    payment = pay_hold(hold.payer, hold_id=hold.pk, provider="paypal")
    standin.approve(payment.intent_id or "")
    return refresh_payment(payment.pk)


def capture_of(standin: Standin) -> str:
    events = standin.http.get("/standin/events").json()["data"]
    return next(str(one["resource"]["id"]) for one in events if one["event_type"] == "PAYMENT.CAPTURE.COMPLETED")


def news(standin: Standin, *, times: int = 1, newest_first: bool = False) -> None:
    """All that PayPal told so far is processed, in this order and so often."""
    events = standin.http.get("/standin/events").json()["data"]
    for _ in range(times):
        ProviderEvent.objects.all().delete()
        for event in reversed(events) if newest_first else events:
            process_event(store_event(event, provider="paypal").pk)


def books(payment: Payment) -> dict[str, int]:
    accounts = Account.objects.filter(kind__in=["paypal", "held", "credit", "debt"]).exclude(balance_minor=0)
    return dict(accounts.values_list("kind", "balance_minor"))


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("outcome", "status", "left"),
    [
        ("RESOLVED_BUYER_FAVOUR", "lost", {}),
        ("RESOLVED_SELLER_FAVOUR", "won", {"paypal": -10_00, "credit": 10_00}),
        ("CANCELED_BY_BUYER", "won", {"paypal": -10_00, "credit": 10_00}),
    ],
)
@pytest.mark.parametrize("newest_first", [False, True])
def test_a_dispute_takes_once_and_gives_back_once(
    standin: Standin, paid: Payment, outcome: str, status: str, left: dict[str, int], newest_first: bool
) -> None:
    dispute = standin.control(f"/captures/{capture_of(standin)}/dispute")
    news(standin, times=2)
    assert (books(paid), Chargeback.objects.get().status) == ({}, "needs_response")
    standin.control(f"/disputes/{dispute['dispute_id']}/settle", {"outcome": outcome})
    news(standin, times=2, newest_first=newest_first)
    chargeback = Chargeback.objects.get()
    assert (chargeback.dispute_id, chargeback.status) == (dispute["dispute_id"], status)
    assert books(paid) == left


@pytest.mark.django_db
def test_a_buyer_who_only_asks_takes_nothing(standin: Standin, paid: Payment) -> None:
    dispute = standin.control(f"/captures/{capture_of(standin)}/dispute", {"inquiry": True})
    news(standin)
    assert Chargeback.objects.get().status == "inquiry"
    standin.control(f"/disputes/{dispute['dispute_id']}/settle", {"outcome": "CANCELED_BY_BUYER"})
    news(standin)
    assert Chargeback.objects.get().status == "closed"
    assert books(paid) == {"paypal": -10_00, "held": 10_00}


@pytest.mark.django_db
def test_our_answer_reaches_paypal_once(standin: Standin, paid: Payment) -> None:
    standin.control(f"/captures/{capture_of(standin)}/dispute")
    news(standin)
    chargeback = answer_chargeback(
        staff_of("finance"),
        chargeback_id=Chargeback.objects.get().pk,
        evidence={"product_description": "Label drawings", "uncategorized_text": "They were handed in."},
    )
    for _ in range(2):
        assert send_evidence(chargeback.pk).status == "under_review"
    assert standin.asked(f"/v1/customer/disputes/{chargeback.dispute_id}/provide-evidence") == 1


@pytest.mark.django_db
def test_an_accepted_claim_is_lost(standin: Standin, paid: Payment) -> None:
    standin.control(f"/captures/{capture_of(standin)}/dispute")
    news(standin)
    accepted = accept_chargeback(
        staff_of("finance"), chargeback_id=Chargeback.objects.get().pk, reason="They are right."
    )
    for _ in range(2):
        assert send_acceptance(accepted.pk).status == "lost"
    assert books(paid) == {}


@pytest.mark.django_db
def test_a_reversal_without_a_dispute_is_a_lost_chargeback(standin: Standin, paid: Payment) -> None:
    standin.control(f"/captures/{capture_of(standin)}/reverse")
    news(standin, times=2)
    chargeback = Chargeback.objects.get()
    assert (chargeback.status, chargeback.is_reversal, chargeback.can_be_answered) == ("lost", True, False)
    assert books(paid) == {}


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("outcome", "status", "left"),
    [
        ("RESOLVED_BUYER_FAVOUR", "lost", {}),
        ("RESOLVED_SELLER_FAVOUR", "won", {"paypal": -10_00, "credit": 10_00}),
    ],
)
@pytest.mark.parametrize("newest_first", [False, True])
def test_a_dispute_after_a_reversal_is_about_the_same_money(
    standin: Standin, paid: Payment, outcome: str, status: str, left: dict[str, int], newest_first: bool
) -> None:
    standin.control(f"/captures/{capture_of(standin)}/reverse")
    news(standin)
    dispute = standin.control(f"/captures/{capture_of(standin)}/dispute")
    news(standin, times=2, newest_first=newest_first)
    chargeback = Chargeback.objects.get()
    assert (chargeback.status, chargeback.is_reversal, chargeback.can_be_answered) == ("needs_response", False, True)
    assert books(paid) == {}
    standin.control(f"/disputes/{dispute['dispute_id']}/settle", {"outcome": outcome})
    news(standin, times=2, newest_first=newest_first)
    chargeback.refresh_from_db()
    assert (chargeback.dispute_id, chargeback.status, books(paid)) == (dispute["dispute_id"], status, left)


@pytest.mark.django_db
def test_an_answer_that_paypal_would_not_take_whole_is_refused(standin: Standin, paid: Payment) -> None:
    standin.control(f"/captures/{capture_of(standin)}/dispute")
    news(standin)
    told = {"product_description": "Label drawings", "uncategorized_text": "x" * 2000}
    with pytest.raises(Invalid) as refusal:
        answer_chargeback(staff_of("finance"), chargeback_id=Chargeback.objects.get().pk, evidence=told)
    assert "2000 characters in all, and this is 2016" in refusal.value.fields["uncategorized_text"][0]


@pytest.mark.django_db
def test_a_reversal_of_what_a_dispute_took_takes_nothing_more(standin: Standin, paid: Payment) -> None:
    standin.control(f"/captures/{capture_of(standin)}/dispute")
    standin.control(f"/captures/{capture_of(standin)}/reverse")
    news(standin, times=2, newest_first=True)
    assert Chargeback.objects.get().status == "needs_response"
    assert books(paid) == {}


@pytest.mark.django_db
def test_what_disputes_moved_is_found_in_the_books(
    standin: Standin, paid: Payment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("payments.services.reconciliation.GRACE", timedelta(hours=-4))
    dispute = standin.control(f"/captures/{capture_of(standin)}/dispute")
    standin.control(f"/disputes/{dispute['dispute_id']}/settle", {"outcome": "RESOLVED_SELLER_FAVOUR"})
    news(standin)
    run = reconcile(provider=ProviderName.PAYPAL)
    assert (run.stored, run.matched, run.opened) == (3, 3, 0)
    kinds = ProviderTransaction.objects.order_by("pk").values_list("journal__kind", flat=True)
    assert list(kinds) == ["fund", "chargeback", "chargeback_won"]
