"""Answers are built by hand, for speed; their keys must be those that the schema promises."""

from typing import Any

import pytest
from django.test import RequestFactory
from rest_framework.request import Request
from rest_framework.serializers import Serializer

from accounts.api.serializers import editing, people, sign_in, taxonomy, uploads
from accounts.models import Category, FreelancerProfile, Skill, User
from accounts.tests.factories import AuthSessionFactory, FreelancerFactory, UploadFactory
from core.geo import point

pytestmark = pytest.mark.django_db


def profile() -> FreelancerProfile:
    return FreelancerProfile.objects.get(user=FreelancerFactory.create(placed=True))


def offer() -> FreelancerProfile:
    return FreelancerProfile.objects.with_person().with_entries().get(user=FreelancerFactory.create(placed=True))


def person() -> User:
    return User.objects.with_profiles().with_entries().get(pk=FreelancerFactory.create().pk)


def helper() -> User:
    FreelancerFactory.create(placed=True)
    return User.objects.near(point(51.0543, 3.7174), 5).with_profiles().get()


CASES = [
    (people.PersonSerializer, FreelancerFactory.create),
    (people.PublicUserSerializer, person),
    (people.MeSerializer, person),
    (people.RegisteredSerializer, FreelancerFactory.create),
    (people.AccountSerializer, FreelancerFactory.create),
    (people.FreelancerSideSerializer, profile),
    (people.ClientSideSerializer, lambda: FreelancerFactory.create().client_profile),
    (people.FreelancerRowSerializer, profile),
    (people.FreelancerSerializer, offer),
    (people.HelperSerializer, helper),
    (sign_in.SessionSerializer, AuthSessionFactory.create),
    (taxonomy.SkillSerializer, lambda: Skill.objects.first()),
    (taxonomy.CategorySerializer, lambda: Category.objects.roots().first()),
    (uploads.UploadSerializer, UploadFactory.create),
]


@pytest.mark.parametrize(("serializer", "make"), CASES)
def test_answers_have_the_promised_keys(serializer: type[Serializer[Any]], make: Any) -> None:
    shape = serializer(make(), context={"request": Request(RequestFactory().get("/"))})
    promised = set(shape.fields)
    optional = {name for name, field in shape.fields.items() if not field.required}
    assert promised - optional <= set(shape.data) <= promised


def test_what_me_takes_is_part_of_what_it_answers() -> None:
    answered = people.MeSerializer().fields
    for name, field in editing.MeInput().fields.items():
        assert name in answered
        for inner in getattr(field, "fields", {}):
            assert inner in answered[name].fields
