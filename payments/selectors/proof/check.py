"""What a check is, and the numbered truths that checks prove."""

from typing import NamedTuple

TRUTHS = {
    1: "Every journal has at least two lines and sums to zero; all accounts together sum to zero.",
    2: "Journals and lines are never changed or deleted; corrections are reversing journals.",
    3: "Every cached balance is the sum of its lines.",
    4: "Held, wallet and credit accounts never go below zero.",
    5: "Per piece of work: funded = released + fee + refunded + still held.",
    6: "Nothing is released, captured, refunded or charged back beyond what came in.",
    7: "Fee + net = gross, to the minor unit; parts add up to the fee of the whole.",
    8: "No line mixes currencies.",
    9: "One cause, one journal; every journal names its cause.",
    10: "Disputed money moves only by the dispute's outcome.",
    11: "Silence releases only work that is still handed in, and only after its deadline.",
    12: "A payout is at most what is available; a pending one reserves, a failed one returns once.",
    13: "Every event of a provider is stored once, and any order of them ends the same.",
    14: "The provider's movements less the clearing account are zero, or an open exception with an age.",
    15: "A statement re-adds from its lines to the shown balance.",
}


class Check(NamedTuple):
    """`sql` selects one text for each offender; none is right. `proves`: numbers of TRUTHS."""

    name: str
    truth: str
    sql: str
    proves: tuple[int, ...] = ()


def values(*rows: tuple[str, ...]) -> str:
    """Rows of our own words for a VALUES list."""
    return ", ".join("(" + ", ".join(f"'{word}'" for word in row) + ")" for row in rows)
