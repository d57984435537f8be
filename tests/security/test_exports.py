"""The copy of somebody's data opens for that person alone, whoever holds the link."""

from urllib.parse import quote

import pytest
from django.core.files.base import ContentFile
from django.test import Client
from django.utils import timezone

from accounts import tokens
from accounts.models import DataExport, User
from accounts.rules import EXPORT_KEPT
from accounts.tests.factories import AuthSessionFactory, UserFactory
from tests.security.checks import Check, fails_without_protection, replaced, table

pytestmark = pytest.mark.django_db


def finished_export(**person: object) -> DataExport:
    now = timezone.now()
    export = DataExport(user=UserFactory.create(**person), finished_at=now, expires_at=now + EXPORT_KEPT)
    export.file.save("copy.zip", ContentFile(b"PK"))
    return export


def browser_of(user: User) -> Client:
    browser = Client()
    browser.force_login(user)
    return browser


def closed_to_others() -> None:
    export = finished_export()
    assert browser_of(export.user).get(export.url).status_code == 200
    assert browser_of(UserFactory.create()).get(export.url).status_code == 404
    assert browser_of(UserFactory.create(is_staff=True, is_superuser=True)).get(export.url).status_code == 404


def strangers_sign_in_first() -> None:
    export = finished_export()
    answer = Client().get(export.url)
    assert (answer.status_code, answer.headers.get("Location")) == (302, f"/sign-in/?next={quote(export.url)}")


CHECKS = [
    Check(
        "others do not find it",
        closed_to_others,
        replaced("accounts.querysets.DataExportQuerySet.visible_to", lambda rows, user: rows.all()),
    ),
    Check(
        "strangers sign in first",
        strangers_sign_in_first,
        replaced("accounts.views.files.person_of", lambda request: User.objects.latest("pk")),
    ),
]


@table(CHECKS)
def test_it_holds(check: Check) -> None:
    check.holds()


@table(CHECKS)
def test_without_its_protection_the_check_fails(check: Check) -> None:
    fails_without_protection(check)


def test_suspended_people_fetch_their_copy() -> None:
    export = finished_export(suspended_at=timezone.now())
    assert browser_of(export.user).get(export.url).status_code == 200


def test_a_program_shows_its_access_token() -> None:
    export = finished_export()

    def fetch(token: str) -> int:
        return int(Client(headers={"Authorization": f"Bearer {token}"}).get(export.url).status_code)

    assert fetch(access_token(export.user)) == 200
    assert fetch(access_token(UserFactory.create())) == 404
    assert fetch("nonsense") == 302


def access_token(user: User) -> str:
    session = AuthSessionFactory.create(user=user)
    pair = tokens.issue(session)
    session.save()
    return pair["access_token"]
