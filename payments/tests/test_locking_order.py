"""Everybody locks in one order: while somebody waits for a row, they have locked nothing that comes after it."""

from dataclasses import replace

import pytest
from django.db import connection, transaction

from accounts.tests.factories import ClientFactory, FreelancerFactory, staff_of
from core.errors import Unavailable
from core.money import Money
from payments import ledger
from payments.models import Account, Chargeback, Hold, Journal
from payments.rules import LOCKING_ORDER, AccountKind, JournalKind, ProviderName
from payments.services import (
    chargebacks,
    create_payment,
    reconcile,
    refresh_chargeback,
    refresh_payment,
    refund_hold,
    release_hold,
    request_payout,
    request_refund,
    send_payout,
    send_refund,
    settle_payout,
    write_off_debt,
)
from payments.services.balances import rebuild_balances
from payments.tests.factories import add_credit, earn, funded_hold, payable, usd
from payments.tests.fake_paypal import FakePayPal
from payments.tests.fakes import FakeProvider
from tests.racing import free, until_it_waits

pytestmark = pytest.mark.django_db(transaction=True)
TEN = usd(10_00)


def kinds_free(*kinds: str, currency: str = "USD") -> set[str]:
    return {account.kind for account in free(Account.objects.filter(kind__in=kinds, currency=currency))}


def test_every_account_has_its_place() -> None:
    assert sorted(LOCKING_ORDER) == sorted(AccountKind)


def test_a_refund_by_paypal_waits_for_its_account_before_it_locks_that_of_all_refunds(
    provider: FakeProvider, paypal: FakePayPal
) -> None:
    """Money that comes too late by PayPal locks PayPal's account first, which is the younger one here."""
    by_card = funded_hold(TEN, provider=provider)
    refund_hold(None, hold=by_card, reason="", cause="a")
    payment = create_payment(ClientFactory.create(), amount=TEN, provider=ProviderName.PAYPAL)
    paypal.approve(payment.intent_id or "")
    payment = refresh_payment(payment.pk)
    paypal.fail_before.add("create_refund")
    with pytest.raises(Unavailable):
        request_refund(payment.payer, intent_id=payment.intent_id or "")
    refund = payment.refunds.get()
    with transaction.atomic():
        ledger.balance(ledger.clearing("paypal"), "USD")
        sent = until_it_waits(lambda: send_refund(refund.pk))
        assert kinds_free("refunds") == {"refunds"}
    assert sent.result().status == "succeeded"


def test_a_payout_that_comes_back_after_it_arrived_lets_another_one_be_asked_for(provider: FakeProvider) -> None:
    payee = FreelancerFactory.create()
    earn(payee, usd(900_00), provider)
    payable(payee, provider)
    payout = send_payout(request_payout(payee, amount=usd(300_00)).pk)
    settle_payout(payout.pk, provider.move_payout(payout.payout_id or "", "paid"))
    came_back = provider.move_payout(payout.payout_id or "", "failed")
    with transaction.atomic():
        ledger.balance(ledger.available(payee.pk), "USD")
        settled = until_it_waits(lambda: settle_payout(payout.pk, came_back))
        assert kinds_free("payouts", "connected") == {"payouts", "connected"}
    assert settled.result().status == "failed"


def test_the_comparison_locks_what_it_books_on_before_it_books(provider: FakeProvider) -> None:
    """The other provider's shares two of the accounts, and its movements come in another order."""
    for currency in ("USD", "EUR"):
        for number, kind in enumerate(["payout", "stripe_fee"]):
            provider.move(kind, -(number + 1) * 100, currency)
    reconcile()
    for kind, currency in [("stripe_fee", "USD"), ("payout", "USD"), ("stripe_fee", "EUR")]:
        provider.move(kind, -100, currency)
    with transaction.atomic():
        ledger.balance(ledger.BANK, "USD")
        compared = until_it_waits(reconcile)
        assert kinds_free("costs") == {"costs"}
    assert compared.result().stored == 3
    for currency in ("USD", "EUR"):
        provider.move("payout", -100, currency)
    with transaction.atomic():
        ledger.balance(ledger.BANK, "EUR")
        compared = until_it_waits(reconcile)
        assert kinds_free("provider", "bank") == {"provider", "bank"}
    assert compared.result().stored == 2


