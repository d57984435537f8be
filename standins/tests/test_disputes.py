from __future__ import annotations

from typing import Any

import pytest
import stripe

from .payments import authorised, paid
from .process import Receiver, Standin


def disputed(standin: Standin, card: str = "pm_card_createDispute", **params: Any) -> stripe.Dispute:
    paid(standin, payment_method=card, **params)
    return standin.v1.disputes.list().data[0]


def submit(standin: Standin, dispute: stripe.Dispute, text: str) -> stripe.Dispute:
    return standin.v1.disputes.update(dispute.id, {"evidence": {"uncategorized_text": text}})


def status(standin: Standin, dispute: stripe.Dispute) -> str:
    return standin.v1.disputes.retrieve(dispute.id).status


def net_balance(standin: Standin) -> int:
    balance = standin.v1.balance.retrieve()
    return sum(part.amount for part in balance.available) + sum(part.amount for part in balance.pending)


def test_a_disputed_payment_succeeds_and_is_taken_back(standin: Standin, receiver: Receiver) -> None:
    dispute = disputed(standin)
    assert (dispute.status, dispute.reason, dispute.amount) == ("needs_response", "fraudulent", 10_000)
    assert dispute.evidence_details.due_by is not None
    withdrawal = dispute.balance_transactions[0]
    assert (withdrawal.type, withdrawal.amount, withdrawal.fee) == ("adjustment", -10_000, 1_500)
    assert (withdrawal.net, withdrawal.reporting_category, withdrawal.source) == (-11_500, "dispute", dispute.id)
    assert net_balance(standin) == -320 - 1_500
    assert isinstance(dispute.charge, str)
    assert standin.v1.charges.retrieve(dispute.charge).disputed is True
    standin.flush()
    assert {"charge.dispute.created", "charge.dispute.funds_withdrawn"} <= set(receiver.types)


def test_winning_evidence_brings_the_money_back(standin: Standin, receiver: Receiver) -> None:
    dispute = disputed(standin)
    assert submit(standin, dispute, "winning_evidence").status == "under_review"
    after = standin.v1.disputes.retrieve(dispute.id)
    assert (after.status, after.evidence_details.submission_count) == ("won", 1)
    assert [one.amount for one in after.balance_transactions] == [-10_000, 10_000]
    assert net_balance(standin) == 10_000 - 320 - 1_500
    standin.flush()
    wanted = ["charge.dispute.updated", "charge.dispute.closed", "charge.dispute.funds_reinstated"]
    assert standin.event_types()[-3:] == wanted
    assert set(wanted) <= set(receiver.types)


def test_losing_evidence_does_not(standin: Standin) -> None:
    dispute = disputed(standin, "pm_card_createDisputeProductNotReceived")
    assert dispute.reason == "product_not_received"
    submit(standin, dispute, "losing_evidence")
    assert status(standin, dispute) == "lost"
    assert net_balance(standin) == -320 - 1_500
    assert standin.event_types()[-1] == "charge.dispute.closed"


def test_other_evidence_waits_for_the_bank(standin: Standin) -> None:
    dispute = disputed(standin)
    submit(standin, dispute, "We delivered it.")
    assert status(standin, dispute) == "under_review"
    with pytest.raises(stripe.InvalidRequestError):
        submit(standin, dispute, "And once more.")
    assert standin.control("POST", f"/disputes/{dispute.id}/decide", {"outcome": "won"})["status"] == "won"
    assert standin.http.post(f"/standin/disputes/{dispute.id}/decide", json={"outcome": "lost"}).status_code == 400
    assert net_balance(standin) == 10_000 - 320 - 1_500


def test_evidence_can_be_kept_before_it_is_submitted(standin: Standin) -> None:
    dispute = disputed(standin)
    evidence: Any = {"product_description": "A logo"}
    draft = standin.v1.disputes.update(dispute.id, {"evidence": evidence, "submit": False, "metadata": {"job": "7"}})
    assert (draft.status, draft.evidence_details.has_evidence) == ("needs_response", True)
    assert draft.evidence_details.submission_count == 0
    sent = standin.v1.disputes.update(dispute.id, {"submit": True})
    assert (sent.status, sent.evidence.product_description) == ("under_review", "A logo")


