"""Contracts and milestones as the API shows and takes them."""

from decimal import Decimal
from typing import Any

from rest_framework import serializers

from accounts.api.serializers import PersonSerializer, person_json
from accounts.models import Upload
from contracts import selectors
from contracts.models import (
    Bonus,
    ChangeEvent,
    ChangeRequest,
    Contract,
    ContractEvent,
    Dispute,
    DisputeDecision,
    DisputeEvidence,
    DisputeOffer,
    Milestone,
    MilestoneEvent,
    RefundRequest,
    RefundRequestEvent,
    Submission,
    TermsVersion,
    TimeEntry,
    Timesheet,
    TimesheetEvent,
)
from contracts.rules import (
    MAX_FILES,
    ChangeKind,
    ChangeStatus,
    ContractStatus,
    DisputeReason,
    DisputeStatus,
    MilestoneStatus,
    RefundRequestStatus,
    Remainder,
    Side,
)
from contracts.rules.changes import MAX_TERMS
from contracts.rules.dispute import MAX_EXPLANATION
from contracts.rules.terms import AcceptedBy
from contracts.rules.time import MAX_ENTRIES_A_WEEK, ContractKind, TimesheetStatus, pay_for
from contracts.selectors import DisputeRecord, DisputeView, Parts
from core.fields import AmountField, CurrencyField
from core.formats import iso
from core.money import Money, share
from payments.api.serializers import PaymentIntentSerializer, ProviderField
from payments.rules import HoldStatus, quote
from projects.api.serializers import FileSerializer


def file_json(file: Upload) -> dict[str, Any]:
    return {
        "id": file.pk,
        "name": file.name,
        "content_type": file.content_type,
        "size": file.size,
        "url": file.url,
    }


class SubmissionSerializer(serializers.Serializer[Submission]):
    id = serializers.IntegerField()
    version = serializers.IntegerField(help_text="1 for the first hand-in, and so on.")
    note = serializers.CharField()
    revision_note = serializers.CharField(help_text="What the client asked to change, if so.")
    revision_requested_at = serializers.DateTimeField(allow_null=True)
    files = FileSerializer(many=True)
    created_at = serializers.DateTimeField()

    def to_representation(self, submission: Submission) -> dict[str, Any]:
        return {
            "id": submission.pk,
            "version": submission.version,
            "note": submission.note,
            "revision_note": submission.revision_note,
            "revision_requested_at": iso(submission.revision_requested_at),
            "files": [file_json(file) for file in submission.files.all()],
            "created_at": iso(submission.created_at),
        }


class ContractPlanSerializer(serializers.Serializer[Any]):
    """One side of a change: of a milestone all but `terms`, of the scope `terms` alone; empty where there is nothing."""

    title = serializers.CharField(required=False)
    description = serializers.CharField(required=False)
    amount = serializers.CharField(required=False, help_text="A decimal amount in the contract's currency.")
    due_date = serializers.DateField(required=False, allow_null=True)
    terms = serializers.CharField(required=False)


class ChangeSerializer(serializers.Serializer[ChangeRequest]):
    """A change that one side proposes. It holds once the other has accepted it."""

    id = serializers.IntegerField()
    contract_id = serializers.UUIDField()
    kind = serializers.ChoiceField(choices=ChangeKind.choices)
    milestone_id = serializers.IntegerField(allow_null=True)
    proposer_id = serializers.IntegerField()
    status = serializers.ChoiceField(choices=ChangeStatus.choices)
    before = ContractPlanSerializer()
    after = ContractPlanSerializer()
    note = serializers.CharField()
    created_at = serializers.DateTimeField()
    decided_at = serializers.DateTimeField(allow_null=True)

    def to_representation(self, change: ChangeRequest) -> dict[str, Any]:
        return {
            "id": change.pk,
            "contract_id": str(change.contract_id),
            "kind": change.kind,
            "milestone_id": change.milestone_id,
            "proposer_id": change.proposer_id,
            "status": change.status,
            "before": change.before,
            "after": change.after,
            "note": change.note,
            "created_at": iso(change.created_at),
            "decided_at": iso(change.decided_at),
        }


