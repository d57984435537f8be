"""Calling a gig off, and what it costs whoever does so late."""

from django.db import transaction
from django.urls import reverse

from accounts.models import User
from accounts.policies import words_of
from accounts.rules import StrikeRule
from accounts.services import audit, give_strike
from core.clock import database_now
from core.errors import Conflict, require
from core.money import Money
from core.queries import get_or_refuse
from gigs import policies
from gigs.models import Gig, NoShow
from gigs.rules import GIG_LIFECYCLE, STANDING_NO_SHOWS, GigStatus
from gigs.services.loading import lock_gig
from notifications.services import notify
from payments.rules import HoldStatus, quote
from payments.services import refund_hold, release_hold


@transaction.atomic
def cancel_gig(actor: User, *, gig_id: int, reason: str = "", late: bool = True) -> Gig:
    """Before the work starts, either side may call it off: for free in time, later see `rules.cost_of_cancelling`.

    Not `late`: Conflict `cancellation_is_late` instead of a cost, for whoever was told that there is none.
    """
    gig = lock_gig(actor, gig_id)
    require(policies.why_not_cancel(actor, gig))
    if gig.status == GigStatus.CANCELLED:
        return gig
    cost = gig.cost_of_cancelling(policies.role_in(gig, actor), database_now())
    if cost.is_late and not late:
        raise Conflict("cancellation_is_late", "It is not free any more. Look again at what calling it off costs now.")
    said = words_of(actor, reason)
    back = call_off(gig, actor, "cancel", reason=said, to_helper=cost.to_helper)
    if cost.is_strike:
        strike(gig, actor, StrikeRule.CANCELLED_LATE)
    tell_called_off(gig, said, back=back, besides=None if cost.is_late else actor)
    return gig


@transaction.atomic
def cancel_gig_as_staff(actor: User, *, gig_id: int, reason: str) -> Gig:
    """For staff who may change gigs: somebody else's gig, at no cost to anybody. Both sides are told."""
    gig = get_or_refuse(Gig.objects.select_for_update(no_key=True), pk=gig_id)
    require(policies.why_not_moderate(actor, gig))
    tell_called_off(gig, reason, back=call_off(gig, actor, "cancel", reason=reason))
    return gig


def call_off(gig: Gig, actor: User | None, move: str, *, reason: str, to_helper: Money | None = None) -> Money:
    """End it without the work: a part (gross) of what is held goes to the helper, the rest back. Returns what goes back.

    The caller has locked the gig. Conflict `gig_under_way`, `no_show_stands`, and those of `release_hold` and `refund_hold`.
    """
    if NoShow.objects.filter(gig=gig, status__in=STANDING_NO_SHOWS).exists():
        raise Conflict("no_show_stands", "One of you says that the other did not come. That has to be settled first.")
    part, cause = to_helper or Money(0, gig.currency), f"gig:{gig.pk}"
    back = gig.held - part
    GIG_LIFECYCLE.perform(
        gig,
        move,
        actor=actor,
        reason=reason,
        code="gig_under_way",
        compensation_minor=part.minor,
        completed_at=None,
        release_at=None,
    )
    hold = gig.hold
    if hold and part:
        release_hold(actor, hold=hold, amount=part, cause=cause)
    if hold and hold.status != HoldStatus.RELEASED:
        refund_hold(actor, hold=hold, reason="The gig was cancelled.", cause=cause)
    audit.record(
        actor, "gig.cancelled", gig, reason=reason, compensation=part.as_string(), back=back.as_string(),
        currency=gig.currency,
    )  # fmt: skip
    return back


def strike(gig: Gig, person: User, rule: StrikeRule) -> None:
    """Keep it, and say so to the person."""
    give_strike(person, rule=rule, subject=gig, about=gig.title, url=reverse("gigs:detail", args=[gig.pk]))
    notify(
        person,
        kind="strike_received",
        title=f"A strike: {rule.label.lower()}",
        message=gig.title,
        url=reverse("settings:standing"),
        data={"gig_id": gig.pk},
        email="gigs/emails/strike_received",
        context={"title": gig.title, "rule": rule.label.lower()},
    )


def tell_called_off(gig: Gig, reason: str, *, back: Money, besides: User | None = None) -> None:
    """Both sides, of what was called off and where the money goes."""
    figures = quote(gig.compensation, gig.fee_bps)
    for person in (gig.seeker, gig.helper):
        if person is None or person == besides:
            continue
        money = [f"{figures.gross} goes to the helper."] if figures.gross else []
        money += [f"{back} goes back."] if back else []
        notify(
            person,
            kind="gig_cancelled",
            title="A gig was cancelled",
            message=" ".join(filter(None, [f"{gig.title}.", reason, *money])),
            url=reverse("gigs:detail", args=[gig.pk]),
            data={"gig_id": gig.pk},
            email="gigs/emails/gig_cancelled" if gig.helper else None,
            context={"title": gig.title, "reason": reason, "amount": back, **figures._asdict()},
        )
