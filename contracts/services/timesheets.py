"""Sending a week, looking it over, and paying it out: each week once."""

from collections.abc import Mapping
from uuid import UUID

import structlog
from django.db import transaction
from django.db.models import Q, Sum
from django.urls import reverse

from accounts.models import User
from accounts.selectors import marketplace_rules
from accounts.services import audit
from contracts import policies
from contracts.models import Timesheet
from contracts.rules.time import (
    CORRECTED_REVIEW,
    TIMESHEET_LIFECYCLE,
    TimesheetStatus,
    pay_for,
)
from contracts.services.loading import lock_timesheet, lock_week_by_system
from contracts.services.news import tell_released
from contracts.services.settling import BATCH, settle_each
from contracts.services.timers import close_timers
from contracts.services.weeks import give_up_week, return_unworked
from core.clock import database_now, hours_text
from core.errors import Conflict, Invalid, require
from core.money import Money
from core.queries import get_or_refuse
from notifications.services import notify
from payments.models import Hold
from payments.rules import Quote, needs_two
from payments.services import refund_hold, release_hold, split_hold

logger = structlog.get_logger(__name__)

SETTLED = {"bill": "timesheet.billed", "concede": "timesheet.conceded", "decide": "timesheet.decided"}


@transaction.atomic
def submit_timesheet(actor: User, *, timesheet_id: int) -> Timesheet:
    """Send a week, or hours that were sent back, to be reviewed. The week takes no more hours.

    Corrected hours are looked at for two days at least. Conflict: `timesheet_empty`, `timer_running`,
    `timesheet_not_open`, `week_closed` once the time to correct has passed.
    """
    timesheet = lock_timesheet(actor, timesheet_id)
    require(policies.why_not_freelancer(actor, timesheet.contract))
    if timesheet.status == TimesheetStatus.SUBMITTED:
        return timesheet
    now = database_now()
    close_timers(timesheet, now)
    if timesheet.entries.running().exists():
        raise Conflict("timer_running", "The timer is running. Stop it before you send the week.")
    if timesheet.status == TimesheetStatus.RETURNED and timesheet.review_until < now:
        raise Conflict("week_closed", "The time to correct these hours has passed.")
    is_empty = not any(_minutes(timesheet))
    if is_empty and timesheet.status == TimesheetStatus.OPEN:
        raise Conflict("timesheet_empty", "There are no hours in this week to send.")
    if is_empty and timesheet.status == TimesheetStatus.RETURNED:
        return_unworked(timesheet, actor, "The hours were taken back.")
    else:
        _submit(timesheet, actor)
    return timesheet


@transaction.atomic
def approve_timesheet(actor: User, *, timesheet_id: int) -> Timesheet:
    """Approve every hour and pay the week out, also hours that were sent back or are not agreed.

    Conflict: `timesheet_already_billed`, `timesheet_not_submitted`.
    """
    timesheet = lock_timesheet(actor, timesheet_id)
    require(policies.why_not_approve(actor, timesheet.contract))
    if timesheet.status == TimesheetStatus.BILLED:
        raise Conflict("timesheet_already_billed", "This week was paid out already.")
    approve_hours(timesheet, actor)
    return timesheet


def approve_hours(timesheet: Timesheet, actor: User | None) -> None:
    """Every hour of the locked week stands, and is paid out."""
    was_contested = timesheet.status == TimesheetStatus.CONTESTED
    TIMESHEET_LIFECYCLE.perform(timesheet, "approve", actor=actor, code="timesheet_not_submitted")
    timesheet.entries.filter(rejected_at__isnull=False).update(rejection="", rejected_at=None)
    if was_contested:
        _settle_contested(timesheet, actor, "bill", None)
    else:
        _bill(timesheet, actor)


def worth_of(timesheet: Timesheet) -> Money:
    """What is held for the hours of the locked week, agreed or not; a chargeback may have left less than they come to."""
    assert timesheet.hold is not None  # a CHECK: what is not pending has a hold
    return min(pay_for(sum(_minutes(timesheet)), timesheet.rate), timesheet.hold.held)


