"""What a part of the torture did, and what it found broken."""

from collections import Counter
from dataclasses import dataclass, field

SHOWN = 10


@dataclass
class Figures:
    counts: Counter[str] = field(default_factory=Counter)
    violations: list[str] = field(default_factory=list)

    def add(self, found: list[str], *, where: str) -> None:
        self.violations += [f"{where}: {one}" for one in found]

    def lines(self) -> list[str]:
        counted = [f"{name:<28}{number:>9,}" for name, number in self.counts.items()]
        broken = f"{'violated truths':<28}{len(self.violations):>9,}"
        return [*counted, broken, *(f"  {one}" for one in self.violations[:SHOWN])]
