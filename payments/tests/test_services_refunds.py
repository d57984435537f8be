import itertools
from dataclasses import replace
from datetime import timedelta
from importlib import import_module
from uuid import uuid4

import pytest
from django.db import connection
from django.utils import timezone

from accounts.models import User
from accounts.tests.factories import ClientFactory, FreelancerFactory, UserFactory, staff_of
from core.errors import Conflict, Forbidden, NotFound, Unavailable
from core.money import Money
from payments.errors import SettlementMismatch
from payments.models import Account, Journal, Refund
from payments.providers import ProviderRefund
from payments.rules import REFUND_LIFECYCLE, RefundStatus
from payments.selectors import wallet
from payments.services import (
    create_payment,
    refresh_chargeback,
    refund_hold,
    request_refund,
    retry_refund,
    send_refund,
    settle_refund,
)
from payments.tests.factories import add_credit, earn, funded_hold
from payments.tests.fakes import FakeProvider

pytestmark = pytest.mark.django_db
TEN = Money(10_00, "USD")


def set_aside(provider: FakeProvider) -> Refund:
    """A refund of held funds that is not sent yet."""
    hold = funded_hold(TEN, provider=provider)
    refund_hold(hold.payer, hold=hold, reason="The contract was ended.", cause="test")
    return Refund.objects.latest("pk")


def aside() -> int:
    return Account.objects.get(kind="refunds", currency="USD").balance_minor


def test_held_funds_are_set_aside_and_then_sent(provider: FakeProvider) -> None:
    refund = set_aside(provider)
    assert (refund.status, aside()) == ("pending", 10_00)
    for _ in range(3):
        assert send_refund(refund.pk).status == "succeeded"
    assert (aside(), len(provider.refunds)) == (0, 1)
    assert Journal.objects.filter(kind="refund_sent").count() == 1
    assert refund.payment.payer.notifications.filter(kind="refund_sent").count() == 1


@pytest.mark.parametrize("when", ["fail_before", "fail_after"])
def test_sending_after_a_time_out_sends_once(provider: FakeProvider, when: str) -> None:
    refund = set_aside(provider)
    getattr(provider, when).add("create_refund")
    with pytest.raises(Unavailable):
        send_refund(refund.pk)
    assert aside() == 10_00
    assert send_refund(refund.pk).status == "succeeded"
    assert len(provider.refunds) == 1


def test_a_refund_sent_days_ago_is_found_and_not_sent_again(provider: FakeProvider) -> None:
    refund = set_aside(provider)
    provider.fail_after.add("create_refund")
    with pytest.raises(Unavailable):
        send_refund(refund.pk)
    provider.answers.clear()  # the provider has forgotten the key
    Refund.objects.update(updated_at=timezone.now() - timedelta(days=2))
    assert send_refund(refund.pk).status == "succeeded"
    assert len(provider.refunds) == 1


def test_a_slow_refund_is_asked_about(provider: FakeProvider) -> None:
    provider.refunds_stay_pending = True
    refund = send_refund(set_aside(provider).pk)
    assert (refund.status, aside()) == ("pending", 10_00)
    provider.move_refund(refund.refund_id or "", "succeeded")
    assert send_refund(refund.pk).status == "succeeded"
    assert aside() == 0


def state(refund: Refund, status: str) -> ProviderRefund:
    return ProviderRefund(
        refund.refund_id or "re_1", status, refund.amount_minor, refund.currency, failure_message="Card closed."
    )


PATH_TO = {RefundStatus.PENDING: [], RefundStatus.SUCCEEDED: ["succeeded"], RefundStatus.FAILED: ["failed"]}


@pytest.mark.parametrize("status", PATH_TO)  # how the bank ends one: test_services_disputed_refunds
@pytest.mark.parametrize("move", ["succeed", "fail", "retry"])
def test_every_move_from_every_status(provider: FakeProvider, status: RefundStatus, move: str) -> None:
    refund = set_aside(provider)
    for earlier in PATH_TO[status]:
        refund = settle_refund(refund.pk, state(refund, earlier))
    step = REFUND_LIFECYCLE.moves[move]
    if move == "retry":
        staff = UserFactory.create(staff=True)
        if status not in step.sources:
            with pytest.raises(Conflict):
                retry_refund(staff, refund_id=refund.pk)
            return
        assert retry_refund(staff, refund_id=refund.pk).status == "pending"
        return
    news = state(refund, {"succeed": "succeeded", "fail": "failed"}[move])
    for _ in range(2):
        refund = settle_refund(refund.pk, news)
        assert refund.status == (step.target if status in step.sources else status)
    assert aside() == (0 if refund.status == "succeeded" else 10_00)


