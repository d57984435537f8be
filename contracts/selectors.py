"""Reads that span models, and what the pages of a contract say."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from operator import attrgetter
from typing import Any, NamedTuple

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.functional import cached_property

from accounts.hooks import Exported, Tie
from accounts.models import Upload, User
from chat.hooks import RoomContext
from chat.models import Message, Room
from contracts.models import (
    Contract,
    ContractEvent,
    Dispute,
    DisputeDecision,
    DisputeEvent,
    DisputeEvidence,
    DisputeOffer,
    Milestone,
    MilestoneEvent,
    Submission,
)
from contracts.policies import role_in
from contracts.rules import (
    CONTRACT_LIFECYCLE,
    DISPUTE_LIFECYCLE,
    HELD_MILESTONES,
    WORKED_ON,
    ContractStatus,
    DisputeStatus,
    MilestoneStatus,
    Side,
)
from core.lifecycle import Badge, LifecycleEvent
from core.money import Money, total
from payments.models import Line
from payments.rules import Quote, quote


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
    def disputes(self) -> list[Dispute]:
        """Of this contract, the newest first."""
        return list(self.contract.disputes.all())

    @property
    def live_dispute(self) -> Dispute | None:
        return next((dispute for dispute in self.disputes if dispute.is_live), None)

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
    disputes = Dispute.objects.visible_to(user).order_by("id")
    yield Exported("disputes", disputes.values(*EXPORTED_DISPUTE).iterator())
    shown = DisputeEvidence.objects.filter(by=user).order_by("id")
    yield Exported("dispute_evidence", shown.values("dispute_id", "text", "created_at").iterator())


EXPORTED_CONTRACT = (
    "id", "title", "terms", "client_id", "freelancer_id", "currency", "fee_bps", "approval_days", "status", "started_at",
    "ended_at",
)  # fmt: skip
EXPORTED_DISPUTE = (
    "id", "contract_id", "milestone_id", "opener_id", "reason", "explanation", "answer", "held_minor", "claim_minor",
    "currency", "status", "to_freelancer_minor", "to_client_minor", "reasons", "opened_at", "decided_at",
)  # fmt: skip
EXPORTED_MILESTONE = (
    "id", "contract_id", "position", "title", "description", "amount_minor", "currency", "due_date", "status",
    "submitted_at", "released_at",
)  # fmt: skip


# --- Disputes -----------------------------------------------------------------------------------


class Parts(NamedTuple):
    """What a split comes to: gross = fee + net of the freelancer's part, and what goes back."""

    gross: Money
    fee: Money
    net: Money
    to_client: Money


class Happening(NamedTuple):
    """One line of a dispute's timeline. Looks as components/timeline.html wants it."""

    moment: datetime
    title: str
    text: str
    icon: str
    tone: str = ""


@dataclass
class DisputeView:
    """One dispute as a side, or (with no reader) the staff see it. Needs `with_record()`."""

    dispute: Dispute
    reader: User | None = None

    @property
    def contract(self) -> Contract:
        return self.dispute.contract

    @cached_property
    def role(self) -> str:
        return role_in(self.contract, self.reader) if self.reader else ""

    @property
    def is_opener(self) -> bool:
        return self.reader is not None and self.reader.pk == self.dispute.opener_id

    @property
    def other(self) -> User:
        """Than the reader; for staff, than the opener."""
        mine = self.role or self.dispute.side
        return self.contract.freelancer if mine == Side.CLIENT else self.contract.client

    @property
    def answerer(self) -> User:
        return self.contract.freelancer if self.dispute.side == Side.CLIENT else self.contract.client

    @cached_property
    def before(self) -> Money:
        """Gross, released of the same hold without the dispute: the fees of parts add up to that of the whole."""
        hold = self.dispute.hold
        return hold.released + hold.fee - (self.dispute.to_freelancer or Money(0, self.dispute.currency))

    def parts(self, to_freelancer: Money) -> Parts:
        figures = quote(to_freelancer, self.dispute.hold.fee_bps, after=self.before)
        return Parts(*figures, self.dispute.held - to_freelancer)

    @cached_property
    def claimed(self) -> Parts:
        return self.parts(self.dispute.claimed_for_freelancer)

    @cached_property
    def outcome(self) -> Parts | None:
        return None if self.dispute.to_freelancer is None else self.parts(self.dispute.to_freelancer)

    @cached_property
    def offers(self) -> list[tuple[DisputeOffer, Parts]]:
        """Those that stand, with what they come to."""
        standing = [offer for offer in self.dispute.offers.all() if offer.ended_at is None]
        return [(offer, self.parts(offer.to_freelancer)) for offer in standing]

    @property
    def waits_for_reader(self) -> bool:
        status = self.dispute.status
        if status == DisputeStatus.ANSWERED:
            return self.is_opener
        return status == DisputeStatus.OPEN and bool(self.role) and not self.is_opener

    @property
    def badge(self) -> Badge:
        """Brass only for what waits for the reader."""
        badge = self.dispute.badge
        return badge._replace(tone="info") if badge.tone == "waiting" and not self.waits_for_reader else badge

    @cached_property
    def moves(self) -> list[str]:
        """What the reader can do with the dispute now."""
        if not self.role:
            return []
        return DISPUTE_LIFECYCLE.available(self.dispute.status, "opener" if self.is_opener else "other")

    @cached_property
    def happenings(self) -> list[Happening]:
        """Moves, offers and evidence, the newest first."""
        lines = [self._moved(event) for event in self.dispute.events.select_related("actor")]
        for offer in self.dispute.offers.all():
            split = f"{offer.to_freelancer} to the freelancer, {offer.to_client} back"
            lines.append(
                Happening(offer.created_at, f"{self._who(offer.by)} offered a split", split, "arrow-left-right")
            )
        lines += [
            Happening(piece.created_at, f"{self._who(piece.by)} added evidence", piece.text[:200], "paperclip")
            for piece in self.dispute.evidence.all()
        ]
        return sorted(lines, key=attrgetter("moment"), reverse=True)

    def _moved(self, event: DisputeEvent) -> Happening:
        tone, icon = DISPUTE_LIFECYCLE.looks[event.to_status]
        said = _DISPUTE_SAID[event.move]
        # Who of the staff decided is not for the two sides.
        who = "Guildhall" if event.move in {"decide", "decide_by_rule"} else self._who(event.actor)
        return Happening(event.created_at, f"{who} {said}", event.reason, icon, tone)

    def _who(self, person: User | None) -> str:
        if person is None:
            return "Guildhall"
        return "You" if self.reader and person.pk == self.reader.pk else person.get_full_name()


