"""Changes of a running contract, which both sides agree to, and requests to have money back. Pure."""

from collections.abc import Mapping
from typing import Any

from django.db.models import TextChoices

from contracts.rules.contract import ENDED_MILESTONES, MilestoneStatus
from core.errors import Refusal
from core.lifecycle import Lifecycle, move


class ChangeKind(TextChoices):
    ADD_MILESTONE = "add_milestone", "Add a milestone"
    CHANGE_MILESTONE = "change_milestone", "Change a milestone"
    REMOVE_MILESTONE = "remove_milestone", "Take a milestone away"
    CHANGE_SCOPE = "change_scope", "Change what was agreed"


class ChangeStatus(TextChoices):
    PROPOSED = "proposed", "Waiting for an answer"
    ACCEPTED = "accepted", "Agreed"
    DECLINED = "declined", "Declined"
    WITHDRAWN = "withdrawn", "Taken back"
    LAPSED = "lapsed", "The contract ended before"


class RefundRequestStatus(TextChoices):
    OPEN = "open", "Waiting for an answer"
    AGREED = "agreed", "Agreed"
    REFUSED = "refused", "Refused"
    DELIVERED = "delivered", "Work was handed in"
    SILENT = "silent", "Refunded by silence"
    WITHDRAWN = "withdrawn", "Taken back"
    CLOSED = "closed", "Settled in another way"


CHANGE_LIFECYCLE = Lifecycle.of(
    "change",
    ChangeStatus,
    {
        ChangeStatus.PROPOSED: ("waiting", "arrow-left-right"),
        ChangeStatus.ACCEPTED: ("success", "check2"),
        ChangeStatus.DECLINED: ("quiet", "x"),
        ChangeStatus.WITHDRAWN: ("quiet", "arrow-counterclockwise"),
        ChangeStatus.LAPSED: ("quiet", "x"),
    },
    move("accept", [ChangeStatus.PROPOSED], ChangeStatus.ACCEPTED, "client", "freelancer"),
    move("decline", [ChangeStatus.PROPOSED], ChangeStatus.DECLINED, "client", "freelancer"),
    move("withdraw", [ChangeStatus.PROPOSED], ChangeStatus.WITHDRAWN, "client", "freelancer"),
    move("lapse", [ChangeStatus.PROPOSED], ChangeStatus.LAPSED, "system"),
)
REFUND_REQUEST_LIFECYCLE = Lifecycle.of(
    "refund_request",
    RefundRequestStatus,
    {
        RefundRequestStatus.OPEN: ("waiting", "hourglass-split"),
        RefundRequestStatus.AGREED: ("success", "check2"),
        RefundRequestStatus.REFUSED: ("danger", "x"),
        RefundRequestStatus.DELIVERED: ("info", "box-arrow-in-right"),
        RefundRequestStatus.SILENT: ("quiet", "arrow-counterclockwise"),
        RefundRequestStatus.WITHDRAWN: ("quiet", "arrow-counterclockwise"),
        RefundRequestStatus.CLOSED: ("quiet", "x"),
    },
    move("agree", [RefundRequestStatus.OPEN], RefundRequestStatus.AGREED, "freelancer"),
    move("refuse", [RefundRequestStatus.OPEN], RefundRequestStatus.REFUSED, "freelancer"),
    move("deliver", [RefundRequestStatus.OPEN], RefundRequestStatus.DELIVERED, "system"),
    move("silence", [RefundRequestStatus.OPEN], RefundRequestStatus.SILENT, "system"),
    move("withdraw", [RefundRequestStatus.OPEN], RefundRequestStatus.WITHDRAWN, "client"),
    move("close", [RefundRequestStatus.OPEN], RefundRequestStatus.CLOSED, "system"),
)
ANSWERED_REFUNDS = (RefundRequestStatus.AGREED, RefundRequestStatus.REFUSED)

PLAN = ("title", "description", "amount", "due_date")  # of a milestone, what a change may touch
MAX_TERMS = 10_000

FUNDED = Refusal(
    "milestone_funded",
    "Its funds are held already. The price can only go down, which sends the rest back; for more, add a milestone.",
)
ENDED = Refusal("milestone_ended", "This milestone is settled, so it stays as it is.")
ROLLED = Refusal("milestone_rolled", "What is held here goes with the next milestone. Change that one instead.")


def why_not_change(status: str, *, is_rolled: bool, step: int) -> Refusal | None:
    """Why a milestone cannot be changed so that its price moves by `step` minor units."""
    if status in (*ENDED_MILESTONES, MilestoneStatus.APPROVED):
        return ENDED
    if status == MilestoneStatus.DISPUTED:
        return Refusal("milestone_disputed", "This milestone is in dispute, and changes only by its outcome.")
    if is_rolled:
        return ROLLED
    return FUNDED if step > 0 and status != MilestoneStatus.PENDING else None


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    """{name: (before, after)} of what a change changes, in the order of `after` (or `before`, when all goes)."""
    return {
        name: (before.get(name), after.get(name))
        for name in (after or before)
        if (before.get(name) or None) != (after.get(name) or None)
    }
