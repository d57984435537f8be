"""Further steps of a running contract."""

from datetime import date
from uuid import UUID

from django.db import transaction
from django.db.models import Max
from django.urls import reverse

from accounts.models import User
from contracts import policies
from contracts.models import Milestone
from contracts.rules import MAX_MILESTONES
from contracts.services.loading import lock_contract, require_active
from core.errors import Conflict, Invalid, require
from core.money import Money
from notifications.services import notify
from payments.services import require_chargeable


@transaction.atomic
def add_milestone(
    actor: User, *, contract_id: UUID, title: str, amount: Money, description: str = "", due_date: date | None = None
) -> Milestone:
    """The client plans (and will pay for) one more step. Nobody owes anything before it is funded."""
    contract = lock_contract(actor, contract_id)
    require(policies.why_not_client(actor, contract))
    require_active(contract)
    if amount.currency != contract.currency:
        raise Invalid(fields={"currency": [f"This contract is in {contract.currency}."]})
    require_chargeable(amount, "amount")
    last = contract.milestones.aggregate(last=Max("position"))["last"] or 0
    if last >= MAX_MILESTONES:
        raise Conflict("too_many_milestones", f"A contract has at most {MAX_MILESTONES} milestones.")
    milestone = Milestone.objects.create(
        contract=contract,
        position=last + 1,
        title=title,
        description=description,
        amount_minor=amount.minor,
        currency=amount.currency,
        due_date=due_date,
    )
    notify(
        contract.freelancer,
        kind="milestone_added",
        title="A milestone was added",
        message=f"{title}, {amount}",
        url=reverse("contracts:detail", args=[contract.pk]),
        data={"contract_id": str(milestone.contract_id), "milestone_id": milestone.pk},
    )
    return milestone
