"""Who may do what on a contract. Each answer is None (may) or the reason why not."""

from accounts.models import User
from accounts.policies import why_not_act
from contracts.models import Contract
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


def why_not_own_time(actor: User, contract: Contract) -> Refusal | None:
    """Stopping a timer and taking hours away are the freelancer's, also while they may start nothing."""
    if contract.freelancer_id != actor.pk:
        return Refusal("not_the_freelancer", "Only the freelancer of this contract can do this.")
    return None


def why_not_party(actor: User, contract: Contract) -> Refusal | None:
    """Pausing, resuming and ending without work are open to both sides."""
    if not role_in(contract, actor):
        return Refusal("not_a_party", "Only the two sides of this contract can do this.")
    return why_not_act(actor)
