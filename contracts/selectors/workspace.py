"""One contract as its two sides see it."""

from dataclasses import dataclass, field
from datetime import date, datetime
from operator import attrgetter
from typing import Any

from django.db.models import Max, QuerySet
from django.utils.functional import cached_property

from accounts.models import Upload, User
from contracts.models import (
    ChangeEvent,
    ChangeRequest,
    Contract,
    ContractEvent,
    Dispute,
    Milestone,
    MilestoneEvent,
    RefundRequest,
    RefundRequestEvent,
    TermsVersion,
    Timesheet,
    TimesheetEvent,
)
from contracts.policies import role_in
from contracts.rules import (
    CONTRACT_LIFECYCLE,
    HELD_MILESTONES,
    RUNNING_CONTRACTS,
    WORKED_ON,
    ContractStatus,
    MilestoneStatus,
)
from contracts.selectors.steps import Planned, automatic_actions, next_steps, open_changes
from core.lifecycle import Badge, LifecycleEvent
from core.money import Money, total
from payments.rules import Quote, quote


def history(contract: Contract) -> list[LifecycleEvent]:
    """Every move of the contract and of what belongs to it, oldest first, with actor (and its subject) loaded."""
    requests = RefundRequestEvent.objects.filter(refund_request__milestone__contract=contract)
    events: list[LifecycleEvent] = [
        *ContractEvent.objects.filter(contract=contract).select_related("actor"),
        *MilestoneEvent.objects.filter(milestone__contract=contract).select_related("actor", "milestone"),
        *ChangeEvent.objects.filter(change__contract=contract).select_related("actor", "change"),
        *requests.select_related("actor", "refund_request__milestone"),
        *TimesheetEvent.objects.filter(timesheet__contract=contract)
        .exclude(move="open")
        .select_related("actor", "timesheet"),
    ]
    return sorted(events, key=attrgetter("created_at"))


def files(contract: Contract) -> QuerySet[Upload]:
    """Everything handed in or sent in the contract's chat, newest first."""
    handed_in = Upload.objects.filter(submissions__milestone__contract=contract)
    sent = Upload.objects.filter(messages__room=contract.room_id, messages__deleted_at=None)
    return (handed_in | sent).select_related("owner").distinct().order_by("-id")


def terms_in_force(contract: Contract) -> TermsVersion | None:
    """The latest version, with `accepted_at`: when the second side agreed to it."""
    versions = contract.terms_versions.annotate(accepted_at=Max("acceptances__accepted_at"))
    latest: TermsVersion | None = versions.order_by("-number").first()
    return latest


def is_due(milestone: Milestone) -> bool:
    """Agreed, and not paid in."""
    return milestone.is_agreed and milestone.status == MilestoneStatus.PENDING


def rooms_of_project(reader: User, project_id: int) -> list[int]:
    """The rooms of a project's contracts that this person is in."""
    contracts = Contract.objects.visible_to(reader).filter(project_id=project_id)
    return list(contracts.values_list("room_id", flat=True))


@dataclass(frozen=True)
class NextStep:
    """What happens next, for one of the two: `waiting` when it is theirs to do."""

    kind: str
    waiting: bool = False
    milestone: Milestone | None = None
    person: User | None = None
    until: datetime | date | None = None
    change: ChangeRequest | None = None
    refund_request: RefundRequest | None = None
    week: Timesheet | None = None
    dispute: Dispute | None = None


# How the other side's task is told.
_FOR_THE_OTHER = {
    "answer": "answer_coming",
    "answer_change": "change_answer_coming",
    "answer_refund": "refund_answer_coming",
    "make_changes": "changes_coming",
    "hand_in": "work_under_way",
    "pay_in": "pay_in_coming",
    "review_week": "review_coming",
    "correct_hours": "correction_coming",
    "send_week": "hours_under_way",
    "log_hours": "hours_under_way",
    "fund_week": "funding_coming",
    "fund_next_week": "funding_coming",
}


