"""A project in a list, as components/card_row_project.html wants it."""

from collections.abc import Collection, Mapping
from typing import Any

from django.core.files.storage import default_storage
from django.urls import reverse
from django.utils.text import Truncator

from core.money import Money
from core.regions import place_name
from projects.rules import PROJECT_LIFECYCLE

SKILLS_SHOWN = 5
TEXT_SHOWN = 320  # more than two lines can hold, far less than a whole description


def card(row: Mapping[str, Any], *, my_skills: Collection[str] = (), with_badge: bool = False) -> dict[str, Any]:
    """`row` holds selectors.COLUMNS. Skills that the reader has come first, with a tick."""
    matched = [name for name in row["skill_names"] if name in my_skills]
    others = [name for name in row["skill_names"] if name not in my_skills]
    shown = others[: max(SKILLS_SHOWN - len(matched), 0)]
    return {
        "title": row["title"],
        "url": reverse("projects:detail", args=[row["id"]]),
        "text": Truncator(row["description"]).chars(TEXT_SHOWN),
        "low": Money(row["budget_min_minor"], row["currency"]),
        "high": Money(row["budget_max_minor"], row["currency"]),
        "kind": row["budget_type"],
        "length": row["estimated_duration"],
        "proposals": row["proposal_count"],
        "matched": matched,
        "skills": shown,
        "more": len(others) - len(shown),
        "by": row["client__client_profile__company_name"]
        or f"{row['client__first_name']} {row['client__last_name']}".strip(),
        "by_src": default_storage.url(row["client__avatar"]) if row["client__avatar"] else "",
        "rating": row["client__client_profile__rating_average"],
        "reviews": row["client__client_profile__rating_count"],
        "place": place_name(row["client__city"], row["client__country"]),
        "moment": row["created_at"],
        "badge": PROJECT_LIFECYCLE.badge(row["status"]) if with_badge else None,
    }


def skills_of(user: Any) -> frozenset[str]:
    """What the reader offers; nothing for visitors and people who only hire."""
    if not user.is_authenticated or not user.is_freelancer:
        return frozenset()
    return frozenset(user.freelancer_profile.skill_names)
