"""Contracts, what comes next in them, and what happened."""

from typing import Any

from rest_framework import serializers

from accounts.api.serializers import PersonSerializer, person_json
from contracts import selectors
from contracts.api.serializers.milestones import MilestoneSerializer
from contracts.models import ChangeEvent, Contract, ContractEvent, MilestoneEvent, RefundRequestEvent, TimesheetEvent
from contracts.rules import ContractStatus
from contracts.rules.time import ContractKind
from core.fields import AmountField, CurrencyField
from core.formats import iso
from payments.rules import APPROVAL_DAYS


class ContractStepSerializer(serializers.Serializer[Any]):
    """What waits most pressingly, and for whom."""

    kind = serializers.CharField(
        help_text="answer, answer_change, answer_refund, make_changes, hand_in, pay_in, review_week, correct_hours, "
        "send_week, agree, dispute, fund_week, fund_next_week, log_hours, review, paused, disputed, cancelled or nothing."
    )
    who = serializers.ChoiceField(choices=["client", "freelancer", "both", "nobody"])
    at = serializers.DateTimeField(allow_null=True, help_text="When silence decides, or the end of the due date.")
    milestone_id = serializers.IntegerField(allow_null=True)
    change_id = serializers.IntegerField(allow_null=True)
    refund_request_id = serializers.IntegerField(allow_null=True)
    timesheet_id = serializers.IntegerField(allow_null=True)

    def to_representation(self, step: selectors.Step) -> dict[str, Any]:
        return {
            "kind": step.kind,
            "who": step.who,
            "at": iso(selectors.moment_of(step.at)),
            "milestone_id": step.milestone and step.milestone.pk,
            "change_id": step.change and step.change.pk,
            "refund_request_id": step.refund_request and step.refund_request.pk,
            "timesheet_id": step.week and step.week.pk,
        }


class AutomaticSerializer(serializers.Serializer[Any]):
    """What the site does by itself, unless somebody acts before."""

    kind = serializers.CharField(
        help_text="reminder, release_by_silence, refund_by_silence, hold_warning, hold_review, hold_limit, "
        "week_sent, week_unworked, week_paid_by_silence, week_contested, dispute_reminder, dispute_unanswered, "
        "dispute_to_staff, dispute_alarm, dispute_undecided or reviews_shown."
    )
    at = serializers.DateTimeField()
    milestone_id = serializers.IntegerField(allow_null=True)
    timesheet_id = serializers.IntegerField(allow_null=True)

    def to_representation(self, planned: selectors.Planned) -> dict[str, Any]:
        return {
            "kind": planned.kind,
            "at": iso(planned.at),
            "milestone_id": planned.milestone and planned.milestone.pk,
            "timesheet_id": planned.week and planned.week.pk,
        }


class ContractSerializer(serializers.Serializer[Contract]):
    """Needs `with_parties()`."""

    id = serializers.UUIDField()
    project_id = serializers.IntegerField()
    proposal_id = serializers.IntegerField()
    chat_id = serializers.IntegerField()
    title = serializers.CharField()
    terms = serializers.CharField()
    client = PersonSerializer()
    freelancer = PersonSerializer()
    currency = CurrencyField()
    kind = serializers.ChoiceField(choices=ContractKind.choices)
    hourly_rate = AmountField(allow_null=True, help_text="Frozen at the start; by the hour only.")
    weekly_cap_minutes = serializers.IntegerField(
        allow_null=True, help_text="Of weeks that are not paid in yet; by the hour only."
    )
    total = AmountField(help_text="The price of all milestones; by the hour, see the timesheets.")
    fee_bps = serializers.IntegerField(help_text="Guildhall's fee in basis points, frozen at the start.")
    approval_days = serializers.IntegerField(help_text="Silence for so long approves work; agreed on at hiring.")
    status = serializers.ChoiceField(choices=ContractStatus.choices)
    next_step = ContractStepSerializer()
    automatic = AutomaticSerializer(many=True, help_text="The soonest first.")
    milestones = MilestoneSerializer(many=True)
    started_at = serializers.DateTimeField()
    ended_at = serializers.DateTimeField(allow_null=True)

    def to_representation(self, contract: Contract) -> dict[str, Any]:
        milestones = list(contract.milestones.all())
        for milestone in milestones:
            milestone.contract = contract
        return {
            "id": str(contract.pk),
            "project_id": contract.project_id,
            "proposal_id": contract.proposal_id,
            "chat_id": contract.room_id,
            "title": contract.title,
            "terms": contract.terms,
            "client": person_json(contract.client, "client"),
            "freelancer": person_json(contract.freelancer, "freelancer"),
            "currency": contract.currency,
            "kind": contract.kind,
            "hourly_rate": contract.hourly_rate.as_string() if contract.hourly_rate else None,
            "weekly_cap_minutes": contract.weekly_cap_minutes,
            "total": contract.total.as_string(),
            "fee_bps": contract.fee_bps,
            "approval_days": contract.approval_days,
            "status": contract.status,
            "next_step": ContractStepSerializer(selectors.next_steps(contract)[0]).data,
            "automatic": AutomaticSerializer(selectors.automatic_actions(contract), many=True).data,
            "milestones": MilestoneSerializer(milestones, many=True).data,
            "started_at": iso(contract.started_at),
            "ended_at": iso(contract.ended_at),
        }


