"""Requests a second of the public API, through the front server, beside those of the existing systems."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import cycle
from urllib.parse import quote

from bench.existing import EXISTING, FLOOR_THERE
from bench.floor import running_floor
from bench.load import Figures, Request, measure
from bench.report import figure, row, say
from bench.site import Site
from bench.subjects import Subjects, access_tokens

WIDTHS = (30, 9, 8, 8, 8, -2, 9, 9, -40)
MOST_A_SECOND = 1200  # writes that are prepared for
FLOOR = "floor: FastAPI + asyncpg, the same list"


@dataclass(frozen=True)
class Task:
    name: str
    requests: list[Request] = field(repr=False)
    once: bool = False


def run(site: Site, *, seconds: int, rounds: int, only: str = "") -> bool:
    """Prints the table; False if one of the existing systems is ahead in anything, or an answer was not a success.

    Their figures were taken on another machine, so they are compared as this one would have given them: by the ratio
    of the floors, which is measured first, before anything is left to do in the background.
    """
    row(("", "req/s", "p50 ms", "p95 ms", "p99 ms", "", "there", "as here", "existing system"), WIDTHS)
    with running_floor() as url:
        floor = measure(url, [Request("/projects")], seconds=seconds, rounds=rounds)
    _row(FLOOR, floor)
    speed = floor.per_second / FLOOR_THERE
    good = True
    for task in _tasks(Subjects(), seconds * rounds):
        if only in task.name:
            figures = measure(site.url, task.requests, seconds=seconds, rounds=rounds, once=task.once)
            good &= _report(task.name, figures, speed)
    say(f"as here: what they did there times {speed:.2f}, the floor here ({figure(floor.per_second)}) by that there")
    return good


def _report(name: str, figures: Figures, speed: float) -> bool:
    theirs = EXISTING.get(name, [])
    if not theirs:
        _row(name, figures)
    for number, other in enumerate(theirs):
        sign = ">" if figures.per_second > other.per_second * speed else "<"
        about = f"{other.system}{', ' if other.note else ''}{other.note}"
        beside = (sign, figure(other.per_second), figure(other.per_second * speed), about)
        if number == 0:
            _row(name, figures, beside)
        else:
            row(("", "", "", "", "", *beside), WIDTHS)
    if figures.refused:
        say(f"    {figures.refused} of {figures.sent} requests were not answered with success")
    return not figures.refused and all(figures.per_second > other.per_second * speed for other in theirs)


def _row(name: str, figures: Figures, beside: tuple[str, str, str, str] = ("", "", "", "")) -> None:
    ours = (figure(figures.per_second), figure(figures.p50), figure(figures.p95), figure(figures.p99))
    row((name, *ours, *beside), WIDTHS)


def _tasks(subjects: Subjects, seconds: int) -> Iterator[Task]:
    yield Task("liveness", [Request("/api/health/live")])
    yield Task("projects, first page", [Request("/api/projects")])
    yield Task("projects, page 500", [Request("/api/projects?page=500")])
    words = [subjects.common_word(), subjects.rare_word(), quote("booking page"), "harbour", "translate"]
    yield Task("projects, search", [Request(f"/api/projects?search={word}") for word in words])
    yield Task("project", [Request(f"/api/projects/{pk}") for pk in subjects.projects(500)])
    yield Task("projects, filter options", [Request("/api/projects/filters")])
    places = [f"lat={lat:.4f}&lng={lng:.4f}&radius_km=5" for lat, lng in subjects.busy_places(50)]
    yield Task("gigs within 5 km", [Request(f"/api/gigs?{place}") for place in places])
    yield Task("gig", [Request(f"/api/gigs/{pk}") for pk in subjects.gigs(500)])
    skills = [quote(skill) for skill in subjects.skills(50)]
    by_skill = [Request(f"/api/freelancers?skills={skill}&rate_min=20&rate_max=80") for skill in skills]
    yield Task("freelancers by skill and rate", by_skill)
    yield Task("freelancers, filter options", [Request("/api/freelancers/filters")])
    yield from _chat_tasks(subjects)
    yield from _hire_tasks(subjects, seconds)


def _chat_tasks(subjects: Subjects) -> Iterator[Task]:
    rooms = subjects.rooms(200, messages=50)
    tokens = access_tokens(people[0] for _, people in rooms)
    histories = [Request(f"/api/chats/{room}/messages?page_size=50", tokens[people[0]]) for room, people in rooms]
    yield Task("messages of a chat", histories)
    yield Task("own chats", [Request("/api/chats", token) for token in tokens.values()])


def _hire_tasks(subjects: Subjects, seconds: int) -> Iterator[Task]:
    """Real writes: every proposal is to another project, every acceptance makes another contract."""
    count = MOST_A_SECOND * seconds
    clients = cycle(access_tokens(subjects.clients(200)).values())
    posts = [Request("/api/projects", next(clients), "POST", _project(n)) for n in range(2000)]
    yield Task("create a project", posts)
    freelancers = cycle(access_tokens(subjects.freelancers(200)).values())
    offers = subjects.to_propose_to(count)
    proposals = [
        Request("/api/proposals", next(freelancers), "POST", _proposal(offer.project_id, offer.amount))
        for offer in offers
    ]
    yield Task("propose", proposals, once=True)
    decisions = subjects.to_accept(count)
    tokens = access_tokens(client for _, client in decisions)
    acceptances = [Request(f"/api/proposals/{pk}/accept", tokens[client], "POST") for pk, client in decisions]
    yield Task("accept a proposal", acceptances, once=True)


def _project(number: int) -> str:
    return json.dumps(
        {
            "title": f"A booking page for workshop {number}",
            "description": "People should see which evenings are free and take one. We print the list on Fridays.",
            "category": "web-development",
            "budget_type": "fixed",
            "budget_min": "800.00",
            "budget_max": "1600.00",
            "currency": "EUR",
            "experience_level": "intermediate",
            "estimated_duration": "3 weeks",
            "skills": ["Django", "htmx"],
        }
    )


def _proposal(project_id: int, amount: str) -> str:
    letter = "I would begin with the printed list and work backwards from there. Three weeks, one call a week."
    return json.dumps({"project_id": project_id, "cover_letter": letter, "bid_amount": amount, "estimated_days": 21})
