"""Whose scripts may call the API from another site."""

from typing import Any

import pytest
from rest_framework.test import APIClient

pytestmark = pytest.mark.django_db
APP = "https://app.example"


@pytest.fixture
def allowed(settings: Any) -> None:
    settings.CORS_ALLOWED_ORIGINS = [APP]


def test_nobody_by_default(api: APIClient) -> None:
    assert "Access-Control-Allow-Origin" not in api.get("/api/skills", headers={"Origin": APP})


@pytest.mark.usefixtures("allowed")
def test_the_origins_of_the_setting_and_no_others(api: APIClient) -> None:
    assert api.get("/api/skills", headers={"Origin": APP})["Access-Control-Allow-Origin"] == APP
    for other in ("https://evil.example", "http://app.example", "https://app.example.evil.example", "null"):
        assert "Access-Control-Allow-Origin" not in api.get("/api/skills", headers={"Origin": other})


@pytest.mark.usefixtures("allowed")
def test_cookies_are_for_our_own_pages_alone(api: APIClient) -> None:
    asked = {"Origin": APP, "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "x-api-key"}
    for answer in (api.get("/api/skills", headers={"Origin": APP}), api.options("/api/gigs", headers=asked)):
        assert "Access-Control-Allow-Credentials" not in answer


@pytest.mark.usefixtures("allowed")
def test_a_preflight_allows_what_clients_send(api: APIClient) -> None:
    asked = {"Origin": APP, "Access-Control-Request-Method": "PATCH"}
    answer = api.options("/api/gigs/1", headers=asked)
    assert answer.status_code == 200
    headers = set(answer["Access-Control-Allow-Headers"].split(", "))
    assert {"authorization", "content-type", "idempotency-key", "x-api-key"} <= headers
    assert "PATCH" in answer["Access-Control-Allow-Methods"]


@pytest.mark.usefixtures("allowed")
def test_pages_are_not_for_other_sites(api: APIClient) -> None:
    assert "Access-Control-Allow-Origin" not in api.get("/how-it-works/", headers={"Origin": APP})
