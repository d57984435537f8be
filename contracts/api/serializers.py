"""Contracts and milestones as the API shows and takes them."""

from typing import Any

from rest_framework import serializers

from accounts.api.serializers import PersonSerializer, person_json
from contracts import selectors
from contracts.models import (
    Bonus,
    ChangeEvent,
    ChangeRequest,
    Contract,
    ContractEvent,
    Milestone,
    MilestoneEvent,
    RefundRequest,
    RefundRequestEvent,
    Submission,
    TermsVersion,
)
from contracts.rules import (
    MAX_FILES,
    ChangeKind,
    ChangeStatus,
    ContractStatus,
    MilestoneStatus,
    RefundRequestStatus,
    Remainder,
)
from contracts.rules.changes import MAX_TERMS
from contracts.rules.terms import AcceptedBy
from core.fields import AmountField, CurrencyField
from core.formats import iso
from core.money import share
from payments.api.serializers import PaymentIntentSerializer, ProviderField
from payments.rules import HoldStatus, quote
from projects.api.serializers import FileSerializer


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
            "files": [
                {
                    "id": file.pk,
                    "name": file.name,
                    "content_type": file.content_type,
                    "size": file.size,
                    "url": file.url,
                }
                for file in submission.files.all()
            ],
            "created_at": iso(submission.created_at),
        }


class PlanSerializer(serializers.Serializer[Any]):
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
    before = PlanSerializer()
    after = PlanSerializer()
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
        help_text="answer, answer_change, answer_refund, make_changes, hand_in, pay_in, review, paused, disputed, cancelled "
        "or nothing."
    )
    who = serializers.ChoiceField(choices=["client", "freelancer", "both", "nobody"])
    at = serializers.DateTimeField(allow_null=True, help_text="When silence decides, or the end of the due date.")
    milestone_id = serializers.IntegerField(allow_null=True)
    change_id = serializers.IntegerField(allow_null=True)
    refund_request_id = serializers.IntegerField(allow_null=True)

    def to_representation(self, step: selectors.Step) -> dict[str, Any]:
        return {
            "kind": step.kind,
            "who": step.who,
            "at": iso(selectors.moment_of(step.at)),
            "milestone_id": step.milestone and step.milestone.pk,
            "change_id": step.change and step.change.pk,
            "refund_request_id": step.refund_request and step.refund_request.pk,
        }


class AutomaticSerializer(serializers.Serializer[Any]):
    """What the site does by itself, unless somebody acts before."""

    kind = serializers.CharField(
        help_text="reminder, release_by_silence, refund_by_silence, hold_warning, hold_review, hold_limit or reviews_shown."
    )
    at = serializers.DateTimeField()
    milestone_id = serializers.IntegerField(allow_null=True)

    def to_representation(self, planned: selectors.Planned) -> dict[str, Any]:
        return {
            "kind": planned.kind,
            "at": iso(planned.at),
            "milestone_id": planned.milestone and planned.milestone.pk,
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
    total = AmountField()
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
    """One made move of the contract, of one of its milestones or changes, or of a request to have money back."""

    id = serializers.CharField()
    about = serializers.ChoiceField(choices=["contract", "milestone", "change", "refund_request"])
    milestone_id = serializers.IntegerField(allow_null=True)
    change_id = serializers.IntegerField(allow_null=True)
    refund_request_id = serializers.IntegerField(allow_null=True)
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
}


class FundedSerializer(serializers.Serializer[Any]):
    milestone = MilestoneSerializer()
    payment_intent = PaymentIntentSerializer()


class HireInput(serializers.Serializer[Any]):
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


class ReasonInput(serializers.Serializer[Any]):
    reason = serializers.CharField(max_length=2000, required=False, default="", allow_blank=True)


class AnswerInput(serializers.Serializer[Any]):
    answer = serializers.CharField(max_length=2000)


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
