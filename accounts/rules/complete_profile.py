"""How complete a profile is."""

from collections.abc import Collection, Sequence
from typing import NamedTuple

from accounts.rules.people import UserType


class Step(NamedTuple):
    """One part of a complete profile, and how much of the whole it is."""

    code: str
    label: str
    weight: int


# What decides whether a client reads on weighs most. Each table adds up to 100.
FREELANCER_STEPS = (
    Step("headline", "Say in one line what you do", 15),
    Step("skills", "Name your skills", 15),
    Step("bio", "Write a few sentences about you", 15),
    Step("photo", "Add a picture of yourself", 10),
    Step("hourly_rate", "Say what an hour costs", 10),
    Step("experience", "Add past work, a school or a certificate", 10),
    Step("place", "Say where you are", 5),
    Step("category", "Choose a category", 5),
    Step("languages", "Name the languages you speak", 5),
    Step("weekly_hours", "Say when you work", 5),
    Step("links", "Link to your work", 5),
)
# A company and its website are no part of it: many who hire have neither.
CLIENT_STEPS = (
    Step("about", "Write a few sentences about you or your company", 40),
    Step("photo", "Add a picture, so that people know whom they work for", 30),
    Step("place", "Say where you are", 30),
)


class Completeness(NamedTuple):
    percent: int
    next_step: Step | None
    missing: tuple[str, ...]


def steps_of(user_type: str) -> tuple[Step, ...]:
    """Of somebody who does both: what a freelancer needs, then what only a client does."""
    if user_type == UserType.CLIENT:
        return CLIENT_STEPS
    if user_type == UserType.FREELANCER:
        return FREELANCER_STEPS
    known = {step.code for step in FREELANCER_STEPS}
    return FREELANCER_STEPS + tuple(step for step in CLIENT_STEPS if step.code not in known)


def completeness(done: Collection[str], steps: Sequence[Step]) -> Completeness:
    """From the codes of what is there. The next step is the weightiest that is missing; 100 only when nothing is."""
    missing = [step for step in steps if step.code not in done]
    whole = sum(step.weight for step in steps)
    left = sum(step.weight for step in missing)
    best = max(missing, key=lambda step: step.weight) if missing else None
    return Completeness((whole - left) * 100 // whole, best, tuple(step.code for step in missing))
