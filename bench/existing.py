"""What the three existing systems do in the same kind of work, and our own limits.

Measured from their public sources in November 2026 on a 2-core Debian 12 machine at 16 connections, with the load and
the database on the same two cores. Machines differ: the floor of the same run says by how much.
"""

from typing import NamedTuple


class Existing(NamedTuple):
    """`p50` in milliseconds, None where it was not measured."""

    system: str
    per_second: float
    p50: float | None
    note: str = ""


EXISTING: dict[str, list[Existing]] = {
    "liveness": [Existing("MegiLance", 2436, 4.3)],
    "projects, first page": [
        Existing("MegiLance", 69, 223),
        Existing("MegiLance", 1338, None, "cached for 30 s in each process: stale"),
    ],
    "projects, page 500": [Existing("MegiLance", 56, 276)],
    "projects, search": [Existing("MegiLance", 68, 283)],
    "project": [Existing("MegiLance", 875, 18)],
    "gigs within 5 km": [Existing("Hourz", 3.7, 3184, "100,000 gigs"), Existing("Hourz", 67, 213, "12,000 gigs")],
    "gig": [Existing("Hourz", 1435, 11.8)],
    "freelancers by skill and rate": [Existing("Find-a-Freelancer", 203, 89)],
    "freelancers, filter options": [Existing("Find-a-Freelancer", 5.2, 2586)],
    "own chats": [Existing("Find-a-Freelancer", 14, 1081)],
    "messages of a chat": [Existing("MegiLance", 646, 22), Existing("Find-a-Freelancer", 113, 158)],
    "create a project": [Existing("MegiLance", 649, 23, "no transaction")],
    "propose": [Existing("MegiLance", 391, 38, "no transaction")],
    "accept a proposal": [Existing("MegiLance", 268, 57, "no transaction")],
}
EXISTING_MEMORY_MB = 594  # MegiLance, 2 workers
LIMIT_MB = 500
LIMIT_QUERY_MS = 50
LIMIT_MESSAGE_MS = 100
