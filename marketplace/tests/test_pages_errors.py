"""Refusals that are pages."""

import pytest
from django.test import Client
from django.urls import reverse

from accounts.tests.factories import UserFactory

pytestmark = pytest.mark.django_db


def test_a_form_that_was_open_too_long_leads_to_a_fresh_one() -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(UserFactory.create())
    page = f"http://testserver{reverse('settings:profile')}"
    answer = browser.post(page, {"first_name": "Ada"}, headers={"Referer": page})
    assert answer.status_code == 403
    assert "This page was open too long" in answer.content.decode()
    assert f'href="{page}">Open it again' in answer.content.decode()


def test_a_form_that_was_open_too_long_and_comes_from_nowhere_leads_to_the_front_page() -> None:
    answer = Client(enforce_csrf_checks=True).post(reverse("accounts:sign-in"), {"email": "ada@example.com"})
    assert answer.status_code == 403
    assert f'href="{reverse("home")}">To the front page' in answer.content.decode()


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE"])
def test_a_mistyped_address_of_the_api_is_not_found_by_any_method(method: str) -> None:
    answer = Client(enforce_csrf_checks=True).generic(method, "/api/stripe/payment-intent")
    assert (answer.status_code, answer.json()["error_type"]) == (404, "not_found")
