"""Reads that span models, and what the pages of a contract say."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from operator import attrgetter
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.functional import cached_property

from accounts.hooks import Exported, Tie
from accounts.models import Upload, User
from chat.hooks import RoomContext
from chat.models import Room
from contracts.models import Contract, ContractEvent, Milestone, MilestoneEvent, Submission
from contracts.policies import role_in
from contracts.rules import CONTRACT_LIFECYCLE, HELD_MILESTONES, WORKED_ON, ContractStatus, MilestoneStatus
from core.lifecycle import Badge, LifecycleEvent
from core.money import Money, total
from payments.rules import Quote, quote
from payments.selectors import Check


def history(contract: Contract) -> list[LifecycleEvent]:
    """Every move of the contract and of its milestones, oldest first, with actor (and milestone) loaded."""
    events: list[LifecycleEvent] = [
        *ContractEvent.objects.filter(contract=contract).select_related("actor"),
        *MilestoneEvent.objects.filter(milestone__contract=contract).select_related("actor", "milestone"),
    ]
    return sorted(events, key=attrgetter("created_at"))


def files(contract: Contract) -> QuerySet[Upload]:
    """Everything handed in or sent in the contract's chat, newest first."""
    handed_in = Upload.objects.filter(submissions__milestone__contract=contract)
    sent = Upload.objects.filter(messages__room=contract.room_id, messages__deleted_at=None)
    return (handed_in | sent).select_related("owner").distinct().order_by("-id")


def room_context(reader: User, room: Room) -> RoomContext | None:
    """What chat shows beside the conversation of a contract."""
    contract = Contract.objects.visible_to(reader).prefetch_related("milestones__hold").filter(room=room).first()
    if contract is None:
        return None
    sums = Workspace(contract, reader).sums
    facts = [(label, sums[kind]) for kind, label in (("held", "Held"), ("due", "To pay in"), ("released", "Released"))]
    return RoomContext(contract.title, contract.badge, [(label, amount) for label, amount in facts if amount])


def rooms_of_project(reader: User, project_id: int) -> list[int]:
    """The rooms of a project's contracts that this person is in."""
    contracts = Contract.objects.visible_to(reader).filter(project_id=project_id)
    return list(contracts.values_list("room_id", flat=True))


