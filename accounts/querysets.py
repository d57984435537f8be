"""Named filters of people."""

import ipaddress
import json
import re
from collections.abc import Iterable
from datetime import datetime
from typing import Any, Self

from django.contrib.gis.db.models.functions import Distance
from django.contrib.gis.geos import Point
from django.contrib.gis.measure import D
from django.contrib.postgres.expressions import ArraySubquery
from django.contrib.postgres.search import SearchQuery, SearchRank, TrigramSimilarity
from django.db import models
from django.db.models import Case, Exists, F, OuterRef, Q, Value, When
from django.db.models.functions import Cast, Concat, JSONObject, Lower
from django.utils import timezone

from accounts.rules import SECURITY_EVENTS
from core.geo import Nearness

ACTION = re.compile(r"[a-z_]+\.[a-z_]+")
SUBJECT = re.compile(r"(?:\w+\.)?(\w+):(\S+)")

FULL_NAME = Concat("first_name", Value(" "), "last_name")
ENTRY_COLUMNS = ("id", "kind", "title", "organisation", "started", "ended", "description", "link")


def _entries_of(people: models.QuerySet[Any], user: str) -> ArraySubquery:
    """Every school, job and certificate of a person as a dictionary, dates as text; in the same query as the person."""
    model = people.model._meta.apps.get_model("accounts", "ProfileEntry")
    rows = model._base_manager.filter(user=OuterRef(user)).order_by(*model._meta.ordering)
    return ArraySubquery(rows.values(entry=JSONObject(**{name: name for name in ENTRY_COLUMNS})))


class UserQuerySet(models.QuerySet[Any]):
    def active(self) -> Self:
        return self.filter(is_active=True)

    def may_sign_in(self) -> Self:
        """Active people, and those who closed their account and may come back."""
        return self.filter(Q(is_active=True) | Q(deactivated_at__isnull=False))

    def visible(self) -> Self:
        """People who have a public profile page."""
        return self.filter(is_active=True, email_verified_at__isnull=False, suspended_at__isnull=True)

    def suspended(self) -> Self:
        """What they offer is shown to nobody meanwhile. Few: a partial index holds them all."""
        return self.filter(suspended_at__isnull=False)

    def named_like(self, text: str) -> Self:
        """By a part of the full name; an index on trigrams answers."""
        return self.alias(full_name=FULL_NAME).filter(full_name__icontains=text)

    def matching(self, text: str) -> Self:
        """By a part of the name or of the address; for staff."""
        return self.alias(full_name=FULL_NAME).filter(Q(full_name__icontains=text) | Q(email__icontains=text))

    def with_profiles(self) -> Self:
        return self.select_related("client_profile", "freelancer_profile__category").defer("freelancer_profile__search")

    def with_entries(self) -> Self:
        """With `.entries`: what was studied, done and certified, the newest first."""
        return self.annotate(entries=_entries_of(self, "pk"))

    def freelancers(self) -> Self:
        return self.filter(user_type__in=["freelancer", "both"])

    def near(self, place: Point, radius_km: float) -> Self:
        """Nearest first by the blurred place, with `.distance`."""
        return (
            self.filter(public_location__dwithin=(place, D(km=radius_km)))
            .annotate(distance=Distance("public_location", place))
            .alias(nearness=Nearness("public_location", place))
            .order_by("nearness", "id")
        )


class FreelancerProfileQuerySet(models.QuerySet[Any]):
    def listed(self) -> Self:
        """Profiles that the freelancer directory shows."""
        return self.filter(
            user__is_active=True,
            user__email_verified_at__isnull=False,
            user__suspended_at__isnull=True,
            user__user_type__in=["freelancer", "both"],
        ).exclude(headline="")

    def with_person(self) -> Self:
        return self.select_related("user", "category").defer("search")

    def for_rows(self) -> Self:
        """Without the columns that a list does not show."""
        return self.with_person().defer(
            "search", "bio", "links", "weekly_hours", "user__location", "user__public_location"
        )

    def with_entries(self) -> Self:
        """With `.entries` of the person, as people have them."""
        return self.annotate(entries=_entries_of(self, "user_id"))

    def matching(self, text: str) -> Self:
        """By headline, skills, bio or name, with `.rank`. Two index scans joined by id: an OR would read every row."""
        people = self.model._meta.get_field("user").related_model.objects
        query = SearchQuery(text, config="english", search_type="websearch")
        found = self.model._base_manager.filter(search=query).order_by().values("pk")
        named = people.named_like(text).order_by().values("pk")
        return self.filter(pk__in=found.union(named)).annotate(rank=SearchRank(F("search"), query))

    def near(self, place: Point, radius_km: float) -> Self:
        """Nearest first by the blurred place, with `.distance`."""
        return (
            self.filter(user__public_location__dwithin=(place, D(km=radius_km)))
            .annotate(distance=Distance("user__public_location", place))
            .alias(nearness=Nearness("user__public_location", place))
            .order_by("nearness", "user_id")
        )

    def with_all_skills(self, names: Iterable[str]) -> Self:
        """Every one of the skills, by name as it is kept."""
        return self.filter(skill_names__contains=list(names))

    def in_category(self, slug: str) -> Self:
        """The category itself or one below it."""
        return self.filter(Q(category__slug=slug) | Q(category__parent__slug=slug))


