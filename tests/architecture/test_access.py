"""Closed by default: whoever is not signed in gets past the door only where `public_routes.txt` says so."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from accounts.models import User
from accounts.tests.factories import UserFactory
from tests.architecture.routes import Route, all_routes

pytestmark = pytest.mark.django_db

ROUTES = [route for route in all_routes() if not route.is_admin]
ADMIN = [route for route in all_routes() if route.is_admin]
LISTED = [
    tuple(line.split(maxsplit=1))
    for line in Path(__file__).with_name("public_routes.txt").read_text().splitlines()
    if line and not line.startswith("#")
]
DOORS = ("/sign-in/", "/admin/login/")


def asks_who_is_there(route: Route, method: str) -> bool | None:
    """None when there is no such method."""
    response = Client().generic(method, route.path)
    if response.status_code == 405:
        return None
    if route.is_api:
        asks = response.status_code == 401
        assert not asks or json.loads(response.content)["error_type"] in {"not_authenticated", "token_not_valid"}
        return asks
    return response.status_code == 302 and response["Location"].startswith(DOORS)


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.template)
def test_a_stranger_gets_no_further_than_the_list_says(route: Route) -> None:
    open_to_all = {method for method in route.methods if asks_who_is_there(route, method) is False}
    assert open_to_all == {method for method, template in LISTED if template == route.template}


def test_the_staff_console_has_no_open_page() -> None:
    assert [route.path for route in ADMIN if asks_who_is_there(route, "GET") is False] == []


def test_the_staff_console_opens_to_staff_with_a_second_factor_only(
    pages_as: Callable[[User], Client], console_as: Callable[[User], Client]
) -> None:
    member, staff = UserFactory.create(), UserFactory.create(staff=True)
    without, inside = pages_as(staff), console_as(staff)
    for route in ADMIN:
        if route.path not in {reverse("admin:login"), reverse("admin:logout")}:
            assert without.get(route.path)["Location"].startswith(reverse("admin:login")), route.path
    assert without.get("/admin/login/?next=/admin/accounts/user/")["Location"] == (
        "/second-factor/?next=/admin/accounts/user/"
    )
    assert inside.get("/admin/").status_code == 200
    assert inside.get("/admin/login/")["Location"] == "/admin/"
    assert pages_as(member).get("/admin/login/").status_code == 403


def test_the_list_names_only_what_there_is() -> None:
    assert len(set(LISTED)) == len(LISTED)
    assert {template for _, template in LISTED} <= {route.template for route in ROUTES}


def test_the_door_is_where_the_settings_say() -> None:
    assert str(settings.LOGIN_URL) == DOORS[0]
