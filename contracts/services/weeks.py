"""Weeks of hourly contracts: opening and paying them in, the weekly cap, and what becomes of them when all ends."""

from datetime import date
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.urls import reverse

from accounts.models import User
from accounts.services import audit
from contracts import policies
from contracts.models import Contract, TimeEntry, Timesheet
from contracts.rules.time import (
    MIN_CAP,
    TIMESHEET_LIFECYCLE,
    WEEK,
    WORKED_WEEKS,
    TimesheetStatus,
    edits_until,
    most_minutes,
    pay_for,
    review_until,
    week_of,
)
from contracts.services.loading import lock_contract, lock_timesheet, lock_week_by_system, require_active
from contracts.services.settling import BATCH, settle_each
from core.clock import database_now, hours_text
from core.errors import Conflict, Invalid, require
from notifications.services import notify
from payments.models import Hold, Payment
from payments.rules import ProviderName
from payments.services import open_hold, pay_hold, refund_hold, require_chargeable


def open_weeks(contract: Contract) -> None:
    """This week and the next one exist, so that they can be paid in. The caller holds the contract's lock."""
    this_week = week_of(database_now())
    for week in (this_week, this_week + WEEK):
        _open_week(contract, week)


def open_due_weeks() -> int:
    """The same for every hourly contract that goes on. Returns how many were without."""
    this_week = week_of(database_now())
    missing = Contract.objects.taking_hours().exclude(
        Exists(Timesheet.objects.filter(contract=OuterRef("pk"), week_start=this_week))
        & Exists(Timesheet.objects.filter(contract=OuterRef("pk"), week_start=this_week + WEEK))
    )
    return settle_each(missing.order_by("pk").values_list("pk")[:BATCH], _open_weeks_of)


@transaction.atomic
def _open_weeks_of(contract_id: UUID) -> bool:
    contract = Contract.objects.taking_hours().select_for_update(no_key=True).filter(pk=contract_id).first()
    if contract is None:
        return False
    open_weeks(contract)
    return True


def _open_week(contract: Contract, week: date) -> None:
    assert contract.hourly_rate_minor is not None and contract.weekly_cap_minutes is not None
    timesheet, is_new = Timesheet.objects.get_or_create(
        contract=contract,
        week_start=week,
        defaults={
            "rate_minor": contract.hourly_rate_minor,
            "currency": contract.currency,
            "cap_minutes": contract.weekly_cap_minutes,
            "edits_until": edits_until(week),
            "review_until": review_until(week),
        },
    )
    if is_new:
        timesheet.events.create(move="open", to_status=timesheet.status)


@transaction.atomic
def prepare_week(actor: User, *, timesheet_id: int) -> Timesheet:
    """Gives a week its hold, so that it can be paid in: the cap at the week's rate. Repeating it is harmless.

    Conflict `week_over` once it has ended.
    """
    timesheet = lock_timesheet(actor, timesheet_id)
    contract = timesheet.contract
    require(policies.why_not_client(actor, contract))
    if timesheet.status != TimesheetStatus.PENDING:
        return timesheet
    _require_payable(timesheet)
    if timesheet.hold_id is None:
        timesheet.hold = open_hold(
            payer=contract.client,
            payee=contract.freelancer,
            amount=timesheet.price,
            fee_bps=contract.fee_bps,
            purpose=Hold.Purpose.TIMESHEET,
            title=f"{contract.title}: {timesheet.name}"[:200],
            url=reverse("contracts:detail", args=[contract.pk]),
        )
        timesheet.save(update_fields=["hold"])
    return timesheet


def fund_week(
    actor: User, *, timesheet_id: int, payment_method: str = "", provider: str = ProviderName.STRIPE
) -> tuple[Timesheet, Payment]:
    """Pay a week in. Open for work when the provider says so: at once with a working `payment_method`.

    Not one transaction: the hold and the payment are written and committed before the provider is called.
    """
    timesheet = prepare_week(actor, timesheet_id=timesheet_id)
    if timesheet.hold_id is None or timesheet.status == TimesheetStatus.REFUNDED:
        raise Conflict("week_over", "There is nothing to pay in for this week.")
    payment = pay_hold(actor, hold_id=timesheet.hold_id, payment_method=payment_method, provider=provider)
    timesheet.refresh_from_db()
    return timesheet, payment


