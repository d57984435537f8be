"""Opening a dispute about hours: only what is claimed of them stays held, and the contract goes on."""

from django.db import transaction

from accounts.models import User
from contracts import policies
from contracts.models import Dispute, Timesheet
from contracts.rules.time import REVIEWED_WEEKS, TimesheetStatus
from contracts.services.disputes.loading import require_payable
from contracts.services.disputes.opening import begin_dispute
from contracts.services.loading import lock_timesheet
from contracts.services.timesheets import contest_hours, worth_of
from core.clock import database_now
from core.errors import Conflict, Invalid, require
from core.money import Money
from payments.rules import HoldStatus
from payments.services import freeze_hold


@transaction.atomic
def open_week_dispute(actor: User, *, timesheet_id: int, reason: str, explanation: str, claim: Money) -> Dispute:
    """Claim `claim` of what the hours of a week are worth for the actor's own side.

    The client may while the hours are reviewed: the rest of the hours is paid out at once, and what was not worked goes
    back. Of hours that were not agreed by then, either side may, as long as they are held.
    Conflict: `dispute_already_open`, `nothing_to_dispute`, `review_over`.
    """
    timesheet = lock_timesheet(actor, timesheet_id)
    contract = timesheet.contract
    if timesheet.status == TimesheetStatus.CONTESTED:
        require(policies.why_not_party(actor, contract))
    else:
        require(policies.why_not_client(actor, contract))
    if not explanation.strip():
        raise Invalid(fields={"explanation": ["Say what happened, so that the other side can answer."]})
    hold = timesheet.hold
    if hold is None or hold.status != HoldStatus.HELD:
        raise _nothing_held()
    _require_disputable(timesheet)
    most = hold.held if timesheet.status == TimesheetStatus.CONTESTED else worth_of(timesheet)
    _require_claim(claim, most)
    if timesheet.status != TimesheetStatus.CONTESTED:
        contest_hours(timesheet, actor, claim)
    freeze_hold(actor, hold=hold, reason="A dispute was opened.")
    return begin_dispute(actor, contract, hold, claim, reason=reason, explanation=explanation)


def _require_disputable(timesheet: Timesheet) -> None:
    assert timesheet.hold is not None
    if timesheet.hold.frozen_at is not None:
        raise Conflict("dispute_already_open", "A dispute about these hours is open already.")
    if timesheet.status == TimesheetStatus.CONTESTED:
        return
    if timesheet.status not in REVIEWED_WEEKS or not worth_of(timesheet):
        raise _nothing_held()
    if timesheet.review_until < database_now():
        raise Conflict("review_over", "The time to review this week has passed.")


def _nothing_held() -> Conflict:
    return Conflict("nothing_to_dispute", "No hours of this week wait for you. What was paid or returned stays so.")


def _require_claim(claim: Money, most: Money) -> None:
    if claim.currency != most.currency or not 0 < claim.minor <= most.minor:
        raise Invalid(fields={"amount": [f"Between nothing and the {most} that is held for these hours."]})
    require_payable(claim, most, field="amount")