def test_closing_accepts_the_loss(standin: Standin) -> None:
    dispute = disputed(standin)
    assert standin.v1.disputes.close(dispute.id).status == "lost"
    with pytest.raises(stripe.InvalidRequestError):
        standin.v1.disputes.close(dispute.id)


def test_an_inquiry_takes_no_money_until_it_becomes_a_dispute(standin: Standin) -> None:
    dispute = disputed(standin, "pm_card_createDisputeInquiry")
    assert (dispute.status, dispute.is_charge_refundable) == ("warning_needs_response", True)
    assert dispute.balance_transactions == []
    assert net_balance(standin) == 10_000 - 320
    submit(standin, dispute, "escalate_inquiry_evidence")
    after = standin.v1.disputes.retrieve(dispute.id)
    assert (after.status, after.is_charge_refundable) == ("needs_response", False)
    assert net_balance(standin) == -320 - 1_500
    submit(standin, after, "winning_evidence")
    assert status(standin, dispute) == "won"


def test_an_inquiry_can_be_closed_or_answered(standin: Standin) -> None:
    first = disputed(standin, "pm_card_createDisputeInquiry")
    assert standin.v1.disputes.close(first.id).status == "warning_closed"
    second = disputed(standin, "pm_card_createDisputeInquiry")
    submit(standin, second, "winning_evidence")
    assert status(standin, second) == "warning_closed"
    third = disputed(standin, "pm_card_createDisputeInquiry")
    escalated = standin.control("POST", f"/disputes/{third.id}/escalate")
    assert escalated["status"] == "needs_response"


def test_a_charge_that_was_charged_back_is_not_refunded_too(standin: Standin) -> None:
    dispute = disputed(standin)
    assert isinstance(dispute.charge, str)
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        standin.v1.refunds.create({"charge": dispute.charge})
    assert refusal.value.code == "charge_disputed"
    inquiry = disputed(standin, "pm_card_createDisputeInquiry")
    assert isinstance(inquiry.charge, str)
    assert standin.v1.refunds.create({"charge": inquiry.charge}).status == "succeeded"


def test_any_payment_can_be_disputed_for_what_is_left_of_it(standin: Standin) -> None:
    intent = paid(standin)
    standin.v1.refunds.create({"payment_intent": intent.id, "amount": 4_000})
    path = f"/charges/{intent.latest_charge}/dispute"
    assert standin.http.post(f"/standin{path}", json={"amount": 6_001}).status_code == 400
    assert standin.http.post(f"/standin{path}", json={"reason": "mood"}).status_code == 400
    dispute = standin.control("POST", path, {"reason": "product_not_received"})
    assert (dispute["amount"], dispute["reason"]) == (6_000, "product_not_received")
    assert standin.http.post(f"/standin{path}", json={}).status_code == 400


def test_a_dispute_comes_with_the_capture(standin: Standin) -> None:
    intent = authorised(standin, payment_method="pm_card_createDispute")
    assert standin.v1.disputes.list().data == []
    standin.v1.payment_intents.capture(intent.id, {"amount_to_capture": 4_000})
    disputes = standin.v1.disputes.list({"payment_intent": intent.id}).data
    assert [dispute.amount for dispute in disputes] == [4_000]


def test_the_fee_and_what_is_given_back_of_it_can_be_configured() -> None:
    standin = Standin("--dispute-fee", "2000", "--dispute-fee-returned", "2000")
    try:
        dispute = disputed(standin)
        submit(standin, dispute, "winning_evidence")
        assert [one.net for one in standin.v1.disputes.retrieve(dispute.id).balance_transactions] == [-12_000, 12_000]
    finally:
        standin.stop()
