"""Work that was handed in three weeks ago and never answered. Its money came in through the ledger."""

import uuid
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from chat.models import Room
from chat.rules import RoomKind
from contracts.models import Contract, Milestone
from contracts.rules.terms import AcceptedBy
from contracts.services.terms import keep_terms
from core.money import Money
from payments import ledger
from payments.models import Hold, Payment
from payments.rules import JournalKind
from projects.models import Proposal

PER_CONTRACT = 20
PRICE, FEE_BPS = Money(100_00, "USD"), 1000


@transaction.atomic
def make_due(count: int) -> list[int]:
    """The ids of the holds of so many milestones, twenty to a contract."""
    long_ago = timezone.now() - timedelta(days=21)
    holds: list[Hold] = []
    for contract in _contracts(count // PER_CONTRACT, long_ago):
        paid = _holds(contract, long_ago)
        _pay_in(paid)
        _hand_in(contract, paid, long_ago)
        holds += paid
    return [hold.pk for hold in holds]


def _contracts(count: int, at: datetime) -> list[Contract]:
    """On proposals that nobody accepted, with the terms that both accepted then."""
    proposals = Proposal.objects.filter(contract=None).select_related("project__client", "freelancer").order_by("pk")
    contracts = Contract.objects.bulk_create(
        Contract(
            project=proposal.project,
            proposal=proposal,
            client=proposal.project.client,
            freelancer=proposal.freelancer,
            room=Room.objects.create(kind=RoomKind.CONTRACT, subject="Benchmark"),
            title="Benchmark",
            currency=PRICE.currency,
            fee_bps=FEE_BPS,
        )
        for proposal in proposals[:count]
    )
    for contract in contracts:
        accepted = [(contract.freelancer, AcceptedBy.PROPOSAL), (contract.client, AcceptedBy.HIRING)]
        keep_terms(contract, acceptances=[(person, how, at) for person, how in accepted])
    return contracts


def _holds(contract: Contract, at: datetime) -> list[Hold]:
    return Hold.objects.bulk_create(
        Hold(
            purpose=Hold.Purpose.MILESTONE,
            title="Benchmark of silence",
            payer_id=contract.client_id,
            payee_id=contract.freelancer_id,
            amount_minor=PRICE.minor,
            currency=PRICE.currency,
            fee_bps=FEE_BPS,
            status="held",
            funded_minor=PRICE.minor,
            held_minor=PRICE.minor,
            funded_at=at,
        )
        for _ in range(PER_CONTRACT)
    )


def _pay_in(holds: list[Hold]) -> None:
    payments = Payment.objects.bulk_create(
        Payment(
            payer_id=hold.payer_id,
            hold=hold,
            amount_minor=hold.amount_minor,
            currency=hold.currency,
            status="succeeded",
            received_minor=hold.amount_minor,
            intent_id=f"pi_bench_{uuid.uuid4().hex}",
        )
        for hold in holds
    )
    for hold, payment in zip(holds, payments, strict=True):
        lines = {ledger.clearing("stripe"): -hold.amount, ledger.held(hold): hold.amount}
        ledger.post(JournalKind.FUND, cause=f"payment:{payment.pk}", lines=lines, hold=hold)


def _hand_in(contract: Contract, holds: list[Hold], at: datetime) -> None:
    """One step for each hold, and a last one that is not paid yet, which keeps the contract open."""
    steps = [
        Milestone(
            contract=contract,
            position=position,
            title="Benchmark",
            amount_minor=hold.amount_minor,
            currency=hold.currency,
            status="submitted",
            hold=hold,
            submitted_at=at,
            release_at=at + timedelta(days=14),
        )
        for position, hold in enumerate(holds, start=1)
    ]
    last = Milestone(
        contract=contract, position=len(holds) + 1, title="Next", amount_minor=PRICE.minor, currency=PRICE.currency
    )
    Milestone.objects.bulk_create([*steps, last])
