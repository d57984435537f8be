from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from accounts.tests.factories import ClientFactory, UserFactory
from core.errors import Conflict, Forbidden, Invalid, NotFound, Unavailable
from core.money import Money
from payments.errors import ProviderRefused
from payments.models import Hold, Journal, Payment, PaymentCustomer
from payments.selectors import wallet
from payments.services import (
    cancel_payment,
    capture_payment,
    confirm_payment,
    create_payment,
    pay_hold,
    refresh_payment,
    refund_hold,
    release_hold,
    withdraw_payment,
)
from payments.tests.factories import make_hold
from payments.tests.fakes import DECLINED, THREE_D_SECURE, VISA, FakeProvider

pytestmark = pytest.mark.django_db
TEN = Money(10_00, "USD")


@pytest.fixture
def hold() -> Hold:
    return make_hold(Money(600_01, "USD"))


def pay_in(hold: Hold, payment_method: str = VISA) -> Payment:
    payment = pay_hold(hold.payer, hold_id=hold.pk, payment_method=payment_method)
    hold.refresh_from_db()
    return payment


def jobs(name: str) -> int:
    return ProcrastinateJob.objects.filter(task_name=f"payments.{name}").count()


def test_a_good_card_funds_the_hold(provider: FakeProvider, hold: Hold) -> None:
    payment = pay_in(hold)
    assert (payment.status, payment.received, payment.method_label) == ("succeeded", hold.amount, "Visa ending 4242")
    assert (hold.status, hold.held) == ("held", hold.amount)
    assert wallet(hold.payee)[0].held == hold.amount
    assert wallet(hold.payer)[0].committed == hold.amount


def test_without_a_card_the_person_confirms_in_the_browser(provider: FakeProvider, hold: Hold) -> None:
    payment = pay_in(hold, "")
    assert (payment.status, hold.status) == ("created", "pending")
    assert payment.client_secret
    provider.pay(payment.intent_id or "")
    assert refresh_payment(payment.pk).status == "succeeded"
    hold.refresh_from_db()
    assert hold.status == "held"


def test_paying_twice_is_paying_once(provider: FakeProvider, hold: Hold) -> None:
    assert pay_in(hold, "").pk == pay_in(hold, "").pk == pay_in(hold).pk == pay_in(hold).pk
    assert provider.charges() == 1
    assert len(provider.intents) == 1


def test_a_declined_card_says_why_and_another_one_works(provider: FakeProvider, hold: Hold) -> None:
    declined = pay_in(hold, DECLINED)
    assert (declined.status, declined.failure_message) == ("failed", "Your card was declined.")
    assert hold.status == "pending"
    assert not Journal.objects.exists()
    paid = pay_in(hold)
    assert (paid.pk, paid.status, paid.failure_message) == (declined.pk, "succeeded", "")
    assert (hold.status, provider.charges()) == ("held", 1)


def test_three_d_secure_waits_for_the_bank(provider: FakeProvider, hold: Hold) -> None:
    payment = pay_in(hold, THREE_D_SECURE)
    assert (payment.status, hold.status) == ("requires_action", "pending")
    provider.pay(payment.intent_id or "")
    assert refresh_payment(payment.pk).status == "succeeded"


def test_three_d_secure_that_fails_can_be_tried_with_another_card(provider: FakeProvider, hold: Hold) -> None:
    payment = pay_in(hold, THREE_D_SECURE)
    provider.decline(payment.intent_id or "")
    assert refresh_payment(payment.pk).status == "failed"
    assert pay_in(hold).status == "succeeded"


@pytest.mark.parametrize("call", ["create_customer", "create_intent", "confirm_intent"])
@pytest.mark.parametrize("when", ["fail_before", "fail_after"])
def test_a_time_out_whose_outcome_is_unknown_never_charges_twice(
    provider: FakeProvider, hold: Hold, call: str, when: str
) -> None:
    getattr(provider, when).add(call)
    with pytest.raises(Unavailable):
        pay_in(hold)
    assert pay_in(hold).status == "succeeded"
    assert (provider.charges(), len(provider.intents), len(provider.customers)) == (1, 1, 1)
    assert hold.payments.count() == 1


def test_an_unknown_outcome_is_asked_about_by_a_job(provider: FakeProvider, hold: Hold) -> None:
    provider.fail_after.add("confirm_intent")
    with pytest.raises(Unavailable):
        pay_in(hold)
    assert jobs("refresh_payment") == 1
    refresh_payment(hold.payments.get().pk)
    hold.refresh_from_db()
    assert (hold.status, provider.charges()) == ("held", 1)


def test_only_the_payer_pays(provider: FakeProvider, hold: Hold) -> None:
    with pytest.raises(NotFound):
        pay_hold(UserFactory.create(), hold_id=hold.pk)
    with pytest.raises(Forbidden) as refusal:
        pay_hold(hold.payee, hold_id=hold.pk)
    assert refusal.value.code == "not_the_payer"
    assert provider.calls == []