class ContractEventSerializer(serializers.Serializer[Any]):
    """One made move of the contract, of a milestone, week or change of it, or of a request to have money back."""

    id = serializers.CharField()
    about = serializers.ChoiceField(choices=["contract", "milestone", "change", "refund_request", "timesheet"])
    milestone_id = serializers.IntegerField(allow_null=True)
    change_id = serializers.IntegerField(allow_null=True)
    refund_request_id = serializers.IntegerField(allow_null=True)
    timesheet_id = serializers.IntegerField(allow_null=True)
    move = serializers.CharField()
    from_status = serializers.CharField()
    to_status = serializers.CharField()
    actor_id = serializers.IntegerField(allow_null=True, help_text="Empty when it happened by itself.")
    reason = serializers.CharField()
    created_at = serializers.DateTimeField()

    def to_representation(self, event: Any) -> dict[str, Any]:
        about = ABOUT[type(event)]
        asked = getattr(event, "refund_request", None)
        return {
            "id": f"{about}-{event.pk}",
            "about": about,
            "milestone_id": asked.milestone_id if asked else getattr(event, "milestone_id", None),
            "timesheet_id": getattr(event, "timesheet_id", None),
            "change_id": getattr(event, "change_id", None),
            "refund_request_id": asked and asked.pk,
            "move": event.move,
            "from_status": event.from_status,
            "to_status": event.to_status,
            "actor_id": event.actor_id,
            "reason": event.reason,
            "created_at": iso(event.created_at),
        }


ABOUT: dict[type[Any], str] = {
    ContractEvent: "contract",
    MilestoneEvent: "milestone",
    ChangeEvent: "change",
    RefundRequestEvent: "refund_request",
    TimesheetEvent: "timesheet",
}


class AcceptInput(serializers.Serializer[Any]):
    approval_days = serializers.IntegerField(
        min_value=APPROVAL_DAYS[0],
        max_value=APPROVAL_DAYS[-1],
        required=False,
        allow_null=True,
        default=None,
        help_text="For a fixed price only: silence for so many days approves work; 14 if not said.",
    )
    weekly_cap_minutes = serializers.IntegerField(
        min_value=1, required=False, allow_null=True, default=None, help_text="By the hour only; 2400 if not said."
    )
    read_at = serializers.DateTimeField(
        required=False,
        allow_null=True,
        default=None,
        help_text="The `updated_at` of the proposal that was read. If it was changed since: a 409 `proposal_changed` "
        "instead of a contract at another price.",
    )


class HireInput(AcceptInput):
    proposal_id = serializers.IntegerField(min_value=1)


class PauseInput(serializers.Serializer[Any]):
    reason = serializers.CharField(max_length=2000, required=False, default="", allow_blank=True)


class ContractReasonInput(serializers.Serializer[Any]):
    reason = serializers.CharField(max_length=2000, required=False, default="", allow_blank=True)
