"""One side says that the other did not come: reporting, answering, and what follows."""

from datetime import datetime

from django.db import transaction
from django.urls import reverse

from accounts.models import User
from accounts.policies import words_of
from accounts.rules import StrikeRule
from accounts.services import audit
from core.clock import database_now
from core.errors import Conflict, Invalid, NotFound, require
from core.money import Money
from core.queries import get_or_refuse
from gigs import policies
from gigs.models import Gig, NoShow
from gigs.rules import (
    NO_SHOW_ANSWER,
    NO_SHOW_LIFECYCLE,
    NO_SHOW_REPORT,
    NoShowStatus,
    Side,
    compensation,
    reportable_in,
)
from gigs.services.cancelling import call_off, strike, tell_called_off
from gigs.services.loading import lock_gig
from notifications.services import notify
from payments.rules import HoldStatus, hold_ends_at
from payments.services import freeze_hold, unfreeze_hold

CONFIRMED = "Nothing was said against it in time."
LETTERS = {
    "gig_no_show_reported": "gigs/emails/gig_no_show_reported",
    "gig_no_show_contested": "gigs/emails/gig_no_show_contested",
    "gig_no_show_ended": "gigs/emails/gig_no_show_ended",
}
UNDECIDED = "Nobody could say who was right, and what is held can be held no longer."


@transaction.atomic
def report_no_show(actor: User, *, gig_id: int, note: str = "") -> Gig:
    """Within a day after the start: the other side did not come. What is held is frozen; they have a day to answer.

    Once for each gig; repeating it while it stands is harmless. Conflict `gig_not_funded`, `no_agreed_start`,
    `gig_not_begun`, `no_show_too_late`, `no_show_not_possible`, `no_show_reported`.
    """
    gig = lock_gig(actor, gig_id)
    require(policies.why_not_report_no_show(actor, gig))
    known = NoShow.objects.filter(gig=gig).first()
    if known and known.reporter_id == actor.pk and known.status == NoShowStatus.OPEN:
        return gig
    if known:
        raise Conflict("no_show_reported", "For this gig it was reported already that somebody did not come.")
    role = policies.role_in(gig, actor)
    if gig.status not in reportable_in(role):
        raise Conflict("no_show_not_possible", f"This gig is {gig.get_status_display().lower()}.")
    hold = gig.hold
    if hold is None or hold.status != HoldStatus.HELD or hold.funded_at is None:
        raise Conflict("gig_not_funded", "Nothing is held for this gig, so nobody had to come. You can cancel it.")
    now = database_now()
    _require_in_time(gig, now)
    no_show = NoShow.objects.create(
        gig=gig,
        reporter=actor,
        absent=Side.HELPER if role == Side.SEEKER else Side.SEEKER,
        note=note.strip(),
        answer_by=min(now + NO_SHOW_ANSWER, hold_ends_at(hold.funded_at)),
    )
    no_show.events.create(move="report", to_status=no_show.status, actor=actor, reason=no_show.note)
    freeze_hold(actor, hold=hold, reason="Somebody did not come, one side says.")
    audit.record(actor, "no_show.reported", no_show, gig=gig.pk, absent=no_show.absent)
    _tell(
        gig,
        _reported(no_show),
        "gig_no_show_reported",
        f"{actor.get_full_name()} says that you did not come",
        no_show,
        note=no_show.note,
        answer_by=no_show.answer_by,
    )
    return gig


@transaction.atomic
def contest_no_show(actor: User, *, gig_id: int, answer: str) -> Gig:
    """The other side was there: staff decide. Conflict `no_show_not_contestable`, also when the time is over."""
    no_show = _lock(actor, gig_id)
    require(policies.why_not_answer_no_show(actor, no_show))
    said = words_of(actor, answer.strip())
    if not answer.strip():
        raise Invalid(fields={"answer": ["Say what happened, in a few words."]})
    if no_show.status == NoShowStatus.OPEN and no_show.answer_by < database_now():
        raise Conflict("no_show_not_contestable", "The time to answer is over.")
    NO_SHOW_LIFECYCLE.perform(no_show, "contest", actor=actor, reason=said, code="no_show_not_contestable", answer=said)
    audit.record(actor, "no_show.contested", no_show)
    name = actor.get_full_name()
    _tell(no_show.gig, no_show.reporter, "gig_no_show_contested", f"{name} says: I was there", no_show, answer=said)
    _call_staff(no_show)
    return no_show.gig


@transaction.atomic
def withdraw_no_show(actor: User, *, gig_id: int) -> Gig:
    """It was a mistake: the gig goes on as it was. Conflict `no_show_ended`."""
    no_show = _lock(actor, gig_id)
    require(policies.why_not_withdraw_no_show(actor, no_show))
    NO_SHOW_LIFECYCLE.perform(no_show, "withdraw", actor=actor, code="no_show_ended")
    _go_on(no_show, actor, "It was taken back.")
    _tell(no_show.gig, _reported(no_show), "gig_no_show_ended", "Nobody says any more that you did not come", no_show)
    return no_show.gig


