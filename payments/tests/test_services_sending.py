"""Every way that a payout can go on its way to the bank, with the provider failing at each step."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import User
from accounts.tests.factories import FreelancerFactory
from core.errors import Unavailable
from core.money import Money
from notifications.models import Notification
from payments.errors import NotYet, SettlementMismatch
from payments.ledger import CONNECTED
from payments.models import Account, Journal, Payout
from payments.selectors import wallet
from payments.services import (
    recover,
    refresh_payout,
    request_payout,
    return_transfer,
    send_payout,
    settle_payout,
    settle_transfer,
)
from payments.tests.factories import earn, payable
from payments.tests.fakes import FakeProvider

pytestmark = pytest.mark.django_db
SUM = Money(300_00, "USD")
NOTHING = Money(0, "USD")


@pytest.fixture
def payee(provider: FakeProvider) -> User:
    user = FreelancerFactory.create()
    earn(user, SUM, provider)
    payable(user, provider)
    return user


@pytest.fixture
def payout(payee: User) -> Payout:
    return request_payout(payee, amount=SUM)


def figures(payout: Payout) -> tuple[Money, Money, Money]:
    [balance] = wallet(payout.user)
    return balance.available, balance.pending, balance.paid_out


def at_connected_accounts() -> int:
    return -sum(Account.objects.filter(kind=CONNECTED.kind).values_list("balance_minor", flat=True))


def state(payout: Payout) -> str:
    payout.refresh_from_db()
    return str(payout.status)


def arrive(payout: Payout, provider: FakeProvider, status: str = "paid") -> Payout:
    payout.refresh_from_db()
    return settle_payout(payout.pk, provider.move_payout(payout.payout_id or "", status))


def test_a_transfer_then_a_payout_then_the_bank(payout: Payout, provider: FakeProvider) -> None:
    assert send_payout(payout.pk).status == "sent"
    assert (len(provider.transfers), len(provider.payouts)) == (1, 1)
    assert (figures(payout), at_connected_accounts()) == ((NOTHING, SUM, NOTHING), 300_00)
    for _ in range(2):
        arrive(payout, provider)
    assert (state(payout), figures(payout), at_connected_accounts()) == ("paid", (NOTHING, NOTHING, SUM), 0)
    assert Notification.objects.filter(kind="payout_paid").count() == 1


def test_sending_again_changes_nothing(payout: Payout, provider: FakeProvider) -> None:
    for _ in range(3):
        send_payout(payout.pk)
    assert (len(provider.transfers), len(provider.payouts)) == (1, 1)
    assert Journal.objects.filter(kind="payout_sent").count() == 1


@pytest.mark.parametrize("where", ["fail_before", "fail_after"])
@pytest.mark.parametrize("call", ["create_transfer", "create_payout"])
def test_an_unknown_outcome_is_pending_never_lost_or_doubled(
    payout: Payout, provider: FakeProvider, call: str, where: str
) -> None:
    getattr(provider, where).add(call)
    with pytest.raises(Unavailable):
        send_payout(payout.pk)
    assert (state(payout), figures(payout)) == ("sending", (NOTHING, SUM, NOTHING))
    send_payout(payout.pk)
    assert (state(payout), len(provider.transfers), len(provider.payouts)) == ("sent", 1, 1)


@pytest.mark.parametrize("call", ["create_transfer", "create_payout"])
def test_after_a_day_what_was_made_is_found_by_our_mark(payout: Payout, provider: FakeProvider, call: str) -> None:
    provider.fail_after.add(call)
    with pytest.raises(Unavailable):
        send_payout(payout.pk)
    provider.answers.clear()  # the keys are forgotten
    Payout.objects.update(updated_at=timezone.now() - timedelta(days=2))
    send_payout(payout.pk)
    assert (state(payout), len(provider.transfers), len(provider.payouts)) == ("sent", 1, 1)


def test_recovery_takes_up_what_a_crash_left(
    payout: Payout, provider: FakeProvider, run_jobs: Callable[[], list[str]]
) -> None:
    provider.fail_before.add("create_payout")
    with pytest.raises(Unavailable):
        send_payout(payout.pk)
    Payout.objects.update(updated_at=timezone.now() - timedelta(minutes=2))
    assert recover()["payouts"] == 1
    run_jobs()
    assert (state(payout), len(provider.transfers), len(provider.payouts)) == ("sent", 1, 1)


def test_recovery_asks_about_what_no_news_came_of(
    payout: Payout, provider: FakeProvider, run_jobs: Callable[[], list[str]]
) -> None:
    send_payout(payout.pk)
    provider.move_payout(next(iter(provider.payouts)), "paid")
    Payout.objects.update(updated_at=timezone.now() - timedelta(hours=7))
    assert recover()["sent_payouts"] == 1
    run_jobs()
    assert state(payout) == "paid"


def test_without_money_at_the_provider_it_waits_and_tries_with_a_new_key(
    payout: Payout, provider: FakeProvider
) -> None:
    provider.short_of_money = True
    with pytest.raises(NotYet):
        send_payout(payout.pk)
    assert (state(payout), payout.attempt) == ("sending", 2)
    provider.short_of_money = False
    assert send_payout(payout.pk).status == "sent"


def test_a_refused_transfer_gives_back(payout: Payout, provider: FakeProvider) -> None:
    provider.refuse_transfers = True
    assert send_payout(payout.pk).status == "failed"
    assert (figures(payout), at_connected_accounts()) == ((SUM, NOTHING, NOTHING), 0)


def test_a_refused_payout_gives_back_and_the_transfer_is_taken_back(payout: Payout, provider: FakeProvider) -> None:
    provider.refuse_payouts = True
    assert send_payout(payout.pk).status == "failed"
    assert (figures(payout), at_connected_accounts()) == ((SUM, NOTHING, NOTHING), 300_00)
    for _ in range(2):
        return_transfer(payout.pk)
    assert at_connected_accounts() == 0
    assert next(iter(provider.transfers.values())).reversed_minor == 300_00


def test_a_payout_that_the_bank_sends_back_is_given_back_once(payout: Payout, provider: FakeProvider) -> None:
    send_payout(payout.pk)
    for _ in range(2):
        arrive(payout, provider, "failed")
    assert (state(payout), figures(payout)) == ("failed", (SUM, NOTHING, NOTHING))
    assert Journal.objects.filter(kind="payout_back").count() == 1
    assert Notification.objects.filter(kind="payout_failed").count() == 1


def test_a_bank_may_send_it_back_after_it_arrived(payout: Payout, provider: FakeProvider) -> None:
    send_payout(payout.pk)
    arrive(payout, provider, "paid")
    arrive(payout, provider, "failed")
    assert figures(payout) == (SUM, NOTHING, NOTHING)
    return_transfer(payout.pk)
    assert at_connected_accounts() == 0


def test_news_of_arrival_that_comes_after_the_failure_changes_nothing(payout: Payout, provider: FakeProvider) -> None:
    send_payout(payout.pk)
    arrive(payout, provider, "failed")
    arrive(payout, provider, "paid")
    assert (state(payout), figures(payout)) == ("failed", (SUM, NOTHING, NOTHING))


def test_taking_back_an_unknown_outcome_is_repeated_by_recovery(
    payout: Payout, provider: FakeProvider, run_jobs: Callable[[], list[str]]
) -> None:
    provider.refuse_payouts = True
    send_payout(payout.pk)
    provider.fail_after.add("reverse_transfer")
    with pytest.raises(Unavailable):
        return_transfer(payout.pk)
    Payout.objects.update(updated_at=timezone.now() - timedelta(minutes=2))
    assert recover()["returned_payouts"] == 1
    run_jobs()
    payout.refresh_from_db()
    assert payout.returned_at
    assert Journal.objects.filter(kind="reversal").count() == 1


def test_a_payout_that_came_back_can_be_asked_for_again(payout: Payout, provider: FakeProvider) -> None:
    send_payout(payout.pk)
    arrive(payout, provider, "failed")
    return_transfer(payout.pk)
    again = request_payout(payout.user, amount=SUM)
    send_payout(again.pk)
    arrive(again, provider)
    assert figures(payout) == (NOTHING, NOTHING, SUM)


def test_asking_about_one_that_is_not_sent_is_harmless(payout: Payout) -> None:
    assert refresh_payout(payout.pk).status == "requested"
    assert return_transfer(payout.pk).status == "requested"


def test_a_snapshot_of_another_sum_is_never_believed(payout: Payout, provider: FakeProvider) -> None:
    send_payout(payout.pk)
    [sent] = provider.payouts.values()
    [transfer] = provider.transfers.values()
    with pytest.raises(SettlementMismatch):
        settle_payout(payout.pk, replace(sent, amount_minor=1, status="paid"))
    with pytest.raises(SettlementMismatch):
        settle_payout(payout.pk, replace(sent, id="po_other"))
    with pytest.raises(SettlementMismatch):
        settle_transfer(payout.pk, replace(transfer, amount_minor=1))
    with pytest.raises(SettlementMismatch):
        settle_transfer(payout.pk, replace(transfer, reversed_minor=300_00))  # nobody asked for that
