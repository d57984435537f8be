"""Who may do what on a contract. Each answer is None (may) or the reason why not."""

from accounts.models import User
from accounts.policies import why_not_act, why_not_let_go
from contracts.models import Contract
from core.errors import Refusal
from payments.policies import why_not_order
from projects.models import Project


def role_in(contract: Contract, user: User) -> str:
    """ "client", "freelancer", or "" for anybody else."""
    return {contract.client_id: "client", contract.freelancer_id: "freelancer"}.get(user.pk, "")


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
    if contract.freelancer_id != actor.pk:
        return Refusal("not_the_freelancer", "Only the freelancer of this contract can do this.")
    return why_not_act(actor)


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
