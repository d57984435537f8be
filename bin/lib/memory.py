"""bin/memory: the memory of the site that bin/serve or bin/dev runs, program by program, from the kernel's own counts.

A page that several processes share counts once, divided among them (the kernel's PSS), so that the figures add up to
what the site really takes. Beside it the RSS of each process summed, in which a shared page counts once per process.
"""

import json
import sys
from collections.abc import Iterable
from pathlib import Path

from bin.lib.environment import LOCAL

THE_SITE = {"front", "site", "web", "worker"}  # the rest is database, Redis and the stand-in


def processes_of(leader: int) -> list[int]:
    """The program's process, and all that it and they started."""
    children: dict[int, list[int]] = {}
    for pid, parent in _parents():
        children.setdefault(parent, []).append(pid)
    family = [leader]
    for pid in family:
        family += children.get(pid, [])
    return family


def _parents() -> Iterable[tuple[int, int]]:
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:  # ended meanwhile
            continue
        yield int(stat.parent.name), int(fields[1])


def megabytes(pids: Iterable[int]) -> tuple[float, float]:
    """(RSS, PSS) of the processes together."""
    rss = pss = 0
    for pid in pids:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:]
        counts = {line.split(":")[0]: int(line.split()[1]) for line in lines}
        rss, pss = rss + counts["Rss"], pss + counts["Pss"]
    return rss / 1024, pss / 1024


def main() -> int:
    noted = LOCAL / "programs.json"
    if not noted.exists():
        print("Nothing runs in this checkout: start bin/serve first.", file=sys.stderr)
        return 1
    total_pss = total_rss = 0.0
    print(f"{'':<12}{'processes':>10}{'resident MB':>14}{'(RSS summed)':>15}")
    for name, leader in json.loads(noted.read_text()).items():
        if name in THE_SITE:
            pids = processes_of(leader)
            rss, pss = megabytes(pids)
            total_pss, total_rss = total_pss + pss, total_rss + rss
            print(f"{name:<12}{len(pids):>10}{pss:>14.1f}{rss:>15.1f}")
    print(f"{'the site':<22}{total_pss:>14.1f}{total_rss:>15.1f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
