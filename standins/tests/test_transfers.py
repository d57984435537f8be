from __future__ import annotations

from typing import Any

import pytest
import stripe

from .accounts import available, create_account, fund, of, ready_account
from .payments import authorised, paid
from .process import Receiver, Standin


def transfer(standin: Standin, account: stripe.Account, **params: Any) -> stripe.Transfer:
    defaults: Any = {"amount": 5_000, "currency": "usd", "destination": account.id}
    return standin.v1.transfers.create(defaults | params)


def refused(standin: Standin, account: stripe.Account, **params: Any) -> stripe.InvalidRequestError:
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        transfer(standin, account, **params)
    return refusal.value


def reversal_refused(standin: Standin, id: str, amount: Any) -> stripe.InvalidRequestError:
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        standin.v1.transfers.reversals.create(id, {"amount": amount})
    return refusal.value


def test_a_transfer_moves_money_between_balances(standin: Standin, receiver: Receiver) -> None:
    fund(standin)
    account = ready_account(standin)
    before = available(standin)
    made = transfer(standin, account, transfer_group="job-7", metadata={"job": "7"}, expand=["balance_transaction"])
    assert isinstance(made.balance_transaction, stripe.BalanceTransaction)
    assert (made.balance_transaction.type, made.balance_transaction.net) == ("transfer", -5_000)
    assert (made.amount_reversed, made.reversed, made.transfer_group) == (0, False, "job-7")
    assert available(standin) == before - 5_000
    assert available(standin, account) == 5_000
    assert isinstance(made.destination_payment, str)
    payment = standin.v1.charges.retrieve(made.destination_payment, {}, of(account))
    assert (payment.amount, payment.source_transfer, payment.captured) == (5_000, made.id, True)
    theirs = standin.v1.balance_transactions.list({}, of(account)).data
    assert [(one.type, one.amount, one.fee, one.source) for one in theirs] == [("payment", 5_000, 0, payment.id)]
    standin.flush()
    assert "transfer.created" in receiver.types


def test_nothing_beyond_the_available_balance(standin: Standin) -> None:
    account = ready_account(standin)
    paid(standin, amount=50_000)
    assert refused(standin, account).code == "balance_insufficient"
    standin.control("POST", "/balance/settle")
    most = available(standin)
    assert refused(standin, account, amount=most + 1).code == "balance_insufficient"
    transfer(standin, account, amount=most)
    assert available(standin) == 0
    assert refused(standin, account, amount=1).code == "balance_insufficient"
    assert refused(standin, account, currency="eur").code == "balance_insufficient"


def test_the_destination_must_be_ready(standin: Standin) -> None:
    fund(standin)
    assert refused(standin, create_account(standin)).code == "insufficient_capabilities_for_transfer"
    with pytest.raises(stripe.InvalidRequestError, match="No such account"):
        standin.v1.transfers.create({"amount": 1, "currency": "usd", "destination": "acct_none"})


def test_a_payment_is_passed_on_before_it_is_available(standin: Standin) -> None:
    account = ready_account(standin)
    charge = paid(standin).latest_charge
    made = transfer(standin, account, amount=7_000, source_transaction=charge)
    assert made.source_transaction == charge
    assert made.transfer_group is not None
    assert made.transfer_group.startswith("group_pi_")
    assert available(standin, account) == 0
    assert standin.v1.balance.retrieve({}, of(account)).pending[0].amount == 7_000
    assert refused(standin, account, amount=3_001, source_transaction=charge).code == "balance_insufficient"
    transfer(standin, account, amount=3_000, source_transaction=charge)
    assert refused(standin, account, amount=1, source_transaction=charge).code == "balance_insufficient"
    standin.v1.transfers.reversals.create(made.id, {"amount": 10})
    transfer(standin, account, amount=10, source_transaction=charge)
    standin.control("POST", "/balance/settle")
    assert available(standin, account) == 10_000


