"""How news looks, and how webhooks carry it. Pure."""

import base64
import hmac
import secrets
from datetime import timedelta

# The first word of a kind decides: "milestone_released" is about a milestone.
ICONS = {
    "chargeback": "bank",
    "contract": "file-earmark-text",
    "debt": "wallet2",
    "dispute": "exclamation-triangle",
    "gig": "geo-alt",
    "message": "chat",
    "milestone": "box-arrow-in-right",
    "payment": "wallet2",
    "payout": "bank",
    "proposal": "send",
    "project": "briefcase",
    "review": "star",
    "strike": "exclamation-triangle",
    "timesheet": "clock",
    "subscription": "star",
}


def icon_of(kind: str) -> str:
    return ICONS.get(kind.split("_", 1)[0], "bell")


# --- Webhooks -----------------------------------------------------------------------------------

# Every kind of news there is, and what it says: the types of events.
EVENTS = {
    "announcement": "The staff told you something.",
    "chargeback_news": "A bank took back a payment of yours, or decided about it.",
    "bonus_received": "A client gave you something on top.",
    "change_accepted": "The other side agreed to a change that you proposed.",
    "change_declined": "The other side did not agree to a change that you proposed.",
    "change_proposed": "The other side proposes a change of a contract.",
    "change_withdrawn": "The other side took a proposed change back.",
    "contract_cancelled": "A contract was ended without work that was paid.",
    "contract_cap_changed": "The client changed how many hours a week an hourly contract has at most.",
    "contract_completed": "A contract of yours is complete.",
    "contract_created": "You hired somebody.",
    "contract_paused": "The other side paused a contract.",
    "contract_resumed": "The other side goes on with a paused contract.",
    "credit_added": "Money that you paid in is in your wallet.",
    "debt_settled": "What you owed after a chargeback is settled.",
    "dispute_ended": "A dispute of yours was settled or decided.",
    "dispute_evidence": "The other side added evidence to a dispute of yours.",
    "dispute_mediation": "Guildhall mediates a dispute of yours.",
    "dispute_offered": "The other side of a dispute offers a split.",
    "dispute_opened": "The other side opened a dispute and waits for your answer.",
    "dispute_reduced": "The client's bank took back a part of what a dispute of yours is about.",
    "dispute_reminder": "Your answer to a dispute is due tomorrow.",
    "dispute_waits_for_staff": "For staff: a dispute has to be decided soon.",
    "dispute_withdrawn": "A dispute of yours ended, and nothing changed hands by it.",
    "gig_accepted": "A helper accepted your gig.",
    "gig_cancelled": "A gig that you were part of was cancelled.",
    "gig_charged_back": "The bank of who ordered a gig took back what was held.",
    "gig_completed": "The helper says that your gig is done.",
    "gig_funded": "The funds for a gig that you accepted are held.",
    "gig_no_show_contested": "Whoever you said did not come says that they did. Guildhall decides.",
    "gig_no_show_ended": "A gig goes on: nobody is found not to have come.",
    "gig_no_show_reported": "The other side of a gig says that you did not come.",
    "gig_reminder": "A gig that is done waits for you to release the money; soon silence does.",
    "gig_started": "The helper has started on your gig.",
    "gig_waits_for_staff": "For staff: two people do not agree who came to a gig.",
    "hold_limit_near": "Funds of a contract or gig have been held for 75 days and have to be settled soon.",
    "message_received": "Messages wait for you that you have not read for a while.",
    "milestone_charged_back": "The bank of the client took back what was held for your work.",
    "milestone_funded": "The funds for a milestone that you work on are held.",
    "milestone_refunded": "Funds went back to the client because nobody answered.",
    "milestone_reminder": "Work waits for your answer; soon silence approves it.",
    "milestone_submitted": "Work was handed in for you to look at.",
    "money_alert": "The books or a payment provider need a look. Staff only.",
    "payment_received": "Money was released to you.",
    "payment_sent": "You released money.",
    "payout_account_changed": "Where you are paid was changed.",
    "payout_account_ready": "You can be paid out now.",
    "payout_failed": "A payout came back from the bank.",
    "payout_paid": "A payout arrived at your bank.",
    "payout_rejected": "A payout was not approved.",
    "proposal_accepted": "Your proposal was accepted.",
    "proposal_received": "A freelancer proposed for a project of yours.",
    "proposal_rejected": "Your proposal was not chosen.",
    "proposal_withdrawn": "A freelancer took back a proposal for your project.",
    "refund_agreed": "The freelancer gives the money of a milestone back to you.",
    "refund_asked": "The client asks the money of a milestone back, since nothing was handed in.",
    "refund_closed": "A dispute decides about the money of a milestone that you asked back.",
    "refund_refused": "The freelancer does not give the money of a milestone back.",
    "refund_sent": "Money goes back to the way you paid.",
    "refund_withdrawn": "The client waits for your work and asks no money back any more.",
    "review_received": "Somebody's review of you is shown.",
    "review_written": "Somebody reviewed you; write yours to see it.",
    "revision_requested": "The client asks you for changes to what you handed in.",
    "strike_received": "Something that you did is kept as a strike.",
    "timesheet_capped": "Your timer stopped, because the hours of the week are used up.",
    "timesheet_contested": "Hours of a week are not agreed, so their money stays held.",
    "timesheet_due": "A week of hours waits for you to pay in.",
    "timesheet_funded": "A week is paid in, so that you can log time.",
    "timesheet_returned": "The client sent hours back to you.",
    "timesheet_settled": "Hours that were not agreed are settled.",
    "timesheet_submitted": "A week of hours was sent for you to look over.",
    "timesheet_unfunded": "A week is not paid in, so that no time can be logged.",
    "subscription_ended": "A plan of yours has ended.",
    "subscription_overdue": "The payment for a plan of yours did not go through.",
    "subscription_paid": "The month of a plan of yours was paid.",
    "subscription_refunded": "What you paid for a plan goes back to you, or a part of it.",
    "subscription_started": "A plan of yours has begun.",
    "webhook_disabled": "A webhook of yours was switched off because nothing arrived.",
}
TEST_EVENT = "test"

MAX_WEBHOOKS = 10
DELIVERY_LIFE = timedelta(days=3)  # then it is given up
DELIVERIES_KEPT = timedelta(days=30)
FAILURES_BORNE = 20  # in a row, and over DELIVERY_LIFE, before the endpoint is switched off
OLD_SECRET_LIFE = timedelta(days=1)
FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=5), timedelta(hours=12)
STUMBLES = 3  # failures in a row after which an endpoint is asked at most once in QUIET_TIME
QUIET_TIME = timedelta(minutes=1)
GONE = 410  # by which a receiver says that it wants nothing more


def wait_after(attempts: int, chance: float) -> timedelta:
    """Until the next try: 5 s, 20 s, 80 s … up to 12 h, a quarter more or less by `chance` (0 to 1)."""
    wait = min(FIRST_WAIT * 4 ** min(attempts - 1, 12), LONGEST_WAIT)
    return wait * (0.75 + chance / 2)


def new_secret() -> str:
    return "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()


def signature(secret: str, *, message_id: str, timestamp: int, body: bytes) -> str:
    """One entry of the header `webhook-signature`, as the Standard Webhooks specification makes it."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = f"{message_id}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.digest(key, signed, "sha256")).decode()
