"""Paying out and disputes through Stripe's own library, against the stand-in as a running process."""

from typing import Any

import pytest

from accounts.models import User
from accounts.tests.factories import FreelancerFactory, set_rules, staff_of
from core.errors import Unavailable
from core.money import Money
from payments.errors import NotYet, ProviderRefused
from payments.models import Chargeback, ConnectAccount, Hold, Payout
from payments.providers import StripeProvider
from payments.selectors import wallet
from payments.services import (
    accept_chargeback,
    answer_chargeback,
    pay_hold,
    process_event,
    refresh_connect_account,
    refresh_payout,
    release_hold,
    request_payout,
    return_transfer,
    send_acceptance,
    send_evidence,
    send_payout,
)
from payments.services.events import store_event
from payments.tests.factories import make_hold
from payments.tests.fakes import use_provider
from payments.tests.test_provider_stripe import Standin, adapter, standin

__all__ = ["adapter", "standin"]  # fixtures

AT_ONCE = "pm_card_bypassPending"  # its money is available at once
DISPUTED = "pm_card_createDispute"
HUNDRED = Money(100_00, "USD")


def onboard(standin: Standin, adapter: StripeProvider, account_id: str, number: str = "000123456789") -> None:
    """As the person does on the provider's page."""
    link = adapter.onboarding_link(
        account_id, return_url="http://127.0.0.1:9/back", refresh_url="http://127.0.0.1:9/again"
    )
    action = standin.http.get(link).text.split('action="')[1].split('"')[0]
    person = {"first_name": "Ada", "last_name": "Fox", "born": "1980-02-01", "account_number": number}
    assert standin.http.post(action, data={"outcome": "submit", **person}).status_code == 303


def open_account(adapter: StripeProvider) -> str:
    return adapter.create_account(key="connect-1", user_id=1, email="ada@example.com", country="US").id


def fund(adapter: StripeProvider, amount: Money = HUNDRED) -> None:
    customer = adapter.create_customer(key="customer-7", user_id=7, email="client@example.com", name="Rosa")
    intent = adapter.create_intent(
        key="fund", amount=amount, customer_id=customer, manual_capture=False, description="Funds", metadata={}
    )
    adapter.confirm_intent(intent.id, key="fund-1", payment_method=AT_ONCE)


def test_an_account_from_opening_to_ready(adapter: StripeProvider, standin: Standin) -> None:
    account_id = open_account(adapter)
    assert open_account(adapter) == account_id
    opened = adapter.retrieve_account(account_id)
    assert (opened.payouts_enabled, opened.details_submitted, opened.bank_label) == (False, False, "")
    assert "external_account" in opened.missing
    onboard(standin, adapter, account_id)
    ready = adapter.retrieve_account(account_id)
    assert (ready.payouts_enabled, ready.details_submitted, ready.missing) == (True, True, ())
    assert (ready.currencies, ready.bank_label[-4:], len(ready.bank_ids)) == (("USD",), "6789", 1)
    assert adapter.dashboard_link(account_id).startswith("http")


def test_a_transfer_and_its_reversal(adapter: StripeProvider, standin: Standin) -> None:
    account_id = open_account(adapter)
    transfer: dict[str, Any] = {"account_id": account_id, "amount": Money(40_00, "USD"), "reference": "a-token"}
    with pytest.raises(ProviderRefused):
        adapter.create_transfer(key="t-0", **transfer)  # it cannot take any yet
    onboard(standin, adapter, account_id)
    with pytest.raises(NotYet):
        adapter.create_transfer(key="t-1", **transfer)
    fund(adapter)
    made = adapter.create_transfer(key="t-2", **transfer)
    assert adapter.create_transfer(key="t-2", **transfer) == made
    assert adapter.find_transfer(account_id, reference="a-token") == made == adapter.retrieve_transfer(made.id)
    assert adapter.find_transfer(account_id, reference="another") is None
    for key in ("r-1", "r-2"):
        assert adapter.reverse_transfer(made.id, key=key).reversed_minor == 40_00


def test_a_payout_of_the_account(adapter: StripeProvider, standin: Standin) -> None:
    account_id = open_account(adapter)
    onboard(standin, adapter, account_id)
    fund(adapter)
    wanted: dict[str, Any] = {"account_id": account_id, "amount": Money(40_00, "USD"), "reference": "a-token"}
    with pytest.raises(NotYet):
        adapter.create_payout(key="p-0", **wanted)
    adapter.create_transfer(key="t-1", **wanted)
    made = adapter.create_payout(key="p-1", **wanted)
    assert (made.status, made.amount_minor, made.currency) == ("pending", 40_00, "USD")
    assert made.arrives_at
    assert adapter.find_payout(account_id, reference="a-token") == made
    assert adapter.find_payout(account_id, reference="another") is None
    standin.control(f"/payouts/{made.id}/settle", {"outcome": "failed", "failure_code": "account_closed"})
    failed = adapter.retrieve_payout(account_id, made.id)
    assert (failed.status, failed.failure_code, bool(failed.failure_message)) == ("failed", "account_closed", True)


