"""What keys may reach, over the whole URL map."""

import pytest

from accounts.scopes import RESOURCES, SCOPES, Unlisted, resource_of, scope_for
from tests.architecture.routes import Route, all_routes

API = [route for route in all_routes() if route.is_api and route.template != "/api/"]


@pytest.mark.parametrize("route", API, ids=lambda route: route.template)
def test_every_address_belongs_to_a_resource_or_to_none(route: Route) -> None:
    try:
        resource = resource_of(route.template.strip("/"))
    except Unlisted:
        pytest.fail(f"accounts/scopes.py names no resource for {route.template}, nor lists it as never")
    assert resource is None or resource == "" or resource in RESOURCES


@pytest.mark.parametrize("route", API, ids=lambda route: route.template)
def test_every_method_has_a_scope_that_can_be_given(route: Route) -> None:
    for method in route.methods:
        scope = scope_for(route.template.strip("/"), method)
        assert not scope or scope in SCOPES, f"{method} {route.template} would need {scope}"


def test_the_doors_money_out_and_staff_are_closed_to_keys() -> None:
    for path in (
        "auth/me",
        "auth/login",
        "api-keys",
        "users",
        "users/me",
        "stripe/refunds",
        "ws/ticket",
        "analytics/x",
    ):
        assert scope_for(f"api/{path}", "GET") is None
    assert scope_for("api/wallet/payouts", "POST") is None
    assert scope_for("api/wallet", "GET") == "payments:read"


def test_what_nobody_listed_is_closed() -> None:
    assert scope_for("api/something-new", "GET") is None
    with pytest.raises(Unlisted):
        resource_of("api/something-new")


def test_reading_needs_less_than_writing() -> None:
    assert scope_for("api/gigs/<int:pk>", "GET") == scope_for("api/gigs/<int:pk>", "HEAD") == "gigs:read"
    assert {scope_for("api/gigs/<int:pk>", method) for method in ("PUT", "PATCH", "POST", "DELETE")} == {"gigs:write"}


def test_a_similar_name_is_not_the_same_address() -> None:
    assert scope_for("api/users/<int:user_id>", "GET") == "profile:read"
    assert scope_for("api/users/<int:user_id>/reputation", "PUT") is None