def contest_hours(timesheet: Timesheet, actor: User, claim: Money) -> None:
    """The client claims so much of what the hours of the locked week are worth: it stays held, and the rest is paid out."""
    _contest(timesheet, actor, pays=worth_of(timesheet) - claim, keeps=claim)


@transaction.atomic
def reject_timesheet(actor: User, *, timesheet_id: int, reasons: Mapping[int, str], note: str = "") -> Timesheet:
    """Send hours back: `reasons` by the id of each entry that the client does not agree with.

    Conflict: `timesheet_not_submitted`, `review_over` once the time to review has passed.
    """
    timesheet = lock_timesheet(actor, timesheet_id)
    require(policies.why_not_client(actor, timesheet.contract))
    now = database_now()
    if timesheet.status == TimesheetStatus.SUBMITTED and timesheet.review_until < now:
        raise Conflict("review_over", "The time to review this week has passed.")
    entries = {entry.pk: entry for entry in timesheet.entries.filter(minutes__gt=0)}
    if not reasons or not reasons.keys() <= entries.keys():
        raise Invalid(fields={"entries": ["Choose the hours of this week that you do not agree with."]})
    if not all(reason.strip() for reason in reasons.values()):
        raise Invalid(fields={"entries": ["Say for each of them what is wrong."]})
    TIMESHEET_LIFECYCLE.perform(timesheet, "reject", actor=actor, reason=note, code="timesheet_not_submitted")
    for entry_id, reason in reasons.items():
        timesheet.entries.filter(pk=entry_id).update(rejection=reason.strip()[:500], rejected_at=now)
    sent_back = sum(entries[entry_id].minutes for entry_id in reasons)
    audit.record(actor, "timesheet.rejected", timesheet, minutes=sent_back)
    _tell(
        timesheet,
        timesheet.contract.freelancer,
        "timesheet_returned",
        f"{hours_text(sent_back)} hours were sent back to you",
        f"{timesheet.contract.title}: correct them and send the week again.",
    )
    return timesheet


@transaction.atomic
def concede_timesheet(actor: User, *, timesheet_id: int) -> Timesheet:
    """The freelancer gives up hours that are not agreed; what is held for them goes back to the client."""
    timesheet = lock_timesheet(actor, timesheet_id)
    require(policies.why_not_give_up(actor, timesheet.contract))
    _require_contested(timesheet)
    _settle_contested(timesheet, actor, "concede", Money(0, timesheet.currency))
    return timesheet


def return_contested(timesheet: Timesheet, reason: str) -> None:
    """Nobody agreed on the hours of the locked week: what is held for them goes back to the client."""
    _settle_contested(timesheet, None, "decide", Money(0, timesheet.currency), reason)


@transaction.atomic
def decide_timesheet(actor: User, *, timesheet_id: int, amount: Money, reason: str) -> Timesheet:
    """Staff decide how much (gross) of what is held for hours that are not agreed the freelancer gets.

    Conflict: `timesheet_not_contested`, `amount_exceeds_held`, `needs_two_people` about as much money as only two decide.
    """
    found = get_or_refuse(Timesheet.objects.all(), pk=timesheet_id)
    timesheet = lock_week_by_system(timesheet_id, found.contract_id)
    require(policies.why_not_decide_hours(actor, timesheet.contract))
    if not reason.strip():
        raise Invalid(fields={"reason": ["Say why; both sides read it."]})
    _require_contested(timesheet)
    assert timesheet.hold is not None
    if needs_two(timesheet.hold.held, marketplace_rules().dispute_two_staff_over):
        raise Conflict(
            "needs_two_people",
            f"{timesheet.hold.held} is held, about which two of us decide: in a dispute, which either side can open.",
        )
    if amount.currency != timesheet.currency or amount.minor < 0 or amount > timesheet.hold.held:
        raise Conflict("amount_exceeds_held", f"From nothing to {timesheet.hold.held}, which is held.")
    _settle_contested(timesheet, actor, "decide", amount, reason)
    return timesheet


def send_due_weeks() -> int:
    """Monday noon: weeks with hours go to their clients, the money of others goes back. Returns how many."""
    due = Timesheet.objects.to_send(database_now()).order_by("edits_until")
    return settle_each(due.values_list("pk", "contract_id")[:BATCH], _send_due_one)


