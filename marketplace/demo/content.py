"""The written content of the demo town. `tests/test_content.py` describes and checks its shapes."""

import json
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent
FACES = FOLDER / "faces"
PICTURES = FOLDER / "pictures"

Item = dict[str, Any]


def people() -> list[Item]:
    return _read("people")["people"]  # type: ignore[no-any-return]


def experience() -> dict[str, Item]:
    """Addresses, hours and entries of profiles, by e-mail."""
    return _read("experience")["experience"]  # type: ignore[no-any-return]


def projects() -> list[Item]:
    return _read("projects")["projects"]  # type: ignore[no-any-return]


def hours() -> list[Item]:
    """Work by the hour: who, for what, and what is done in each week ([weekday, from, to, memo])."""
    return _read("hours")["hours"]  # type: ignore[no-any-return]


def gigs() -> list[Item]:
    return _read("gigs")["gigs"]  # type: ignore[no-any-return]


def vocabulary() -> Item:
    return _read("vocabulary")


def _read(name: str) -> Item:
    return json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))  # type: ignore[no-any-return]
