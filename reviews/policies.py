"""Who may review what. Each answer is None (may) or the reason why not."""

from accounts.models import User
from accounts.policies import why_not_act
from contracts.models import Contract
from contracts.policies import role_in as role_in_contract
from contracts.rules import ContractStatus
from core.errors import Refusal
from gigs.models import Gig
from gigs.policies import role_in as role_in_gig
from gigs.rules import GigStatus
from payments.rules import HoldStatus

TOO_EARLY = Refusal("review_too_early", "You can write a review once the work is done and paid.")


def why_not_review_contract(actor: User, contract: Contract) -> Refusal | None:
    if not role_in_contract(contract, actor):
        return Refusal("not_a_party", "Only the two sides can review this work.")
    return TOO_EARLY if contract.status != ContractStatus.COMPLETED else why_not_act(actor)


def why_not_review_gig(actor: User, gig: Gig) -> Refusal | None:
    if not role_in_gig(gig, actor):
        return Refusal("not_a_party", "Only the two sides can review this work.")
    if gig.status != GigStatus.COMPLETED or gig.hold is None or gig.hold.status != HoldStatus.RELEASED:
        return TOO_EARLY
    return why_not_act(actor)
