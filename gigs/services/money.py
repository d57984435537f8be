"""Paying in for a gig, and releasing it."""

from django.db import transaction
from django.urls import reverse

from accounts.models import User
from accounts.services import audit, count_finished_job
from core.errors import Conflict, require
from gigs import policies
from gigs.models import Gig
from gigs.rules import GigStatus
from gigs.services.loading import lock_gig
from notifications.services import notify
from payments.models import Hold, Payment
from payments.rules import HoldStatus, ProviderName, quote
from payments.services import open_hold, pay_hold, release_hold


@transaction.atomic
def prepare_funding(actor: User, *, gig_id: int) -> Gig:
    """Gives an accepted gig its hold, so that it can be paid. Repeating it is harmless."""
    gig = lock_gig(actor, gig_id)
    require(policies.why_not_seeker(actor, gig))
    if gig.hold_id:
        return gig
    if gig.status != GigStatus.ACCEPTED:
        raise Conflict("gig_not_accepted", "You pay in once a helper has accepted.")
    assert gig.helper is not None  # a CHECK: accepted means that somebody did
    gig.hold = open_hold(
        payer=gig.seeker,
        payee=gig.helper,
        amount=gig.budget,
        fee_bps=gig.fee_bps,
        purpose=Hold.Purpose.GIG,
        title=gig.title,
        url=reverse("gigs:detail", args=[gig.pk]),
    )
    gig.save(update_fields=["hold"])
    return gig


def fund_gig(
    actor: User, *, gig_id: int, payment_method: str = "", provider: str = ProviderName.STRIPE
) -> tuple[Gig, Payment]:
    """Pay in. Held when the provider says so. Not one transaction: see payments.services.pay_hold."""
    gig = prepare_funding(actor, gig_id=gig_id)
    assert gig.hold_id is not None
    payment = pay_hold(actor, hold_id=gig.hold_id, payment_method=payment_method, provider=provider)
    gig.refresh_from_db()
    return gig, payment


@transaction.atomic
def release_gig(actor: User, *, gig_id: int) -> Gig:
    """Release the held funds of a finished gig to the helper. Conflict `gig_not_completed`, `gig_already_released`."""
    gig = lock_gig(actor, gig_id)
    require(policies.why_not_release(actor, gig))
    if gig.status != GigStatus.COMPLETED:
        raise Conflict("gig_not_completed", "The helper has not said that the work is done.")
    assert gig.hold is not None  # started means funded
    if gig.hold.status == HoldStatus.RELEASED:
        raise Conflict("gig_already_released", "The funds of this gig were released already.")
    release_finished(gig, actor)
    return gig


def release_finished(gig: Gig, actor: User | None) -> None:
    """The caller has locked the gig, and asked whether it may be. Without an actor, its deadline passed in silence."""
    hold = gig.hold
    assert hold is not None and gig.helper is not None  # done means that somebody was paid in for and did it
    figures = quote(hold.held, hold.fee_bps)
    release_hold(actor, hold=hold, cause=f"gig:{gig.pk}")
    if actor is None:
        gig.lapsed_at = gig.release_at
        gig.save(update_fields=["lapsed_at"])
    reason = "" if actor else "No answer within the agreed time."
    gig.events.create(move="release", from_status=gig.status, to_status=gig.status, actor=actor, reason=reason)
    count_finished_job(gig.helper)
    audit.record(actor, "gig.released", gig, amount=figures.gross.as_string(), currency=gig.currency)
    url = reverse("gigs:detail", args=[gig.pk])
    context = {
        "title": gig.title,
        "gross": figures.gross,
        "fee": figures.fee,
        "net": figures.net,
        "helper": gig.helper.get_full_name(),
        "seeker": gig.seeker.get_full_name(),
    }
    notify(
        gig.helper,
        kind="payment_received",
        title=f"{figures.net} was released to you",
        message=gig.title,
        url=url,
        data={"gig_id": gig.pk},
        email="gigs/emails/payment_received",
        context=context,
    )
    notify(
        gig.seeker,
        kind="payment_sent",
        title=f"{figures.gross} was released to {gig.helper.get_full_name()}",
        message=gig.title,
        url=url,
        data={"gig_id": gig.pk},
        email="gigs/emails/payment_sent",
        context=context,
    )


def lock_for_hold(hold_id: int) -> None:
    """Take the gig's lock before payments locks its hold."""
    Gig.objects.select_for_update(no_key=True).filter(hold_id=hold_id).first()


def gig_funded(hold: Hold) -> None:
    """The hold's money is here: the helper may start. Called by payments inside its transaction."""
    gig = Gig.objects.select_related("helper").get(hold=hold)
    if gig.helper is None:
        return
    url = reverse("gigs:detail", args=[gig.pk])
    notify(
        gig.helper,
        kind="gig_funded",
        title="Funds are held, you can start",
        message=f"{gig.title}, {gig.budget}",
        url=url,
        data={"gig_id": gig.pk},
        email="gigs/emails/gig_funded",
        context={"title": gig.title, "amount": gig.budget},
    )


def gig_charged_back(hold: Hold) -> None:
    """The bank of who ordered the gig took back what was held. Called by payments inside its transaction."""
    gig = Gig.objects.select_related("helper").get(hold=hold)
    if gig.helper is None:
        return
    left = f"{hold.held} is still held." if hold.held else "Nothing is held any more, so do not go."
    notify(
        gig.helper,
        kind="gig_charged_back",
        title="The bank took back what was held for a gig",
        message=f"{gig.title}. {left}",
        url=reverse("gigs:detail", args=[gig.pk]),
        data={"gig_id": gig.pk},
    )
