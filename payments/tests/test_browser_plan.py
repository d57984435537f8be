"""Beginning and leaving a plan in a real browser: the card is declined first, and another one pays."""

import re
import uuid

import pytest
from playwright.sync_api import Browser, Page, expect

from accounts.tests.factories import PASSWORD
from tests.fixtures.browser import watched
from tests.fixtures.served_site import ServedSite

MAKE_PERSON = """
from accounts.tests.factories import FreelancerFactory
FreelancerFactory.create(email="{email}")
"""


def sign_in(site: ServedSite, page: Page) -> None:
    email = f"{uuid.uuid4()}@example.com"
    site.manage("shell", "-v", "0", "-c", MAKE_PERSON.format(email=email))
    page.goto("/sign-in/?next=/settings/plan/")
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.locator("main").get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url("**/settings/plan/")


def enter(page: Page, number: str) -> None:
    page.get_by_label("Card number").fill(number)
    page.get_by_label("Expiry date").fill("12 / 34")
    page.get_by_label("Security code").fill("123")


def test_a_plan_is_begun_with_the_second_card_and_left(served_site: ServedSite, browser: Browser) -> None:
    """Chromium reports the provider's 402 for a declined card as an error of its own; there must be no other."""
    problems: list[str] = []
    with watched(browser, problems, base_url=served_site.url) as context:
        page = context.new_page()
        sign_in(served_site, page)
        page.get_by_role("link", name="Begin Pro").click()
        expect(page.locator(".sum")).to_contain_text("$15.00")
        enter(page, "4000000000000002")
        page.get_by_role("button", name="Pay $15.00 a month").click()
        expect(page.locator("[data-error]")).to_contain_text("declined")
        enter(page, "4242424242424242")
        page.get_by_role("button", name="Pay $15.00 a month").click()
        page.wait_for_url("**/settings/plan/")
        expect(page.get_by_text("You are on the Pro plan.")).to_be_visible()
        expect(page.get_by_text("Next charge")).to_be_visible()
        invoice = page.get_by_role("link", name="Pro plan")
        assert context.request.get(str(invoice.get_attribute("href"))).headers["content-type"] == "application/pdf"
        page.get_by_role("button", name="Cancel the plan").click()
        expect(page.get_by_text("Nothing more is charged.")).to_be_visible()
        page.get_by_role("button", name="Go on with it").click()
        expect(page.get_by_text(re.compile("Your Pro plan goes on"))).to_be_visible()
        page.goto("/wallet/documents/")
        expect(page.get_by_role("link", name="Pro plan")).to_be_visible()
    assert "The ledger is right." in served_site.manage("check_ledger")
    assert [problem for problem in problems if "status of 402" not in problem] == []


@pytest.mark.parametrize("width", [320, 1280])
def test_nothing_scrolls_sideways(served_site: ServedSite, page: Page, width: int) -> None:
    sign_in(served_site, page)
    page.set_viewport_size({"width": width, "height": 800})
    for path in ("/settings/plan/", "/settings/plan/plus/pay/", "/wallet/documents/", "/wallet/statement/"):
        page.goto(path)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
