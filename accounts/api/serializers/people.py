"""People as the API shows them."""

from typing import Any, Literal

from django.core.files.storage import default_storage
from rest_framework import serializers

from accounts.api.serializers.entries import ProfileEntrySerializer
from accounts.api.serializers.hours import WeeklyHoursField
from accounts.models import ClientProfile, FreelancerProfile, User
from accounts.rules import THUMBNAILS, LanguageLevel, UploadKind
from accounts.selectors import completeness_of, step_url
from core.fields import PlaceField
from core.formats import iso
from core.uploads import thumbnail_name

Side = Literal["client", "freelancer"]


def person_json(user: User, side: Side) -> dict[str, Any]:
    """A person inside another object. Join both profiles (`select_related`) before calling this for rows."""
    if side == "client":
        profile = user.client_profile
        name, headline = profile.company_name or user.get_full_name(), ""
    else:
        profile = user.freelancer_profile
        name, headline = user.get_full_name(), profile.headline
    person: dict[str, Any] = {
        "id": user.pk,
        "name": name,
        **avatar_json(user.avatar.name),
        "city": user.city,
        "country": user.country,
        "rating": _rating(profile),
        "rating_count": profile.rating_count,
        "identity_verified": user.has_verified_identity,
    }
    if headline:
        person["headline"] = headline
    return person


def avatar_json(name: str | None) -> dict[str, Any]:
    """The addresses of a person's picture, by its name in the storage, and of the one for lists, 96 pixels wide."""
    if not name:
        return {"avatar_url": None, "avatar_thumbnail_url": None}
    small = thumbnail_name(name, f"{THUMBNAILS[UploadKind.PROFILE][0]}.webp")
    return {"avatar_url": default_storage.url(name), "avatar_thumbnail_url": default_storage.url(small)}


