"""The statuses from which each move of an object is possible; every other pair is refused."""

OPEN = frozenset({"requires_payment_method", "requires_confirmation", "requires_action"})

PAYMENT_INTENT: dict[str, frozenset[str]] = {
    "confirm": OPEN,
    "reprice": OPEN,
    "authenticate": frozenset({"requires_action"}),
    "settle": frozenset({"processing"}),
    "capture": frozenset({"requires_capture"}),
    "cancel": OPEN | {"requires_capture"},
}
PAYOUT: dict[str, frozenset[str]] = {
    "cancel": frozenset({"pending"}),
    "send": frozenset({"pending"}),
    "arrive": frozenset({"pending", "in_transit"}),
    "fail": frozenset({"pending", "in_transit", "paid"}),
}
DISPUTE: dict[str, frozenset[str]] = {
    "answer": frozenset({"needs_response", "warning_needs_response"}),
    "close": frozenset({"needs_response", "warning_needs_response", "under_review", "warning_under_review"}),
    "escalate": frozenset({"warning_needs_response", "warning_under_review"}),
    "decide": frozenset({"needs_response", "under_review"}),
}
# What an invoice can become, or have done to it.
INVOICE: dict[str, frozenset[str]] = {
    "pay": frozenset({"open", "uncollectible"}),
    "void": frozenset({"open", "uncollectible"}),
    "uncollectible": frozenset({"open"}),
}
# Subscriptions in these statuses go on by themselves.
RENEWABLE = ("active", "past_due")
SETUP_INTENT: dict[str, frozenset[str]] = {
    "confirm": OPEN,
    "change": OPEN,
    "authenticate": frozenset({"requires_action"}),
    "cancel": OPEN,
}
