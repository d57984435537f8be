"""Addresses that no row of the database could have."""

from collections.abc import Callable

import pytest
from django.test import Client
from rest_framework.test import APIClient

from accounts.models import User
from accounts.tests.factories import UserFactory

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "path", ["/api/stripe/payment-intents/%00", "/api/stripe/refunds/a%00b", "/api/stripe/customers/%00"]
)
def test_a_zero_byte_in_a_path_of_the_api_is_not_found(api_as: Callable[[User], APIClient], path: str) -> None:
    answer = api_as(UserFactory.create()).get(path)
    assert (answer.status_code, answer.json()["error_type"]) == (404, "not_found")


def test_a_zero_byte_in_the_path_of_a_page_is_not_found(client: Client) -> None:
    assert client.get("/calendar/%00.ics").status_code == 404