class PersonSerializer(serializers.Serializer[User]):
    """`side` says whose rating and name count: "client" or "freelancer"."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    avatar_url = serializers.CharField(allow_null=True)
    avatar_thumbnail_url = serializers.CharField(allow_null=True)
    city = serializers.CharField()
    country = serializers.CharField()
    rating = serializers.FloatField(allow_null=True)
    rating_count = serializers.IntegerField()
    identity_verified = serializers.BooleanField()
    headline = serializers.CharField(required=False)

    def __init__(self, *args: Any, side: Side = "freelancer", **kwargs: Any) -> None:
        self.side: Side = side
        super().__init__(*args, **kwargs)

    def to_representation(self, instance: User) -> dict[str, Any]:
        return person_json(instance, self.side)


class ClientSideSerializer(serializers.Serializer[ClientProfile]):
    company_name = serializers.CharField()
    about = serializers.CharField()
    website = serializers.CharField()
    rating = serializers.FloatField(allow_null=True)
    rating_count = serializers.IntegerField()

    def to_representation(self, instance: ClientProfile) -> dict[str, Any]:
        return {
            "company_name": instance.company_name,
            "about": instance.about,
            "website": instance.website,
            "rating": _rating(instance),
            "rating_count": instance.rating_count,
        }


class FreelancerSideSerializer(serializers.Serializer[FreelancerProfile]):
    """`category` by slug, `languages` by code, `language_levels` of those where it is said, `hourly_rate` as a decimal string."""

    headline = serializers.CharField()
    bio = serializers.CharField()
    category = serializers.CharField(allow_null=True)
    hourly_rate = serializers.CharField(allow_null=True)
    currency = serializers.CharField()
    experience_level = serializers.CharField()
    skills = serializers.ListField(child=serializers.CharField())
    languages = serializers.ListField(child=serializers.CharField())
    language_levels = serializers.DictField(child=serializers.ChoiceField(choices=LanguageLevel.choices))
    links = serializers.ListField(child=serializers.CharField())
    weekly_hours = WeeklyHoursField()
    rating = serializers.FloatField(allow_null=True)
    rating_count = serializers.IntegerField()
    jobs_done = serializers.IntegerField()

    def to_representation(self, instance: FreelancerProfile) -> dict[str, Any]:
        return _offer(instance) | _more_of_offer(instance)


class NextStepSerializer(serializers.Serializer[Any]):
    code = serializers.CharField()
    label = serializers.CharField()
    url = serializers.CharField()


class CompletenessSerializer(serializers.Serializer[User]):
    """Of the sides that a person uses. `next_step` leads to the page, and the field, that counts most; null at 100."""

    percent = serializers.IntegerField(min_value=0, max_value=100)
    next_step = NextStepSerializer(allow_null=True)

    def to_representation(self, instance: User) -> dict[str, Any]:
        found = completeness_of(instance)
        step = found.next_step
        return {
            "percent": found.percent,
            "next_step": step and {"code": step.code, "label": step.label, "url": step_url(step.code)},
        }


class PublicUserSerializer(serializers.Serializer[User]):
    """Both sides of a person. `location` is blurred; `freelancer.weekly_hours` are meant in `time_zone`."""

    id = serializers.IntegerField()
    handle = serializers.CharField(allow_null=True)
    url = serializers.CharField()
    name = serializers.CharField()
    user_type = serializers.CharField()
    avatar_url = serializers.CharField(allow_null=True)
    avatar_thumbnail_url = serializers.CharField(allow_null=True)
    city = serializers.CharField()
    country = serializers.CharField()
    location = PlaceField(allow_null=True)
    is_available = serializers.BooleanField()
    time_zone = serializers.CharField()
    identity_verified = serializers.BooleanField()
    created_at = serializers.DateTimeField()
    client = ClientSideSerializer()
    freelancer = FreelancerSideSerializer()
    entries = ProfileEntrySerializer(many=True)

    def to_representation(self, instance: User) -> dict[str, Any]:
        return {
            "id": instance.pk,
            "handle": instance.handle,
            "url": instance.get_absolute_url(),
            "name": instance.get_full_name(),
            "user_type": instance.user_type,
            **avatar_json(instance.avatar.name),
            "city": instance.city,
            "country": instance.country,
            "location": _place(instance.public_location),
            "is_available": instance.is_available,
            "time_zone": instance.time_zone,
            "identity_verified": instance.has_verified_identity,
            "created_at": iso(instance.date_joined),
            "client": ClientSideSerializer().to_representation(instance.client_profile),
            "freelancer": FreelancerSideSerializer().to_representation(instance.freelancer_profile),
            "entries": instance.entries,  # type: ignore[attr-defined]  # annotated
        }


class MeSerializer(serializers.Serializer[User]):
    """Everything that a person sees of themselves. `location` is exact."""

    id = serializers.IntegerField()
    email = serializers.EmailField()
    email_verified = serializers.BooleanField()
    handle = serializers.CharField(allow_null=True)
    identity_verified = serializers.BooleanField()
    suspended = serializers.BooleanField()
    first_name = serializers.CharField()
    last_name = serializers.CharField()
    user_type = serializers.CharField()
    avatar_url = serializers.CharField(allow_null=True)
    avatar_thumbnail_url = serializers.CharField(allow_null=True)
    city = serializers.CharField()
    country = serializers.CharField()
    location = PlaceField(allow_null=True)
    travel_radius_km = serializers.IntegerField()
    is_available = serializers.BooleanField()
    time_zone = serializers.CharField()
    language = serializers.CharField()
    currency = serializers.CharField()
    is_staff = serializers.BooleanField()
    created_at = serializers.DateTimeField()
    client = ClientSideSerializer()
    freelancer = FreelancerSideSerializer()
    completeness = CompletenessSerializer()

    def to_representation(self, instance: User) -> dict[str, Any]:
        return {
            "id": instance.pk,
            "email": instance.email,
            "email_verified": instance.has_verified_email,
            "handle": instance.handle,
            "identity_verified": instance.has_verified_identity,
            "suspended": instance.is_suspended,
            "first_name": instance.first_name,
            "last_name": instance.last_name,
            "user_type": instance.user_type,
            **avatar_json(instance.avatar.name),
            "city": instance.city,
            "country": instance.country,
            "location": _place(instance.location),
            "travel_radius_km": instance.travel_radius_km,
            "is_available": instance.is_available,
            "time_zone": instance.time_zone,
            "language": instance.language,
            "currency": instance.currency,
            "is_staff": instance.is_staff,
            "created_at": iso(instance.date_joined),
            "client": ClientSideSerializer().to_representation(instance.client_profile),
            "freelancer": FreelancerSideSerializer().to_representation(instance.freelancer_profile),
            "completeness": CompletenessSerializer().to_representation(instance),
        }


class RegisteredSerializer(serializers.Serializer[User]):
    """A person as registration answers."""

    id = serializers.IntegerField()
    email = serializers.EmailField()
    first_name = serializers.CharField()
    last_name = serializers.CharField()
    user_type = serializers.CharField()
    email_verified = serializers.BooleanField()

    def to_representation(self, instance: User) -> dict[str, Any]:
        return {
            "id": instance.pk,
            "email": instance.email,
            "first_name": instance.first_name,
            "last_name": instance.last_name,
            "user_type": instance.user_type,
            "email_verified": instance.has_verified_email,
        }


class AccountSerializer(RegisteredSerializer):
    """A person as staff list them."""

    is_active = serializers.BooleanField()
    is_staff = serializers.BooleanField()
    created_at = serializers.DateTimeField()

    def to_representation(self, instance: User) -> dict[str, Any]:
        return super().to_representation(instance) | {
            "is_active": instance.is_active,
            "is_staff": instance.is_staff,
            "created_at": iso(instance.date_joined),
        }


class FreelancerRowSerializer(serializers.Serializer[FreelancerProfile]):
    """A freelancer in a list. `distance_km`, to the blurred place, when searched by place."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    avatar_url = serializers.CharField(allow_null=True)
    avatar_thumbnail_url = serializers.CharField(allow_null=True)
    headline = serializers.CharField()
    category = serializers.CharField(allow_null=True)
    hourly_rate = serializers.CharField(allow_null=True)
    currency = serializers.CharField()
    experience_level = serializers.CharField()
    skills = serializers.ListField(child=serializers.CharField())
    languages = serializers.ListField(child=serializers.CharField())
    language_levels = serializers.DictField(child=serializers.ChoiceField(choices=LanguageLevel.choices))
    rating = serializers.FloatField(allow_null=True)
    rating_count = serializers.IntegerField()
    jobs_done = serializers.IntegerField()
    city = serializers.CharField()
    country = serializers.CharField()
    is_available = serializers.BooleanField()
    identity_verified = serializers.BooleanField()
    distance_km = serializers.FloatField(required=False)

    def to_representation(self, instance: FreelancerProfile) -> dict[str, Any]:
        user = instance.user
        row = {"id": user.pk, "name": user.get_full_name(), **avatar_json(user.avatar.name), **_offer(instance)}
        row |= {"city": user.city, "country": user.country, "is_available": user.is_available}
        row["identity_verified"] = user.has_verified_identity
        distance = getattr(instance, "distance", None)
        if distance is not None:
            row["distance_km"] = round(distance.km, 1)
        return row


