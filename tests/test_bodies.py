"""Bodies and addresses of requests that are well-formed, and yet odd."""

from collections.abc import Callable
from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.tests.factories import ClientFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def client(api_as: Callable[[Any], APIClient]) -> APIClient:
    return api_as(ClientFactory.create())


def send(client: APIClient, body: str) -> Any:
    return client.generic(
        "POST", "/api/gigs", body, content_type="application/json", headers={"Idempotency-Key": "the-same"}
    )


@pytest.mark.parametrize(
    "body",
    [
        '{"title": 123456789012345678901234567890}',
        '{"more": [[17860681800757755529875375517597696]]}',
        '{"title": "half a character: \\ud83d"}',
        '{"\\udc4d": 1}',
        '{"title": "\\u0000"}',
        '{"budget": NaN}',
        '{"budget": 1e999999}',
        '{"a": ' + "[" * 100_000 + "]" * 100_000 + "}",
        "[]",
        '"text"',
        "{",
        "\xff",
    ],
    ids=lambda body: body[:24],
)
def test_an_odd_body_is_refused_politely(client: APIClient, body: str) -> None:
    answer = send(client, body)
    assert answer.status_code == 400
    assert answer.json()["error_type"] in {"validation_error", "parse_error"}


def test_a_whole_character_written_in_two_halves_is_text(client: APIClient) -> None:
    assert "title" not in send(client, '{"title": "\\ud83d\\udc4d"}').json()["fields"]


def test_another_large_number_under_the_same_key_is_another_request(client: APIClient) -> None:
    filled = '{"title": "Boxes", "description": "Two", "duration_hours": 1.5, "budget": "45.00", "currency": "EUR", '
    filled += '"location": {"lat": 51, "lng": 3.7}, "address": "Vrijdagmarkt 14", "more": 1%s}'
    assert send(client, filled % ("0" * 30)).status_code == 201
    assert send(client, filled % ("0" * 30)).status_code == 201
    assert send(client, filled % ("0" * 31)).status_code == 409


@pytest.mark.parametrize("path", ["/api/stripe/payment-intents/pi%00", "/api/stripe/refunds/%00", "/api/users/%00"])
def test_nothing_is_at_an_address_with_a_null_character(client: APIClient, path: str) -> None:
    answer = client.get(path)
    assert (answer.status_code, answer.json()["error_type"]) == (404, "not_found")


@pytest.mark.parametrize("path", ["/settings/plan/%00/pay/", "/calendar/%00.ics"])
def test_a_page_of_an_address_with_a_null_character_is_not_there(client: APIClient, path: str) -> None:
    answer = client.get(path)
    assert (answer.status_code, answer["Content-Type"]) == (404, "text/html; charset=utf-8")
