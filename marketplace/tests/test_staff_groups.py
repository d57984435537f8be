"""Who of the staff may do what."""

from collections.abc import Callable
from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth.models import Group, Permission
from django.test import Client
from rest_framework.test import APIClient

from accounts import services
from accounts.models import AuditEvent, AuthSession, User
from accounts.services.sessions import open_api_session
from accounts.tests.factories import UserFactory, staff_of
from core.errors import Forbidden, Invalid
from marketplace import staff_groups

pytestmark = pytest.mark.django_db
PAGES = {
    "accounts_user": {"moderator", "support", "finance", "administrator"},
    "accounts_appeal": {"moderator", "support", "administrator"},
    "accounts_identitycheck": {"moderator", "administrator"},
    "accounts_auditevent": {"moderator", "administrator"},
    "accounts_idempotencyrecord": {"administrator"},
    "contracts_dispute": {"moderator", "support", "administrator"},
    "chat_message": {"moderator", "administrator"},
    "payments_journal": {"finance", "administrator"},
    "payments_payment": {"support", "finance", "administrator"},
    "projects_project": {"moderator", "support", "finance", "analyst", "administrator"},
    "reviews_review": {"moderator", "analyst", "administrator"},
    "auth_group": {"administrator"},
}


def names(group: Group) -> set[str]:
    return {f"{app}.{code}" for app, code in group.permissions.values_list("content_type__app_label", "codename")}


def test_the_migration_made_the_groups_of_the_table() -> None:
    assert {group.name: names(group) for group in Group.objects.all()} == {
        name: set(wanted) for name, wanted in staff_groups.GROUPS.items()
    }


def test_applying_the_table_again_restores_it_and_doubles_nothing() -> None:
    group = Group.objects.get(name="support")
    group.permissions.set(Permission.objects.filter(codename="delete_user"))
    before = Permission.objects.count()
    staff_groups.apply(apps)
    assert names(group) == set(staff_groups.SUPPORT)
    assert Permission.objects.count() == before


def test_the_permissions_are_those_that_django_makes() -> None:
    twins = Permission.objects.values_list("content_type__app_label", "content_type__model", "codename")
    assert len(set(twins)) == len(twins)
    for permission in Permission.objects.filter(group__isnull=False).select_related("content_type").distinct():
        model = permission.content_type.model_class()
        assert model is not None, permission
        verb, _, rest = permission.codename.partition("_")
        if rest == model._meta.model_name:
            assert permission.name == f"Can {verb} {model._meta.verbose_name_raw}"


@pytest.mark.parametrize("page", PAGES)
def test_a_page_of_the_console_is_there_for_its_groups_alone(page: str, console_as: Callable[[User], Client]) -> None:
    address = f"/admin/{page.replace('_', '/')}/"
    seen = {group for group in staff_groups.GROUPS if console_as(staff_of(group)).get(address).status_code == 200}
    assert seen == PAGES[page]


@pytest.mark.parametrize("group", staff_groups.GROUPS)
def test_everybody_has_a_first_page_with_their_own_numbers(group: str, console_as: Callable[[User], Client]) -> None:
    page = console_as(staff_of(group)).get("/admin/").content.decode()
    assert ("Released" in page) == (group in {"finance", "administrator"})
    assert ("Money health" in page) == (group in {"finance", "administrator"})
    assert ("Disputes to decide" in page) == (group in {"moderator", "support", "administrator"})
    assert ("Appeals to decide" in page) == (group in {"moderator", "support", "administrator"})


def test_the_list_of_accounts_is_not_for_analysts(api_as: Callable[[Any], APIClient]) -> None:
    assert api_as(staff_of("support")).get("/api/users").status_code == 200
    for person in (staff_of("analyst"), UserFactory.create()):
        assert api_as(person).get("/api/users").status_code == 403


def test_announcements_are_for_support(api_as: Callable[[Any], APIClient]) -> None:
    body = {"user_id": UserFactory.create().pk, "title": "Maintenance", "message": "Tonight"}
    assert api_as(staff_of("support")).post("/api/ws/send-notification", body).status_code == 201
    assert api_as(staff_of("analyst")).post("/api/ws/send-notification", body).status_code == 403


def test_an_administrator_gives_and_takes_rights() -> None:
    actor, user = staff_of("administrator"), UserFactory.create()
    open_api_session(user)
    services.set_staff_groups(actor, user_id=user.pk, groups=["finance"])
    user = User.objects.get(pk=user.pk)
    assert user.is_staff
    assert not user.is_superuser
    assert user.has_perm("payments.view_journal")
    assert not AuthSession.objects.filter(user=user).standing().exists()
    event = AuditEvent.objects.get(action="staff.changed_groups")
    assert (event.actor, event.data) == (actor, {"before": [], "after": ["finance"]})
    services.set_staff_groups(actor, user_id=user.pk, groups=[])
    assert not User.objects.get(pk=user.pk).is_staff


@pytest.mark.parametrize("group", ["moderator", "support", "finance", "analyst"])
def test_nobody_else_does(group: str) -> None:
    with pytest.raises(Forbidden) as refusal:
        services.set_staff_groups(staff_of(group), user_id=UserFactory.create().pk, groups=["analyst"])
    assert refusal.value.code == "not_permitted"


def test_nobody_raises_themselves() -> None:
    for actor in (staff_of("administrator"), staff_of("support"), UserFactory.create(staff=True)):
        with pytest.raises(Forbidden) as refusal:
            services.set_staff_groups(actor, user_id=actor.pk, groups=["administrator"])
        assert refusal.value.code == "own_rights"


def test_a_group_there_is_not() -> None:
    with pytest.raises(Invalid):
        services.set_staff_groups(staff_of("administrator"), user_id=UserFactory.create().pk, groups=["owner"])


def test_the_form_of_a_person_changes_no_rights(console_as: Callable[[User], Client]) -> None:
    user, administrator = UserFactory.create(user_type="client"), staff_of("administrator")
    address = f"/admin/accounts/user/{user.pk}/change/"
    form = console_as(administrator).get(address).context["adminform"].form
    assert not {"is_staff", "is_superuser", "groups", "is_active", "user_permissions", "password"} & set(form.fields)


def test_rights_are_given_in_the_console(console_as: Callable[[User], Client]) -> None:
    user, administrator = UserFactory.create(), staff_of("administrator")
    page = f"/admin/accounts/user/{user.pk}/set_staff_groups/"
    answer = console_as(administrator).post(page, {"_form_submitted": "True", "groups": ["analyst"]})
    assert answer["HX-Redirect"] == f"/admin/accounts/user/{user.pk}/change/"
    assert User.objects.get(pk=user.pk).groups.get().name == "analyst"
    assert console_as(staff_of("support")).get(page).status_code == 403
