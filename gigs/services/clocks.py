"""What the site does by itself as time passes: reminders, silence as approval, and settling what cannot be held longer."""

from collections.abc import Callable

import structlog
from django.db import transaction
from django.urls import reverse

from accounts.models import User
from gigs.models import Gig
from gigs.querysets import GigQuerySet
from gigs.rules import GigStatus
from gigs.services.cancelling import call_off, tell_called_off
from gigs.services.money import release_finished
from gigs.services.no_shows import confirm_silently, give_up
from notifications.services import notify
from payments.rules import HOLD_ENDS, HOLD_WARNING, hold_ends_at

logger = structlog.get_logger(__name__)

BATCH = 500
LETTERS = {"gig_reminder": "gigs/emails/gig_reminder", "hold_limit_near": "gigs/emails/hold_limit_near"}
TOO_LONG = "It was not done, and 90 days are the limit."
TAKEN_BACK = "The bank took back what was held for it."
Due = Callable[[], GigQuerySet]


def release_overdue() -> int:
    """Silence is approval: release gigs that were done long enough ago. Returns how many."""
    return _each(Gig.objects.due_for_release, lambda gig: release_finished(gig, None))


def send_reminders() -> int:
    """Remind of work that waits for release, five days after it was done and two days before silence releases it."""
    early = _each(Gig.objects.due_for_early_reminder, lambda gig: _remind(gig, "remind"))
    return early + _each(Gig.objects.due_for_late_reminder, lambda gig: _remind(gig, "remind_again"))


def settle_no_shows() -> int:
    """Who was reported not to have come and says nothing to it in time, did not; what staff do not decide ends in time."""
    return _each(Gig.objects.silently_absent, confirm_silently) + _each(
        lambda: Gig.objects.undecided_for(HOLD_ENDS), _settle_undecided
    )


def watch_holds() -> int:
    """Warn both sides of funds held for 75 days, and settle what nears 90: for work that is done, or back.

    End what was begun when the bank took its funds back.
    """
    warned = _each(lambda: Gig.objects.held_for(HOLD_WARNING).exclude(events__move="warn"), _warn)
    settled = _each(lambda: Gig.objects.held_for(HOLD_ENDS), _settle)
    return warned + settled + _each(Gig.objects.taken_back, lambda gig: _lapse(gig, TAKEN_BACK))


def _each(due: Due, act: Callable[[Gig], None]) -> int:
    """Each in a transaction of its own, looked at again under the gig's lock; one that is refused does not stop the others."""

    @transaction.atomic
    def once(gig_id: int) -> bool:
        gig = Gig.objects.select_for_update(no_key=True).get(pk=gig_id)
        if not due().filter(pk=gig_id).exists():
            return False
        act(gig)
        return True

    done = 0
    for gig_id in due().order_by("pk").values_list("pk", flat=True)[:BATCH]:
        try:
            done += once(gig_id)
        except Exception:  # a fault of ours, too, must not hold the money of all others
            logger.exception("gig_stuck", gig_id=gig_id)
    return done


def _remind(gig: Gig, move: str) -> None:
    assert gig.helper is not None  # a CHECK: done by somebody
    gig.events.create(move=move, from_status=gig.status, to_status=gig.status)
    _tell(
        gig,
        gig.seeker,
        "gig_reminder",
        f"{gig.helper.get_full_name()} waits for your answer",
        helper=gig.helper.get_full_name(),
        release_at=gig.release_at,
    )


def _warn(gig: Gig) -> None:
    assert gig.hold and gig.hold.funded_at and gig.helper  # what is held was paid in for a helper
    gig.events.create(move="warn", from_status=gig.status, to_status=gig.status)
    for person in (gig.seeker, gig.helper):
        _tell(
            gig,
            person,
            "hold_limit_near",
            "Held funds have to be settled soon",
            settled_at=hold_ends_at(gig.hold.funded_at),
            goes_back=gig.status != GigStatus.COMPLETED,
        )


def _settle(gig: Gig) -> None:
    if gig.status == GigStatus.COMPLETED:  # its deadline is no later than this limit
        release_finished(gig, None)
    else:
        _lapse(gig, TOO_LONG)


def _lapse(gig: Gig, reason: str) -> None:
    tell_called_off(gig, reason, back=call_off(gig, None, "lapse", reason=reason))


def _settle_undecided(gig: Gig) -> None:
    give_up(gig)
    _settle(gig)


def _tell(gig: Gig, person: User, kind: str, title: str, **context: object) -> None:
    notify(
        person,
        kind=kind,
        title=title,
        message=gig.title,
        url=reverse("gigs:detail", args=[gig.pk]),
        data={"gig_id": gig.pk},
        email=LETTERS.get(kind),
        context={"title": gig.title, "amount": gig.budget, **context},
    )