class RefundRequestSerializer(serializers.Serializer[RefundRequest]):
    """The client asks the money of work back that was never handed in."""

    id = serializers.IntegerField()
    milestone_id = serializers.IntegerField()
    status = serializers.ChoiceField(choices=RefundRequestStatus.choices)
    reason = serializers.CharField()
    answer = serializers.CharField()
    answer_by = serializers.DateTimeField(help_text="When silence refunds.")
    created_at = serializers.DateTimeField()
    answered_at = serializers.DateTimeField(allow_null=True)

    def to_representation(self, asked: RefundRequest) -> dict[str, Any]:
        return {
            "id": asked.pk,
            "milestone_id": asked.milestone_id,
            "status": asked.status,
            "reason": asked.reason,
            "answer": asked.answer,
            "answer_by": iso(asked.answer_by),
            "created_at": iso(asked.created_at),
            "answered_at": iso(asked.answered_at),
        }


class MilestoneSerializer(serializers.Serializer[Milestone]):
    """Needs `.contract` with its changes, `hold`, `submissions__files` and `refund_requests` loaded."""

    id = serializers.IntegerField()
    contract_id = serializers.UUIDField()
    position = serializers.IntegerField()
    title = serializers.CharField()
    description = serializers.CharField()
    amount = AmountField(help_text="What the client pays in.")
    fee = AmountField(help_text="Guildhall's part of it.")
    net = AmountField(help_text="What the freelancer receives.")
    currency = CurrencyField()
    due_date = serializers.DateField(allow_null=True)
    status = serializers.ChoiceField(choices=MilestoneStatus.choices)
    submitted_at = serializers.DateTimeField(allow_null=True)
    release_at = serializers.DateTimeField(allow_null=True, help_text="When silence becomes approval.")
    released_at = serializers.DateTimeField(allow_null=True)
    is_agreed = serializers.BooleanField(help_text="False while one side only proposes it; then it cannot be paid in.")
    rolled_into_id = serializers.IntegerField(
        allow_null=True, help_text="The milestone with which the rest is released, after a partial release."
    )
    proposed_change = ChangeSerializer(allow_null=True, help_text="The change of it that waits for an answer.")
    refund_request = RefundRequestSerializer(allow_null=True, help_text="The open one.")
    refund_possible_from = serializers.DateTimeField(
        allow_null=True, help_text="From when the client can ask the money back, if nothing is handed in."
    )
    submissions = SubmissionSerializer(many=True)

    def to_representation(self, milestone: Milestone) -> dict[str, Any]:
        fee = share(milestone.amount, milestone.contract.fee_bps)
        change, asked = selectors.open_change_of(milestone), selectors.open_refund_request(milestone)
        return {
            "id": milestone.pk,
            "contract_id": str(milestone.contract_id),
            "position": milestone.position,
            "title": milestone.title,
            "description": milestone.description,
            "amount": milestone.amount.as_string(),
            "fee": fee.as_string(),
            "net": (milestone.amount - fee).as_string(),
            "currency": milestone.currency,
            "due_date": milestone.due_date.isoformat() if milestone.due_date else None,
            "status": milestone.status,
            "submitted_at": iso(milestone.submitted_at),
            "release_at": iso(milestone.release_at),
            "released_at": iso(milestone.released_at),
            "is_agreed": milestone.is_agreed,
            "rolled_into_id": milestone.rolled_into_id,
            "proposed_change": ChangeSerializer(change).data if change else None,
            "refund_request": RefundRequestSerializer(asked).data if asked else None,
            "refund_possible_from": iso(selectors.refund_possible_from(milestone)),
            "submissions": SubmissionSerializer(milestone.submissions.all(), many=True).data,
        }


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
        "week_sent, week_paid_by_silence, dispute_reminder, dispute_unanswered, dispute_to_staff, dispute_alarm, "
        "dispute_undecided or reviews_shown."
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
    approval_days = serializers.IntegerField()
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


class FundedSerializer(serializers.Serializer[Any]):
    milestone = MilestoneSerializer()
    payment_intent = PaymentIntentSerializer()


class AcceptInput(serializers.Serializer[Any]):
    weekly_cap_minutes = serializers.IntegerField(
        min_value=1, required=False, allow_null=True, default=None, help_text="By the hour only; 2400 if not said."
    )


class HireInput(AcceptInput):
    proposal_id = serializers.IntegerField(min_value=1)