def test_an_unverified_person_does_not_pay(provider: FakeProvider) -> None:
    hold = make_hold(payer=ClientFactory.create(unverified=True))
    with pytest.raises(Forbidden) as refusal:
        pay_in(hold)
    assert refusal.value.code == "email_not_verified"


def test_what_was_called_off_is_not_paid(provider: FakeProvider, hold: Hold) -> None:
    refund_hold(None, hold=hold, reason="", cause="test")
    with pytest.raises(Conflict) as refusal:
        pay_in(hold)
    assert refusal.value.code == "hold_closed"


def test_a_payment_of_what_was_called_off_is_not_confirmed(provider: FakeProvider, hold: Hold) -> None:
    payment = pay_hold(hold.payer, hold_id=hold.pk)
    refund_hold(hold.payer, hold=hold, reason="", cause="test")
    with pytest.raises(Conflict) as refusal:
        confirm_payment(hold.payer, intent_id=payment.intent_id or "", payment_method=VISA)
    assert (refusal.value.code, provider.charges()) == ("hold_closed", 0)


def test_paying_again_for_released_work_returns_the_payment(provider: FakeProvider, hold: Hold) -> None:
    payment = pay_in(hold)
    release_hold(None, hold=hold, cause="test")
    assert pay_in(hold) == payment


def test_calling_off_cancels_the_payment_under_way(provider: FakeProvider, hold: Hold) -> None:
    payment = pay_in(hold, "")
    refund_hold(None, hold=hold, reason="", cause="test")
    assert jobs("cancel_payment") == 1
    assert withdraw_payment(payment.pk).status == "cancelled"


def test_money_that_comes_after_calling_off_goes_back(provider: FakeProvider, hold: Hold) -> None:
    payment = pay_in(hold, "")
    refund_hold(None, hold=hold, reason="", cause="test")
    provider.pay(payment.intent_id or "")
    assert withdraw_payment(payment.pk).status == "succeeded"  # it could not be cancelled any more
    refund = payment.refunds.get()
    assert (refund.amount, refund.status, jobs("send_refund")) == (hold.amount, "pending", 1)
    assert wallet(hold.payer)[0].credit == Money(0, "USD")


def test_a_payment_that_expired_at_the_provider_makes_way_for_another(provider: FakeProvider, hold: Hold) -> None:
    old = pay_in(hold, "")
    provider.cancel_intent(old.intent_id or "", key="elsewhere")
    new = pay_in(hold)
    assert (new.status, hold.status) == ("succeeded", "held")
    old.refresh_from_db()
    assert (old.status, old.pk != new.pk) == ("cancelled", True)


def test_a_payment_that_nobody_confirms_expires(provider: FakeProvider, hold: Hold) -> None:
    payment = pay_in(hold, "")
    for minutes, status in ((14, "created"), (16, "cancelled")):
        Payment.objects.update(updated_at=timezone.now() - timedelta(minutes=minutes))
        assert refresh_payment(payment.pk).status == status
    assert pay_in(hold).status == "succeeded"


def test_a_payment_whose_start_was_never_answered_expires_too(provider: FakeProvider, hold: Hold) -> None:
    provider.fail_after.add("create_intent")
    with pytest.raises(Unavailable):
        pay_in(hold)
    payment = hold.payments.get()
    assert payment.intent_id is None
    Payment.objects.update(updated_at=timezone.now() - timedelta(minutes=16))
    assert refresh_payment(payment.pk).status == "cancelled"
    assert len(provider.intents) == 1