MESSAGES_SHOWN = 2000
QUEUE_SHOWN = 200
_DISPUTE_SAID = {
    "open": "opened the dispute",
    "counter": "answered with a counter-offer",
    "contest": "contested the claim",
    "ask_mediation": "asked for mediation",
    "accept_claim": "agreed to the claim",
    "accept_offer": "accepted an offer",
    "pay_claim": "paid the claim, since nobody answered",
    "decide": "decided",
    "decide_by_rule": "split it halfway, since nobody decided in time",
    "withdraw": "withdrew the dispute",
    "drop": "closed the dispute",
}


@dataclass
class DisputeRecord(DisputeView):
    """Everything there is about a dispute: for the staff who decide it, and for the transcript of either side."""

    @cached_property
    def submissions(self) -> list[Submission]:
        """What was handed in for the milestone, with its files, oldest first."""
        if self.dispute.milestone is None:
            return []
        return list(self.dispute.milestone.submissions.prefetch_related("files"))

    @cached_property
    def messages(self) -> list[Message]:
        """The chat of the contract, oldest first. Only the staff read what was deleted."""
        said = Message.objects.filter(room=self.contract.room_id)
        if self.reader:
            said = said.filter(deleted_at=None)
        return list(said.select_related("sender").prefetch_related("attachments").order_by("-seq")[:MESSAGES_SHOWN])[
            ::-1
        ]

    @cached_property
    def movements(self) -> list[Line]:
        """What moved in and out of the hold, oldest first."""
        lines = Line.objects.filter(account__hold=self.dispute.hold).select_related("journal")
        return list(lines.order_by("pk"))

    @cached_property
    def decisions(self) -> list[DisputeDecision]:
        """The staff's, with those that nobody confirmed. Not for the two sides."""
        return list(self.dispute.decisions.select_related("by", "second"))

    @property
    def waiting_decision(self) -> DisputeDecision | None:
        return next((one for one in self.decisions if not one.confirmed_at and not one.refused_at), None)


class Queue(NamedTuple):
    """Of the staff: what is to be decided, what waits for a second person, and what the two sides still talk about."""

    to_decide: list[Dispute]
    to_confirm: list[Dispute]
    between_them: list[Dispute]


def queue() -> Queue:
    """The nearest deadline first, at most QUEUE_SHOWN of each kind."""
    shown = Dispute.objects.select_related("contract__client", "contract__freelancer", "hold", "opener")
    to_confirm = shown.in_mediation().filter(decisions__in=DisputeDecision.objects.waiting())
    to_decide = shown.in_mediation().exclude(decisions__in=DisputeDecision.objects.waiting())
    between = shown.live().exclude(status=DisputeStatus.MEDIATION).order_by("answer_by", "id")
    return Queue(list(to_decide[:QUEUE_SHOWN]), list(to_confirm[:QUEUE_SHOWN]), list(between[:QUEUE_SHOWN]))
