"""What people say of themselves."""

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

from django.db import transaction
from django.db.models import F

from accounts import policies
from accounts.models import Category, ClientProfile, FreelancerProfile, Skill, User
from accounts.rules import MAX_LANGUAGES, MAX_LINKS, MAX_SKILLS, LanguageLevel, WeeklyHours, checked_hours
from accounts.services import audit
from accounts.services.handles import change_handle
from core.errors import Invalid, require
from core.money import Money
from core.regions import language_codes
from core.statements import Selection

PERSON_FIELDS = frozenset({"first_name", "last_name", "user_type", "time_zone", "language", "currency"})
CLIENT_FIELDS = frozenset({"company_name", "about", "website"})
FREELANCER_FIELDS = frozenset({"headline", "bio", "experience_level"})
UNSEEN_FIELDS = frozenset({"time_zone", "language", "currency"})  # how the person sees the site; open to everybody
ALSO_FREELANCER = ("hourly_rate", "category", "skills", "languages", "language_levels", "links", "weekly_hours")


@transaction.atomic
def update_person(
    actor: User,
    *,
    person: Mapping[str, Any] | None = None,
    client: Mapping[str, Any] | None = None,
    freelancer: Mapping[str, Any] | None = None,
) -> User:
    """Change what is given, leave the rest. Keys: those of the *_FIELDS above; a person's also `handle` (or None); a
    freelancer's also `hourly_rate` (Money or None), `category` (slug or None), `skills` (names), `languages` (codes),
    `language_levels` (level by code, of all of them), `links` and `weekly_hours` (days with pairs of times).
    """
    user = User.objects.select_for_update(no_key=True).get(pk=actor.pk)
    if client or freelancer or set(person or {}) - UNSEEN_FIELDS:
        require(policies.why_not_change_profile(user))
    name = user.get_full_name()
    changed = _assign(user, person or {}, PERSON_FIELDS)
    if user.get_full_name() != name:
        user.identity_verified_at = None  # the document showed another name
    user.save(update_fields=[*changed, "identity_verified_at", "updated_at"])
    if person and "handle" in person:
        change_handle(user, handle=person["handle"])
    if client:
        profile, _ = ClientProfile.objects.select_for_update(no_key=True).get_or_create(user=user)
        changed += _assign(profile, client, CLIENT_FIELDS)
        profile.save()
    if freelancer:
        changed += _update_freelancer(user, freelancer)
    audit.record(actor, "person.changed_profile", user, fields=sorted(changed))
    return User.objects.select_related("client_profile", "freelancer_profile__category").get(pk=actor.pk)


def find_skills(names: Iterable[str], *, field: str = "skills", most: int = MAX_SKILLS) -> list[Skill]:
    """The skills of these names or slugs, in this order; Invalid at `field` for unknown ones or too many."""
    wanted = list(dict.fromkeys(name.strip() for name in names if name.strip()))
    if len(wanted) > most:
        raise Invalid(fields={field: [f"Choose at most {most} skills."]})
    if not wanted:
        return []
    by_name: dict[str, Skill] = {}
    for skill in _skills_named(len(wanted)).run(**{f"name_{n}": name.lower() for n, name in enumerate(wanted)}):
        by_name |= {skill.name.lower(): skill, skill.slug: skill}
    unknown = [name for name in wanted if name.lower() not in by_name]
    if unknown:
        raise Invalid(fields={field: [f"We do not know this skill: {name}." for name in unknown]})
    return list(dict.fromkeys(by_name[name.lower()] for name in wanted))


def count_finished_job(person: User) -> None:
    """One more piece of paid work is done, as their profile shows. The caller holds the transaction."""
    FreelancerProfile.objects.filter(user=person).update(jobs_done=F("jobs_done") + 1)


def find_category(slug: str, *, field: str = "category") -> Category:
    """By slug or name; Invalid at `field` when there is none."""
    category: Category | None = (
        _category_by_slug().first(slug=slug) or Category.objects.filter(name__iexact=slug).first()
    )
    if category is None:
        raise Invalid(fields={field: ["We do not know this category."]})
    return category


@cache
def _skills_named(count: int) -> Selection[Skill]:
    marks = {f"name_{n}": f"name_{n}?" for n in range(count)}
    return Selection(Skill.objects.named(marks.values()), **marks)


@cache
def _category_by_slug() -> Selection[Category]:
    return Selection(Category.objects.filter(slug="slug?").order_by(), slug="slug?")


def _update_freelancer(user: User, values: Mapping[str, Any]) -> list[str]:
    profile, _ = FreelancerProfile.objects.select_for_update(no_key=True).get_or_create(user=user)
    changed = _assign(profile, values, FREELANCER_FIELDS)
    changed += [name for name in ALSO_FREELANCER if name in values]
    if "hourly_rate" in values:
        rate: Money | None = values["hourly_rate"]
        profile.hourly_rate_minor = rate.minor if rate else None
        profile.currency = rate.currency if rate else profile.currency
    if "category" in values:
        profile.category = find_category(values["category"]) if values["category"] else None
    if "languages" in values:
        profile.languages = _known_languages(values["languages"])
        kept = set(profile.languages)
        profile.language_levels = {code: level for code, level in profile.language_levels.items() if code in kept}
    if "language_levels" in values:
        profile.language_levels = _known_levels(values["language_levels"], profile.languages)
    if "links" in values:
        profile.links = _at_most(MAX_LINKS, values["links"], "links")
    if "weekly_hours" in values:
        profile.weekly_hours = _sensible_hours(values["weekly_hours"])
    if "skills" in values:
        skills = find_skills(values["skills"])
        profile.skills.set(skills)
        profile.skill_names = [skill.name for skill in skills]
    profile.save()
    return changed


def _assign(target: Any, values: Mapping[str, Any], names: Iterable[str]) -> list[str]:
    """Set the given ones of `names`, and say which."""
    given = [name for name in names if name in values]
    for name in given:
        value = values[name]
        setattr(target, name, value.strip() if isinstance(value, str) else value)
    return given


def _known_languages(codes: Iterable[str]) -> list[str]:
    codes = _at_most(MAX_LANGUAGES, codes, "languages")
    unknown = [code for code in codes if code not in language_codes()]
    if unknown:
        raise Invalid(fields={"languages": [f"We do not know this language: {code}." for code in unknown]})
    return codes


def _known_levels(levels: Mapping[str, str], languages: Iterable[str]) -> dict[str, str]:
    faults = [f"Name this language first: {code}." for code in levels if code not in set(languages)]
    faults += [f"We do not know this level: {level}." for level in levels.values() if level not in LanguageLevel.values]
    if faults:
        raise Invalid(fields={"language_levels": faults})
    return dict(levels)


def _sensible_hours(hours: Any) -> WeeklyHours:
    try:
        return checked_hours(hours)
    except ValueError as error:
        raise Invalid(fields={"weekly_hours": [str(error)]}) from error


def _at_most(most: int, values: Iterable[str], field: str) -> list[str]:
    unique = list(dict.fromkeys(values))
    if len(unique) > most:
        raise Invalid(fields={field: [f"Give at most {most}."]})
    return unique
