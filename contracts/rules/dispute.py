"""Disputes about held funds: statuses, their moves, deadlines and figures. Pure."""

from datetime import timedelta

from django.db.models import TextChoices

from core.lifecycle import Lifecycle, move
from core.money import Money


class Side(TextChoices):
    CLIENT = "client", "Client"
    FREELANCER = "freelancer", "Freelancer"


class DisputeReason(TextChoices):
    NOT_AS_AGREED = "not_as_agreed", "The work is not what was agreed"
    NOT_DELIVERED = "not_delivered", "The work was not delivered"
    LATE = "late", "It came too late"
    MORE_WORK = "more_work", "More is asked than was agreed"
    NO_ANSWER = "no_answer", "The other side does not answer"
    OTHER = "other", "Something else"


class DisputeStatus(TextChoices):
    OPEN = "open", "Waiting for an answer"
    ANSWERED = "answered", "Counter-offer made"
    MEDIATION = "mediation", "In mediation"
    RESOLVED = "resolved", "Decided"
    SETTLED = "settled", "Settled"
    WITHDRAWN = "withdrawn", "Withdrawn"


LIVE_DISPUTES = (DisputeStatus.OPEN, DisputeStatus.ANSWERED, DisputeStatus.MEDIATION)
WITH_OUTCOME = (DisputeStatus.RESOLVED, DisputeStatus.SETTLED)
WAITING_FOR_ANSWER = (DisputeStatus.OPEN, DisputeStatus.ANSWERED)

REMIND_BEFORE = timedelta(days=1)  # the person whose answer is missing
ALARM_BEFORE = timedelta(days=5)  # the staff, before a mediation ends without a decision
MAX_EXPLANATION = 5000
MAX_EVIDENCE = 50  # of one side in one dispute
MAX_OFFERS = 20

DISPUTE_LIFECYCLE = Lifecycle.of(
    "dispute",
    DisputeStatus,
    {
        DisputeStatus.OPEN: ("waiting", "exclamation-triangle"),
        DisputeStatus.ANSWERED: ("waiting", "arrow-left-right"),
        DisputeStatus.MEDIATION: ("info", "people"),
        DisputeStatus.RESOLVED: ("success", "check2"),
        DisputeStatus.SETTLED: ("success", "check2"),
        DisputeStatus.WITHDRAWN: ("quiet", "x"),
    },
    move("counter", [DisputeStatus.OPEN], DisputeStatus.ANSWERED, "other"),
    move("contest", [DisputeStatus.OPEN], DisputeStatus.MEDIATION, "other"),
    move("ask_mediation", [DisputeStatus.ANSWERED], DisputeStatus.MEDIATION, "opener", "system"),
    move("accept_claim", [DisputeStatus.OPEN], DisputeStatus.SETTLED, "other"),
    move("accept_offer", LIVE_DISPUTES, DisputeStatus.SETTLED, "opener", "other"),
    move("pay_claim", [DisputeStatus.OPEN], DisputeStatus.RESOLVED, "system"),
    move("decide", [DisputeStatus.MEDIATION], DisputeStatus.RESOLVED, "staff"),
    move("decide_by_rule", [DisputeStatus.MEDIATION], DisputeStatus.RESOLVED, "system"),
    move("withdraw", LIVE_DISPUTES, DisputeStatus.WITHDRAWN, "opener"),
    move("drop", LIVE_DISPUTES, DisputeStatus.WITHDRAWN, "system"),
)


def middle(one: Money, other: Money, *, unit: int) -> Money:
    """Halfway between what each side last stood for, in multiples of `unit`; the odd one goes to the client."""
    half = (one + other).minor // 2
    return Money(half - half % unit, one.currency)
