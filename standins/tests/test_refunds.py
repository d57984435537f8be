from __future__ import annotations

from typing import Any

import pytest
import stripe

from .payments import authorised, in_status, paid
from .process import Standin


def refused(standin: Standin, **params: Any) -> stripe.InvalidRequestError:
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        standin.v1.refunds.create(params)  # type: ignore[arg-type]
    return refusal.value


def charge_of(standin: Standin, intent: stripe.PaymentIntent) -> stripe.Charge:
    assert isinstance(intent.latest_charge, str)
    return standin.v1.charges.retrieve(intent.latest_charge)


def net_balance(standin: Standin) -> int:
    return sum(part.amount for part in standin.v1.balance.retrieve().pending)


def test_whole_refund(standin: Standin) -> None:
    intent = paid(standin)
    refund = standin.v1.refunds.create({"payment_intent": intent.id, "expand": ["balance_transaction"]})
    charge = charge_of(standin, intent)
    assert (refund.status, refund.amount, refund.charge) == ("succeeded", 10_000, charge.id)
    assert isinstance(refund.balance_transaction, stripe.BalanceTransaction)
    assert (refund.balance_transaction.amount, refund.balance_transaction.fee) == (-10_000, 0)
    assert (charge.refunded, charge.amount_refunded) == (True, 10_000)
    assert net_balance(standin) == -320
    assert {"refund.created", "charge.refunded"} <= set(standin.event_types())


def test_partial_refunds_add_up_to_the_whole_and_no_further(standin: Standin) -> None:
    intent = paid(standin)
    for amount, total in ((3_000, 3_000), (1, 3_001), (6_998, 9_999)):
        standin.v1.refunds.create({"payment_intent": intent.id, "amount": amount})
        charge = charge_of(standin, intent)
        assert (charge.amount_refunded, charge.refunded) == (total, False)
    error = refused(standin, payment_intent=intent.id, amount=2)
    assert error.param == "amount"
    assert "greater than unrefunded amount on charge ($0.01)" in str(error)
    assert standin.v1.refunds.create({"payment_intent": intent.id}).amount == 1
    assert charge_of(standin, intent).refunded is True
    assert refused(standin, payment_intent=intent.id).code == "charge_already_refunded"
    assert refused(standin, payment_intent=intent.id, amount=1).code == "charge_already_refunded"
    assert sum(refund.amount for refund in standin.v1.refunds.list({"payment_intent": intent.id}).data) == 10_000


@pytest.mark.parametrize("amount", [0, -5, "1.5"])
def test_senseless_amounts_are_refused(standin: Standin, amount: Any) -> None:
    intent = paid(standin)
    assert refused(standin, payment_intent=intent.id, amount=amount).param == "amount"
    assert charge_of(standin, intent).amount_refunded == 0


def test_only_what_was_captured_can_be_refunded(standin: Standin) -> None:
    intent = authorised(standin)
    standin.v1.payment_intents.capture(intent.id, {"amount_to_capture": 4_000})
    assert refused(standin, payment_intent=intent.id, amount=4_001).param == "amount"
    assert standin.v1.refunds.create({"payment_intent": intent.id}).amount == 4_000
    assert net_balance(standin) == -(4_000 * 29 // 1_000 + 30)


@pytest.mark.parametrize("status", ["requires_payment_method", "requires_action", "requires_capture", "canceled"])
def test_unpaid_intents_have_nothing_to_refund(standin: Standin, status: str) -> None:
    intent = in_status(standin, status)
    assert "does not have a successful charge" in str(refused(standin, payment_intent=intent.id))


def test_an_uncaptured_charge_is_cancelled_instead(standin: Standin) -> None:
    intent = authorised(standin)
    assert refused(standin, charge=intent.latest_charge).param == "charge"


def test_charge_or_payment_intent_but_not_both(standin: Standin) -> None:
    intent = paid(standin)
    assert "payment_intent or charge" in str(refused(standin))
    assert "payment_intent or charge" in str(refused(standin, payment_intent=intent.id, charge=intent.latest_charge))


@pytest.mark.parametrize("reason", ["duplicate", "fraudulent", "requested_by_customer"])
def test_reason_is_kept(standin: Standin, reason: str) -> None:
    intent = paid(standin)
    refund = standin.v1.refunds.create({"payment_intent": intent.id, "reason": reason, "metadata": {"case": "9"}})
    assert (refund.reason, refund.metadata and refund.metadata.to_dict()) == (reason, {"case": "9"})


def test_other_reasons_are_refused(standin: Standin) -> None:
    intent = paid(standin)
    assert refused(standin, payment_intent=intent.id, reason="regret").param == "reason"


def test_a_refund_can_stay_pending(standin: Standin) -> None:
    intent = paid(standin, payment_method="pm_card_pendingRefund")
    refund = standin.v1.refunds.create({"payment_intent": intent.id})
    assert (refund.status, refund.balance_transaction) == ("pending", None)
    standin.control("POST", f"/refunds/{refund.id}/settle", {"outcome": "succeeded"})
    after = standin.v1.refunds.retrieve(refund.id)
    assert after.status == "succeeded"
    assert after.balance_transaction is not None
    assert standin.event_types()[-2:] == ["refund.updated", "charge.refund.updated"]


def test_a_refund_can_fail_afterwards_and_the_money_comes_back(standin: Standin) -> None:
    intent = paid(standin, payment_method="pm_card_refundFail")
    before = net_balance(standin)
    refund = standin.v1.refunds.create({"payment_intent": intent.id, "amount": 2_500})
    after = standin.v1.refunds.retrieve(refund.id)
    assert (after.status, after.failure_reason) == ("failed", "unknown")
    assert after.failure_balance_transaction is not None
    assert charge_of(standin, intent).amount_refunded == 0
    assert net_balance(standin) == before
    assert standin.event_types()[-1] == "refund.failed"


def test_a_settled_refund_settles_no_more(standin: Standin) -> None:
    intent = paid(standin, payment_method="pm_card_refundFail")
    refund = standin.v1.refunds.create({"payment_intent": intent.id})
    response = standin.http.post(f"/standin/refunds/{refund.id}/settle", json={"outcome": "failed"})
    assert response.status_code == 400


def test_metadata_update_tells_the_webhooks(standin: Standin) -> None:
    refund = standin.v1.refunds.create({"payment_intent": paid(standin).id})
    updated = standin.v1.refunds.update(refund.id, {"metadata": {"case": "9"}})
    assert updated.metadata is not None
    assert updated.metadata.to_dict() == {"case": "9"}
    assert standin.event_types()[-2:] == ["refund.updated", "charge.refund.updated"]