class MilestoneInput(serializers.Serializer[Any]):
    title = serializers.CharField(max_length=160)
    description = serializers.CharField(max_length=5000, required=False, default="", allow_blank=True)
    amount = AmountField()
    due_date = serializers.DateField(required=False, allow_null=True, default=None)


class FundInput(serializers.Serializer[Any]):
    payment_method = serializers.CharField(max_length=80, required=False, default="", allow_blank=True)
    provider = ProviderField()


class SubmitInput(serializers.Serializer[Any]):
    note = serializers.CharField(max_length=5000, required=False, default="", allow_blank=True)
    attachment_ids = serializers.ListField(
        child=serializers.IntegerField(min_value=1), required=False, default=list, max_length=MAX_FILES
    )


class ApproveInput(serializers.Serializer[Any]):
    amount = AmountField(required=False, allow_null=True, default=None, help_text="A part of what is held.")
    remainder = serializers.ChoiceField(
        choices=Remainder.choices,
        default=Remainder.HOLD,
        help_text="The rest stays held for this milestone, or goes with the next one, which is funded.",
    )


class PauseInput(serializers.Serializer[Any]):
    reason = serializers.CharField(max_length=2000, required=False, default="", allow_blank=True)


class RevisionInput(serializers.Serializer[Any]):
    note = serializers.CharField(max_length=5000)


class ContractReasonInput(serializers.Serializer[Any]):
    reason = serializers.CharField(max_length=2000, required=False, default="", allow_blank=True)


class AnswerInput(serializers.Serializer[Any]):
    answer = serializers.CharField(max_length=2000)


class ScopeInput(serializers.Serializer[Any]):
    terms = serializers.CharField(max_length=MAX_TERMS)
    note = serializers.CharField(max_length=2000, required=False, default="", allow_blank=True)


class MilestoneChangeInput(serializers.Serializer[Any]):
    """Only what is to be different."""

    title = serializers.CharField(max_length=160, required=False)
    description = serializers.CharField(max_length=5000, required=False, allow_blank=True)
    amount = AmountField(required=False)
    due_date = serializers.DateField(required=False, allow_null=True)
    note = serializers.CharField(max_length=2000, required=False, default="", allow_blank=True)


class ContractChangeInput(MilestoneChangeInput):
    """`add_milestone` needs title and amount, `change_scope` terms, the others milestone_id."""

    kind = serializers.ChoiceField(choices=ChangeKind.choices)
    milestone_id = serializers.IntegerField(min_value=1, required=False)
    terms = serializers.CharField(max_length=MAX_TERMS, required=False)

    def validate(self, data: dict[str, Any]) -> dict[str, Any]:
        needed = {"add_milestone": ("title", "amount"), "change_scope": ("terms",)}.get(data["kind"], ("milestone_id",))
        missing = {name: ["This is needed."] for name in needed if name not in data}
        if missing:
            raise serializers.ValidationError(missing)
        return data


class BonusInput(serializers.Serializer[Any]):
    amount = AmountField()
    note = serializers.CharField(max_length=500, required=False, default="", allow_blank=True)
    payment_method = serializers.CharField(max_length=80, required=False, default="", allow_blank=True)


class BonusSerializer(serializers.Serializer[Bonus]):
    """Needs `hold` loaded."""

    id = serializers.IntegerField()
    contract_id = serializers.UUIDField()
    amount = AmountField(help_text="What the client pays in.")
    fee = AmountField(help_text="Guildhall's part of it.")
    net = AmountField(help_text="What the freelancer receives.")
    currency = CurrencyField()
    note = serializers.CharField()
    status = serializers.ChoiceField(choices=HoldStatus.choices, help_text="released: given. pending: not paid in yet.")
    created_at = serializers.DateTimeField()

    def to_representation(self, bonus: Bonus) -> dict[str, Any]:
        figures = quote(bonus.amount, bonus.hold.fee_bps)
        return {
            "id": bonus.pk,
            "contract_id": str(bonus.contract_id),
            "amount": figures.gross.as_string(),
            "fee": figures.fee.as_string(),
            "net": figures.net.as_string(),
            "currency": bonus.hold.currency,
            "note": bonus.note,
            "status": bonus.hold.status,
            "created_at": iso(bonus.created_at),
        }