def test_the_source_is_captured_and_of_the_same_currency(standin: Standin) -> None:
    account = ready_account(standin)
    held = authorised(standin).latest_charge
    assert refused(standin, account, source_transaction=held).param == "source_transaction"
    euros = paid(standin, currency="eur").latest_charge
    assert refused(standin, account, source_transaction=euros).param == "currency"


def test_an_amount_or_a_source(standin: Standin) -> None:
    account = ready_account(standin)
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        standin.v1.transfers.create({"currency": "usd", "destination": account.id})
    assert refusal.value.param == "amount"
    charge = paid(standin).latest_charge
    assert isinstance(charge, str)
    whole = standin.v1.transfers.create({"currency": "usd", "destination": account.id, "source_transaction": charge})
    assert whole.amount == 10_000


def test_reversals_add_up_to_the_transfer_and_no_further(standin: Standin, receiver: Receiver) -> None:
    fund(standin)
    account = ready_account(standin)
    before = available(standin)
    made = transfer(standin, account)
    first = standin.v1.transfers.reversals.create(made.id, {"amount": 2_000, "expand": ["balance_transaction"]})
    assert isinstance(first.balance_transaction, stripe.BalanceTransaction)
    assert (first.balance_transaction.type, first.balance_transaction.net) == ("transfer_refund", 2_000)
    partly = standin.v1.transfers.retrieve(made.id)
    assert (partly.amount_reversed, partly.reversed) == (2_000, False)
    assert [one.id for one in partly.reversals.data] == [first.id]
    assert reversal_refused(standin, made.id, 3_001).param == "amount"
    standin.v1.transfers.reversals.create(made.id)
    whole = standin.v1.transfers.retrieve(made.id)
    assert (whole.amount_reversed, whole.reversed) == (5_000, True)
    assert reversal_refused(standin, made.id, 1).code == "transfer_already_reversed"
    assert (available(standin), available(standin, account)) == (before, 0)
    assert [one.amount for one in standin.v1.transfers.reversals.list(made.id).data] == [3_000, 2_000]
    standin.flush()
    assert receiver.types.count("transfer.reversed") == 2


def test_what_was_paid_out_can_not_be_taken_back(standin: Standin) -> None:
    fund(standin)
    account = ready_account(standin)
    made = transfer(standin, account)
    standin.v1.payouts.create({"amount": 4_000, "currency": "usd"}, of(account))
    assert reversal_refused(standin, made.id, 1_001).code == "balance_insufficient"
    standin.v1.transfers.reversals.create(made.id, {"amount": 1_000})
    assert available(standin, account) == 0


def test_lists_and_updates(standin: Standin) -> None:
    fund(standin)
    first, second = ready_account(standin), ready_account(standin)
    one = transfer(standin, first, transfer_group="a")
    transfer(standin, second, transfer_group="b")
    assert [made.id for made in standin.v1.transfers.list({"destination": first.id}).data] == [one.id]
    assert [made.id for made in standin.v1.transfers.list({"transfer_group": "a"}).data] == [one.id]
    updated = standin.v1.transfers.update(one.id, {"metadata": {"job": "7"}})
    assert updated.metadata.to_dict() == {"job": "7"}
    assert standin.event_types()[-1] == "transfer.updated"


def test_a_replayed_transfer_moves_money_once(standin: Standin) -> None:
    fund(standin)
    account = ready_account(standin)
    params: Any = {"amount": 5_000, "currency": "usd", "destination": account.id}
    standin.fault("drop_after", "/v1/transfers", method="POST")
    with pytest.raises(stripe.APIConnectionError):
        standin.v1.transfers.create(params, {"idempotency_key": "t-1"})
    standin.v1.transfers.create(params, {"idempotency_key": "t-1"})
    assert available(standin, account) == 5_000
    assert len(standin.v1.transfers.list().data) == 1


def test_refunds_reverse_no_transfer_that_is_not_part_of_the_charge(standin: Standin) -> None:
    intent = paid(standin)
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        standin.v1.refunds.create({"payment_intent": intent.id, "reverse_transfer": True})
    assert refusal.value.param == "reverse_transfer"