def test_a_fee_that_the_comparison_books_at_the_same_moment_is_booked_once(provider: FakeProvider) -> None:
    hold = funded_hold(TEN, provider=provider)
    dispute = provider.dispute(hold.payments.get().intent_id or "")
    [moved] = dispute.moves
    reconcile()
    provider.move("adjustment", -10_00, "USD", source_id=dispute.id, fee=15_00)
    listed = provider.transactions[-1]
    provider.transactions[-1] = replace(listed, id=moved.id)
    with transaction.atomic():
        ledger.balance(ledger.clearing("stripe"), "USD")
        compared = until_it_waits(reconcile)
        refresh_chargeback(dispute.id)
    compared.result()
    cause = f"balance_transaction:{moved.id}"
    assert Journal.objects.filter(kind=JournalKind.PROVIDER_FEE, cause=cause).count() == 1


def test_a_fee_that_comes_later_is_looked_for_under_the_lock(provider: FakeProvider) -> None:
    hold = funded_hold(TEN, provider=provider)
    dispute = provider.dispute(hold.payments.get().intent_id or "", fee=0)
    refresh_chargeback(dispute.id)
    [moved] = dispute.moves
    provider.disputes[dispute.id] = replace(dispute, moves=(replace(moved, fee_minor=15_00),))
    fee, cause = usd(15_00), f"balance_transaction:{moved.id}"
    with transaction.atomic():
        ledger.balances([ledger.clearing("stripe"), ledger.COSTS], "USD")
        settled = until_it_waits(lambda: refresh_chargeback(dispute.id))
        lines = {ledger.clearing("stripe"): fee, ledger.COSTS: -fee}
        ledger.post(JournalKind.PROVIDER_FEE, cause=cause, lines=lines)
    settled.result()
    assert Journal.objects.filter(kind=JournalKind.PROVIDER_FEE, cause=cause).count() == 1


def test_a_debt_is_written_off_while_the_bank_gives_the_money_back(
    provider: FakeProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It decided for the payer before, and takes that back."""
    hold = funded_hold(TEN, provider=provider)
    release_hold(None, hold=hold, cause="r")
    dispute = provider.dispute(hold.payments.get().intent_id or "")
    provider.decide_dispute(dispute.id, "lost")
    chargeback = refresh_chargeback(dispute.id)
    assert chargeback and chargeback.status == "lost"
    provider.decide_dispute(dispute.id, "won")
    finance, begun = staff_of("finance"), []

    def written_off(one: Chargeback) -> Money:
        begun.append(
            until_it_waits(lambda: write_off_debt(finance, chargeback_id=one.pk, seen_minor=10_00, reason="Gone."))
        )
        return Money(0, one.currency)

    monkeypatch.setattr(chargebacks, "written_off", written_off)
    refresh_chargeback(dispute.id)
    refusal = begun[0].exception()
    assert getattr(refusal, "code", refusal) == "no_debt"


def test_a_refund_of_given_back_money_waits_for_the_work_that_the_payment_is_for(provider: FakeProvider) -> None:
    """Who ends the work locks its hold, and then what goes back of other holds, before the payment."""
    hold = funded_hold(usd(500_00), provider=provider)
    intent_id = hold.payments.get().intent_id or ""
    dispute = provider.dispute(intent_id, usd(200_00))
    refresh_chargeback(dispute.id)
    provider.decide_dispute(dispute.id, "won")
    refresh_chargeback(dispute.id)
    other = funded_hold(TEN, payer=hold.payer, provider=provider)
    with transaction.atomic():
        Hold.objects.select_for_update(no_key=True).get(pk=hold.pk)
        refund_hold(None, hold=other, reason="", cause="a")
        asked = until_it_waits(lambda: request_refund(hold.payer, intent_id=intent_id, amount=usd(200_00)))
        refund_hold(None, hold=hold, reason="", cause="b")
    assert asked.result().amount == usd(200_00)


def test_balances_are_rebuilt_while_somebody_posts(provider: FakeProvider) -> None:
    payer = ClientFactory.create()
    add_credit(payer, TEN, provider)
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE payments_account DISABLE TRIGGER payments_account_moves_by_lines")
        cursor.execute("UPDATE payments_account SET balance_minor = balance_minor + 1 WHERE kind = 'credit'")
        cursor.execute("ALTER TABLE payments_account ENABLE TRIGGER payments_account_moves_by_lines")
    with transaction.atomic():
        ledger.balance(ledger.credit(payer.pk), "USD")
        rebuilt = until_it_waits(rebuild_balances)
        lines = {ledger.clearing("stripe"): TEN, ledger.COSTS: -TEN}
        ledger.post(JournalKind.PROVIDER_FEE, cause="balance_transaction:1", lines=lines)
    assert len(rebuilt.result()) == 1