class BonusPaidSerializer(serializers.Serializer[Any]):
    bonus = BonusSerializer()
    payment_intent = PaymentIntentSerializer()


class AcceptanceSerializer(serializers.Serializer[Any]):
    person_id = serializers.IntegerField()
    how = serializers.ChoiceField(choices=AcceptedBy.choices)
    accepted_at = serializers.DateTimeField()


class TermsSerializer(serializers.Serializer[TermsVersion]):
    """One version of what was agreed, word for word. Needs `acceptances` prefetched."""

    number = serializers.IntegerField()
    text = serializers.CharField()
    sha256 = serializers.CharField(help_text="Of the text in UTF-8, in hexadecimal.")
    change_id = serializers.IntegerField(allow_null=True, help_text="The change that made it.")
    created_at = serializers.DateTimeField()
    acceptances = AcceptanceSerializer(many=True)

    def to_representation(self, terms: TermsVersion) -> dict[str, Any]:
        return {
            "number": terms.number,
            "text": terms.text,
            "sha256": terms.sha256,
            "change_id": terms.change_id,
            "created_at": iso(terms.created_at),
            "acceptances": [
                {"person_id": each.person_id, "how": each.how, "accepted_at": iso(each.accepted_at)}
                for each in terms.acceptances.all()
            ],
        }


# --- By the hour --------------------------------------------------------------------------------


class TimeEntrySerializer(serializers.Serializer[TimeEntry]):
    """Needs `with_week()`."""

    id = serializers.IntegerField()
    contract_id = serializers.UUIDField()
    timesheet_id = serializers.IntegerField()
    started_at = serializers.DateTimeField()
    ended_at = serializers.DateTimeField(allow_null=True, help_text="Empty while the timer runs.")
    minutes = serializers.IntegerField(help_text="Whole minutes; 0 while the timer runs.")
    memo = serializers.CharField()
    is_manual = serializers.BooleanField(help_text="Written down afterwards, not measured by the timer.")
    rejection = serializers.CharField(help_text="Why the client does not agree, if so.")
    created_at = serializers.DateTimeField()

    def to_representation(self, entry: TimeEntry) -> dict[str, Any]:
        return {
            "id": entry.pk,
            "contract_id": str(entry.timesheet.contract_id),
            "timesheet_id": entry.timesheet_id,
            "started_at": iso(entry.started_at),
            "ended_at": iso(entry.ended_at),
            "minutes": entry.minutes,
            "memo": entry.memo,
            "is_manual": entry.is_manual,
            "rejection": entry.rejection,
            "created_at": iso(entry.created_at),
        }


class WrittenTimeSerializer(TimeEntrySerializer):
    """What was written, and what of it fell into a later week."""

    split_off = TimeEntrySerializer(many=True)

    def to_representation(self, entries: Any) -> dict[str, Any]:
        first, *others = entries
        return super().to_representation(first) | {"split_off": TimeEntrySerializer(others, many=True).data}


class TimesheetSerializer(serializers.Serializer[Timesheet]):
    """Needs `with_sums()`, `.contract` and `.hold`."""

    id = serializers.IntegerField()
    contract_id = serializers.UUIDField()
    week_start = serializers.DateField(help_text="A Monday; the week is Monday to Sunday in UTC.")
    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField()
    status = serializers.ChoiceField(choices=TimesheetStatus.choices)
    currency = CurrencyField()
    hourly_rate = AmountField()
    cap_minutes = serializers.IntegerField()
    price = AmountField(help_text="What the week is paid in with: the cap at the rate.")
    minutes = serializers.IntegerField(help_text="Of finished entries.")
    rejected_minutes = serializers.IntegerField(help_text="Of entries that the client sent back.")
    amount = AmountField(help_text="What the minutes come to.")
    fee = AmountField(help_text="Guildhall's part of it.")
    net = AmountField(help_text="What the freelancer receives.")
    held = AmountField()
    billed = AmountField(help_text="Gross, what was released.")
    edits_until = serializers.DateTimeField(help_text="When the week is sent by itself.")
    review_until = serializers.DateTimeField(help_text="When silence becomes approval.")
    submitted_at = serializers.DateTimeField(allow_null=True)
    billed_at = serializers.DateTimeField(allow_null=True)

    def to_representation(self, timesheet: Timesheet) -> dict[str, Any]:
        minutes: int = timesheet.minutes  # type: ignore[attr-defined]  # by with_sums
        figures = quote(pay_for(minutes, timesheet.rate), timesheet.contract.fee_bps)
        return {
            "id": timesheet.pk,
            "contract_id": str(timesheet.contract_id),
            "week_start": timesheet.week_start.isoformat(),
            "starts_at": iso(timesheet.starts_at),
            "ends_at": iso(timesheet.ends_at),
            "status": timesheet.status,
            "currency": timesheet.currency,
            "hourly_rate": timesheet.rate.as_string(),
            "cap_minutes": timesheet.cap_minutes,
            "price": timesheet.price.as_string(),
            "minutes": minutes,
            "rejected_minutes": timesheet.rejected_minutes,  # type: ignore[attr-defined]
            "amount": figures.gross.as_string(),
            "fee": figures.fee.as_string(),
            "net": figures.net.as_string(),
            "held": (timesheet.hold.held if timesheet.hold else Money(0, timesheet.currency)).as_string(),
            "billed": timesheet.billed.as_string(),
            "edits_until": iso(timesheet.edits_until),
            "review_until": iso(timesheet.review_until),
            "submitted_at": iso(timesheet.submitted_at),
            "billed_at": iso(timesheet.billed_at),
        }