class FreelancerSerializer(FreelancerRowSerializer):
    """A freelancer's whole offer. `location` is blurred; `weekly_hours` are meant in `time_zone`."""

    handle = serializers.CharField(allow_null=True)
    bio = serializers.CharField()
    links = serializers.ListField(child=serializers.CharField())
    weekly_hours = WeeklyHoursField()
    time_zone = serializers.CharField()
    location = PlaceField(allow_null=True)
    travel_radius_km = serializers.IntegerField()
    created_at = serializers.DateTimeField()
    entries = ProfileEntrySerializer(many=True)

    def to_representation(self, instance: FreelancerProfile) -> dict[str, Any]:
        return (
            super().to_representation(instance)
            | _more_of_offer(instance)
            | {
                "handle": instance.user.handle,
                "time_zone": instance.user.time_zone,
                "location": _place(instance.user.public_location),
                "travel_radius_km": instance.user.travel_radius_km,
                "created_at": iso(instance.user.date_joined),
                "entries": instance.entries,  # type: ignore[attr-defined]  # annotated
            }
        )


class HelperSerializer(PersonSerializer):
    """Somebody available nearby. `location` is blurred, and so `distance_km`."""

    location = PlaceField()
    distance_km = serializers.FloatField()
    travel_radius_km = serializers.IntegerField()

    def to_representation(self, instance: User) -> dict[str, Any]:
        return super().to_representation(instance) | {
            "location": _place(instance.public_location),
            "distance_km": round(instance.distance.km, 1),  # type: ignore[attr-defined]
            "travel_radius_km": instance.travel_radius_km,
        }


def _offer(profile: FreelancerProfile) -> dict[str, Any]:
    rate = profile.hourly_rate
    return {
        "headline": profile.headline,
        "category": profile.category.slug if profile.category else None,
        "hourly_rate": rate.as_string() if rate else None,
        "currency": profile.currency,
        "experience_level": profile.experience_level,
        "skills": profile.skill_names,
        "languages": profile.languages,
        "language_levels": profile.language_levels,
        "rating": _rating(profile),
        "rating_count": profile.rating_count,
        "jobs_done": profile.jobs_done,
    }


def _more_of_offer(profile: FreelancerProfile) -> dict[str, Any]:
    """What a list leaves out."""
    return {"bio": profile.bio, "links": profile.links, "weekly_hours": profile.weekly_hours}


def _rating(profile: ClientProfile | FreelancerProfile) -> float | None:
    return None if profile.rating_average is None else float(profile.rating_average)


def _place(location: Any) -> dict[str, float] | None:
    return {"lat": round(location.y, 6), "lng": round(location.x, 6)} if location else None
