"""What the directory can be narrowed to, and what a person has besides the password."""

import time
from collections import Counter
from typing import Any

from django.core.cache import cache
from django.db.models import CharField, Count, F, Func, Max, Min, Q, QuerySet
from django_otp.plugins.otp_totp.models import TOTPDevice

from accounts.models import Category, FreelancerProfile, User
from accounts.rules import ExperienceLevel
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


def second_factors_of(user: User) -> dict[str, Any]:
    """{"enabled", "backup_codes_left", "passkeys"}."""
    return {
        "enabled": TOTPDevice.objects.filter(user=user, confirmed=True).exists(),
        "backup_codes_left": user.backup_codes.filter(used_at=None).count(),
        "passkeys": user.passkeys.count(),
    }
