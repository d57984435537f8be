"""Suspensions and their appeals, and strikes."""

from django.db import transaction
from django.db.models import Model
from django.utils import timezone

from accounts import policies
from accounts.models import ApiKey, Appeal, Strike, Suspension, User
from accounts.rules import APPEAL_DAYS
from accounts.services import audit
from accounts.services.sessions import end_all_sessions
from accounts.services.staff_rights import write_groups
from core import jobs
from core.errors import Conflict, Invalid, NotFound, require
from core.queries import get_or_refuse


@transaction.atomic
def suspend(actor: User, *, user_id: int, rule: str, evidence: str, reason: str) -> Suspension:
    """All sign-ins, tokens and keys end at once; what the person offers is hidden; a letter says why and how to appeal.

    What was earned is paid, and the copy of the person's data stays open. Staff, whom only an administrator may suspend,
    lose their rights too, and lifting does not bring these back. Conflict `already_suspended`.
    """
    user = get_or_refuse(User.objects.select_for_update(no_key=True), pk=user_id)
    require(policies.why_not_suspend(actor, user))
    if user.is_suspended:
        raise Conflict("already_suspended", "This person is suspended already.")
    now = timezone.now()
    suspension = Suspension.objects.create(
        user=user,
        rule=rule,
        evidence=evidence,
        reason=_said(reason, "reason"),
        imposed_by=actor,
        imposed_at=now,
        appeal_until=now + APPEAL_DAYS,
    )
    user.suspended_at = now
    user.save(update_fields=["suspended_at", "updated_at"])
    if user.is_staff:
        write_groups(actor, user, [])
    ApiKey.objects.filter(user=user, revoked_at=None).update(revoked_at=now)
    end_all_sessions(user, reason="suspended")
    audit.record(actor, "person.suspended", user, suspension=suspension.pk, rule=rule, evidence=evidence)
    jobs.enqueue("accounts.send_suspended", suspension_id=suspension.pk)
    return suspension


@transaction.atomic
def lift_suspension(actor: User, *, user_id: int, reason: str) -> Suspension:
    """Conflict `not_suspended` when nothing stands (any more)."""
    user = get_or_refuse(User.objects.select_for_update(no_key=True), pk=user_id)
    require(policies.why_not_staff(actor, "accounts.change_suspension"))
    suspension = user.suspensions.standing().first()
    if suspension is None:
        raise Conflict("not_suspended", "This person is not suspended.")
    _lift(suspension, user, actor, _said(reason, "reason"))
    jobs.enqueue("accounts.send_suspension_lifted", suspension_id=suspension.pk)
    return suspension


@transaction.atomic
def appeal(actor: User, *, text: str) -> Appeal:
    """The suspended person's answer, once and in time. Conflict `not_suspended`, `already_appealed`, `appeal_too_late`."""
    user = User.objects.select_for_update(no_key=True).get(pk=actor.pk)
    suspension = user.suspensions.standing().select_related("appeal").first()
    if suspension is None:
        raise Conflict("not_suspended", "Your account is not suspended.")
    if hasattr(suspension, "appeal"):
        raise Conflict("already_appealed", "You have appealed already. We answer by e-mail.")
    if timezone.now() > suspension.appeal_until:
        raise Conflict("appeal_too_late", "The time to appeal is over.")
    made = Appeal.objects.create(suspension=suspension, text=_said(text, "text"))
    audit.record(user, "suspension.appealed", suspension)
    return made


@transaction.atomic
def decide_appeal(actor: User, *, appeal_id: int, uphold: bool, answer: str) -> Appeal:
    """By other staff than who imposed the suspension; upheld lifts it. Conflict `appeal_decided` when it was decided."""
    user_id = Appeal.objects.filter(pk=appeal_id).values_list("suspension__user_id", flat=True).first()
    if user_id is None:
        raise NotFound
    user = User.objects.select_for_update(no_key=True).get(pk=user_id)
    decided = Appeal.objects.select_related("suspension").get(pk=appeal_id)
    require(policies.why_not_decide_appeal(actor, decided))
    if decided.decided_at:
        raise Conflict("appeal_decided", "This appeal was decided already.")
    decided.decided_at, decided.decided_by = timezone.now(), actor
    decided.is_upheld, decided.answer = uphold, _said(answer, "answer")
    decided.save()
    audit.record(actor, "appeal.decided", decided, upheld=uphold)
    if uphold and decided.suspension.lifted_at is None:
        _lift(decided.suspension, user, actor, decided.answer)
    jobs.enqueue("accounts.send_appeal_decided", appeal_id=decided.pk)
    return decided


def give_strike(user: User, *, rule: str, subject: Model, about: str, url: str) -> Strike:
    """Keep that the person broke a rule, once for each subject. Whoever calls tells them; staff see it in the console."""
    strike = Strike.objects.create(
        user=user,
        rule=rule,
        subject_type=subject._meta.label_lower,
        subject_id=str(subject.pk),
        about=about,
        url=url,
    )
    audit.record(None, "person.struck", user, rule=rule, strike=strike.pk)
    return strike


def _lift(suspension: Suspension, user: User, actor: User, reason: str) -> None:
    suspension.lifted_at, suspension.lifted_by, suspension.lifted_reason = timezone.now(), actor, reason[:2000]
    suspension.save(update_fields=["lifted_at", "lifted_by", "lifted_reason"])
    user.suspended_at = None
    user.save(update_fields=["suspended_at", "updated_at"])
    audit.record(actor, "person.suspension_lifted", user, suspension=suspension.pk)


def _said(text: str, field: str) -> str:
    """Invalid at `field` for nothing: the other side gets to read it."""
    if not text.strip():
        raise Invalid(fields={field: ["Say why, in a few words."]})
    return text.strip()