class FundedWeekSerializer(serializers.Serializer[Any]):
    timesheet = TimesheetSerializer()
    payment_intent = PaymentIntentSerializer()


class TimeEntryInput(serializers.Serializer[Any]):
    """Without times, a timer starts now."""

    contract_id = serializers.UUIDField()
    memo = serializers.CharField(max_length=500, required=False, default="", allow_blank=True)
    started_at = serializers.DateTimeField(required=False)
    ended_at = serializers.DateTimeField(required=False)

    def validate(self, data: dict[str, Any]) -> dict[str, Any]:
        if ("started_at" in data) != ("ended_at" in data):
            missing = "ended_at" if "started_at" in data else "started_at"
            raise serializers.ValidationError({missing: ["Give both times, or none to start a timer."]})
        return data


class TimeEntryChanges(serializers.Serializer[Any]):
    memo = serializers.CharField(max_length=500, required=False, allow_blank=True)
    started_at = serializers.DateTimeField(required=False)
    ended_at = serializers.DateTimeField(required=False)


class RejectedEntryInput(serializers.Serializer[Any]):
    id = serializers.IntegerField(min_value=1)
    reason = serializers.CharField(max_length=500)


class RejectWeekInput(serializers.Serializer[Any]):
    entries = RejectedEntryInput(many=True, allow_empty=False, max_length=MAX_ENTRIES_A_WEEK)
    note = serializers.CharField(max_length=2000, required=False, default="", allow_blank=True)


class WeeklyCapInput(serializers.Serializer[Any]):
    weekly_cap_minutes = serializers.IntegerField(min_value=1)


# --- Disputes -----------------------------------------------------------------------------------


class ShareField(AmountField):
    """A part of a whole: an amount that may be nothing."""

    def to_internal_value(self, data: Any) -> Decimal:
        if not isinstance(data, bool) and str(data).strip() in {"0", "0.0", "0.00", "0.000"}:
            return Decimal(0)
        return super().to_internal_value(data)


class SplitSerializer(serializers.Serializer[Any]):
    """What a split comes to: the freelancer's part (gross = fee + net), and what goes back to the client."""

    to_freelancer = AmountField()
    fee = AmountField()
    net = AmountField()
    to_client = AmountField()


class DisputeOfferSerializer(SplitSerializer):
    id = serializers.IntegerField()
    by_id = serializers.IntegerField()
    note = serializers.CharField()
    created_at = serializers.DateTimeField()


class EvidenceSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    by_id = serializers.IntegerField()
    text = serializers.CharField()
    files = FileSerializer(many=True)
    created_at = serializers.DateTimeField()

    def to_representation(self, evidence: DisputeEvidence) -> dict[str, Any]:
        return {
            "id": evidence.pk,
            "by_id": evidence.by_id,
            "text": evidence.text,
            "files": [file_json(file) for file in evidence.files.all()],
            "created_at": iso(evidence.created_at),
        }


