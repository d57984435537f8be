"""bin/torture: tries to break the truths about money, and prints what it did and what it found."""

import argparse
import random
import sys
import time
from collections.abc import Callable

from bench.report import heading, say
from bin.lib.command import leave_tidily_when_told
from torture.figures import Figures
from torture.place import Place, prepared_place

PARTS = ("kills", "machine", "races", "webhooks", "crashes", "clock")


def parsed_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bin/torture", description=__doc__)
    parser.add_argument("parts", nargs="*", choices=[*PARTS, "all"], default="all", help="only these")
    parser.add_argument("--seed", type=int, default=random.randrange(1_000_000), help="the same one draws the same")
    parser.add_argument("--kills", type=int, default=600, help="distinct points at which processes are killed")
    parser.add_argument("--steps", type=int, default=10_000, help="of the state machine")
    parser.add_argument("--rounds", type=int, default=500, help="of races")
    parser.add_argument(
        "--crashes", type=int, default=10, help="of each kind: PostgreSQL, Redis, processes, the provider"
    )
    return parser.parse_args()


def main() -> int:
    arguments = parsed_arguments()
    leave_tidily_when_told()
    say(f"seed {arguments.seed}")
    broken = 0
    with prepared_place() as place:
        for part in PARTS if "all" in arguments.parts else arguments.parts:
            begun = time.monotonic()
            heading(part)
            place.clear()
            figures = _part(part, place, arguments)()
            for line in figures.lines():
                say(line)
            say(f"{'seconds':<28}{time.monotonic() - begun:>9,.0f}")
            broken += len(figures.violations)
    return 1 if broken else 0


def _part(name: str, place: Place, arguments: argparse.Namespace) -> Callable[[], Figures]:
    # Imported here: their modules need the site's settings, which exist once the place is prepared.
    from torture import clock, crashes, kills, machine, races, webhooks
    from torture.books import Bank

    bank, seed = Bank(place.stand_in.url, place.paypal.url), arguments.seed
    return {
        "kills": lambda: kills.run(bank, seed=seed, kills=arguments.kills),
        "machine": lambda: machine.run(seed=seed, steps=arguments.steps),
        "races": lambda: races.run(seed=seed, rounds=arguments.rounds),
        "webhooks": lambda: webhooks.run(bank),
        "crashes": lambda: crashes.run(place, seed=seed, crashes=arguments.crashes),
        "clock": lambda: clock.run(seed=seed),
    }[name]


if __name__ == "__main__":
    sys.exit(main())
