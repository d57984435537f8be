from __future__ import annotations

import time
from typing import Any

import pytest
import stripe

from .accounts import available, create_account, fund, of, ready_account
from .process import Receiver, Standin


def funded(standin: Standin, **form: str) -> stripe.Account:
    """A connected account with 100.00 available."""
    fund(standin)
    account = ready_account(standin, **form)
    standin.v1.transfers.create({"amount": 10_000, "currency": "usd", "destination": account.id})
    return account


def pay_out(standin: Standin, account: stripe.Account, **params: Any) -> stripe.Payout:
    defaults: Any = {"amount": 4_000, "currency": "usd"}
    return standin.v1.payouts.create(defaults | params, of(account))


def refused(standin: Standin, account: stripe.Account, **params: Any) -> stripe.InvalidRequestError:
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        pay_out(standin, account, **params)
    return refusal.value


def settle(standin: Standin, payout: stripe.Payout, **body: str) -> dict[str, Any]:
    return standin.control("POST", f"/payouts/{payout.id}/settle", body)


def test_a_payout_arrives(standin: Standin, receiver: Receiver) -> None:
    account = funded(standin)
    payout = pay_out(standin, account, metadata={"person": "7"})
    assert (payout.status, payout.automatic, payout.method, payout.type) == (
        "pending",
        False,
        "standard",
        "bank_account",
    )
    assert payout.arrival_date > payout.created
    assert available(standin, account) == 6_000
    assert [settle(standin, payout)["status"], settle(standin, payout)["status"]] == ["in_transit", "paid"]
    after = standin.v1.payouts.retrieve(payout.id, {"expand": ["balance_transaction", "destination"]}, of(account))
    assert isinstance(after.balance_transaction, stripe.BalanceTransaction)
    assert (after.balance_transaction.type, after.balance_transaction.amount) == ("payout", -4_000)
    assert isinstance(after.destination, stripe.BankAccount)
    assert available(standin, account) == 6_000
    standin.flush()
    told = {(received.type, received.event.get("account")) for received in receiver.received}
    assert {(type, account.id) for type in ("payout.created", "payout.updated", "payout.paid")} <= told


@pytest.mark.parametrize(("number", "code"), [("000111111116", "no_account"), ("000111111113", "account_closed")])
def test_a_payout_to_a_failing_account_comes_back(standin: Standin, receiver: Receiver, number: str, code: str) -> None:
    account = funded(standin, account_number=number)
    payout = pay_out(standin, account)
    settle(standin, payout)
    assert settle(standin, payout)["failure_code"] == code
    after = standin.v1.payouts.retrieve(payout.id, {"expand": ["failure_balance_transaction"]}, of(account))
    assert after.failure_message
    assert isinstance(after.failure_balance_transaction, stripe.BalanceTransaction)
    assert after.failure_balance_transaction.type == "payout_failure"
    assert available(standin, account) == 10_000
    assert refused(standin, account).param == "destination"
    standin.v1.accounts.update(account.id, {"external_account": "btok_us_verified"})
    assert pay_out(standin, account).status == "pending"
    standin.flush()
    assert "payout.failed" in receiver.types
    assert "account.external_account.updated" in receiver.types


def test_a_paid_payout_can_still_come_back_but_only_once(standin: Standin) -> None:
    account = funded(standin)
    payout = pay_out(standin, account)
    settle(standin, payout, outcome="paid")
    settle(standin, payout, outcome="failed", failure_code="account_closed")
    assert available(standin, account) == 10_000
    again = standin.http.post(f"/standin/payouts/{payout.id}/settle", json={"outcome": "failed"})
    assert again.status_code == 400
    assert available(standin, account) == 10_000
    assert standin.http.post(f"/standin/payouts/{payout.id}/settle", json={"outcome": "lost"}).status_code == 400


def test_cancelling_while_pending(standin: Standin) -> None:
    account = funded(standin)
    payout = pay_out(standin, account)
    cancelled = standin.v1.payouts.cancel(payout.id, {}, of(account))
    assert (cancelled.status, available(standin, account)) == ("canceled", 10_000)
    sent = pay_out(standin, account)
    settle(standin, sent)
    with pytest.raises(stripe.InvalidRequestError, match="status of in_transit"):
        standin.v1.payouts.cancel(sent.id, {}, of(account))


def test_nothing_beyond_the_available_balance(standin: Standin) -> None:
    account = funded(standin)
    assert refused(standin, account, amount=10_001).code == "balance_insufficient"
    pay_out(standin, account, amount=10_000)
    assert refused(standin, account, amount=1).code == "balance_insufficient"


def test_only_ready_accounts_pay_out_and_only_where_they_bank(standin: Standin) -> None:
    assert refused(standin, create_account(standin)).code == "payouts_not_allowed"
    account = funded(standin)
    assert refused(standin, account, currency="eur").param == "currency"
    assert refused(standin, account, destination="ba_none").param == "destination"
    assert refused(standin, account, method="instant").code == "instant_payouts_unsupported"


def test_the_platform_pays_out_too(standin: Standin) -> None:
    fund(standin, 50_000)
    payout = standin.v1.payouts.create({"amount": 1_000, "currency": "usd"})
    assert settle(standin, payout, outcome="paid")["status"] == "paid"
    assert standin.event_types()[-1] == "payout.paid"


def test_payouts_are_the_accounts_own(standin: Standin) -> None:
    account = funded(standin)
    payout = pay_out(standin, account)
    assert standin.v1.payouts.list().data == []
    assert [one.id for one in standin.v1.payouts.list({"status": "pending"}, of(account)).data] == [payout.id]
    with pytest.raises(stripe.InvalidRequestError, match="No such payout"):
        standin.v1.payouts.retrieve(payout.id)


def test_an_automatic_payout_knows_its_transactions(standin: Standin) -> None:
    account = funded(standin)
    manual = pay_out(standin, account)
    with pytest.raises(stripe.InvalidRequestError, match="not manual"):
        standin.v1.balance_transactions.list({"payout": manual.id}, of(account))
    automatic = standin.control("POST", f"/accounts/{account.id}/payout", {"currency": "usd"})
    assert (automatic["amount"], automatic["automatic"]) == (6_000, True)
    within = standin.v1.balance_transactions.list({"payout": automatic["id"]}, of(account)).data
    assert sorted((one.type, one.amount) for one in within) == [
        ("payment", 10_000),
        ("payout", -6_000),
        ("payout", -4_000),
    ]
    assert available(standin, account) == 0


def test_payouts_move_on_by_themselves() -> None:
    standin = Standin("--payout-seconds", "0.1")
    try:
        fund(standin)
        payout = standin.v1.payouts.create({"amount": 1_000, "currency": "usd"})
        deadline = time.monotonic() + 20
        while standin.v1.payouts.retrieve(payout.id).status != "paid":
            assert time.monotonic() < deadline
            time.sleep(0.05)
        assert standin.event_types()[-3:] == ["payout.created", "payout.updated", "payout.paid"]
    finally:
        standin.stop()