class OutcomeSerializer(SplitSerializer):
    decided_by = serializers.ChoiceField(
        choices=["agreement", "staff", "rule"],
        help_text="`rule`: silence paid the claim, or no decision was made in time.",
    )
    reasons = serializers.CharField()
    decided_at = serializers.DateTimeField()


class DisputeSerializer(serializers.Serializer[Any]):
    """Needs `with_record()`."""

    id = serializers.IntegerField()
    contract_id = serializers.UUIDField()
    milestone_id = serializers.IntegerField(allow_null=True)
    timesheet_id = serializers.IntegerField(allow_null=True, help_text="Of the week, if it is about hours.")
    opener_id = serializers.IntegerField()
    side = serializers.ChoiceField(choices=Side.choices, help_text="Of the opener.")
    reason = serializers.ChoiceField(choices=DisputeReason.choices)
    explanation = serializers.CharField()
    answer = serializers.CharField(help_text="Of the other side.")
    status = serializers.ChoiceField(choices=DisputeStatus.choices)
    currency = CurrencyField()
    held = AmountField(help_text="What it is about, frozen until the end.")
    claim = SplitSerializer(help_text="What the opener asks for, as a split of what is held.")
    answer_by = serializers.DateTimeField(
        allow_null=True, help_text="Silence on a claim pays it; on a counter-offer, it leads to mediation."
    )
    mediation_by = serializers.DateTimeField(allow_null=True)
    offers = DisputeOfferSerializer(many=True, help_text="Those that stand.")
    evidence = EvidenceSerializer(many=True)
    outcome = OutcomeSerializer(allow_null=True)
    opened_at = serializers.DateTimeField()

    def to_representation(self, dispute: Dispute) -> dict[str, Any]:
        view = DisputeView(dispute)
        return {
            "id": dispute.pk,
            "contract_id": str(dispute.contract_id),
            "milestone_id": dispute.milestone_id,
            "timesheet_id": dispute.week and dispute.week.pk,
            "opener_id": dispute.opener_id,
            "side": dispute.side,
            "reason": dispute.reason,
            "explanation": dispute.explanation,
            "answer": dispute.answer,
            "status": dispute.status,
            "currency": dispute.currency,
            "held": dispute.held.as_string(),
            "claim": split_json(view.claimed),
            "answer_by": iso(dispute.answer_by),
            "mediation_by": iso(dispute.mediation_by),
            "offers": [offer_json(offer, parts) for offer, parts in view.offers],
            "evidence": EvidenceSerializer(dispute.evidence.all(), many=True).data,
            "outcome": _outcome_json(dispute, view.outcome) if view.outcome else None,
            "opened_at": iso(dispute.opened_at),
        }


def split_json(parts: Parts) -> dict[str, str]:
    return {
        "to_freelancer": parts.gross.as_string(),
        "fee": parts.fee.as_string(),
        "net": parts.net.as_string(),
        "to_client": parts.to_client.as_string(),
    }


def offer_json(offer: DisputeOffer, parts: Parts) -> dict[str, Any]:
    return {
        "id": offer.pk,
        "by_id": offer.by_id,
        **split_json(parts),
        "note": offer.note,
        "created_at": iso(offer.created_at),
    }


def _outcome_json(dispute: Dispute, parts: Parts) -> dict[str, Any]:
    by_staff = "staff" if dispute.decided_by_id else "rule"
    return {
        **split_json(parts),
        "decided_by": "agreement" if dispute.status == DisputeStatus.SETTLED else by_staff,
        "reasons": dispute.reasons,
        "decided_at": iso(dispute.decided_at),
    }


class SaidSerializer(serializers.Serializer[Any]):
    """A message of the contract's chat."""

    seq = serializers.IntegerField()
    sender_id = serializers.IntegerField()
    content = serializers.CharField()
    files = FileSerializer(many=True)
    created_at = serializers.DateTimeField()


class MovementSerializer(serializers.Serializer[Any]):
    """Money in (positive) or out of what is held."""

    kind = serializers.CharField()
    amount = AmountField()
    created_at = serializers.DateTimeField()


class HappeningSerializer(serializers.Serializer[Any]):
    title = serializers.CharField()
    text = serializers.CharField()
    created_at = serializers.DateTimeField()


