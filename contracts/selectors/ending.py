"""What ending a contract now would come to."""

from typing import NamedTuple

from contracts.models import Milestone
from contracts.rules import ENDED_MILESTONES
from contracts.rules.ending import keeps_from_ending
from contracts.selectors.workspace import Workspace
from core.money import Money, total


class Outcome(NamedTuple):
    """`blocking` milestones have to be settled first. `returned` goes back to the client; `kept` is released and stays so."""

    blocking: list[Milestone]
    returned: Money
    kept: Money


def outcome_of_ending(workspace: Workspace) -> Outcome:
    steps = workspace.milestones
    returned = [step.hold.held for step in steps if step.hold and step.status not in ENDED_MILESTONES]
    return Outcome(
        [
            step
            for step in steps
            if keeps_from_ending(workspace.role, step.status, handed_in=bool(step.submissions.all()))
        ],
        total(returned, workspace.contract.currency),
        workspace.sums["released"],
    )