@pytest.mark.parametrize("order", list(itertools.permutations(["pending", "succeeded", "failed"])), ids="-".join)
def test_a_refund_that_failed_in_the_end_is_failed_in_any_order(provider: FakeProvider, order: tuple[str, ...]) -> None:
    refund = set_aside(provider)
    for status in (*order, *order):
        refund = settle_refund(refund.pk, state(refund, status))
    assert (refund.status, aside()) == ("failed", 10_00)


def test_only_finance_sends_a_refund_again(provider: FakeProvider) -> None:
    provider.refuse_refunds = True
    refund = send_refund(set_aside(provider).pk)
    for person in (refund.payment.payer, staff_of("support")):
        with pytest.raises(Forbidden):
            retry_refund(person, refund_id=refund.pk)
    refund.refresh_from_db()
    assert refund.status == "failed"


def test_a_refund_that_came_back_is_sent_again_by_staff(provider: FakeProvider) -> None:
    refund = send_refund(set_aside(provider).pk)
    first = refund.refund_id or ""
    refund = settle_refund(refund.pk, provider.move_refund(first, "failed"))
    assert (refund.status, aside()) == ("failed", 10_00)
    provider.refunds.clear()
    refund = retry_refund(UserFactory.create(staff=True), refund_id=refund.pk)
    refund = send_refund(refund.pk)
    assert (refund.status, refund.attempt, aside()) == ("succeeded", 2, 0)
    assert refund.refund_id != first
    settle_refund(refund.pk, replace(state(refund, "failed"), id=first))  # old news
    refund.refresh_from_db()
    assert refund.status == "succeeded"


def test_a_refund_that_the_provider_refuses_needs_attention(provider: FakeProvider) -> None:
    provider.refuse_refunds = True
    refund = send_refund(set_aside(provider).pk)
    assert (refund.status, refund.failure_message, aside()) == ("failed", "The charge was refunded.", 10_00)


def test_news_of_another_amount_is_refused(provider: FakeProvider) -> None:
    refund = set_aside(provider)
    with pytest.raises(SettlementMismatch):
        settle_refund(refund.pk, replace(state(refund, "succeeded"), amount_minor=9_99))


@pytest.fixture
def payer() -> User:
    return ClientFactory.create()


def credit(payer: User) -> int:
    return wallet(payer)[0].credit.minor


def test_credit_goes_back_in_parts(provider: FakeProvider, payer: User) -> None:
    payment = add_credit(payer, TEN, provider)
    intent_id = payment.intent_id or ""
    assert request_refund(payer, intent_id=intent_id, amount=Money(4_00, "USD")).status == "succeeded"
    assert credit(payer) == 6_00
    assert request_refund(payer, intent_id=intent_id).amount == Money(6_00, "USD")
    assert credit(payer) == 0
    with pytest.raises(Conflict) as refusal:
        request_refund(payer, intent_id=intent_id)
    assert refusal.value.code == "amount_exceeds_payment"


@pytest.mark.parametrize("minor", [10_01, 0, -1])
def test_no_more_goes_back_than_came(provider: FakeProvider, payer: User, minor: int) -> None:
    payment = add_credit(payer, TEN, provider)
    with pytest.raises(Conflict) as refusal:
        request_refund(payer, intent_id=payment.intent_id or "", amount=Money(minor, "USD"))
    assert refusal.value.code == "amount_exceeds_payment"
    assert credit(payer) == 10_00


def test_credit_that_a_chargeback_used_up_does_not_go_back(provider: FakeProvider, payer: User) -> None:
    payment = add_credit(payer, TEN, provider)
    other = earn(FreelancerFactory.create(), Money(4_00, "USD"), provider, payer=payer)
    refresh_chargeback(provider.dispute(str(other.payments.get().intent_id)).id)
    with pytest.raises(Conflict) as refusal:
        request_refund(payer, intent_id=payment.intent_id or "")
    assert (refusal.value.code, credit(payer)) == ("credit_spent", 6_00)
    request_refund(payer, intent_id=payment.intent_id or "", amount=Money(6_00, "USD"))
    assert credit(payer) == 0