def bill_due_weeks() -> int:
    """Silence is approval: pay out the weeks whose time to review has passed. Returns how many."""
    due = Timesheet.objects.to_bill(database_now()).order_by("review_until")
    return settle_each(due.values_list("pk", "contract_id")[:BATCH], _bill_due_one)


@transaction.atomic
def _send_due_one(timesheet_id: int, contract_id: UUID) -> bool:
    timesheet = lock_week_by_system(timesheet_id, contract_id)
    now = database_now()
    if not Timesheet.objects.to_send(now).filter(pk=timesheet_id).exists():
        return False
    if timesheet.status == TimesheetStatus.PENDING:
        give_up_week(timesheet, None, "The week has passed.")
        return True
    close_timers(timesheet, now)
    if any(_minutes(timesheet)):
        _submit(timesheet, None)
    else:
        return_unworked(timesheet, None, "Nothing was worked in this week.")
    return True


@transaction.atomic
def _bill_due_one(timesheet_id: int, contract_id: UUID) -> bool:
    """Looks again under the locks: an answer may have come in between."""
    timesheet = lock_week_by_system(timesheet_id, contract_id)
    if not Timesheet.objects.to_bill(database_now()).filter(pk=timesheet_id).exists():
        return False
    _bill(timesheet, None)
    logger.info("week_billed_by_silence", timesheet_id=timesheet_id)
    return True


def _submit(timesheet: Timesheet, actor: User | None) -> None:
    now = database_now()
    review_until = timesheet.review_until
    if timesheet.status == TimesheetStatus.RETURNED:
        timesheet.entries.filter(rejected_at__isnull=False).update(rejection="", rejected_at=None)
        assert timesheet.held_until is not None  # a CHECK: what is sent was paid in
        review_until = min(max(review_until, now + CORRECTED_REVIEW), timesheet.held_until)
    TIMESHEET_LIFECYCLE.perform(
        timesheet,
        "submit",
        actor=actor,
        reason="" if actor else "The week has passed.",
        code="timesheet_not_open",
        submitted_at=now,
        review_until=review_until,
    )
    minutes = sum(_minutes(timesheet))
    audit.record(actor, "timesheet.submitted", timesheet, minutes=minutes)
    contract = timesheet.contract
    notify(
        contract.client,
        kind="timesheet_submitted",
        title=f"{hours_text(minutes)} hours to look over",
        message=f"{contract.title}: {timesheet.name}",
        url=reverse("contracts:week", args=[timesheet.pk]),
        data={"contract_id": str(contract.pk), "timesheet_id": timesheet.pk},
        email="contracts/emails/timesheet_submitted",
        context={
            "contract": contract.title,
            "freelancer": contract.freelancer.get_full_name(),
            "hours": hours_text(minutes),
            "amount": pay_for(minutes, timesheet.rate),
            "release_at": review_until,
        },
    )


def _minutes(timesheet: Timesheet) -> tuple[int, int]:
    """Of the week's finished entries: those that stand, and those that the client sent back."""
    rejected = Q(rejected_at__isnull=False)
    sums = timesheet.entries.aggregate(
        accepted=Sum("minutes", filter=~rejected), sent_back=Sum("minutes", filter=rejected)
    )
    return sums["accepted"] or 0, sums["sent_back"] or 0


def _bill(timesheet: Timesheet, actor: User | None) -> None:
    """Pay out the hours that stand, keep what those sent back come to, give the rest of the week's money back.

    A chargeback may have left less than the hours come to: then what is left. The status moves before the money, so
    that news of the hold finds it decided.
    """
    hold = timesheet.hold
    assert hold is not None  # a CHECK: what is not pending has a hold
    hold.refresh_from_db()
    accepted, sent_back = _minutes(timesheet)
    if not accepted and not sent_back:
        return_unworked(timesheet, actor, "The hours were taken back.")
        return
    pays = min(pay_for(accepted, timesheet.rate), hold.held)
    keeps = min(pay_for(accepted + sent_back, timesheet.rate) - pay_for(accepted, timesheet.rate), hold.held - pays)
    if keeps:
        _tell_contested(timesheet, keeps)
        _contest(timesheet, actor, pays=pays, keeps=keeps)
        return
    if timesheet.status != TimesheetStatus.APPROVED:
        TIMESHEET_LIFECYCLE.perform(timesheet, "approve", reason="No answer within the time to review.")
    TIMESHEET_LIFECYCLE.perform(timesheet, "bill", actor=actor, billed_minor=pays.minor, billed_at=database_now())
    _pay(timesheet, hold, actor, pays=pays, keeps=keeps)


