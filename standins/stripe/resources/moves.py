"""The statuses from which each move of an intent is possible; every other pair is refused."""

OPEN = frozenset({"requires_payment_method", "requires_confirmation", "requires_action"})

PAYMENT_INTENT: dict[str, frozenset[str]] = {
    "confirm": OPEN,
    "reprice": OPEN,
    "authenticate": frozenset({"requires_action"}),
    "settle": frozenset({"processing"}),
    "capture": frozenset({"requires_capture"}),
    "cancel": OPEN | {"requires_capture"},
}
SETUP_INTENT: dict[str, frozenset[str]] = {
    "confirm": OPEN,
    "change": OPEN,
    "authenticate": frozenset({"requires_action"}),
    "cancel": OPEN,
}
