"""Contracts for tests, made by the real services."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db.models import Value
from django.db.models.functions import Least
from django.utils import timezone

from accounts.models import User
from contracts.models import Contract, Dispute, Milestone, RefundRequest, Timesheet
from contracts.rules.time import start_of
from contracts.services import (
    accept_proposal,
    add_time,
    approve_milestone,
    disputes,
    fund_milestone,
    fund_week,
    request_milestone_refund,
    submit_milestone,
    submit_timesheet,
)
from core.money import Money
from payments.models import Hold
from payments.rules import hold_ends_at
from payments.tests.fakes import VISA
from projects.tests.factories import ProposalFactory


def make_contract(amounts: Sequence[int] = (500_00, 1_000_00), **proposal: Any) -> Contract:
    """A contract whose milestones have these prices (minor units of USD)."""
    offer = ProposalFactory.create(bid_amount_minor=sum(amounts), steps=list(amounts), **proposal)
    return accept_proposal(offer.project.client, proposal_id=offer.pk)


def first_step(contract: Contract) -> Milestone:
    return contract.milestones.select_related("contract", "hold").order_by("position")[0]


def funded_step(amounts: Sequence[int] = (500_00, 1_000_00), **proposal: Any) -> Milestone:
    """The funded first milestone of a new contract. Needs the `provider` fixture."""
    contract = make_contract(amounts, **proposal)
    milestone, _ = fund_milestone(contract.client, milestone_id=first_step(contract).pk, payment_method=VISA)
    return first_step(milestone.contract)


def submitted_step(amounts: Sequence[int] = (500_00, 1_000_00)) -> Milestone:
    """The same, handed in."""
    milestone = funded_step(amounts)
    submit_milestone(milestone.contract.freelancer, milestone_id=milestone.pk, note="Here it is.")
    return first_step(milestone.contract)


def aged(milestone: Milestone, days: float) -> Milestone:
    """The milestone as if its funds had been held for so many days."""
    funded_at = timezone.now() - timedelta(days=days)
    Hold.objects.filter(pk=milestone.hold_id).update(funded_at=funded_at)
    timed = Milestone.objects.filter(pk=milestone.pk, release_at__isnull=False)
    timed.update(release_at=Least("release_at", Value(hold_ends_at(funded_at))))
    return first_step(milestone.contract)


def overdue_step(amounts: Sequence[int] = (500_00, 1_000_00), **proposal: Any) -> Milestone:
    """A funded first milestone whose due date has passed."""
    milestone = aged(funded_step(amounts, **proposal), days=10)
    Milestone.objects.filter(pk=milestone.pk).update(due_date=timezone.now().date() - timedelta(days=2))
    return first_step(milestone.contract)


def refund_asked(amounts: Sequence[int] = (500_00, 1_000_00), **proposal: Any) -> RefundRequest:
    """The client has asked the money of such a milestone back."""
    milestone = overdue_step(amounts, **proposal)
    return request_milestone_refund(milestone.contract.client, milestone_id=milestone.pk, reason="Nothing came.")


def rolled_step() -> Milestone:
    """Of 500.00 a part of 200.00 was released; the rest goes with the second milestone, of 1,000.00, which is funded."""
    milestone = submitted_step()
    contract = milestone.contract
    second = contract.milestones.get(position=2)
    fund_milestone(contract.client, milestone_id=second.pk, payment_method=VISA)
    approve_milestone(contract.client, milestone_id=milestone.pk, amount=Money(200_00, "USD"), remainder="roll")
    return first_step(contract)


# --- By the hour: for tests whose clock stands where they say (the fixture `at`) -----------------

MONDAY = datetime(2027, 3, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def make_hourly(rate: int = 60_00, cap: int = 40 * 60, currency: str = "USD", **proposal: Any) -> Contract:
    """An hourly contract at this rate (minor units an hour), with weeks of at most `cap` minutes."""
    offer = ProposalFactory.create(
        bid_amount_minor=rate,
        currency=currency,
        steps=[],
        project__budget_type="hourly",
        project__currency=currency,
        **proposal,
    )
    return accept_proposal(offer.project.client, proposal_id=offer.pk, weekly_cap_minutes=cap)


def week(contract: Contract, number: int = 0) -> Timesheet:
    """The contract's first week, or a later one."""
    return contract.timesheets.select_related("contract", "hold").order_by("week_start")[number]


def funded_week(contract: Contract | None = None, number: int = 0) -> Timesheet:
    """A week that is paid in. Needs the `provider` fixture."""
    contract = contract or make_hourly()
    fund_week(contract.client, timesheet_id=week(contract, number).pk, payment_method=VISA)
    return week(contract, number)


def log(timesheet: Timesheet, hours: float = 1, after: timedelta = timedelta(hours=9)) -> Any:
    """Time written down in that week, from so long after its start; the clock must stand later."""
    start = start_of(timesheet.week_start) + after
    [entry] = add_time(
        timesheet.contract.freelancer,
        contract_id=timesheet.contract_id,
        started_at=start,
        ended_at=start + timedelta(hours=hours),
        memo="Drawings",
    )
    return entry


def worked_week(at: Any, hours: float = 0, **terms: Any) -> Timesheet:
    """A first week, paid in on Monday 0:00, with so many hours in it from 9:00 on. Then it is Tuesday 0:00."""
    at(MONDAY)
    timesheet = funded_week(make_hourly(**terms))
    at(MONDAY + DAY)
    if hours:
        log(timesheet, hours)
    return timesheet


def sent_week(at: Any, hours: float = 10, **terms: Any) -> Timesheet:
    """The same, sent to be reviewed."""
    timesheet = worked_week(at, hours, **terms)
    submit_timesheet(timesheet.contract.freelancer, timesheet_id=timesheet.pk)
    return week(timesheet.contract)


def open_dispute_about(milestone: Milestone, opener: User | None = None, *, claim: int = 200_00) -> Dispute:
    """The client (or `opener`) claims so much of what is held for the milestone."""
    return disputes.open_dispute(
        opener or milestone.contract.client,
        milestone_id=milestone.pk,
        reason="not_as_agreed",
        explanation="The labels are the wrong size.",
        claim=Money(claim, milestone.currency),
    )


def disputed_step(amounts: Sequence[int] = (500_00, 1_000_00), *, claim: int = 200_00) -> Dispute:
    """Of a handed-in milestone, opened by the client."""
    return open_dispute_about(submitted_step(amounts), claim=claim)


def mediated(dispute: Dispute) -> Dispute:
    """The other side contests it, so that the staff mediate."""
    other = dispute.contract.freelancer if dispute.side == "client" else dispute.contract.client
    return disputes.contest_dispute(other, dispute_id=dispute.pk, text="They are the size that was agreed.")
