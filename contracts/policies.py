"""Who may do what on a contract. Each answer is None (may) or the reason why not."""

from accounts.models import User
from accounts.policies import why_not_act, why_not_staff
from contracts.models import Contract, Dispute, DisputeDecision
from core.errors import Refusal
from projects.models import Project


def role_in(contract: Contract, user: User) -> str:
    """ "client", "freelancer", or "" for anybody else."""
    return {contract.client_id: "client", contract.freelancer_id: "freelancer"}.get(user.pk, "")


def why_not_hire(actor: User, project: Project) -> Refusal | None:
    if project.client_id != actor.pk:
        return Refusal("not_the_client", "Only the person who posted the project can accept a proposal.")
    return why_not_act(actor)


def why_not_client(actor: User, contract: Contract) -> Refusal | None:
    """Funding, approving, asking for changes and completing are the client's."""
    if contract.client_id != actor.pk:
        return Refusal("not_the_client", "Only the client of this contract can do this.")
    return why_not_act(actor)


def why_not_freelancer(actor: User, contract: Contract) -> Refusal | None:
    """Handing in is the freelancer's."""
    if contract.freelancer_id != actor.pk:
        return Refusal("not_the_freelancer", "Only the freelancer of this contract can do this.")
    return why_not_act(actor)


def why_not_party(actor: User, contract: Contract) -> Refusal | None:
    """Pausing, resuming and ending without work are open to both sides."""
    if not role_in(contract, actor):
        return Refusal("not_a_party", "Only the two sides of this contract can do this.")
    return why_not_act(actor)


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


def why_not_confirm_decision(actor: User, decision: DisputeDecision) -> Refusal | None:
    """Of those who may mediate, anybody but who made it."""
    if decision.by_id == actor.pk:
        return Refusal("own_decision", "This decision is yours, so somebody else has to confirm it.")
    return None
