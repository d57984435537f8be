"""How news looks. Pure."""

# The first word of a kind decides: "milestone_released" is about a milestone.
ICONS = {
    "contract": "file-earmark-text",
    "gig": "geo-alt",
    "message": "chat",
    "milestone": "box-arrow-in-right",
    "payment": "wallet2",
    "payout": "bank",
    "proposal": "send",
    "project": "briefcase",
    "review": "star",
}


def icon_of(kind: str) -> str:
    return ICONS.get(kind.split("_", 1)[0], "bell")