@pytest.mark.parametrize("action", ["drop_before", "drop_after"])
def test_an_unknown_outcome_is_unavailable_and_repeats_with_its_key(
    adapter: StripeProvider, standin: Standin, action: str
) -> None:
    account_id = open_account(adapter)
    onboard(standin, adapter, account_id)
    fund(adapter)
    wanted: dict[str, Any] = {"account_id": account_id, "amount": Money(40_00, "USD"), "reference": "a-token"}
    standin.fault(action, "/v1/transfers")
    with pytest.raises(Unavailable):
        adapter.create_transfer(key="t-1", **wanted)
    made = adapter.create_transfer(key="t-1", **wanted)
    assert adapter.find_transfer(account_id, reference="a-token") == made


# --- All the way --------------------------------------------------------------------------------


def process_all(standin: Standin) -> None:
    for event in standin.events():
        process_event(store_event(event).pk)


def paid(payee: User, card: str) -> Hold:
    hold = make_hold(HUNDRED, payee=payee, fee_bps=0)
    pay_hold(hold.payer, hold_id=hold.pk, payment_method=card)
    hold.refresh_from_db()
    return hold


@pytest.fixture
def payee(adapter: StripeProvider, standin: Standin) -> User:
    """Earned 100.00; their bank is good."""
    user = FreelancerFactory.create()
    release_hold(None, hold=paid(user, AT_ONCE), cause="r")
    account = ConnectAccount(user=user, country="US")
    account.account_id = open_account(adapter)
    account.save()
    onboard(standin, adapter, account.account_id)
    refresh_connect_account(account.pk)
    return user


@pytest.fixture(autouse=True)
def _provider(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr("payments.services.events.mirror", lambda about: None)
    with use_provider(request.getfixturevalue("adapter")):
        yield


@pytest.mark.django_db
@pytest.mark.parametrize(("outcome", "status"), [("paid", "paid"), ("failed", "failed")])
def test_a_payout_from_the_wallet_to_the_bank(payee: User, standin: Standin, outcome: str, status: str) -> None:
    set_rules(payout_wait_days=0)
    payout = send_payout(request_payout(payee, amount=Money(60_00, "USD")).pk)
    assert payout.status == "sent"
    standin.control(f"/payouts/{payout.payout_id}/settle", {"outcome": "in_transit"})
    standin.control(f"/payouts/{payout.payout_id}/settle", {"outcome": outcome})
    payout = refresh_payout(payout.pk)
    process_all(standin)
    [balance] = wallet(payee)
    assert payout.status == status
    if outcome == "failed":
        return_transfer(payout.pk)
        assert Payout.objects.get().returned_at
        assert balance.available == HUNDRED
    else:
        assert (balance.available, balance.paid_out) == (Money(40_00, "USD"), Money(60_00, "USD"))


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("words", "status", "owed"), [("winning_evidence", "won", 0), ("losing_evidence", "lost", 100_00)]
)
def test_a_chargeback_from_the_bank_to_its_decision(
    adapter: StripeProvider, standin: Standin, words: str, status: str, owed: int
) -> None:
    hold = paid(FreelancerFactory.create(), DISPUTED)
    if hold.held:
        release_hold(None, hold=hold, cause="r")
    process_all(standin)
    chargeback = Chargeback.objects.get()
    assert (chargeback.status, wallet(hold.payer)[0].debt) == ("needs_response", HUNDRED)
    answer_chargeback(staff_of("finance"), chargeback_id=chargeback.pk, evidence={"uncategorized_text": words})
    send_evidence(chargeback.pk)
    process_all(standin)
    chargeback.refresh_from_db()
    assert (chargeback.status, wallet(hold.payer)[0].debt.minor) == (status, owed)


@pytest.mark.django_db
def test_a_chargeback_that_is_accepted(adapter: StripeProvider, standin: Standin) -> None:
    hold = paid(FreelancerFactory.create(), DISPUTED)
    process_all(standin)
    chargeback = Chargeback.objects.get()
    accept_chargeback(staff_of("finance"), chargeback_id=chargeback.pk, reason="Nothing to say.")
    for _ in range(2):
        assert send_acceptance(chargeback.pk).status == "lost"
    process_all(standin)
    assert adapter.accept_dispute(chargeback.dispute_id, key="another").status == "lost"
    assert hold.payments.get().chargebacks.get().status == "lost"
