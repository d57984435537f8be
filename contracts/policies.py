"""Who may do what on a contract. Each answer is None (may) or the reason why not."""

from django.utils import timezone

from accounts.models import User
from accounts.policies import why_not_act, why_not_let_go, why_not_staff
from contracts.models import ChangeRequest, Contract, Dispute, DisputeDecision
from contracts.rules import RUNNING_CONTRACTS, ContractStatus
from contracts.rules.clocks import BONUS_AFTER_END
from core.errors import Refusal
from payments.policies import why_not_order
from projects.models import Project


def role_in(contract: Contract, user: User) -> str:
    """ "client", "freelancer", or "" for anybody else."""
    return {contract.client_id: "client", contract.freelancer_id: "freelancer"}.get(user.pk, "")


def other_side(contract: Contract, user: User) -> User:
    return contract.freelancer if user.pk == contract.client_id else contract.client


def why_not_hire(actor: User, project: Project) -> Refusal | None:
    if project.client_id != actor.pk:
        return Refusal("not_the_client", "Only the person who posted the project can accept a proposal.")
    return why_not_act(actor) or why_not_order(actor)


def why_not_client(actor: User, contract: Contract) -> Refusal | None:
    """Funding, asking for changes and completing are the client's."""
    return _why_not_the_client(actor, contract) or why_not_act(actor)


def why_not_approve(actor: User, contract: Contract) -> Refusal | None:
    """The client's too, and a duty: suspended clients still release what the freelancer earned."""
    return _why_not_the_client(actor, contract) or why_not_let_go(actor)


def why_not_freelancer(actor: User, contract: Contract) -> Refusal | None:
    """Handing in is the freelancer's."""
    return why_not_own_time(actor, contract) or why_not_act(actor)


def why_not_give_up(actor: User, contract: Contract) -> Refusal | None:
    """The freelancer's too: what they are not paid goes back to the client, so suspended ones may."""
    return why_not_own_time(actor, contract) or why_not_let_go(actor)


def why_not_own_time(actor: User, contract: Contract) -> Refusal | None:
    """Stopping a timer and taking hours away are the freelancer's, also while they may start nothing."""
    if contract.freelancer_id != actor.pk:
        return Refusal("not_the_freelancer", "Only the freelancer of this contract can do this.")
    return None


def why_not_party(actor: User, contract: Contract) -> Refusal | None:
    """Pausing and resuming are open to both sides."""
    return _why_not_a_side(actor, contract) or why_not_act(actor)


def why_not_cancel(actor: User, contract: Contract) -> Refusal | None:
    """Ending without work is open to both sides. What is held goes to the client, so a suspended freelancer may give it."""
    gives = role_in(contract, actor) == "freelancer"
    return _why_not_a_side(actor, contract) or (why_not_let_go(actor) if gives else why_not_act(actor))


def _why_not_the_client(actor: User, contract: Contract) -> Refusal | None:
    if contract.client_id != actor.pk:
        return Refusal("not_the_client", "Only the client of this contract can do this.")
    return None


def _why_not_a_side(actor: User, contract: Contract) -> Refusal | None:
    if not role_in(contract, actor):
        return Refusal("not_a_party", "Only the two sides of this contract can do this.")
    return None


def why_not_answer_change(actor: User, change: ChangeRequest) -> Refusal | None:
    """Agreeing and declining are for the side that did not propose."""
    if change.proposer_id == actor.pk:
        return Refusal("own_proposal", "You proposed this change, so the other side answers it.")
    return why_not_party(actor, change.contract)


def why_not_withdraw_change(actor: User, change: ChangeRequest) -> Refusal | None:
    if change.proposer_id != actor.pk:
        return Refusal("not_the_proposer", "Only who proposed this change can take it back.")
    return why_not_party(actor, change.contract)


def why_no_bonus(contract: Contract) -> Refusal | None:
    """A bonus is for work that runs, or was completed not long ago, of somebody who can still take it out."""
    if not contract.freelancer.is_active:
        return Refusal("freelancer_unavailable", "The freelancer has closed their account.")
    if contract.status in RUNNING_CONTRACTS:
        return None
    if contract.status == ContractStatus.CANCELLED:
        return Refusal("contract_cancelled", "This contract was called off, so there is nothing to give a bonus for.")
    if contract.ended_at and timezone.now() > contract.ended_at + BONUS_AFTER_END:
        return Refusal("bonus_too_late", f"A bonus is possible for {BONUS_AFTER_END.days} days after the end.")
    return None


def is_open_to_bonus(contract: Contract) -> bool:
    return why_no_bonus(contract) is None


# Whoever is in a dispute may speak in it, also while suspended: silence would cost them money.


def why_not_answer_dispute(actor: User, dispute: Dispute) -> Refusal | None:
    if dispute.opener_id == actor.pk:
        return Refusal(
            "own_dispute", "The other side answers this dispute. You can offer another split, or withdraw it."
        )
    return None


def why_not_lead_dispute(actor: User, dispute: Dispute) -> Refusal | None:
    """Withdrawing, and turning a counter-offer down, are the opener's."""
    if dispute.opener_id != actor.pk:
        return Refusal("not_the_opener", "Only the person who opened the dispute can do this.")
    return None


def why_not_mediate(actor: User, dispute: Dispute) -> Refusal | None:
    """Reading the whole record and deciding, by staff who are not in it themselves."""
    if role_in(dispute.contract, actor):
        return Refusal("own_dispute", "Somebody else has to decide: you are a side of this dispute.")
    return why_not_staff(actor, "contracts.change_dispute")


def why_not_decide_hours(actor: User, contract: Contract) -> Refusal | None:
    """What becomes of hours that the two sides do not agree on, by staff who are neither of them."""
    if role_in(contract, actor):
        return Refusal("own_contract", "Somebody else has to decide: you are a side of this contract.")
    return why_not_staff(actor, "contracts.change_timesheet")


def why_not_confirm_decision(actor: User, decision: DisputeDecision) -> Refusal | None:
    """Of those who may mediate, anybody but who made it."""
    if decision.by_id == actor.pk:
        return Refusal("own_decision", "This decision is yours, so somebody else has to confirm it.")
    return None