@dataclass(frozen=True)
class NextStep:
    """What happens next: for whom it waits, and how to do it (a page `action` or the dialog `open`)."""

    kind: str
    waiting: bool = False
    milestone: Milestone | None = None
    person: User | None = None
    until: datetime | date | None = None


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
    def moves(self) -> list[str]:
        """What the reader can do with the contract now."""
        moves = CONTRACT_LIFECYCLE.available(self.contract.status, self.role)
        statuses = {milestone.status for milestone in self.milestones}
        if statuses & set(WORKED_ON):
            moves = [name for name in moves if name != "cancel"]
        if MilestoneStatus.RELEASED not in statuses or statuses & set(HELD_MILESTONES):
            moves = [name for name in moves if name != "complete"]
        return moves

    @cached_property
    def sums(self) -> dict[str, Money]:
        """Released, held, still to pay in, and returned: gross, over all milestones."""
        currency = self.contract.currency
        holds = [milestone.hold for milestone in self.milestones if milestone.hold]
        running = self.contract.status not in {ContractStatus.CANCELLED, ContractStatus.COMPLETED}
        return {
            "released": total((hold.released + hold.fee for hold in holds), currency),
            "held": total((hold.held for hold in holds), currency),
            "due": total(
                (step.amount for step in self.milestones if running and step.status == MilestoneStatus.PENDING),
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
        return quote(self.contract.total, self.contract.fee_bps)

    @property
    def handed_in(self) -> int:
        return sum(milestone.status in WORKED_ON for milestone in self.milestones)

    def first(self, *statuses: str) -> Milestone | None:
        return next((milestone for milestone in self.milestones if milestone.status in statuses), None)

    @cached_property
    def next_step(self) -> NextStep:
        """One thing: the reader's own task before what the other side has to do."""
        status = self.contract.status
        if status == ContractStatus.COMPLETED:
            return NextStep("done" if self.reviewed else "review", waiting=not self.reviewed, person=self.other)
        if status != ContractStatus.ACTIVE:
            return NextStep(status, until=self.contract.ended_at)
        return self._client_step() if self.is_client else self._freelancer_step()

    def _client_step(self) -> NextStep:
        person = self.contract.freelancer
        if step := self.first(MilestoneStatus.SUBMITTED):
            return NextStep("answer", True, step, person, step.release_at)
        if step := self.first(MilestoneStatus.REVISION_REQUESTED):
            return NextStep("changes_coming", False, step, person)
        if step := self.first(MilestoneStatus.FUNDED):
            return NextStep("work_under_way", False, step, person, step.due_date)
        if step := self.first(MilestoneStatus.PENDING):
            return NextStep("pay_in", True, step, person)
        return NextStep("nothing")

    def _freelancer_step(self) -> NextStep:
        person = self.contract.client
        if step := self.first(MilestoneStatus.REVISION_REQUESTED):
            return NextStep("make_changes", True, step, person)
        if step := self.first(MilestoneStatus.FUNDED):
            return NextStep("hand_in", True, step, person, step.due_date)
        if step := self.first(MilestoneStatus.SUBMITTED):
            return NextStep("answer_coming", False, step, person, step.release_at)
        if step := self.first(MilestoneStatus.PENDING):
            return NextStep("pay_in_coming", False, step, person)
        return NextStep("nothing")

    def badge_of(self, milestone: Milestone) -> Badge:
        """Brass only for what waits for the reader; the other side sees the same state calmly."""
        badge = milestone.badge
        mine = {
            MilestoneStatus.SUBMITTED: self.is_client,
            MilestoneStatus.REVISION_REQUESTED: not self.is_client,
        }.get(MilestoneStatus(milestone.status), True)
        return badge if mine else badge._replace(tone="info")


def ties(user: User) -> Iterable[Tie]:
    """Contracts that somebody else relies on."""
    running = Contract.objects.visible_to(user).running().count()
    if running:
        text = f"{running} of your contracts {'is' if running == 1 else 'are'} running."
        yield Tie("contracts_running", text, reverse("contracts:list"))


def export(user: User) -> Iterable[Exported]:
    contracts = Contract.objects.visible_to(user).order_by("started_at")
    yield Exported("contracts", contracts.values(*EXPORTED_CONTRACT).iterator())
    milestones = Milestone.objects.visible_to(user).order_by("contract", "position")
    yield Exported("milestones", milestones.values(*EXPORTED_MILESTONE).iterator())
    handed_in = Submission.objects.filter(milestone__contract__in=Contract.objects.visible_to(user)).order_by("id")
    yield Exported("submissions", handed_in.values("milestone_id", "note", "revision_note", "created_at").iterator())


EXPORTED_CONTRACT = (
    "id", "title", "terms", "client_id", "freelancer_id", "currency", "fee_bps", "approval_days", "status", "started_at",
    "ended_at",
)  # fmt: skip
EXPORTED_MILESTONE = (
    "id", "contract_id", "position", "title", "description", "amount_minor", "currency", "due_date", "status",
    "submitted_at", "released_at",
)  # fmt: skip


# --- Proof --------------------------------------------------------------------------------------

CHECKS = (
    Check(
        "silence_releases_only_in_time",
        "The system approved only work that was handed in and whose stored deadline had passed.",
        """
        SELECT format('milestone %s', milestone.id)
        FROM contracts_milestoneevent AS approval
        JOIN contracts_milestone AS milestone ON milestone.id = approval.milestone_id
        WHERE approval.move = 'approve' AND approval.actor_id IS NULL
            AND (approval.from_status <> 'submitted' OR lapsed_at IS NULL OR lapsed_at > now())
        UNION ALL
        SELECT format('milestone %s lapsed without an approval by the system', milestone.id)
        FROM contracts_milestone AS milestone
        WHERE lapsed_at IS NOT NULL AND NOT EXISTS (
            SELECT FROM contracts_milestoneevent AS approval
            WHERE approval.milestone_id = milestone.id AND approval.move = 'approve' AND approval.actor_id IS NULL
        )
        UNION ALL
        SELECT 'nothing compares deadlines with the clock of the database'
        WHERE NOT EXISTS (
            SELECT FROM pg_trigger WHERE tgname = 'contracts_milestone_lapses_in_time' AND tgenabled IN ('O', 'A')
        )
        """,
        proves=(11,),
    ),
    Check(
        "milestones_match_their_holds",
        "Work that is under way has its money held, and work that is released has it released.",
        """
        SELECT format('milestone %s is %s, its hold %s', milestone.id, milestone.status, hold.status)
        FROM contracts_milestone AS milestone JOIN payments_hold AS hold ON hold.id = milestone.hold_id
        WHERE (milestone.status IN ('funded', 'submitted', 'revision_requested') AND hold.status <> 'held')
            OR (milestone.status = 'released' AND hold.status <> 'released')
        """,
        proves=(5,),
    ),
)
