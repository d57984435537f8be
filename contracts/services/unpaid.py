"""Asking for the money of weeks that are not paid in: on Friday for the next one, and once more when it has begun."""

from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.urls import reverse

from contracts.models import Timesheet
from contracts.rules.time import FUND_AHEAD_FROM, WEEK, start_of, week_of
from contracts.services.loading import lock_week_by_system
from contracts.services.settling import BATCH, settle_each
from core.clock import database_now, hours_text
from notifications.services import notify


def ask_for_weeks() -> int:
    """Each week is asked for at most twice; when it has begun, the freelancer is told as well. Returns how many were."""
    now = database_now()
    this_week = week_of(now)
    asked = _ask_for(this_week, "ask", now)
    if start_of(this_week) + FUND_AHEAD_FROM <= now:
        asked += _ask_for(this_week + WEEK, "ask_ahead", now)
    return asked


def _ask_for(week: date, move: str, now: datetime) -> int:
    due = Timesheet.objects.to_ask_for(week, now).exclude(events__move=move)

    @transaction.atomic
    def once(timesheet_id: int, contract_id: UUID) -> bool:
        timesheet = lock_week_by_system(timesheet_id, contract_id)
        if not due.filter(pk=timesheet_id).exists():
            return False
        timesheet.events.create(move=move, from_status=timesheet.status, to_status=timesheet.status)
        _tell_client(timesheet)
        if move == "ask":
            _tell_freelancer(timesheet)
        return True

    return settle_each(due.order_by("pk").values_list("pk", "contract_id")[:BATCH], once)


def _tell_client(timesheet: Timesheet) -> None:
    contract = timesheet.contract
    notify(
        contract.client,
        kind="timesheet_due",
        title=f"Pay in {timesheet.price}, so that {contract.freelancer.first_name} can log time",
        message=f"{contract.title}: {timesheet.name}",
        url=reverse("contracts:detail", args=[contract.pk]),
        data={"contract_id": str(contract.pk), "timesheet_id": timesheet.pk},
        email="contracts/emails/timesheet_due",
        context={
            "contract": contract.title,
            "freelancer": contract.freelancer.get_full_name(),
            "week": timesheet.name,
            "hours": hours_text(timesheet.cap_minutes),
            "amount": timesheet.price,
        },
    )


def _tell_freelancer(timesheet: Timesheet) -> None:
    contract = timesheet.contract
    notify(
        contract.freelancer,
        kind="timesheet_unfunded",
        title="This week is not paid in: no time can be logged",
        message=f"{contract.title}. We reminded {contract.client.first_name}.",
        url=reverse("contracts:detail", args=[contract.pk]),
        data={"contract_id": str(contract.pk), "timesheet_id": timesheet.pk},
        email="contracts/emails/timesheet_unfunded",
        context={"contract": contract.title, "client": contract.client.get_full_name(), "week": timesheet.name},
    )
