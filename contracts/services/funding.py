"""Paying in for a milestone, and what follows when the provider says that the money is there (or went back)."""

from django.db import transaction
from django.urls import reverse

from accounts.models import User
from contracts import policies
from contracts.models import Contract, Milestone
from contracts.rules import MILESTONE_LIFECYCLE, MilestoneStatus
from contracts.services.disputes.ending import drop_overtaken
from contracts.services.loading import lock_milestone, require_active
from contracts.services.refunding import close_refund_request
from contracts.services.release import note_rolled_release, rolled_with
from core.errors import Conflict, require
from core.money import Money, split
from notifications.services import notify
from payments.models import Hold, Payment
from payments.rules import HoldStatus, ProviderName, common_step
from payments.services import open_hold, pay_hold, split_hold


@transaction.atomic
def prepare_funding(actor: User, *, milestone_id: int) -> Milestone:
    """Gives a pending milestone its hold, so that it can be paid. Repeating it is harmless."""
    milestone = lock_milestone(actor, milestone_id)
    contract = milestone.contract
    require(policies.why_not_client(actor, contract))
    if milestone.status != MilestoneStatus.PENDING:
        return milestone
    require_active(contract)
    if not milestone.is_agreed:
        raise Conflict("milestone_not_agreed", "The other side has not agreed to this milestone yet.")
    if milestone.hold_id is None:
        milestone.hold = open_hold(
            payer=contract.client,
            payee=contract.freelancer,
            amount=milestone.amount,
            fee_bps=contract.fee_bps,
            purpose=Hold.Purpose.MILESTONE,
            title=milestone.title,
            url=reverse("contracts:detail", args=[contract.pk]),
        )
        milestone.save(update_fields=["hold"])
    return milestone


def fund_milestone(
    actor: User, *, milestone_id: int, payment_method: str = "", provider: str = ProviderName.STRIPE
) -> tuple[Milestone, Payment]:
    """Pay in. Funded when the provider says so: at once with a working `payment_method`, else after confirmation.

    Not one transaction: the hold and the payment are written and committed before the provider is called.
    """
    milestone = prepare_funding(actor, milestone_id=milestone_id)
    if milestone.hold_id is None or milestone.status == MilestoneStatus.REFUNDED:
        raise Conflict("milestone_refunded", "This milestone was refunded.")
    payment = pay_hold(actor, hold_id=milestone.hold_id, payment_method=payment_method, provider=provider)
    milestone.refresh_from_db()
    return milestone, payment


def require_payable(hold: Hold) -> None:
    """Conflict unless the contract goes on. Called by payments before a hold is paid in, whichever way leads there."""
    require_active(Contract.objects.get(milestones__hold=hold))


def lock_for_hold(hold_id: int) -> None:
    """Take the contract's and milestone's locks, in this order, before payments locks their hold."""
    milestone = Milestone.objects.filter(hold_id=hold_id).first()
    if milestone:
        Contract.objects.select_for_update(no_key=True).get(pk=milestone.contract_id)
        Milestone.objects.select_for_update(no_key=True).filter(pk=milestone.pk).first()  # it may be gone meanwhile


def milestone_funded(hold: Hold) -> None:
    """The hold's money is here: work may start. Called by payments inside its transaction."""
    milestone = Milestone.objects.select_related("contract__freelancer").get(hold=hold)
    MILESTONE_LIFECYCLE.perform(milestone, "fund", actor=hold.payer)
    url = reverse("contracts:detail", args=[milestone.contract_id])
    notify(
        milestone.contract.freelancer,
        kind="milestone_funded",
        title="Funds are held, you can start",
        message=f"{milestone.title}, {milestone.amount}",
        url=url,
        data={"contract_id": str(milestone.contract_id), "milestone_id": milestone.pk},
        email="contracts/emails/milestone_funded",
        context={"title": milestone.title, "amount": milestone.amount},
    )


def milestone_refunded(hold: Hold) -> None:
    """The hold went back to the client. Called by payments inside its transaction.

    Rests that rolled into this milestone share its fate: they go back, in the proportion in which its funds did.
    """
    milestone = Milestone.objects.get(hold=hold)
    if milestone.status != MilestoneStatus.RELEASED:  # a dispute's outcome may pay one part and return the other
        MILESTONE_LIFECYCLE.perform(milestone, "refund", actor=None, release_at=None)
    close_refund_request(milestone)
    drop_overtaken(hold)
    for rolled in rolled_with(hold):
        assert rolled.hold is not None
        released, refunded = hold.released_minor + hold.fee_minor, hold.refunded_minor
        part = split(rolled.hold.held, [released, refunded])[0].minor
        to_payee = Money(part - part % common_step(rolled.hold.currency), rolled.hold.currency)
        reason = f"With “{milestone.title}”."
        split_hold(None, hold=rolled.hold, to_payee=to_payee, reason=reason, cause=f"milestone:{rolled.pk}")
        if rolled.hold.status == HoldStatus.RELEASED:
            note_rolled_release(rolled)
