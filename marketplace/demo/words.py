"""Generated names and texts from the vocabulary; the same dice say the same."""

from collections import defaultdict
from functools import cache
from random import Random
from typing import Any, NamedTuple

from accounts.models import Category, Skill
from core.money import EXPONENTS
from marketplace.demo import content
from marketplace.demo.content import Item
from marketplace.demo.places import Town

# About how many of this currency buy what one of the others does; prices stay believable.
WORTH = {"JPY": 150, "NGN": 1500, "INR": 80, "PLN": 4}


@cache
def vocabulary() -> Item:
    return content.vocabulary()


@cache
def namings() -> dict[str, list[Item]]:
    """Ways in which people are called, by country."""
    by_country: dict[str, list[Item]] = defaultdict(list)
    for naming in vocabulary()["names"]:
        for country in naming["countries"]:
            by_country[country].append(naming)
    return dict(by_country)


class Trade(NamedTuple):
    """A second-level category, with its skills, and the words of its kind of work."""

    category: Category
    skills: list[Skill]
    words: Item


@cache
def trades(kind: str) -> list[Trade]:
    """Remote work speaks the words of its top category, local work its own."""
    words = vocabulary()["projects" if kind == Category.Kind.REMOTE else "gigs"]["categories"]
    found = Category.objects.filter(kind=kind, parent__isnull=False).select_related("parent").prefetch_related("skills")
    return [
        Trade(
            category,
            list(category.skills.all()),
            words[category.parent.slug if kind == Category.Kind.REMOTE else category.slug],
        )
        for category in found
    ]


class Writer:
    """Writes for one person in one town."""

    def __init__(self, dice: Random, town: Town) -> None:
        self.dice = dice
        self.town = town

    def one(self, *path: str) -> str:
        """One of the vocabulary's phrases, filled in."""
        phrases: Any = vocabulary()
        for name in path:
            phrases = phrases[name]
        return self.fill(self.dice.choice(phrases))

    def fill(self, phrase: str, **known: str) -> str:
        return phrase.format_map(_Blanks(self, known)) if "{" in phrase else phrase

    def paragraph(self, *phrases: str) -> str:
        return " ".join(capitalised(phrase) for phrase in phrases)

    def name(self) -> tuple[str, str, str]:
        """First name, last name, and the currency of whoever is called so here."""
        naming = self.dice.choice(namings()[self.town.country])
        return self.dice.choice(naming["first"]), self.dice.choice(naming["last"]), naming["currency"]

    def company(self, last: str) -> str:
        words, dice = vocabulary()["companies"], self.dice
        return self.fill(
            dice.choice(words["templates"]),
            last=last,
            last2=dice.choice(dice.choice(namings()[self.town.country])["last"]),
            trade=dice.choice(words["trades"]),
            adjective=dice.choice(words["adjectives"]),
            noun=dice.choice(words["nouns"]),
        )

    def street(self) -> str:
        streets = vocabulary()["streets"]
        return f"{self.dice.choice(streets.get(self.town.country, streets['other']))} {self.dice.randint(1, 180)}"

    def price(self, low: int, high: int, currency: str) -> int:
        """Minor units of a round price that would be between these in dollars."""
        amount = self.dice.triangular(low, high, low + (high - low) / 4) * WORTH.get(currency, 1)
        step = 5 if amount < 1000 else 50
        return int(max(step, round(amount / step) * step) * 10 ** EXPONENTS[currency])


class _Blanks(dict[str, str]):
    """Fills a phrase's blanks as they are met."""

    PLURALS = {
        "client": "clients", "language": "target_languages", "learners": "learners", "relative": "relatives",
        "when": "times", "month": "months", "floors": "floors",
    }  # fmt: skip

    def __init__(self, writer: Writer, known: dict[str, str]) -> None:
        super().__init__(known)
        self.writer = writer

    def __missing__(self, blank: str) -> str:
        dice = self.writer.dice
        if blank in {"city", "area"}:
            return self.writer.town.name
        if blank == "n":
            return str(dice.randint(2, 60))
        if blank in {"skill", "skill2"}:
            return dice.choice(dice.choice(trades(Category.Kind.REMOTE)).skills).name
        return str(dice.choice(vocabulary()[self.PLURALS[blank]]))


def capitalised(phrase: str) -> str:
    return phrase[:1].upper() + phrase[1:]
