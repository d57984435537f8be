"""What staff may do about profiles in the console."""

import pytest
from django.contrib import admin
from django.contrib.auth.models import Permission
from django.test import RequestFactory

from accounts.models import ProfileEntry, User
from accounts.tests.factories import ProfileEntryFactory, UserFactory

pytestmark = pytest.mark.django_db


def request_of(user: User):
    request = RequestFactory().post("/admin/")
    request.user = user
    return request


@pytest.fixture(autouse=True)
def said(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    words: list[str] = []
    for model in (User, ProfileEntry):
        monkeypatch.setattr(
            admin.site.get_model_admin(model), "message_user", lambda request, text, level: words.append(text)
        )
    return words


def test_an_entry_is_taken_off_by_those_who_may(said: list[str]) -> None:
    console = admin.site.get_model_admin(ProfileEntry)
    entries = ProfileEntryFactory.create_batch(2)
    onlooker = UserFactory.create(is_staff=True)
    onlooker.user_permissions.add(Permission.objects.get(codename="view_profileentry"))
    assert "take_off" not in console.get_actions(request_of(onlooker))
    staff = UserFactory.create(staff=True)
    assert "take_off" in console.get_actions(request_of(staff))
    console.take_off(request_of(staff), ProfileEntry.objects.filter(pk=entries[0].pk))
    assert list(ProfileEntry.objects.all()) == [entries[1]]
    assert said == ["Taken off: 1."]


def test_an_address_is_taken_away(said: list[str]) -> None:
    console = admin.site.get_model_admin(User)
    named, unnamed = UserFactory.create(handle="pretender"), UserFactory.create()
    console.take_handle_away(
        request_of(UserFactory.create(staff=True)), User.objects.filter(pk__in=[named.pk, unnamed.pk])
    )
    named.refresh_from_db()
    assert named.handle is None
    assert said[-1] == "Taken away: 1."
    assert len(said) == 2
