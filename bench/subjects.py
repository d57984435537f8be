"""What the requests ask for: found in the database, so that every scale has them. Needs the site's settings."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib.postgres.search import SearchQuery
from django.db import connection
from django.db.models import QuerySet
from django.utils import timezone

from accounts import tokens
from accounts.models import AuthSession, FreelancerProfile, User
from chat.models import Member, Room
from core.money import MAX_MINOR, Money
from gigs.models import Gig
from projects.models import Project, Proposal
from projects.rules import LIVE_PROPOSALS, ProjectStatus

WORDS = ("ferry", "needle", "oven", "lighthouse", "spreadsheet", "keyboard", "archive", "people", "show")


@dataclass(frozen=True)
class Offer:
    project_id: int
    amount: str


class Subjects:
    def projects(self, count: int) -> list[int]:
        """Open ones, spread over all of them."""
        return self._spread(Project.objects.listed().open(), count)

    def gigs(self, count: int) -> list[int]:
        return self._spread(Gig.objects.open(), count)

    def common_word(self) -> str:
        return max(WORDS, key=self._matches)

    def rare_word(self) -> str:
        return min((word for word in WORDS if self._matches(word)), key=self._matches)

    def busy_place(self) -> tuple[float, float]:
        """The middle of the town with the most gigs, as (lat, lng)."""
        return self.busy_places(1)[0]

    def busy_places(self, count: int) -> list[tuple[float, float]]:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT avg(ST_Y(public_location::geometry)), avg(ST_X(public_location::geometry)) FROM gigs_gig "
                "WHERE status = 'pending' GROUP BY area ORDER BY count(*) DESC LIMIT %s",
                [count],
            )
            return cursor.fetchall()

    def skills(self, count: int) -> list[str]:
        """Skills that freelancers have."""
        profiles = FreelancerProfile.objects.exclude(skill_names=[]).order_by("-user_id")
        names = profiles.values_list("skill_names", flat=True)[: 5 * count]
        return list(dict.fromkeys(skills[0] for skills in names))[:count]

    def rooms(self, count: int, *, messages: int = 1) -> list[tuple[int, list[int]]]:
        """Rooms with at least so many messages, each with the ids of its people."""
        ids = Room.objects.filter(last_seq__gte=messages).order_by("id").values_list("pk", flat=True)[:count]
        people: dict[int, list[int]] = {}
        for room_id, user_id in Member.objects.filter(room__in=list(ids)).values_list("room_id", "user_id"):
            people.setdefault(room_id, []).append(user_id)
        return list(people.items())

    def clients(self, count: int) -> list[int]:
        return list(
            User.objects.filter(user_type="client", email__startswith="resident").values_list("pk", flat=True)[:count]
        )

    def freelancers(self, count: int) -> list[int]:
        """The generated people of the first neighbourhoods."""
        people = User.objects.filter(user_type="freelancer", email__startswith="resident").order_by("id")
        return list(people.values_list("pk", flat=True)[:count])

    def to_propose_to(self, count: int) -> list[Offer]:
        """Open projects of the last neighbourhoods, whose proposals come from people there."""
        rows = Project.objects.open().order_by("-id").values_list("pk", "budget_max_minor", "currency")[:count]
        return [Offer(pk, Money(min(minor, MAX_MINOR), currency).as_string()) for pk, minor, currency in rows]

    def to_accept(self, count: int) -> list[tuple[int, int]]:
        """(proposal, client) of different open projects, from the first neighbourhoods on."""
        live = Proposal.objects.filter(status__in=LIVE_PROPOSALS, project__status=ProjectStatus.OPEN)
        rows = live.order_by("project_id", "id").distinct("project_id").values_list("pk", "project__client_id")
        return list(rows[:count])

    def _matches(self, word: str) -> int:
        return Project.objects.filter(search=SearchQuery(word, config="english")).count()

    @staticmethod
    def _spread(rows: "QuerySet[Any]", count: int) -> list[int]:
        ids = list(rows.order_by("id").values_list("pk", flat=True))
        return ids[:: max(1, len(ids) // count)][:count]


def access_tokens(user_ids: Iterable[int]) -> dict[int, str]:
    """A fresh sign-in for each person. Access tokens live half an hour, so ask for them right before use."""
    sessions: Sequence[AuthSession] = [
        AuthSession(user_id=user_id, expires_at=timezone.now(), user_agent="bin/bench") for user_id in set(user_ids)
    ]
    pairs = {session.user_id: tokens.issue(session)["access_token"] for session in sessions}
    AuthSession.objects.bulk_create(sessions, batch_size=2000)
    return pairs
