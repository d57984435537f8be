"""Contracts and milestones: statuses and their moves. Pure."""

from django.db.models import TextChoices

from core.lifecycle import Lifecycle, move


class ContractStatus(TextChoices):
    ACTIVE = "active", "In progress"
    PAUSED = "paused", "Paused"
    COMPLETED = "completed", "Completed"
    CANCELLED = "cancelled", "Cancelled"
    DISPUTED = "disputed", "In dispute"


class MilestoneStatus(TextChoices):
    PENDING = "pending", "Not funded yet"
    FUNDED = "funded", "Funds held"
    SUBMITTED = "submitted", "Handed in"
    REVISION_REQUESTED = "revision_requested", "Changes asked"
    APPROVED = "approved", "Approved"
    RELEASED = "released", "Released"
    REFUNDED = "refunded", "Refunded"
    DISPUTED = "disputed", "In dispute"


class Remainder(TextChoices):
    """What becomes of the rest when a part is released."""

    HOLD = "hold", "It stays held for this milestone"
    ROLL = "roll", "It goes with the next milestone"


HELD_MILESTONES = (MilestoneStatus.FUNDED, MilestoneStatus.SUBMITTED, MilestoneStatus.REVISION_REQUESTED)
ENDED_MILESTONES = (MilestoneStatus.RELEASED, MilestoneStatus.REFUNDED)
WORKED_ON = (
    MilestoneStatus.SUBMITTED,
    MilestoneStatus.REVISION_REQUESTED,
    MilestoneStatus.APPROVED,
    MilestoneStatus.RELEASED,
    MilestoneStatus.DISPUTED,
)
RUNNING_CONTRACTS = (ContractStatus.ACTIVE, ContractStatus.PAUSED, ContractStatus.DISPUTED)
MAX_MILESTONES = 50
MAX_FILES = 10

CONTRACT_LIFECYCLE = Lifecycle.of(
    "contract",
    ContractStatus,
    {
        ContractStatus.ACTIVE: ("info", "arrow-repeat"),
        ContractStatus.PAUSED: ("quiet", "pause"),
        ContractStatus.COMPLETED: ("success", "check2"),
        ContractStatus.CANCELLED: ("quiet", "x"),
        ContractStatus.DISPUTED: ("danger", "exclamation-triangle"),
    },
    move("pause", [ContractStatus.ACTIVE], ContractStatus.PAUSED, "client", "freelancer"),
    move("resume", [ContractStatus.PAUSED], ContractStatus.ACTIVE, "client", "freelancer"),
    move("complete", [ContractStatus.ACTIVE, ContractStatus.PAUSED], ContractStatus.COMPLETED, "client", "system"),
    move("end", [ContractStatus.ACTIVE, ContractStatus.PAUSED], ContractStatus.COMPLETED, "client", "freelancer"),
    move(
        "cancel",
        [ContractStatus.ACTIVE, ContractStatus.PAUSED],
        ContractStatus.CANCELLED,
        "client",
        "freelancer",
        "system",
    ),
    move("dispute", [ContractStatus.ACTIVE, ContractStatus.PAUSED], ContractStatus.DISPUTED, "client", "freelancer"),
    move("carry_on", [ContractStatus.DISPUTED], ContractStatus.ACTIVE, "system"),
    move("carry_on_paused", [ContractStatus.DISPUTED], ContractStatus.PAUSED, "system"),
)
MILESTONE_LIFECYCLE = Lifecycle.of(
    "milestone",
    MilestoneStatus,
    {
        MilestoneStatus.PENDING: ("quiet", "circle"),
        MilestoneStatus.FUNDED: ("info", "lock"),
        MilestoneStatus.SUBMITTED: ("waiting", "box-arrow-in-right"),
        MilestoneStatus.REVISION_REQUESTED: ("waiting", "arrow-counterclockwise"),
        MilestoneStatus.APPROVED: ("success", "check2"),
        MilestoneStatus.RELEASED: ("success", "check2"),
        MilestoneStatus.REFUNDED: ("quiet", "arrow-counterclockwise"),
        MilestoneStatus.DISPUTED: ("danger", "exclamation-triangle"),
    },
    move("fund", [MilestoneStatus.PENDING], MilestoneStatus.FUNDED, "system"),
    move(
        "submit",
        [MilestoneStatus.FUNDED, MilestoneStatus.REVISION_REQUESTED],
        MilestoneStatus.SUBMITTED,
        "freelancer",
    ),
    move("request_revision", [MilestoneStatus.SUBMITTED], MilestoneStatus.REVISION_REQUESTED, "client"),
    move("approve", [MilestoneStatus.SUBMITTED], MilestoneStatus.APPROVED, "client", "system"),
    move("release", [MilestoneStatus.APPROVED], MilestoneStatus.RELEASED, "system"),
    move("release_part", [MilestoneStatus.SUBMITTED], MilestoneStatus.SUBMITTED, "client"),
    move("roll", [MilestoneStatus.SUBMITTED], MilestoneStatus.FUNDED, "client"),
    move("release_rolled", [MilestoneStatus.FUNDED], MilestoneStatus.RELEASED, "system"),
    move("refund", [*HELD_MILESTONES, MilestoneStatus.DISPUTED], MilestoneStatus.REFUNDED, "system"),
    move("dispute", HELD_MILESTONES, MilestoneStatus.DISPUTED, "client", "freelancer"),
    move("settle", [MilestoneStatus.DISPUTED], MilestoneStatus.RELEASED, "system"),
    move("back_to_work", [MilestoneStatus.DISPUTED], MilestoneStatus.FUNDED, "system"),
    move("back_to_review", [MilestoneStatus.DISPUTED], MilestoneStatus.SUBMITTED, "system"),
    move("back_to_changes", [MilestoneStatus.DISPUTED], MilestoneStatus.REVISION_REQUESTED, "system"),
)
# Where a milestone goes on when its dispute ends without an outcome.
AFTER_DISPUTE = {
    MilestoneStatus.FUNDED: "back_to_work",
    MilestoneStatus.SUBMITTED: "back_to_review",
    MilestoneStatus.REVISION_REQUESTED: "back_to_changes",
}