def test_held_funds_do_not_go_back_by_asking(provider: FakeProvider) -> None:
    hold = funded_hold(TEN, provider=provider)
    with pytest.raises(Conflict) as refusal:
        request_refund(hold.payer, intent_id=hold.payments.get().intent_id)
    assert refusal.value.code == "funds_held"


def test_an_unpaid_payment_does_not_go_back(provider: FakeProvider, payer: User) -> None:
    payment = create_payment(payer, amount=TEN)
    with pytest.raises(Conflict) as refusal:
        request_refund(payer, intent_id=payment.intent_id or "")
    assert refusal.value.code == "payment_not_paid"


def test_the_payment_of_somebody_else_is_not_there(provider: FakeProvider, payer: User) -> None:
    payment = add_credit(payer, TEN, provider)
    with pytest.raises(NotFound):
        request_refund(ClientFactory.create(), intent_id=payment.intent_id or "")


def test_a_request_that_was_not_answered_is_resumed(provider: FakeProvider, payer: User) -> None:
    payment = add_credit(payer, TEN, provider)
    provider.fail_before.add("create_refund")
    with pytest.raises(Unavailable) as refusal:
        request_refund(payer, intent_id=payment.intent_id or "", amount=Money(4_00, "USD"))
    assert refusal.value.code == "refund_queued"
    assert credit(payer) == 6_00
    assert request_refund(payer, intent_id=payment.intent_id or "", amount=Money(4_00, "USD")).status == "succeeded"
    assert (Refund.objects.count(), credit(payer)) == (1, 6_00)


def test_a_repeated_request_gives_the_refund_that_it_made(provider: FakeProvider, payer: User) -> None:
    intent_id = add_credit(payer, TEN, provider).intent_id or ""
    tokens = uuid4(), uuid4()
    made = [request_refund(payer, intent_id=intent_id, amount=Money(4_00, "USD"), token=token) for token in tokens]
    Refund.objects.update(created_at=timezone.now())  # whatever their order in time
    again = [request_refund(payer, intent_id=intent_id, amount=Money(4_00, "USD"), token=token) for token in tokens]
    assert again == made
    assert [refund.journal.cause for refund in made if refund.journal] == [f"asked:{token}" for token in tokens]


def test_refunds_of_before_find_the_journals_that_set_them_aside(provider: FakeProvider, payer: User) -> None:
    payment = add_credit(payer, TEN, provider)
    for minor in (1_00, 2_00, 2_00):
        request_refund(payer, intent_id=payment.intent_id or "", amount=Money(minor, "USD"), token=uuid4())
    other = ClientFactory.create()
    request_refund(other, intent_id=add_credit(other, TEN, provider).intent_id or "", amount=Money(2_00, "USD"))
    set_aside(provider)
    known = dict(Refund.objects.values_list("pk", "journal_id"))
    Refund.objects.update(journal=None)
    migration = import_module("payments.migrations.0013_what_set_refunds_aside")
    with connection.cursor() as cursor:
        cursor.execute(migration.NAME_JOURNALS)
    assert dict(Refund.objects.values_list("pk", "journal_id")) == known
    assert None not in known.values()


def test_what_is_held_of_a_payment_is_kept_for_its_work(provider: FakeProvider) -> None:
    """The bank gave a part of it back, which is credit; that of another payment does not go back by this one."""
    hold = funded_hold(TEN, provider=provider)
    payment = hold.payments.get()
    dispute = provider.dispute(payment.intent_id or "", Money(4_00, "USD"))
    refresh_chargeback(dispute.id)
    provider.decide_dispute(dispute.id, "won")
    refresh_chargeback(dispute.id)
    add_credit(hold.payer, TEN, provider)
    with pytest.raises(Conflict) as refusal:
        request_refund(hold.payer, intent_id=payment.intent_id or "", amount=Money(4_01, "USD"))
    assert refusal.value.code == "amount_exceeds_payment"
    assert request_refund(hold.payer, intent_id=payment.intent_id or "").amount == Money(4_00, "USD")
    refund_hold(None, hold=hold, reason="", cause="a")
    payment.refresh_from_db()
    assert payment.left == Money(0, "USD")
    assert credit(hold.payer) == 10_00
