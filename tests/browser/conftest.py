"""People who come to the served site with a browser."""

import itertools
import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.fixtures.browser import NewPage
from tests.fixtures.served_site import ServedSite, text_of

PASSWORD = "a-long-enough-pass-phrase"
numbers = itertools.count(1)

Join = Callable[..., Page]


@pytest.fixture
def join(served_site: ServedSite, new_page: NewPage) -> Join:
    """The page of somebody who has registered and confirmed the address by the mailed link."""

    def newcomer(name: str, role: str) -> Page:
        page = new_page(viewport={"width": 1280, "height": 900})
        email = f"{name.lower()}{next(numbers)}@browser.example"
        page.goto("/")
        page.get_by_role("link", name="Join").first.click()
        page.locator(f'input[name="user_type"][value="{role}"]').check(force=True)
        page.get_by_label("First name").fill(name)
        page.get_by_label("Last name").fill("Miller")
        page.locator('input[name="email"]').fill(email)
        page.locator('input[name="password"]').fill(PASSWORD)
        page.get_by_role("button", name="Make my account").click()
        expect(page).not_to_have_url(re.compile("/register/"))
        letter = text_of(served_site.mail_to(email, containing="token="))
        page.goto(re.search(r"https?://[^/\s]+(/\S+token=\S+)", letter).group(1))
        page.get_by_role("button", name="Yes, confirm it").click()
        expect(page.get_by_role("button", name="Yes, confirm it")).to_have_count(0)
        return page

    return newcomer


def pay_by_card(page: Page, number: str = "4242424242424242") -> None:
    """On the payment page: type a new card and hold the money."""
    card = page.locator("[data-card]")
    card.get_by_label("Card number").fill(number)
    card.get_by_label("Expiry").fill("12 / 34")
    card.get_by_label(re.compile("CVC|Security")).fill("123")
    page.get_by_role("button", name=re.compile("^Hold")).click()