@transaction.atomic
def decide_no_show(actor: User, *, no_show_id: int, absent: str, reasons: str) -> NoShow:
    """Staff: who did not come, "" if nobody stayed away and the gig goes on. Both sides read the reasons.

    Conflict `no_show_ended`.
    """
    found = get_or_refuse(NoShow.objects.all(), pk=no_show_id)
    no_show = _locked(Gig.objects.select_for_update(no_key=True).get(pk=found.gig_id))
    require(policies.why_not_moderate(actor, no_show.gig))
    if not reasons.strip():
        raise Invalid(fields={"reasons": ["Say why: both sides read it."]})
    if absent:
        confirm(no_show, actor, absent=absent, reasons=reasons.strip())
    else:
        reject(no_show, actor, reasons=reasons.strip())
    return no_show


def confirm_silently(gig: Gig) -> None:
    """The clock: who was reported had nothing to say to it in time. The caller has locked the gig."""
    no_show = _locked(gig)
    confirm(no_show, None, absent=no_show.absent, reasons=CONFIRMED)


def confirm(no_show: NoShow, actor: User | None, *, absent: str, reasons: str) -> None:
    """Who did not come bears it: the helper by a strike, the seeker by a part of what is held, or a strike where nothing is."""
    gig = no_show.gig
    NO_SHOW_LIFECYCLE.perform(
        no_show,
        "confirm",
        actor=actor,
        reason=reasons,
        code="no_show_ended",
        found_absent=absent,
        reasons=reasons,
        decided_by=actor,
    )
    _unfreeze(gig, actor, reasons)
    nothing = Money(0, gig.currency)
    part = compensation(gig.budget, gig.held) if absent == Side.SEEKER else nothing
    back = call_off(gig, actor, "no_show", reason=reasons, to_helper=part)
    audit.record(actor, "no_show.confirmed", no_show, gig=gig.pk, absent=absent)
    if absent == Side.HELPER or not part:
        strike(gig, _person(gig, absent), StrikeRule.DID_NOT_COME)
    tell_called_off(gig, reasons, back=back)


def reject(no_show: NoShow, actor: User | None, *, reasons: str) -> None:
    """Nobody is found to have stayed away: the gig goes on as it was."""
    NO_SHOW_LIFECYCLE.perform(
        no_show, "reject", actor=actor, reason=reasons, code="no_show_ended", reasons=reasons, decided_by=actor
    )
    _go_on(no_show, actor, reasons)
    gig = no_show.gig
    for side in Side:
        _tell(
            gig, _person(gig, side), "gig_no_show_ended", "It is decided that your gig goes on", no_show, note=reasons
        )


def give_up(gig: Gig) -> None:
    """The clock: staff did not decide while the money could be held."""
    reject(_locked(gig), None, reasons=UNDECIDED)


def _go_on(no_show: NoShow, actor: User | None, reason: str) -> None:
    _unfreeze(no_show.gig, actor, reason)
    audit.record(actor, f"no_show.{no_show.status}", no_show, gig=no_show.gig_id)


def _unfreeze(gig: Gig, actor: User | None, reason: str) -> None:
    if gig.hold and gig.hold.status == HoldStatus.HELD:
        unfreeze_hold(actor, hold=gig.hold, reason=reason)


def _lock(actor: User, gig_id: int) -> NoShow:
    """What was reported about a gig of the person's."""
    gig = lock_gig(actor, gig_id)
    if not policies.role_in(gig, actor):
        raise NotFound
    return _locked(gig)


def _locked(gig: Gig) -> NoShow:
    """The lock of the gig is that of what was reported about it."""
    no_show = get_or_refuse(NoShow.objects.select_related("reporter"), gig=gig)
    no_show.gig = gig
    return no_show


def _require_in_time(gig: Gig, now: datetime) -> None:
    start = gig.agreed_start
    if start is None:
        raise Conflict("no_agreed_start", "This gig has no agreed start. Write to each other, or cancel it.")
    if now < start:
        raise Conflict("gig_not_begun", "It has not begun yet.")
    if now > start + NO_SHOW_REPORT:
        raise Conflict("no_show_too_late", "That can be reported within 24 hours after the start.")


def _reported(no_show: NoShow) -> User:
    return _person(no_show.gig, no_show.absent)


def _person(gig: Gig, side: str) -> User:
    person = gig.helper if side == Side.HELPER else gig.seeker
    assert person is not None  # a CHECK: it was accepted by somebody
    return person


def _call_staff(no_show: NoShow) -> None:
    """Everybody whose group decides about gigs."""
    right = {"groups__permissions__codename": "change_gig", "groups__permissions__content_type__app_label": "gigs"}
    for person in User.objects.active().filter(is_staff=True, **right).distinct():
        notify(
            person,
            kind="gig_waits_for_staff",
            title="Two people do not agree who came",
            message=no_show.gig.title,
            url=reverse("admin:gigs_noshow_change", args=[no_show.pk]),
            data={"gig_id": no_show.gig_id},
        )


def _tell(gig: Gig, person: User, kind: str, title: str, no_show: NoShow, **context: object) -> None:
    """`amount` of the letter: what it costs the seeker if it is found that they did not come."""
    notify(
        person,
        kind=kind,
        title=title,
        message=gig.title,
        url=reverse("gigs:detail", args=[gig.pk]),
        data={"gig_id": gig.pk},
        email=LETTERS[kind],
        context={
            "title": gig.title,
            "name": no_show.reporter.get_full_name(),
            "amount": compensation(gig.budget, gig.held),
            "held": gig.held,
            "is_helper": person == gig.helper,
            **context,
        },
    )
