"""What the directory can be narrowed to, and how complete a profile is."""

import time
from collections import Counter
from typing import Any

from django.core.cache import cache
from django.db.models import CharField, Count, F, Func, Max, Min, Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import Category, FreelancerProfile, User
from accounts.rules import Completeness, ExperienceLevel, UserType, completeness, handle_ideas, steps_of
from core.money import Money
from core.regions import language_name

OPTIONS_KEY = "freelancer-options"
FRESH_SECONDS = 60
KEPT_SECONDS = 600
MOST_OPTIONS = 30
RATINGS = ("3", "4", "4.5")


class Unnest(Func):
    """One row for each element of an array."""

    function = "unnest"
    set_returning = True
    output_field = CharField()


def freelancer_options() -> dict[str, Any]:
    """Counts for every way to narrow the directory, at most a minute old.

    The database counts; Redis remembers. When the minute is over one caller counts again while the others still get
    the old figures.
    """
    known = cache.get(OPTIONS_KEY)
    if known and (time.time() - known["at"] < FRESH_SECONDS or not cache.add(f"{OPTIONS_KEY}:counting", 1, 10)):
        return known["options"]  # type: ignore[no-any-return]
    options = _count_options()
    cache.set(OPTIONS_KEY, {"at": time.time(), "options": options}, KEPT_SECONDS)
    cache.delete(f"{OPTIONS_KEY}:counting")
    return options


def _count_options() -> dict[str, Any]:
    listed = FreelancerProfile.objects.listed().order_by()
    totals = listed.aggregate(
        count=Count("pk"),
        available=Count("pk", filter=Q(user__is_available=True)),
        **{f"level_{level}": Count("pk", filter=Q(experience_level=level)) for level in ExperienceLevel.values},
        **{f"from_{rating}": Count("pk", filter=Q(rating_average__gte=rating)) for rating in RATINGS},
    )
    return {
        "count": totals["count"],
        "available": totals["available"],
        "categories": _categories(listed),
        "skills": [_option(name, name, count) for name, count in _most_common(listed, "skill_names")],
        "experience": [_option(level, label, totals[f"level_{level}"]) for level, label in ExperienceLevel.choices],
        "languages": [_option(code, language_name(code), count) for code, count in _most_common(listed, "languages")],
        "ratings": [_option(rating, f"{rating} and up", totals[f"from_{rating}"]) for rating in RATINGS],
        "rates": _rates(listed),
    }


def _option(value: str, label: str, count: int) -> dict[str, Any]:
    return {"value": value, "label": label, "count": count}


def _categories(listed: QuerySet[Any]) -> list[dict[str, Any]]:
    """The upper categories, each with everything below it."""
    counts: Counter[int] = Counter()
    for category, parent, count in listed.exclude(category=None).values_list(
        "category_id", "category__parent_id", Count("pk")
    ):
        counts[parent or category] += count
    return [_option(root.slug, root.name, counts[root.pk]) for root in Category.objects.roots().remote()]


def _most_common(listed: QuerySet[Any], column: str) -> QuerySet[Any]:
    return (
        listed.annotate(element=Unnest(F(column)))
        .values("element")
        .annotate(n=Count("pk"))
        .order_by("-n", "element")
        .values_list("element", "n")[:MOST_OPTIONS]
    )


def _rates(listed: QuerySet[Any]) -> list[dict[str, Any]]:
    rows = (
        listed.exclude(hourly_rate_minor=None)
        .values("currency")
        .annotate(low=Min("hourly_rate_minor"), high=Max("hourly_rate_minor"), n=Count("pk"))
        .order_by("-n", "currency")
    )
    return [
        {
            "currency": row["currency"],
            "min": Money(row["low"], row["currency"]).as_string(),
            "max": Money(row["high"], row["currency"]).as_string(),
            "count": row["n"],
        }
        for row in rows
    ]


# Where each step of a complete profile is made: the page, and the field on it.
STEP_PLACES = {
    "photo": ("settings:profile", "id_picture"),
    "place": ("settings:place", ""),
    "experience": ("settings:profile-experience", ""),
    "weekly_hours": ("settings:profile-hours", ""),
}


def completeness_of(user: User, side: str = "") -> Completeness:
    """Of one side, or of those that the person uses. `user` comes with both profiles and with `.entries`."""
    offer, client = user.freelancer_profile, user.client_profile
    parts = {
        "photo": user.avatar,
        "place": user.location,
        "headline": offer.headline,
        "bio": offer.bio,
        "skills": offer.skill_names,
        "hourly_rate": offer.hourly_rate_minor,
        "category": offer.category_id,
        "languages": offer.languages,
        "weekly_hours": offer.weekly_hours,
        "links": offer.links,
        "experience": user.entries,  # type: ignore[attr-defined]  # annotated
        "about": client.about,
    }
    return completeness({code for code, there in parts.items() if there}, steps_of(side or user.user_type))


def step_url(code: str) -> str:
    """The field that a step of a complete profile is about."""
    page, field = STEP_PLACES.get(code, ("settings:profile", f"id_{code}"))
    return f"{reverse(page)}#{field}" if field else reverse(page)


def meters(user: User) -> list[dict[str, Any]]:
    """`meter` of each side that the person uses, by its name where there are two."""
    sides = {UserType.FREELANCER: _("At work")} if user.is_freelancer else {}
    sides |= {UserType.CLIENT: _("As a client")} if user.is_client else {}
    return [meter(user, side, name if len(sides) > 1 else "") for side, name in sides.items()]


def meter(user: User, side: str, name: str = "") -> dict[str, Any]:
    """How complete a side is, for accounts/_completeness.html."""
    found = completeness_of(user, side)
    step = found.next_step
    return {"name": name, "percent": found.percent, "step": step, "url": step_url(step.code) if step else ""}


def free_handle(user: User) -> str:
    """An address that this person might like and may have; "" when their name gives none."""
    ideas = handle_ideas(user.first_name, user.last_name, user.pk)
    taken = set(User.objects.exclude(pk=user.pk).filter(handle__in=ideas).values_list("handle", flat=True))
    return next((idea for idea in ideas if idea not in taken), "")
