"""A dispute as its two sides and the staff see it."""

from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter
from typing import NamedTuple

from django.db.models import QuerySet
from django.utils.functional import cached_property

from accounts.models import User
from chat.models import Message
from contracts.models import (
    Contract,
    Dispute,
    DisputeDecision,
    DisputeEvent,
    DisputeOffer,
    Milestone,
    Submission,
    TimeEntry,
)
from contracts.policies import role_in
from contracts.rules import MilestoneStatus
from contracts.rules.dispute import DISPUTE_LIFECYCLE, DisputeStatus, Side
from core.lifecycle import Badge
from core.money import Money, total
from payments.models import Line
from payments.rules import quote

MESSAGES_SHOWN = 2000


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


def rests_with(milestone: Milestone) -> list[Milestone]:
    """Milestones whose rest rolled into this one, and is released or goes back as its funds are."""
    return list(milestone.rolled.filter(status=MilestoneStatus.FUNDED).select_related("hold").order_by("position"))


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

    @cached_property
    def rests(self) -> list[Milestone]:
        """What is left of earlier milestones and goes with the disputed one."""
        milestone = self.dispute.milestone
        return rests_with(milestone) if milestone and self.dispute.is_live else []

    @property
    def moved_by_outcome(self) -> Money:
        """What is held, with the rests that share its fate."""
        return total([self.dispute.held, *(rest.hold.held for rest in self.rests if rest.hold)], self.dispute.currency)

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

    @property
    def pays_if_withdrawn(self) -> bool:
        """Hours that their client disputes no more are paid out."""
        return self.dispute.week is not None and self.dispute.side == Side.CLIENT

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
    "reduce": "went on with what is left",
}


@dataclass
class DisputeRecord(DisputeView):
    """Everything there is about a dispute: for the staff who decide it, and for the transcript of either side."""

    most_messages: int = MESSAGES_SHOWN

    @cached_property
    def submissions(self) -> list[Submission]:
        """What was handed in for the milestone, with its files, oldest first."""
        if self.dispute.milestone is None:
            return []
        return list(self.dispute.milestone.submissions.prefetch_related("files"))

    @cached_property
    def hours(self) -> list[TimeEntry]:
        """Of the week that it is about, in their order."""
        week = self.dispute.week
        return list(week.entries.select_related("timesheet__contract")) if week else []

    @cached_property
    def messages(self) -> list[Message]:
        """The latest of the contract's chat, oldest first."""
        said = self._said.select_related("sender").prefetch_related("attachments").order_by("-seq")
        return list(said[: self.most_messages])[::-1]

    @cached_property
    def messages_left_out(self) -> int:
        """How many came before those."""
        shown = len(self.messages)
        return self._said.count() - shown if shown == self.most_messages else 0

    @property
    def _said(self) -> QuerySet[Message]:
        """Only the staff read what was deleted."""
        said = Message.objects.filter(room=self.contract.room_id)
        return said.filter(deleted_at=None) if self.reader else said

    @cached_property
    def others(self) -> list[Dispute]:
        """Between the same two people, whichever of them hired the other; the newest first."""
        two = [self.contract.client_id, self.contract.freelancer_id]
        between = Dispute.objects.filter(contract__client__in=two, contract__freelancer__in=two)
        return list(between.exclude(pk=self.dispute.pk).with_parties())

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
    def past_decisions(self) -> list[DisputeDecision]:
        return [one for one in self.decisions if one != self.waiting_decision]

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