def test_what_the_provider_refuses_leaves_nothing_half_done(
    provider: FakeProvider, hold: Hold, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(**kwargs: object) -> None:
        raise ProviderRefused(message="Amount must be at least $0.50 usd")

    monkeypatch.setattr(provider, "create_intent", refuse)
    with pytest.raises(ProviderRefused, match="at least"):
        pay_in(hold)
    assert hold.payments.get().status == "cancelled"


def test_the_provider_is_not_called_within_a_transaction(provider: FakeProvider, hold: Hold) -> None:
    with pytest.raises(RuntimeError, match="durable"), transaction.atomic():
        pay_in(hold)
    assert provider.calls == []


def test_a_person_is_one_customer(provider: FakeProvider) -> None:
    payer = ClientFactory.create()
    for _ in range(2):
        create_payment(payer, amount=TEN)
    assert len(provider.customers) == 1
    assert PaymentCustomer.objects.get().user == payer


def test_credit(provider: FakeProvider) -> None:
    payer = ClientFactory.create()
    payment = create_payment(payer, amount=TEN, payment_method=VISA)
    assert payment.status == "succeeded"
    assert wallet(payer)[0].credit == TEN
    assert payer.notifications.get().kind == "credit_added"


def test_the_customer_of_somebody_else_is_not_there(provider: FakeProvider) -> None:
    create_payment(ClientFactory.create(), amount=TEN)
    with pytest.raises(NotFound):
        create_payment(ClientFactory.create(), amount=TEN, customer_id=PaymentCustomer.objects.get().customer_id)


def test_confirming_needs_a_card(provider: FakeProvider) -> None:
    payment = create_payment(ClientFactory.create(), amount=TEN)
    with pytest.raises(ProviderRefused) as refusal:
        confirm_payment(payment.payer, intent_id=payment.intent_id or "")
    assert "payment_method" in refusal.value.fields


def test_confirming_what_is_paid_returns_it(provider: FakeProvider) -> None:
    payment = create_payment(ClientFactory.create(), amount=TEN, payment_method=VISA)
    assert confirm_payment(payment.payer, intent_id=payment.intent_id or "", payment_method=VISA) == payment
    assert provider.charges() == 1


@pytest.mark.parametrize(("asked", "received"), [(None, 10_00), (Money(4_00, "USD"), 4_00)])
def test_capture_takes_what_was_authorised_or_a_part(
    provider: FakeProvider, asked: Money | None, received: int
) -> None:
    payer = ClientFactory.create()
    payment = create_payment(payer, amount=TEN, capture_method="manual", payment_method=VISA)
    assert (payment.status, wallet(payer)[0].credit.minor) == ("authorised", 0)
    for _ in range(2):
        captured = capture_payment(payer, intent_id=payment.intent_id or "", amount=asked)
        assert (captured.status, captured.received_minor) == ("succeeded", received)
    assert wallet(payer)[0].credit.minor == received


@pytest.mark.parametrize("minor", [10_01, 0, -1])
def test_capture_takes_no_more_than_was_authorised(provider: FakeProvider, minor: int) -> None:
    payment = create_payment(ClientFactory.create(), amount=TEN, capture_method="manual", payment_method=VISA)
    with pytest.raises(Conflict) as refusal:
        capture_payment(payment.payer, intent_id=payment.intent_id or "", amount=Money(minor, "USD"))
    assert refusal.value.code == "amount_exceeds_authorised"


def test_capture_takes_only_what_could_go_back(provider: FakeProvider) -> None:
    payer = ClientFactory.create()
    payment = create_payment(payer, amount=Money(10_000, "KWD"), capture_method="manual", payment_method=VISA)
    with pytest.raises(Invalid) as refusal:
        capture_payment(payer, intent_id=payment.intent_id or "", amount=Money(1_005, "KWD"))
    assert (refusal.value.code, "capture_intent" in provider.calls) == ("amount_not_payable", False)


def test_only_an_authorised_payment_is_captured(provider: FakeProvider) -> None:
    payment = create_payment(ClientFactory.create(), amount=TEN, capture_method="manual")
    with pytest.raises(Conflict) as refusal:
        capture_payment(payment.payer, intent_id=payment.intent_id or "")
    assert refusal.value.code == "payment_not_authorised"


@pytest.mark.parametrize("call", ["capture_intent", "cancel_intent"])
@pytest.mark.parametrize("when", ["fail_before", "fail_after"])
def test_capture_and_cancel_can_be_repeated_after_a_time_out(provider: FakeProvider, call: str, when: str) -> None:
    payment = create_payment(ClientFactory.create(), amount=TEN, capture_method="manual", payment_method=VISA)
    act = {"capture_intent": capture_payment, "cancel_intent": cancel_payment}[call]
    getattr(provider, when).add(call)
    with pytest.raises(Unavailable):
        act(payment.payer, intent_id=payment.intent_id or "")
    assert act(payment.payer, intent_id=payment.intent_id or "").status in {"succeeded", "cancelled"}


def test_cancelling(provider: FakeProvider) -> None:
    payment = create_payment(ClientFactory.create(), amount=TEN)
    for _ in range(2):
        assert cancel_payment(payment.payer, intent_id=payment.intent_id or "").status == "cancelled"
    with pytest.raises(Conflict) as refusal:
        confirm_payment(payment.payer, intent_id=payment.intent_id or "", payment_method=VISA)
    assert refusal.value.code == "payment_cancelled"


def test_what_is_paid_is_not_cancelled(provider: FakeProvider) -> None:
    payment = create_payment(ClientFactory.create(), amount=TEN, payment_method=VISA)
    with pytest.raises(Conflict) as refusal:
        cancel_payment(payment.payer, intent_id=payment.intent_id or "")
    assert refusal.value.code == "payment_already_paid"


@pytest.mark.parametrize("act", [confirm_payment, capture_payment, cancel_payment])
def test_the_payment_of_somebody_else_is_not_there(provider: FakeProvider, act) -> None:
    payment = create_payment(ClientFactory.create(), amount=TEN)
    with pytest.raises(NotFound):
        act(ClientFactory.create(), intent_id=payment.intent_id)
