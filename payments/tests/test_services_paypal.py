"""Paying by PayPal: the payer agrees there, we take it then, and one live payment per hold whoever is asked."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.tests.factories import ClientFactory
from core.errors import Conflict, Invalid, Unavailable
from core.money import Money
from payments.errors import ProviderRefused, SettlementMismatch
from payments.models import Account, Hold, Journal, Payment, Refund
from payments.rules import ProviderName
from payments.services import (
    cancel_payment,
    capture_payment,
    confirm_payment,
    create_payment,
    pay_hold,
    recover,
    refresh_payment,
    refund_hold,
    refuse_declined,
    request_refund,
    send_refund,
    settle_payment,
    withdraw_payment,
)
from payments.services import payments as payment_services
from payments.tests.factories import make_hold
from payments.tests.fake_paypal import FakePayPal
from payments.tests.fakes import VISA, FakeProvider

pytestmark = pytest.mark.django_db
PAYPAL = ProviderName.PAYPAL


@pytest.fixture
def hold() -> Hold:
    return make_hold(Money(600_01, "USD"))


def started(hold: Hold) -> Payment:
    return pay_hold(hold.payer, hold_id=hold.pk, provider=PAYPAL)


def approved(hold: Hold, paypal: FakePayPal) -> Payment:
    payment = started(hold)
    paypal.approve(payment.intent_id or "")
    return payment


def status_of(row: Hold | Payment) -> str:
    row.refresh_from_db()
    return str(row.status)


def balance(kind: str) -> int:
    account = Account.objects.filter(kind=kind).first()
    return account.balance_minor if account else 0


def test_it_starts_with_a_page_to_agree_on(hold: Hold, paypal: FakePayPal, provider: FakeProvider) -> None:
    first, second = started(hold), started(hold)
    assert (first.pk, first.status, first.provider) == (second.pk, "requires_action", "paypal")
    assert first.approval_url.startswith("https://paypal.test/checkoutnow?token=")
    assert provider.calls == []  # no customer is made at the card provider
    assert status_of(hold) == "pending"


def test_what_was_agreed_to_is_taken_and_held(hold: Hold, paypal: FakePayPal) -> None:
    payment = refresh_payment(approved(hold, paypal).pk)
    assert (payment.status, payment.method_label) == ("succeeded", "PayPal buyer@example.com")
    assert status_of(hold) == "held"
    assert (balance("paypal"), balance("provider")) == (-600_01, 0)
    assert refresh_payment(payment.pk).status == "succeeded"
    assert Journal.objects.count() == 1


def test_what_was_not_agreed_to_is_not_taken(hold: Hold, paypal: FakePayPal) -> None:
    payment = refresh_payment(started(hold).pk)
    assert (payment.status, paypal.charges()) == ("requires_action", 0)


def test_a_lost_answer_is_found_again_by_the_same_key(hold: Hold, paypal: FakePayPal) -> None:
    payment = approved(hold, paypal)
    paypal.fail_after.add("confirm_intent")
    with pytest.raises(Unavailable):
        refresh_payment(payment.pk)
    assert status_of(payment) == "processing"
    assert refresh_payment(payment.pk).status == "succeeded"
    assert paypal.charges() == 1


def test_a_call_that_never_arrived_is_made_again_by_a_job(
    hold: Hold, paypal: FakePayPal, run_jobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(payment_services, "ASK_AGAIN_SECONDS", -3600)
    payment = approved(hold, paypal)
    paypal.fail_before.add("confirm_intent")
    with pytest.raises(Unavailable):
        refresh_payment(payment.pk)
    run_jobs()
    assert status_of(payment) == "succeeded"


def test_what_paypal_declines_can_be_agreed_to_again(hold: Hold, paypal: FakePayPal) -> None:
    payment = approved(hold, paypal)
    paypal.declines = "Choose another way there."
    payment = refresh_payment(payment.pk)
    assert (payment.status, payment.failure_message) == ("failed", "Choose another way there.")
    with pytest.raises(Conflict) as refusal:
        refuse_declined(payment)
    assert refusal.value.code == "payment_declined"
    assert started(hold).approval_url == payment.approval_url
    paypal.approve(payment.intent_id or "")
    assert refresh_payment(payment.pk).status == "succeeded"


def test_what_paypal_declined_is_remembered_when_its_order_does_not(hold: Hold, paypal: FakePayPal) -> None:
    payment = approved(hold, paypal)
    paypal.declines = "Choose another way there."
    refresh_payment(payment.pk)
    paypal.intents[payment.intent_id or ""] = replace(
        paypal.intents[payment.intent_id or ""], status="requires_action", failure_code="", failure_message=""
    )
    payment = refresh_payment(payment.pk)  # its webhook asks at the same time
    assert (payment.status, payment.failure_message) == ("failed", "Choose another way there.")


def test_a_payment_from_a_bank_account_takes_its_time(hold: Hold, paypal: FakePayPal) -> None:
    paypal.captures_stay_pending = True
    payment = refresh_payment(approved(hold, paypal).pk)
    assert payment.status == "processing"
    with pytest.raises(Conflict) as refusal:  # nothing else may be paid for it meanwhile
        pay_hold(hold.payer, hold_id=hold.pk, payment_method=VISA)
    assert refusal.value.code == "payment_under_way"
    assert withdraw_payment(payment.pk).status == "processing"  # being taken: not ours to end any more
    paypal.pay(payment.intent_id or "")
    assert refresh_payment(payment.pk).status == "succeeded"


def test_what_was_withdrawn_is_never_taken(hold: Hold, paypal: FakePayPal) -> None:
    payment = approved(hold, paypal)
    assert withdraw_payment(payment.pk).status == "cancelled"
    assert refresh_payment(payment.pk).status == "cancelled"
    assert "confirm_intent" not in paypal.calls
    assert "cancel_intent" not in paypal.calls  # PayPal has no such call for what nobody took


def test_what_nobody_agrees_to_in_time_ends(hold: Hold, paypal: FakePayPal) -> None:
    payment = started(hold)
    Payment.objects.update(updated_at=timezone.now() - timedelta(minutes=16))
    assert refresh_payment(payment.pk).status == "cancelled"
    again = started(hold)
    assert (again.status, again.pk != payment.pk) == ("requires_action", True)


def test_what_paypal_forgot_ends(hold: Hold, paypal: FakePayPal) -> None:
    payment = started(hold)
    paypal.intents.clear()
    assert refresh_payment(payment.pk).status == "cancelled"


def test_an_answer_that_was_outdated_does_not_undo_the_taking(hold: Hold, paypal: FakePayPal) -> None:
    payment = started(hold)
    before = paypal.intents[payment.intent_id or ""]
    paypal.approve(before.id)
    paypal.captures_stay_pending = True
    refresh_payment(payment.pk)
    assert settle_payment(payment.pk, before).status == "processing"


def test_money_for_what_we_ended_is_for_staff_to_look_at(hold: Hold, paypal: FakePayPal) -> None:
    payment = approved(hold, paypal)
    withdraw_payment(payment.pk)
    taken = paypal.pay(payment.intent_id or "")
    with pytest.raises(SettlementMismatch):
        settle_payment(payment.pk, taken)
    assert not Journal.objects.exists()


# --- Card or PayPal -----------------------------------------------------------------------------


def test_a_card_instead_ends_what_was_begun_at_paypal(hold: Hold, paypal: FakePayPal, provider: FakeProvider) -> None:
    at_paypal = approved(hold, paypal)
    by_card = pay_hold(hold.payer, hold_id=hold.pk, payment_method=VISA)
    assert (by_card.provider, by_card.status, status_of(at_paypal)) == ("stripe", "succeeded", "cancelled")
    assert refresh_payment(at_paypal.pk).status == "cancelled"
    assert (provider.charges(), paypal.charges()) == (1, 0)


def test_paypal_instead_ends_what_was_begun_by_card(hold: Hold, paypal: FakePayPal, provider: FakeProvider) -> None:
    by_card = pay_hold(hold.payer, hold_id=hold.pk)
    at_paypal = started(hold)
    assert (at_paypal.provider, status_of(by_card)) == ("paypal", "cancelled")
    assert provider.intents[by_card.intent_id or ""].status == "canceled"


def test_a_card_that_a_bank_thinks_about_is_waited_for(hold: Hold, paypal: FakePayPal, provider: FakeProvider) -> None:
    payment = pay_hold(hold.payer, hold_id=hold.pk)
    intent_id = payment.intent_id or ""
    provider.intents[intent_id] = replace(provider.intents[intent_id], status="processing")
    assert refresh_payment(payment.pk).status == "processing"
    with pytest.raises(Conflict) as refusal:
        started(hold)
    assert (refusal.value.code, "cancel_intent" in provider.calls) == ("payment_under_way", False)


def test_a_card_that_was_quicker_wins(hold: Hold, paypal: FakePayPal, provider: FakeProvider) -> None:
    by_card = pay_hold(hold.payer, hold_id=hold.pk)
    provider.pay(by_card.intent_id or "")  # the browser confirmed it, and we have not heard
    assert started(hold).pk == by_card.pk
    assert (status_of(by_card), status_of(hold), paypal.calls) == ("succeeded", "held", [])


def test_a_card_provider_that_does_not_answer_leaves_its_payment(
    hold: Hold, paypal: FakePayPal, provider: FakeProvider
) -> None:
    by_card = pay_hold(hold.payer, hold_id=hold.pk)
    provider.fail_before.add("cancel_intent")
    with pytest.raises(Unavailable):
        started(hold)
    assert (status_of(by_card), Payment.objects.count()) == ("created", 1)


def test_what_is_paid_is_not_paid_again(hold: Hold, paypal: FakePayPal) -> None:
    paid = refresh_payment(approved(hold, paypal).pk)
    assert pay_hold(hold.payer, hold_id=hold.pk, payment_method=VISA).pk == paid.pk
    assert started(hold).pk == paid.pk


@pytest.mark.parametrize(("minor", "currency"), [(1_250, "KWD"), (6_500, "KES"), (1_000_50, "HUF")])
def test_what_paypal_does_not_take_is_said_before_anything_is_begun(
    paypal: FakePayPal, minor: int, currency: str
) -> None:
    hold = make_hold(Money(minor, currency))
    with pytest.raises(Invalid) as refusal:
        started(hold)
    assert (refusal.value.code, list(refusal.value.fields)) == ("amount_not_payable", ["amount"])
    assert (Payment.objects.count(), paypal.calls) == (0, [])


def test_paypal_that_is_not_set_up_is_not_offered(hold: Hold, paypal: FakePayPal, settings) -> None:
    settings.PAYPAL_CLIENT_ID = ""
    with pytest.raises(Invalid, match="not offered"):
        started(hold)


def test_what_paypal_refuses_to_start_is_given_up(hold: Hold, paypal: FakePayPal, monkeypatch) -> None:
    def refuse(**_: object) -> None:
        raise ProviderRefused(message="Not today.")

    monkeypatch.setattr(paypal, "create_intent", refuse)
    with pytest.raises(ProviderRefused):
        started(hold)
    assert Payment.objects.get().status == "cancelled"


# --- Credit, authorising, and giving back -------------------------------------------------------


def credit(payer, paypal: FakePayPal, **options: str) -> Payment:
    payment = create_payment(payer, amount=Money(50_00, "USD"), provider=PAYPAL, **options)
    paypal.approve(payment.intent_id or "")
    return confirm_payment(payer, intent_id=payment.intent_id or "")


def test_credit_goes_back_by_paypal(paypal: FakePayPal, provider: FakeProvider) -> None:
    payer = ClientFactory.create()
    payment = credit(payer, paypal)
    refund = request_refund(payer, intent_id=payment.intent_id or "", amount=Money(20_00, "USD"))
    assert (refund.status, balance("paypal"), balance("credit")) == ("succeeded", -30_00, 30_00)
    assert provider.calls == []


def test_a_hold_that_ends_goes_back_by_paypal(hold: Hold, paypal: FakePayPal, provider: FakeProvider) -> None:
    refresh_payment(approved(hold, paypal).pk)
    hold.refresh_from_db()
    refund_hold(None, hold=hold, reason="", cause="test")
    assert send_refund(Refund.objects.get().pk).status == "succeeded"
    assert (balance("paypal"), provider.refunds) == (0, {})


def test_an_authorisation_is_taken_in_part_and_the_rest_is_freed(paypal: FakePayPal) -> None:
    payer = ClientFactory.create()
    payment = credit(payer, paypal, capture_method="manual")
    assert (payment.status, balance("credit")) == ("authorised", 0)
    payment = capture_payment(payer, intent_id=payment.intent_id or "", amount=Money(20_00, "USD"))
    assert (payment.status, payment.received_minor, balance("credit")) == ("succeeded", 20_00, 20_00)


def test_an_authorisation_is_given_up(paypal: FakePayPal) -> None:
    payer = ClientFactory.create()
    payment = credit(payer, paypal, capture_method="manual")
    assert cancel_payment(payer, intent_id=payment.intent_id or "").status == "cancelled"
    assert paypal.intents[payment.intent_id or ""].status == "canceled"
    with pytest.raises(Conflict) as refusal:
        capture_payment(payer, intent_id=payment.intent_id or "")
    assert refusal.value.code == "payment_not_authorised"


@pytest.mark.parametrize("method", ["paypal", "stripe"])
@pytest.mark.parametrize(("days", "status"), [(6, "authorised"), (8, "cancelled")])
def test_an_authorisation_ends_after_seven_days(
    paypal: FakePayPal, provider: FakeProvider, run_jobs, method: str, days: int, status: str
) -> None:
    payer = ClientFactory.create()
    if method == "paypal":
        payment = credit(payer, paypal, capture_method="manual")
    else:
        payment = create_payment(payer, amount=Money(50_00, "USD"), capture_method="manual", payment_method=VISA)
    Payment.objects.update(updated_at=timezone.now() - timedelta(days=days))
    recover()
    run_jobs()
    assert status_of(payment) == status
    intent = (paypal if method == "paypal" else provider).intents[payment.intent_id or ""]
    assert intent.status == ("canceled" if status == "cancelled" else "requires_capture")


def test_funds_for_work_are_taken_at_once_never_only_authorised(
    hold: Hold, paypal: FakePayPal, provider: FakeProvider
) -> None:
    started(hold)
    pay_hold(hold.payer, hold_id=hold.pk)
    assert set(Payment.objects.values_list("capture_method", flat=True)) == {"automatic"}
    assert not paypal.manual and not provider.manual
