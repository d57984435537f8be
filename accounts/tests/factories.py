"""People and what describes them, for tests."""

from datetime import date, timedelta
from typing import Any

import factory
from django.contrib.auth.models import Group
from django.utils import timezone

from accounts.models import (
    ApiKey,
    AuthSession,
    Category,
    ClientProfile,
    FreelancerProfile,
    MarketplaceRules,
    ProfileEntry,
    Skill,
    Upload,
    User,
)
from core.geo import blurred, point

PASSWORD = "guildhall-demo"


class ClientProfileFactory(factory.django.DjangoModelFactory[ClientProfile]):
    class Meta:
        model = ClientProfile

    user = factory.SubFactory("accounts.tests.factories.UserFactory", client_profile=None)


class FreelancerProfileFactory(factory.django.DjangoModelFactory[FreelancerProfile]):
    class Meta:
        model = FreelancerProfile
        skip_postgeneration_save = True

    user = factory.SubFactory("accounts.tests.factories.UserFactory", freelancer_profile=None)

    @factory.post_generation
    def skills(profile, create: bool, skills: list[Skill] | None, **kwargs: Any) -> None:
        if create and skills:
            profile.skills.set(skills)
            profile.skill_names = [skill.name for skill in skills]
            profile.save()


class UserFactory(factory.django.DjangoModelFactory[User]):
    """A verified person with both profiles, who hires and works."""

    class Meta:
        model = User
        skip_postgeneration_save = True

    email = factory.Sequence(lambda n: f"person{n}@example.com")
    first_name = factory.Faker("first_name")
    last_name = factory.Faker("last_name")
    password = factory.django.Password(PASSWORD)
    email_verified_at = factory.LazyFunction(timezone.now)
    client_profile = factory.RelatedFactory(ClientProfileFactory, factory_related_name="user")
    freelancer_profile = factory.RelatedFactory(FreelancerProfileFactory, factory_related_name="user")

    class Params:
        unverified = factory.Trait(email_verified_at=None)
        placed = factory.Trait(
            city="Gent",
            country="BE",
            location=point(51.0543, 3.7174),
            public_location=blurred(point(51.0543, 3.7174)),
        )
        staff = factory.Trait(is_staff=True, is_superuser=True)


def set_rules(**figures: int) -> None:
    """As an administrator does in the console."""
    MarketplaceRules.objects.update(**figures)


def staff_of(group: str) -> User:
    """A member of staff with the rights of that group, and no others."""
    user: User = UserFactory.create(is_staff=True)
    user.groups.add(Group.objects.get(name=group))
    return user


class ClientFactory(UserFactory):
    user_type = "client"


class FreelancerFactory(UserFactory):
    """Listed in the directory: has a headline and a rate."""

    user_type = "freelancer"
    freelancer_profile = factory.RelatedFactory(
        FreelancerProfileFactory,
        factory_related_name="user",
        headline="Brand and packaging for small makers",
        bio="I draw labels, boxes and the words on them.",
        hourly_rate_minor=48_00,
    )


class ProfileEntryFactory(factory.django.DjangoModelFactory[ProfileEntry]):
    class Meta:
        model = ProfileEntry

    user = factory.SubFactory(UserFactory)
    kind = "work"
    title = "Joiner"
    organisation = "Claes & Zoon"
    started = date(2019, 9, 1)


class CategoryFactory(factory.django.DjangoModelFactory[Category]):
    class Meta:
        model = Category
        django_get_or_create = ("slug",)

    name = factory.Sequence(lambda n: f"Category {n}")
    slug = factory.Sequence(lambda n: f"category-{n}")


class SkillFactory(factory.django.DjangoModelFactory[Skill]):
    class Meta:
        model = Skill
        django_get_or_create = ("slug",)

    name = factory.Sequence(lambda n: f"Skill {n}")
    slug = factory.LazyAttribute(lambda skill: skill.name.lower().replace(" ", "-"))
    category = factory.SubFactory(CategoryFactory)


class UploadFactory(factory.django.DjangoModelFactory[Upload]):
    """A stored text attachment."""

    class Meta:
        model = Upload

    owner = factory.SubFactory(UserFactory)
    kind = "attachment"
    name = "notes.txt"
    content_type = "text/plain"
    size = 5
    file = factory.django.FileField(filename="notes.txt", data=b"Notes")


class AuthSessionFactory(factory.django.DjangoModelFactory[AuthSession]):
    class Meta:
        model = AuthSession

    user = factory.SubFactory(UserFactory)
    refresh_jti = factory.Faker("uuid4")
    expires_at = factory.LazyFunction(lambda: timezone.now() + timedelta(days=7))


class ApiKeyFactory(factory.django.DjangoModelFactory[ApiKey]):
    """A row whose key nobody knows; `services.create_api_key` makes one to sign in with."""

    class Meta:
        model = ApiKey

    user = factory.SubFactory(UserFactory)
    name = "A program"
    prefix = factory.Sequence(lambda n: f"{n:08d}")
    digest = "0" * 64
    scopes = ["gigs:read"]