class CategoryQuerySet(models.QuerySet[Any]):
    def remote(self) -> Self:
        return self.filter(kind="remote")

    def local(self) -> Self:
        return self.filter(kind="local")

    def roots(self) -> Self:
        return self.filter(parent=None)


class SkillQuerySet(models.QuerySet[Any]):
    def named(self, names: Iterable[str]) -> Self:
        """By name or slug, in any case."""
        wanted = [name.strip().lower() for name in names]
        return self.alias(lower_name=Lower("name")).filter(Q(lower_name__in=wanted) | Q(slug__in=wanted))

    def search(self, text: str) -> Self:
        """By the start of the name or of another name, then by likeness; best first."""
        alias_start = json.dumps(text, ensure_ascii=False)[:-1]  # as it stands in the list: ["React.js", …
        return (
            self.alias(other_names=Cast("aliases", models.TextField()), likeness=TrigramSimilarity("name", text))
            .alias(
                place=Case(
                    When(name__iexact=text, then=0),
                    When(name__istartswith=text, then=1),
                    When(other_names__icontains=alias_start, then=2),
                    When(name__icontains=text, then=3),
                    When(likeness__gte=0.3, then=4),
                )
            )
            .filter(place__isnull=False)
            .order_by("place", "-likeness", "name")
        )


class ApiKeyQuerySet(models.QuerySet[Any]):
    def of(self, user: Any) -> Self:
        return self.filter(user=user)

    def standing(self) -> Self:
        """Neither revoked nor run out."""
        return self.filter(Q(expires_at=None) | Q(expires_at__gt=timezone.now()), revoked_at=None)


class UploadQuerySet(models.QuerySet[Any]):
    def unused(self) -> Self:
        """That no row of any app points at, and nobody shows as their picture.

        Found by the relations themselves, so that a later app's files are safe without anybody telling.
        """
        found = self
        for relation in self.model._meta.get_fields(include_hidden=True):
            if relation.one_to_many or relation.one_to_one:  # with the tables between it and many others
                rows = relation.related_model._base_manager.filter(**{relation.field.name: OuterRef("pk")})
                found = found.filter(~Exists(rows))
        people = self.model._meta.get_field("owner").related_model._base_manager
        return found.filter(~Exists(people.filter(avatar=OuterRef("file"))))


class AuthSessionQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: Any) -> Self:
        return self.filter(user=user)

    def standing(self, at: datetime | None = None) -> Self:
        """Neither revoked nor run out, now or at that time."""
        return self.filter(revoked_at=None, expires_at__gt=at or timezone.now())


class SuspensionQuerySet(models.QuerySet[Any]):
    def standing(self) -> Self:
        return self.filter(lifted_at=None)


class AppealQuerySet(models.QuerySet[Any]):
    def waiting(self) -> Self:
        return self.filter(decided_at=None)


class IdentityCheckQuerySet(models.QuerySet[Any]):
    def waiting(self) -> Self:
        return self.filter(decided_at=None)

    def visible_to(self, user: Any) -> Self:
        return self.filter(user=user)


class DataExportQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: Any) -> Self:
        return self.filter(user=user)

    def making(self) -> Self:
        return self.filter(finished_at=None)


class AuditEventQuerySet(models.QuerySet[Any]):
    def security_of(self, user: Any) -> Self:
        """What concerns the security of this person's account."""
        return self.filter(person=user, action__in=list(SECURITY_EVENTS))

    def matching(self, text: str) -> Self:
        """All words of a search, each by what it looks like, and each by an index; for staff.

        somebody@example.com · gig.released · gig:12 · 203.0.113.7 · the id of a request or a subject.
        """
        found = self
        for word in text.split():
            found = found.filter(self._looks_like(word))
        return found

    def _looks_like(self, word: str) -> Q:
        if "@" in word:
            people = self.model._meta.get_field("actor").related_model.objects
            ids = list(people.filter(email=people.normalize(word)).values_list("pk", flat=True))
            return Q(actor__in=ids) | Q(person__in=ids) | Q(subject_type="accounts.user", subject_id__in=map(str, ids))
        if _is_address(word):
            return Q(ip_address=word)
        if ACTION.fullmatch(word):
            return Q(action=word)
        if subject := SUBJECT.fullmatch(word):
            return Q(subject_type__endswith=f".{subject[1].lower()}", subject_id=subject[2])
        return Q(request_id=word) | Q(subject_id=word)


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True
