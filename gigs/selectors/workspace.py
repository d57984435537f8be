"""One gig, as one person sees it."""

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from django.utils import timezone
from django.utils.functional import cached_property

from accounts.models import User
from chat.hooks import RoomContext
from chat.models import Room
from core.lifecycle import Badge
from core.money import Money
from gigs import policies
from gigs.models import Gig, NoShow
from gigs.rules import (
    GIG_LIFECYCLE,
    NO_SHOW_REPORT,
    STANDING_NO_SHOWS,
    GigStatus,
    NoShowStatus,
    Side,
    compensation,
    reportable_in,
)
from payments.rules import HoldStatus, Quote, quote


def room_context(reader: User, room: Room) -> RoomContext | None:
    """What chat shows beside the conversation of a gig."""
    gig = Gig.objects.visible_to(reader).select_related("hold").filter(room=room).first()
    if gig is None:
        return None
    held = gig.hold.held if gig.hold else None
    facts = [("Budget", gig.budget), ("Held", held), ("Starts", gig.starts_at), ("Where", gig.address)]
    shown = [(label, value) for label, value in facts if value]
    return RoomContext(gig.title, GigView(gig, reader).badge, shown, gig.hold.entries_url if gig.hold else "")


@dataclass(frozen=True)
class NextStep:
    kind: str
    waiting: bool = False
    moment: datetime | None = None


class Cancellation(NamedTuple):
    """What calling a gig off now does: `figures` of what goes to the helper, `back` to the seeker."""

    free_until: datetime | None
    is_late: bool
    is_strike: bool
    figures: Quote
    back: Money


@dataclass
class GigView:
    """One gig as one person sees it."""

    gig: Gig
    reader: User
    reviewed: bool = False

    @cached_property
    def role(self) -> str:
        return policies.role_in(self.gig, self.reader)

    @property
    def other(self) -> User | None:
        return self.gig.helper if self.role == "seeker" else self.gig.seeker

    @property
    def money_state(self) -> str:
        return self.gig.hold.status if self.gig.hold else ""

    @property
    def is_funded(self) -> bool:
        return self.money_state == HoldStatus.HELD

    @cached_property
    def quote(self) -> Quote:
        return quote(self.gig.budget, self.gig.fee_bps)

    @property
    def badge(self) -> Badge:
        if self.gig.status == GigStatus.COMPLETED and self.is_funded:
            return Badge("Done", "waiting" if self.role == "seeker" else "info", "check2")
        return self.gig.badge

    @property
    def may_cancel(self) -> bool:
        can = bool(self.role) and "cancel" in GIG_LIFECYCLE.available(self.gig.status, self.role)
        return can and self.standing_no_show is None

    @cached_property
    def cancellation(self) -> Cancellation | None:
        """As of now; None when the reader cannot call it off."""
        if not self.may_cancel:
            return None
        cost = self.gig.cost_of_cancelling(self.role, timezone.now())
        figures = quote(cost.to_helper, self.gig.fee_bps)
        return Cancellation(self.gig.free_until, cost.is_late, cost.is_strike, figures, self.gig.held - cost.to_helper)

    @property
    def is_excused(self) -> bool:
        """The seeker of a helper who cannot begin is never late."""
        return self.role == Side.SEEKER and self.gig.is_without_help

    @property
    def late_field(self) -> list[tuple[str, str]]:
        """With it a page says that it has named the cost."""
        return [("late", "yes")]

    @property
    def receives(self) -> str:
        """Whose the net is, beside what the helper got."""
        return (
            "You receive"
            if self.role == Side.HELPER or not self.gig.helper
            else f"{self.gig.helper.first_name} receives"
        )

    @cached_property
    def compensation(self) -> Quote:
        """What the helper got, or gets if the seeker calls it off late or does not come."""
        gross = self.gig.compensation or compensation(self.gig.budget, self.gig.budget)
        return quote(gross, self.gig.fee_bps)

    @property
    def no_show(self) -> NoShow | None:
        """Needs `with_people()`."""
        return getattr(self.gig, "no_show", None)

    @property
    def standing_no_show(self) -> NoShow | None:
        return self.no_show if self.no_show and self.no_show.status in STANDING_NO_SHOWS else None

    @property
    def reported(self) -> User | None:
        """Of whom it was said that they did not come."""
        return self.no_show and (self.gig.helper if self.no_show.absent == Side.HELPER else self.gig.seeker)

    @cached_property
    def no_show_until(self) -> datetime | None:
        """Until when the reader may report that the other side did not come; None when they cannot now."""
        start = self.gig.agreed_start
        if self.no_show or start is None or not self.is_funded or self.gig.status not in reportable_in(self.role):
            return None
        until = start + NO_SHOW_REPORT
        return until if start <= timezone.now() <= until else None

    @property
    def may_edit(self) -> bool:
        return self.role == "seeker" and self.gig.status == GigStatus.PENDING

    @cached_property
    def next_step(self) -> NextStep:
        if report := self.standing_no_show:
            return self._no_show_step(report)
        return self._seeker_step() if self.role == "seeker" else self._helper_step()

    def _no_show_step(self, report: NoShow) -> NextStep:
        if report.status == NoShowStatus.CONTESTED:
            return NextStep("no_show_decision")
        if report.reporter_id == self.reader.pk:
            return NextStep("no_show_answer_coming", False, report.answer_by)
        return NextStep("no_show_answer", True, report.answer_by)

    def _seeker_step(self) -> NextStep:
        match self.gig.status:
            case GigStatus.PENDING:
                return NextStep("helper_coming")
            case GigStatus.ACCEPTED:
                return (
                    NextStep("start_coming", False, self.gig.starts_at) if self.is_funded else NextStep("pay_in", True)
                )
            case GigStatus.IN_PROGRESS:
                return NextStep("under_way")
            case GigStatus.COMPLETED if self.is_funded:
                return NextStep("release", True)
        return self._end_step()

    def _helper_step(self) -> NextStep:
        match self.gig.status:
            case GigStatus.ACCEPTED:
                return NextStep("start", True, self.gig.starts_at) if self.is_funded else NextStep("pay_in_coming")
            case GigStatus.IN_PROGRESS:
                return NextStep("finish", True)
            case GigStatus.COMPLETED if self.is_funded:
                return NextStep("release_coming")
        return self._end_step()

    def _end_step(self) -> NextStep:
        if self.gig.status == GigStatus.CANCELLED:
            return NextStep("cancelled", False, self.gig.updated_at)
        return NextStep("done") if self.reviewed else NextStep("review", True)
