"""Processes killed in the middle of a use case, at every kind of step; then recovery, then the person tries again.

After each kill the truths about money hold and the books agree with the bank; after the repeat exactly one of
everything has happened: nothing lost, nothing doubled.
"""

import random
from collections.abc import Iterable
from datetime import timedelta
from typing import NamedTuple
from unittest import mock

from core.errors import DomainError
from torture.books import Bank, violated
from torture.death import killed_at, steps_of
from torture.figures import Figures
from torture.later import recover_all, work_off
from torture.scenes import SCENES, Scene

WAITS = (timedelta(minutes=2), timedelta(minutes=20))  # until recovery runs; after the second, payments have expired


class Point(NamedTuple):
    scene: str
    step: int
    name: str

    @property
    def is_decisive(self) -> bool:
        """Around a call of the provider or a commit; the others are statements within a transaction."""
        return "statement" not in self.name


def run(bank: Bank, *, seed: int, kills: int, scenes: Iterable[str] = ()) -> Figures:
    """Kill at `kills` distinct points, the decisive ones first, the others drawn by the seed."""
    chance = random.Random(seed)
    figures = Figures()
    with mock.patch("payments.services.events.mirror"):  # copies for staff, on which nothing about money depends
        points = _points(bank, [*scenes] or [*SCENES])
        figures.counts["points known"] = len(points)
        for point in _in_order(points, chance):
            if figures.counts["kills"] == kills:
                break
            _strike(bank, point, chance.choice(WAITS), figures)
    figures.add(bank.totals(), where="in the end")
    return figures


def _points(bank: Bank, scenes: Iterable[str]) -> list[Point]:
    return [Point(scene, step, name) for scene in scenes for step, name in enumerate(_steps(bank, scene), start=1)]


def _steps(bank: Bank, name: str) -> list[str]:
    script = SCENES[name]
    with script.clock():
        return steps_of(script.make(bank).act)


def _in_order(points: list[Point], chance: random.Random) -> list[Point]:
    """The decisive ones first, otherwise as the seed draws them."""
    return sorted(chance.sample(points, len(points)), key=lambda point: not point.is_decisive)


def _strike(bank: Bank, point: Point, wait: timedelta, figures: Figures) -> None:
    script = SCENES[point.scene]
    last = bank.last()
    with script.clock():
        _kill(script.make(bank), bank, last, point, wait, figures)


def _kill(scene: Scene, bank: Bank, last: str, point: Point, wait: timedelta, figures: Figures) -> None:
    """`last`: the intent before those of the scene."""
    if not killed_at(point.step, scene.act):
        figures.counts["done before the step"] += 1
        return
    figures.counts["kills"] += 1
    figures.counts["around calls and commits"] += point.is_decisive
    where = f"{point.scene}, killed {point.name} ({point.step})"
    recover_all(wait)
    figures.add(violated() + bank.differences(bank.since(last)), where=f"{where}, recovered")
    try:
        scene.act()
    except DomainError as refusal:  # it had happened already
        figures.counts[f"repeat answered {refusal.status}"] += 1
    except AssertionError as problem:  # a repeat with its key has the answer of the first
        figures.add([str(problem)], where=f"{where}, repeated")
    work_off()
    figures.add(violated() + bank.differences(bank.since(last)), where=f"{where}, repeated")
    if (reached := scene.reached()) != scene.wanted:
        figures.add([f"{reached} instead of {scene.wanted}"], where=where)
