"""What the served site takes of the machine's memory, after whatever was measured before."""

import json

from bench.existing import EXISTING_MEMORY_MB, LIMIT_MB
from bench.report import figure, row, say
from bench.site import Site
from bin.lib.memory import THE_SITE, megabytes, processes_of

WIDTHS = (20, 10, 12, 12)


def run(site: Site) -> bool:
    """Prints every program; False if together they are over the limit.

    Resident: a page that processes share counts once, divided among them (PSS). Beside it each process's RSS, summed.
    """
    row(("", "processes", "resident MB", "RSS summed"), WIDTHS)
    total_rss = total_pss = 0.0
    for name, leader in json.loads((site.folder / "programs.json").read_text()).items():
        if name in THE_SITE:
            pids = processes_of(leader)
            rss, pss = megabytes(pids)
            total_rss, total_pss = total_rss + rss, total_pss + pss
            row((name, str(len(pids)), figure(pss), figure(rss)), WIDTHS)
    row(("the site", "", figure(total_pss), figure(total_rss)), WIDTHS)
    say(f"MegiLance with two workers: {EXISTING_MEMORY_MB} MB resident")
    return total_pss < LIMIT_MB
