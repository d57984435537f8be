"""What the three existing systems do in the same kind of work, and our own limits.

Measured from their public sources in November 2026 on a 2-core Debian 12 machine at 16 connections, with the load and
the database on the same two cores. Machines differ: the floor says by how much.
"""

from typing import NamedTuple


class Existing(NamedTuple):
    system: str
    per_second: float
    note: str = ""


EXISTING: dict[str, list[Existing]] = {
    "liveness": [Existing("MegiLance", 2436)],
    "projects, first page": [
        Existing("MegiLance", 69),
        Existing("MegiLance", 1338, "cached for 30 s in each process: stale"),
    ],
    "projects, page 500": [Existing("MegiLance", 56)],
    "projects, search": [Existing("MegiLance", 68)],
    "project": [Existing("MegiLance", 875)],
    "gigs within 5 km": [Existing("Hourz", 3.7, "100,000 gigs"), Existing("Hourz", 67, "12,000 gigs")],
    "gig": [Existing("Hourz", 1435)],
    "freelancers by skill and rate": [Existing("Find-a-Freelancer", 203)],
    "freelancers, filter options": [Existing("Find-a-Freelancer", 5.2)],
    "own chats": [Existing("Find-a-Freelancer", 14)],
    "messages of a chat": [Existing("MegiLance", 646), Existing("Find-a-Freelancer", 113)],
    "create a project": [Existing("MegiLance", 649, "no transaction")],
    "propose": [Existing("MegiLance", 391, "no transaction")],
    "accept a proposal": [Existing("MegiLance", 268, "no transaction")],
}
FLOOR_THERE = 5391  # requests a second of FastAPI + asyncpg, the same list, on the machine of these figures
EXISTING_MEMORY_MB = 594  # MegiLance, 2 workers
LIMIT_MB = 500
LIMIT_QUERY_MS = 50
LIMIT_MESSAGE_MS = 100