@dataclass
class Workspace:
    """One contract as one of its two sides sees it."""

    contract: Contract
    reader: User
    reviewed: bool = False
    milestones: list[Milestone] = field(init=False)

    def __post_init__(self) -> None:
        self.milestones = list(self.contract.milestones.all())
        for milestone in self.milestones:
            milestone.contract = self.contract

    @cached_property
    def role(self) -> str:
        return role_in(self.contract, self.reader)

    @property
    def is_client(self) -> bool:
        return self.role == "client"

    @property
    def other(self) -> User:
        return self.contract.freelancer if self.is_client else self.contract.client

    @property
    def is_active(self) -> bool:
        return self.contract.status == ContractStatus.ACTIVE

    @cached_property
    def disputes(self) -> list[Dispute]:
        """Of this contract, the newest first."""
        return list(self.contract.disputes.all())

    @property
    def live_dispute(self) -> Dispute | None:
        return next((dispute for dispute in self.disputes if dispute.is_live), None)

    @cached_property
    def moves(self) -> list[str]:
        """What the reader can do with the contract now."""
        statuses = {milestone.status for milestone in self.milestones}
        gone = {"cancel"}  # ending says what becomes of each part, also before any work
        if MilestoneStatus.RELEASED not in statuses or statuses & set(HELD_MILESTONES):
            gone.add("complete")
        moves = CONTRACT_LIFECYCLE.available(self.contract.status, self.role)
        return [name for name in moves if name not in gone]

    @cached_property
    def sums(self) -> dict[str, Money]:
        """Released, held, still to pay in, and returned: gross, over all milestones."""
        currency = self.contract.currency
        holds = [milestone.hold for milestone in self.milestones if milestone.hold]
        running = self.contract.status in RUNNING_CONTRACTS
        return {
            "released": total((hold.released + hold.fee for hold in holds), currency),
            "held": total((hold.held for hold in holds), currency),
            "due": total(
                (step.amount for step in self.milestones if running and is_due(step)),
                currency,
            ),
            "refunded": total((hold.refunded for hold in holds), currency),
        }

    @cached_property
    def money_parts(self) -> list[dict[str, Any]]:
        """For components/money_split.html; parts of nothing are left out, but held and released always show."""
        labels = {"released": "Released", "held": "Held", "due": "To pay in", "refunded": "Returned"}
        return [
            {"kind": kind, "label": labels[kind], "amount": amount}
            for kind, amount in self.sums.items()
            if amount or kind in {"released", "held"}
        ]

    @cached_property
    def quote(self) -> Quote:
        """Of all that was and will be released, each milestone as it is booked; what went back is left out."""
        fees = [self._fee(milestone) for milestone in self.milestones]
        gross = self.sums["released"] + self.sums["held"] + self.sums["due"]
        fee = total(fees, self.contract.currency)
        return Quote(gross, fee, gross - fee)

    def _fee(self, milestone: Milestone) -> Money:
        """Taken so far, and of what is held; of the price before it is paid in."""
        hold = milestone.hold
        if hold and hold.funded_at:
            return hold.fee + hold.quote().fee
        is_ahead = is_due(milestone) and self.contract.status in RUNNING_CONTRACTS
        return quote(milestone.amount, self.contract.fee_bps).fee if is_ahead else Money(0, milestone.currency)

    @property
    def handed_in(self) -> int:
        """How many milestones; one can also be in dispute because nothing came."""
        return sum(
            (step.status in WORKED_ON and step.submitted_at is not None) or step.rolled_into_id is not None
            for step in self.milestones
        )

    @cached_property
    def next_step(self) -> NextStep:
        """One thing: the reader's own task before what the other side has to do."""
        step = min(next_steps(self.contract), key=lambda step: step.who not in {self.role, "both"})
        if step.kind == "review":
            return NextStep("done" if self.reviewed else "review", waiting=not self.reviewed, person=self.other)
        mine = (step.who == self.role and step.kind != "nothing") or step.kind == "agree"
        kind = step.kind if mine else _FOR_THE_OTHER.get(step.kind, step.kind)
        return NextStep(
            kind,
            mine,
            step.milestone,
            self.other,
            step.at,
            step.change,
            step.refund_request,
            step.week,
            step.dispute,
        )

    @cached_property
    def automatic(self) -> list[Planned]:
        return automatic_actions(self.contract)

    @cached_property
    def open_changes(self) -> list[ChangeRequest]:
        return open_changes(self.contract)

    @property
    def changes_to_answer(self) -> int:
        return sum(change.proposer_id != self.reader.pk for change in self.open_changes)

    def badge_of(self, milestone: Milestone) -> Badge:
        """Brass only for what waits for the reader; the other side sees the same state calmly."""
        badge = milestone.badge
        if self.contract.ended_at and milestone.status == MilestoneStatus.PENDING:
            return badge._replace(label="Never paid in")
        mine = {
            MilestoneStatus.SUBMITTED: self.is_client,
            MilestoneStatus.REVISION_REQUESTED: not self.is_client,
        }.get(MilestoneStatus(milestone.status), True)
        return badge if mine else badge._replace(tone="info")
