from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django_otp.plugins.otp_totp.models import TOTPDevice

from accounts.models import Category, Skill
from accounts.tests.factories import UserFactory

pytestmark = pytest.mark.django_db


def run(name: str) -> str:
    out = StringIO()
    call_command(name, stdout=out)
    return out.getvalue().strip()


def test_the_taxonomy_can_be_loaded_again_and_leaves_the_rest_alone() -> None:
    before = (Category.objects.count(), Skill.objects.count())
    Skill.objects.filter(slug="django").update(name="Something else")
    own = Skill.objects.create(name="Of our own", slug="of-our-own", category=Category.objects.get(slug="design"))
    assert "up to date" in run("load_taxonomy")
    assert Skill.objects.get(slug="django").name == "Django"
    assert (Category.objects.count(), Skill.objects.count()) == (before[0], before[1] + 1)
    assert Skill.objects.filter(pk=own.pk).exists()


def test_the_shipped_taxonomy_is_whole() -> None:
    assert Skill.objects.count() >= 300
    assert Category.objects.roots().count() >= 10
    assert Category.objects.roots().local().exists()
    assert not Category.objects.filter(parent__parent__isnull=False).exists()
    assert not Category.objects.roots().filter(children=None).exists()


def test_the_demo_administrators_code_is_accepted_by_their_device() -> None:
    person = UserFactory.create(staff=True, email="staff@example.com")
    code = run("staff_code")
    assert len(code) == 6
    assert TOTPDevice.objects.get(user=person).verify_token(code)
    run("staff_code")
    assert TOTPDevice.objects.filter(user=person).count() == 1


def test_there_is_no_code_without_demo_people(settings: Any) -> None:
    with pytest.raises(CommandError):
        run("staff_code")
    UserFactory.create(staff=True, email="staff@example.com")
    settings.DEMO = False
    with pytest.raises(CommandError):
        run("staff_code")
