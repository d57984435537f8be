"""One gig, as one person sees it."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.functional import cached_property

from accounts.models import User
from chat.hooks import RoomContext
from chat.models import Room
from core.lifecycle import Badge
from gigs import policies
from gigs.models import Gig
from gigs.rules import GIG_LIFECYCLE, GigStatus
from payments.rules import HoldStatus, Quote, quote


def room_context(reader: User, room: Room) -> RoomContext | None:
    """What chat shows beside the conversation of a gig."""
    gig = Gig.objects.visible_to(reader).select_related("hold").filter(room=room).first()
    if gig is None:
        return None
    held = gig.hold.held if gig.hold else None
    facts = [("Budget", gig.budget), ("Held", held), ("Starts", gig.starts_at), ("Where", gig.address)]
    return RoomContext(gig.title, GigView(gig, reader).badge, [(label, value) for label, value in facts if value])


@dataclass(frozen=True)
class NextStep:
    kind: str
    waiting: bool = False
    moment: datetime | None = None


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
        return bool(self.role) and "cancel" in GIG_LIFECYCLE.available(self.gig.status, self.role)

    @property
    def may_edit(self) -> bool:
        return self.role == "seeker" and self.gig.status == GigStatus.PENDING

    @cached_property
    def next_step(self) -> NextStep:
        return self._seeker_step() if self.role == "seeker" else self._helper_step()

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