def _contest(timesheet: Timesheet, actor: User | None, *, pays: Money, keeps: Money) -> None:
    assert timesheet.hold is not None
    TIMESHEET_LIFECYCLE.perform(timesheet, "contest", actor=actor, billed_minor=pays.minor)
    _pay(timesheet, timesheet.hold, actor, pays=pays, keeps=keeps)


def _pay(timesheet: Timesheet, hold: Hold, actor: User | None, *, pays: Money, keeps: Money) -> None:
    """Of the week's money: `pays` to the freelancer, `keeps` stays held, the rest goes back."""
    figures = hold.quote(pays)
    if pays:
        release_hold(actor, hold=hold, amount=pays, cause=f"timesheet:{timesheet.pk}")
    if hold.held > keeps:
        refund_hold(
            actor,
            hold=hold,
            amount=hold.held - keeps,
            reason="This time was not worked.",
            cause=f"timesheet:{timesheet.pk}",
        )
    audit.record(actor, "timesheet.billed", timesheet, amount=pays.as_string(), currency=timesheet.currency)
    if pays:
        _tell_paid(timesheet, figures)


def _require_contested(timesheet: Timesheet) -> None:
    if timesheet.status != TimesheetStatus.CONTESTED:
        raise Conflict("timesheet_not_contested", "There are no hours in this week that are not agreed.")


def _settle_contested(
    timesheet: Timesheet, actor: User | None, move: str, to_freelancer: Money | None, reason: str = ""
) -> None:
    """What was kept for hours that were not agreed: all of it to the freelancer if no amount is said."""
    hold = timesheet.hold
    assert hold is not None
    hold.refresh_from_db()
    if hold.frozen_at is not None:
        raise Conflict("hold_frozen", "These funds are in dispute, so they move only by its outcome.")
    pays = hold.held if to_freelancer is None else to_freelancer
    figures = hold.quote(pays)
    billed = timesheet.billed + pays
    if billed:  # otherwise all of the week goes back, and that is its end
        TIMESHEET_LIFECYCLE.perform(
            timesheet, move, actor=actor, reason=reason, billed_minor=billed.minor, billed_at=database_now()
        )
    split_hold(
        actor,
        hold=hold,
        to_payee=pays,
        reason=reason or "These hours were not agreed.",
        cause=f"timesheet:{timesheet.pk}:contested",
    )
    timesheet.refresh_from_db()
    audit.record(actor, SETTLED[move], timesheet, amount=pays.as_string(), currency=timesheet.currency)
    if pays:
        _tell_paid(timesheet, figures)
    for person in (timesheet.contract.client, timesheet.contract.freelancer):
        if person != actor:
            text = reason or f"{pays} of what was held went to {timesheet.contract.freelancer.get_full_name()}."
            _tell(timesheet, person, "timesheet_settled", f"{timesheet}: it is settled", text)


def _tell_contested(timesheet: Timesheet, kept: Money) -> None:
    for person in (timesheet.contract.client, timesheet.contract.freelancer):
        _tell(
            timesheet,
            person,
            "timesheet_contested",
            f"{kept} stays held: hours are not agreed",
            f"{timesheet.contract.title}: agree on them, or ask for a decision.",
        )


def _tell_paid(timesheet: Timesheet, figures: Quote) -> None:
    tell_released(
        timesheet.contract,
        figures,
        title=f"{timesheet.contract.title}, {timesheet.name}",
        url=reverse("contracts:week", args=[timesheet.pk]),
        about={"timesheet_id": timesheet.pk},
    )


def _tell(timesheet: Timesheet, person: User, kind: str, title: str, message: str) -> None:
    notify(
        person,
        kind=kind,
        title=title,
        message=message,
        url=reverse("contracts:week", args=[timesheet.pk]),
        data={"contract_id": str(timesheet.contract_id), "timesheet_id": timesheet.pk},
    )
