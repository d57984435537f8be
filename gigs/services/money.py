"""Paying in for a gig, and releasing it."""

from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models.functions import Now
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
from payments.rules import HoldStatus, quote
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


def fund_gig(actor: User, *, gig_id: int, payment_method: str = "") -> tuple[Gig, Payment]:
    """Pay in. Held when the provider says so. Not one transaction: see payments.services.pay_hold."""
    gig = prepare_funding(actor, gig_id=gig_id)
    assert gig.hold_id is not None
    payment = pay_hold(actor, hold_id=gig.hold_id, payment_method=payment_method)
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
    _release(gig, gig.hold, actor)
    return gig


def release_overdue() -> int:
    """Silence is approval: release gigs that were done long enough ago. Returns how many."""
    due = Gig.objects.due_for_release(Now() - timedelta(days=settings.APPROVAL_DAYS)).order_by("completed_at")
    return sum(_release_overdue_one(gig_id) for gig_id in due.values_list("pk", flat=True)[:500])


@transaction.atomic
def _release_overdue_one(gig_id: int) -> bool:
    """Looks again under the lock: the seeker may have released in between."""
    gig = Gig.objects.select_for_update(no_key=True).get(pk=gig_id)
    if gig.hold is None or gig.hold.status != HoldStatus.HELD or gig.hold.frozen_at:
        return False
    _release(gig, gig.hold, None)
    return True


def _release(gig: Gig, hold: Hold, actor: User | None) -> None:
    assert gig.helper is not None  # done means that somebody did it
    figures = quote(hold.held, hold.fee_bps)
    release_hold(actor, hold=hold, cause=f"gig:{gig.pk}")
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