class TranscriptSerializer(serializers.Serializer[Any]):
    """The whole record of a dispute. Links to files end after an hour."""

    dispute = DisputeSerializer()
    title = serializers.CharField()
    terms = serializers.CharField()
    client = serializers.CharField()
    freelancer = serializers.CharField()
    fee_bps = serializers.IntegerField()
    submissions = SubmissionSerializer(many=True)
    hours = TimeEntrySerializer(many=True)
    messages = SaidSerializer(many=True)
    movements = MovementSerializer(many=True)
    history = HappeningSerializer(many=True)

    def to_representation(self, record: DisputeRecord) -> dict[str, Any]:
        contract = record.contract
        return {
            "dispute": DisputeSerializer(record.dispute).data,
            "title": contract.title,
            "terms": contract.terms,
            "client": contract.client.get_full_name(),
            "freelancer": contract.freelancer.get_full_name(),
            "fee_bps": contract.fee_bps,
            "submissions": SubmissionSerializer(record.submissions, many=True).data,
            "hours": TimeEntrySerializer(record.hours, many=True).data,
            "messages": [
                {
                    "seq": message.seq,
                    "sender_id": message.sender_id,
                    "content": message.content,
                    "files": [file_json(file) for file in message.attachments.all()],
                    "created_at": iso(message.created_at),
                }
                for message in record.messages
            ],
            "movements": [
                {
                    "kind": line.journal.kind,
                    "amount": line.amount.as_string(),
                    "created_at": iso(line.journal.created_at),
                }
                for line in record.movements
            ],
            "history": [
                {"title": one.title, "text": one.text, "created_at": iso(one.moment)}
                for one in reversed(record.happenings)
            ],
        }


class DecisionSerializer(serializers.Serializer[Any]):
    """What a mediator decided. It waits while `needs_second` is true and nobody confirmed it."""

    id = serializers.IntegerField()
    dispute_id = serializers.IntegerField()
    needs_second = serializers.BooleanField()
    confirmed_at = serializers.DateTimeField(allow_null=True)
    refused_at = serializers.DateTimeField(allow_null=True)

    def to_representation(self, decision: DisputeDecision) -> dict[str, Any]:
        return {
            "id": decision.pk,
            "dispute_id": decision.dispute_id,
            "needs_second": decision.needs_second,
            "confirmed_at": iso(decision.confirmed_at),
            "refused_at": iso(decision.refused_at),
        }


class DisputeInput(serializers.Serializer[Any]):
    """About the funds of a milestone, or about the hours of a week."""

    milestone_id = serializers.IntegerField(min_value=1, max_value=2**63 - 1, required=False)
    timesheet_id = serializers.IntegerField(min_value=1, max_value=2**63 - 1, required=False)
    reason = serializers.ChoiceField(choices=DisputeReason.choices)
    explanation = serializers.CharField(max_length=MAX_EXPLANATION)
    amount = AmountField(help_text="What you ask for your own side; the rest of what is held goes to the other.")

    def validate(self, data: dict[str, Any]) -> dict[str, Any]:
        if ("milestone_id" in data) == ("timesheet_id" in data):
            raise serializers.ValidationError({"milestone_id": ["Name either a milestone or a timesheet."]})
        return data


class ContestInput(serializers.Serializer[Any]):
    text = serializers.CharField(max_length=MAX_EXPLANATION)


class OfferInput(serializers.Serializer[Any]):
    to_freelancer = ShareField(help_text="Before the fee. The rest goes back to the client.")
    note = serializers.CharField(max_length=MAX_EXPLANATION, required=False, default="", allow_blank=True)


class EvidenceInput(serializers.Serializer[Any]):
    text = serializers.CharField(max_length=MAX_EXPLANATION, required=False, default="", allow_blank=True)
    attachment_ids = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=2**63 - 1),
        required=False,
        default=list,
        max_length=MAX_FILES,
    )


class ResolveInput(serializers.Serializer[Any]):
    to_freelancer = ShareField(help_text="Before the fee. The rest goes back to the client.")
    reasons = serializers.CharField(max_length=MAX_EXPLANATION, help_text="Both sides read them.")


class RefusalInput(serializers.Serializer[Any]):
    refusal = serializers.CharField(max_length=MAX_EXPLANATION, help_text="For the staff alone.")
