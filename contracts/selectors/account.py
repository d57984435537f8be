"""What contracts keep about one person."""

from collections.abc import Iterable

from django.db.models import F
from django.urls import reverse

from accounts.hooks import Exported, Tie
from accounts.models import User
from contracts.models import Bonus, ChangeRequest, Contract, Milestone, RefundRequest, Submission, TermsAcceptance


def ties(user: User) -> Iterable[Tie]:
    """Contracts that somebody else relies on."""
    running = Contract.objects.visible_to(user).running().count()
    if running:
        text = f"{running} of your contracts {'is' if running == 1 else 'are'} running."
        yield Tie("contracts_running", text, reverse("contracts:list"))


def export(user: User) -> Iterable[Exported]:
    contracts = Contract.objects.visible_to(user).order_by("started_at")
    yield Exported("contracts", contracts.values(*EXPORTED_CONTRACT).iterator())
    milestones = Milestone.objects.visible_to(user).order_by("contract", "position")
    yield Exported("milestones", milestones.values(*EXPORTED_MILESTONE).iterator())
    handed_in = Submission.objects.filter(milestone__contract__in=Contract.objects.visible_to(user)).order_by("id")
    yield Exported("submissions", handed_in.values(*EXPORTED_SUBMISSION).iterator())
    changes = ChangeRequest.objects.visible_to(user).order_by("id")
    yield Exported("contract_changes", changes.values(*EXPORTED_CHANGE).iterator())
    accepted = TermsAcceptance.objects.filter(person=user).order_by("id")
    terms = {name: F(f"terms__{name}") for name in ("contract_id", "number", "sha256", "text")}
    yield Exported("terms_accepted", accepted.values("how", "accepted_at", **terms).iterator())
    asked = RefundRequest.objects.visible_to(user).order_by("id")
    yield Exported("refund_requests", asked.values(*EXPORTED_REFUND_REQUEST).iterator())
    bonuses = Bonus.objects.visible_to(user).order_by("id")
    money = {"amount_minor": F("hold__amount_minor"), "currency": F("hold__currency")}
    yield Exported("bonuses", bonuses.values("id", "contract_id", "note", "created_at", **money).iterator())


EXPORTED_CONTRACT = (
    "id", "title", "terms", "client_id", "freelancer_id", "currency", "fee_bps", "approval_days", "status", "started_at",
    "ended_at",
)  # fmt: skip
EXPORTED_MILESTONE = (
    "id", "contract_id", "position", "title", "description", "amount_minor", "currency", "due_date", "status",
    "agreed_at", "submitted_at", "released_at",
)  # fmt: skip
EXPORTED_SUBMISSION = ("milestone_id", "version", "note", "revision_note", "revision_requested_at", "created_at")
EXPORTED_CHANGE = (
    "id", "contract_id", "proposer_id", "kind", "milestone_id", "before", "after", "note", "status", "created_at",
    "decided_at",
)  # fmt: skip
EXPORTED_REFUND_REQUEST = (
    "id", "milestone_id", "asked_by_id", "reason", "answer", "status", "answer_by", "created_at", "answered_at",
)  # fmt: skip