def require_payable(hold: Hold) -> None:
    """Called by payments before a hold is paid in, whichever way leads there."""
    _require_payable(Timesheet.objects.select_related("contract").get(hold=hold))


def _require_payable(timesheet: Timesheet) -> None:
    """Conflict unless the contract goes on and the week is not over."""
    require_active(timesheet.contract)
    if timesheet.ends_at <= database_now():
        raise Conflict("week_over", "This week is over. Pay in for the one that runs, or for the next one.")


def lock_for_hold(hold_id: int) -> None:
    """Take the contract's and the week's locks, in this order, before payments locks their hold."""
    timesheet = Timesheet.objects.filter(hold_id=hold_id).first()
    if timesheet:
        lock_week_by_system(timesheet.pk, timesheet.contract_id)


def week_funded(hold: Hold) -> None:
    """The week's money is here: hours may be logged. Called by payments inside its transaction."""
    timesheet = Timesheet.objects.select_related("contract__freelancer").get(hold=hold)
    TIMESHEET_LIFECYCLE.perform(timesheet, "fund", actor=hold.payer)
    contract = timesheet.contract
    notify(
        contract.freelancer,
        kind="timesheet_funded",
        title=f"{timesheet} is paid in, you can log time",
        message=f"{contract.title}: up to {hours_text(timesheet.cap_minutes)} hours",
        url=reverse("contracts:detail", args=[contract.pk]),
        data={"contract_id": str(contract.pk), "timesheet_id": timesheet.pk},
        email="contracts/emails/milestone_funded",
        context={"title": f"{contract.title}, {timesheet.name}", "amount": hold.amount},
    )


def week_released(hold: Hold) -> None:
    """Money of a week went to the freelancer. Called by payments inside its transaction.

    Our own services have moved the week before; a dispute's outcome has not.
    """
    if not hold.held_minor:
        _end_by_outcome(Timesheet.objects.get(hold=hold), hold)


def week_refunded(hold: Hold) -> None:
    """The last of a week's money went back to the client. Called by payments inside its transaction."""
    timesheet = Timesheet.objects.get(hold=hold)
    if hold.released_minor or hold.fee_minor:
        _end_by_outcome(timesheet, hold)
    elif timesheet.status in TIMESHEET_LIFECYCLE.moves["refund"].sources:
        TIMESHEET_LIFECYCLE.perform(timesheet, "refund")


def _end_by_outcome(timesheet: Timesheet, hold: Hold) -> None:
    if timesheet.status in TIMESHEET_LIFECYCLE.moves["decide"].sources:
        paid = hold.released_minor + hold.fee_minor
        TIMESHEET_LIFECYCLE.perform(
            timesheet, "decide", reason="By the outcome of the dispute.", billed_minor=paid, billed_at=database_now()
        )


@transaction.atomic
def change_weekly_cap(actor: User, *, contract_id: UUID, minutes: int) -> Contract:
    """How long a week may be at most, from the first week on that is not paid in. Paid-in weeks keep their cap.

    Conflict `contract_not_hourly`; Invalid outside what can be paid in at once.
    """
    contract = lock_contract(actor, contract_id)
    require(policies.why_not_client(actor, contract))
    require_hourly(contract)
    require_active(contract)
    check_cap(contract, minutes)
    if contract.weekly_cap_minutes == minutes:
        return contract
    before = contract.weekly_cap_minutes
    contract.weekly_cap_minutes = minutes
    contract.save(update_fields=["weekly_cap_minutes"])
    for timesheet in contract.timesheets.filter(status=TimesheetStatus.PENDING).select_for_update(no_key=True):
        _call_off_hold(timesheet, actor, "The weekly limit was changed.")
        timesheet.hold, timesheet.cap_minutes = None, minutes
        timesheet.save(update_fields=["hold", "cap_minutes"])
    audit.record(actor, "contract.cap_changed", contract, before=before, after=minutes)
    notify(
        contract.freelancer,
        kind="contract_cap_changed",
        title=f"Up to {hours_text(minutes)} hours a week",
        message=f"{contract.title}: from the next week on that is paid in",
        url=reverse("contracts:detail", args=[contract.pk]),
        data={"contract_id": str(contract.pk)},
    )
    return contract


