"""What becomes of money when somebody ends a contract. Pure."""

from contracts.rules.contract import HELD_MILESTONES, MilestoneStatus


def keeps_from_ending(role: str, status: str, *, handed_in: bool) -> bool:
    """Whether a milestone must be settled before that side can end the contract.

    Work that waits for its answer is answered first. A client does not take back the money of work that was ever handed
    in; a freelancer may give it up.
    """
    if status in {MilestoneStatus.SUBMITTED, MilestoneStatus.APPROVED, MilestoneStatus.DISPUTED}:
        return True
    return role == "client" and handed_in and status in HELD_MILESTONES


def is_owed_work(status: str) -> bool:
    """Whether the next word is the freelancer's; then the money goes back when it can be held no longer."""
    return status in {MilestoneStatus.FUNDED, MilestoneStatus.REVISION_REQUESTED}
