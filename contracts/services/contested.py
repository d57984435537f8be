"""Hours that nobody agrees on and nobody disputes: their money can be held no longer than any other."""

from uuid import UUID

import structlog
from django.db import transaction
from django.urls import reverse

from contracts.models import Timesheet
from contracts.querysets import TimesheetQuerySet
from contracts.services.loading import lock_week_by_system
from contracts.services.settling import BATCH, settle_each
from contracts.services.timesheets import return_contested
from core.clock import database_now
from notifications.services import notify
from payments.rules import HOLD_ENDS, HOLD_WARNING

logger = structlog.get_logger(__name__)

WARNED = "warn"  # an event of the week that is told once and moves nothing


def watch_contested_weeks() -> int:
    """Warn both sides of money held for 75 days, and send back what nears 90. Returns how many."""
    warned = settle_each(_to_warn().order_by("pk").values_list("pk", "contract_id")[:BATCH], _warn_once)
    return warned + settle_each(_at_limit().order_by("pk").values_list("pk", "contract_id")[:BATCH], _send_back)


def _to_warn() -> TimesheetQuerySet:
    return Timesheet.objects.contested_for(HOLD_WARNING, database_now()).exclude(events__move=WARNED)


def _at_limit() -> TimesheetQuerySet:
    return Timesheet.objects.contested_for(HOLD_ENDS, database_now())


@transaction.atomic
def _warn_once(timesheet_id: int, contract_id: UUID) -> bool:
    timesheet = lock_week_by_system(timesheet_id, contract_id)
    if not _to_warn().filter(pk=timesheet_id).exists():
        return False
    timesheet.events.create(
        move=WARNED,
        from_status=timesheet.status,
        to_status=timesheet.status,
        reason="Both were told that the money can be held no longer than 90 days.",
    )
    hold, contract = timesheet.hold, timesheet.contract
    assert hold is not None  # a CHECK: what is not pending has a hold
    for person in (contract.client, contract.freelancer):
        notify(
            person,
            kind="hold_limit_near",
            title="Held funds have to be settled soon",
            message=f"{contract.title}: {timesheet.name}",
            url=reverse("contracts:week", args=[timesheet.pk]),
            data={"contract_id": str(contract.pk), "timesheet_id": timesheet.pk},
            email="contracts/emails/hold_limit_near",
            context={
                "title": f"{contract.title}, {timesheet.name}",
                "amount": hold.held,
                "settled_at": timesheet.held_until,
                "is_contested": True,
            },
        )
    return True


@transaction.atomic
def _send_back(timesheet_id: int, contract_id: UUID) -> bool:
    """The client had the last word: the hours were sent back, and not corrected or disputed in time."""
    timesheet = lock_week_by_system(timesheet_id, contract_id)
    if not _at_limit().filter(pk=timesheet_id).exists():
        return False
    return_contested(timesheet, "These hours were not agreed, and 90 days are the limit.")
    logger.info("contested_week_settled_at_limit", timesheet_id=timesheet_id, hold_id=timesheet.hold_id)
    return True