def require_hourly(contract: Contract) -> None:
    if not contract.is_hourly:
        raise Conflict("contract_not_hourly", "This contract has a fixed price. Its work is paid by milestones.")


def check_cap(contract: Contract, minutes: int) -> None:
    """Invalid for a cap that is too short or could not be paid in at once."""
    rate = contract.hourly_rate
    assert rate is not None
    most = most_minutes(rate)
    if not MIN_CAP <= minutes <= most:
        raise Invalid(fields={"weekly_cap_minutes": [f"From {hours_text(MIN_CAP)} to {hours_text(most)} hours."]})
    require_chargeable(pay_for(minutes, rate), "weekly_cap_minutes")


def cancel_weeks(contract: Contract, actor: User) -> None:
    """Before any hour was worked: what is held for weeks goes back. Conflict `contract_has_work` otherwise.

    Hours of weeks whose money all went back stand for nothing. The caller holds the contract's lock.
    """
    worked = TimeEntry.objects.filter(timesheet__contract=contract).exclude(timesheet__status=TimesheetStatus.REFUNDED)
    if worked.running().exists() or worked.filter(minutes__gt=0).exists():
        raise Conflict("contract_has_work", "Hours were logged on this contract, so it is completed rather than ended.")
    _give_up_weeks(contract, actor, "The contract was ended.")


def complete_weeks(contract: Contract, actor: User) -> None:
    """After the last hour was paid out: what is held for other weeks goes back. The caller holds the contract's lock.

    Conflict: `contract_has_held_funds` while hours are not settled, `contract_has_no_work`.
    """
    weeks = contract.timesheets.unsettled()
    logged = weeks.filter(entries__minutes__gt=0) | weeks.filter(entries__isnull=False, entries__ended_at=None)
    if logged.exists() or weeks.filter(status__in=WORKED_WEEKS).exists():
        raise Conflict("contract_has_held_funds", "Hours of a week are not paid out yet. Settle that week first.")
    if not contract.timesheets.filter(status=TimesheetStatus.BILLED).exists():
        raise Conflict("contract_has_no_work", "No hours were paid out yet. You can end the contract instead.")
    _give_up_weeks(contract, actor, "The contract was completed.")


def _give_up_weeks(contract: Contract, actor: User, reason: str) -> None:
    for timesheet in contract.timesheets.unsettled().select_for_update(no_key=True).order_by("pk"):
        if timesheet.status == TimesheetStatus.PENDING:
            give_up_week(timesheet, actor, reason)
        else:
            return_unworked(timesheet, actor, reason)


def give_up_week(timesheet: Timesheet, actor: User | None, reason: str) -> None:
    """A week that was never paid in. The caller has locked it."""
    _call_off_hold(timesheet, actor, reason)
    TIMESHEET_LIFECYCLE.perform(timesheet, "lapse", actor=actor, reason=reason)


def return_unworked(timesheet: Timesheet, actor: User | None, reason: str) -> None:
    """All of a week's money goes back: nothing was worked. The caller has locked it."""
    assert timesheet.hold is not None  # a CHECK: what is not pending has a hold
    refund_hold(actor, hold=timesheet.hold, reason=reason, cause=f"timesheet:{timesheet.pk}")
    timesheet.refresh_from_db()


def _call_off_hold(timesheet: Timesheet, actor: User | None, reason: str) -> None:
    if timesheet.hold:
        refund_hold(actor, hold=timesheet.hold, reason=reason, cause=f"timesheet:{timesheet.pk}")
