"""What the directory can be narrowed to, how complete a profile is, and what is kept about one person."""

import time
from collections import Counter
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.core.cache import cache
from django.db.models import CharField, Count, F, Func, Max, Min, Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django_otp.plugins.otp_totp.models import TOTPDevice

from accounts.hooks import Exported
from accounts.models import AuditEvent, Category, ClientProfile, FreelancerProfile, MarketplaceRules, User
from accounts.rules import LONGEST_NEW, Completeness, ExperienceLevel, UserType, completeness, handle_ideas, steps_of
from core.money import Money
from core.regions import language_name

OPTIONS_KEY = "freelancer-options"
FRESH_SECONDS = 60
KEPT_SECONDS = 600
MOST_OPTIONS = 30
RATINGS = ("3", "4", "4.5")


def marketplace_rules() -> MarketplaceRules:
    """What staff set in the console, as of now. A query: read it once where several figures are wanted."""
    return MarketplaceRules.objects.get(pk=1)


def rules_while_new(user: User) -> MarketplaceRules | None:
    """The same while the account is new by them, else None. No query for accounts that cannot be."""
    age = timezone.now() - user.date_joined
    if age >= LONGEST_NEW:
        return None
    rules = marketplace_rules()
    return rules if age < timedelta(days=rules.new_account_days) else None


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


# --- A person's own copy ------------------------------------------------------------------------


def export(user: User) -> Iterable[Exported]:
    """Everything that accounts keep about the person, secrets apart."""
    yield Exported("person", [_columns(user, PERSON_COLUMNS) | {"places": _places(user)}])
    yield Exported("client_profile", ClientProfile.objects.filter(user=user).values())
    yield Exported("freelancer_profile", FreelancerProfile.objects.filter(user=user).values(*FREELANCER_COLUMNS))
    yield Exported("entries", user.profile_entries.values())
    yield Exported("sign_ins", user.auth_sessions.values(*SESSION_COLUMNS).iterator())
    yield Exported("passkeys", user.passkeys.values("name", "created_at", "last_used_at"))
    yield Exported("api_keys", user.api_keys.values("name", "prefix", "scopes", "created_at", "last_used_at"))
    yield Exported(
        "uploads", user.uploads.values("id", "kind", "name", "content_type", "size", "created_at").iterator()
    )
    yield Exported(
        "identity_checks",
        user.identity_checks.values("document", "submitted_at", "decided_at", "is_approved", "reason"),
    )
    yield Exported("suspensions", user.suspensions.values(*SUSPENSION_COLUMNS))
    yield Exported("strikes", user.strikes.values("rule", "about", "created_at"))
    events = AuditEvent.objects.filter(actor=user).order_by("id")
    yield Exported(
        "activity", events.values("action", "subject_type", "subject_id", "ip_address", "created_at").iterator()
    )


PERSON_COLUMNS = (
    "id", "email", "first_name", "last_name", "user_type", "handle", "email_verified_at", "identity_verified_at", "city",
    "country", "travel_radius_km", "is_available", "time_zone", "language", "currency", "date_joined",
)  # fmt: skip
FREELANCER_COLUMNS = (
    "headline", "bio", "category__name", "hourly_rate_minor", "currency", "experience_level", "skill_names", "languages",
    "language_levels", "links", "weekly_hours", "jobs_done", "rating_average", "rating_count",
)  # fmt: skip
SESSION_COLUMNS = ("ip_address", "user_agent", "created_at", "last_used_at", "revoked_at", "revoked_reason")
SUSPENSION_COLUMNS = (
    "rule", "evidence", "reason", "imposed_at", "appeal_until", "lifted_at", "lifted_reason", "appeal__text",
    "appeal__created_at", "appeal__decided_at", "appeal__is_upheld", "appeal__answer",
)  # fmt: skip


def _columns(user: User, names: Iterable[str]) -> dict[str, Any]:
    return {name: getattr(user, name) for name in names}


def _places(user: User) -> dict[str, Any]:
    """Exact, and as others see it."""
    spots = {"exact": user.location, "shown": user.public_location}
    return {name: {"lat": spot.y, "lng": spot.x} if spot else None for name, spot in spots.items()}


def second_factors_of(user: User) -> dict[str, Any]:
    """{"enabled", "backup_codes_left", "passkeys"}."""
    return {
        "enabled": TOTPDevice.objects.filter(user=user, confirmed=True).exists(),
        "backup_codes_left": user.backup_codes.filter(used_at=None).count(),
        "passkeys": user.passkeys.count(),
    }
