"""What the served site takes of the machine's memory, after whatever was measured before."""

import json

from bench.existing import EXISTING_MEMORY_MB, LIMIT_MB
from bench.report import figure, row, say
from bench.site import Site
from bin.lib.memory import THE_SITE, megabytes, processes_of

WIDTHS = (20, 10, 10, 10)


def run(site: Site) -> bool:
    """Prints every program; False if together they are over the limit."""
    row(("", "processes", "RSS MB", "PSS MB"), WIDTHS)
    total_rss = total_pss = 0.0
    for name, leader in json.loads((site.folder / "programs.json").read_text()).items():
        if name in THE_SITE:
            pids = processes_of(leader)
            rss, pss = megabytes(pids)
            total_rss, total_pss = total_rss + rss, total_pss + pss
            row((name, str(len(pids)), figure(rss), figure(pss)), WIDTHS)
    row(("the site", "", figure(total_rss), figure(total_pss)), WIDTHS)
    say(f"MegiLance with two workers: {EXISTING_MEMORY_MB} MB resident")
    return total_rss < LIMIT_MB
