"""The way in on pages: what is said to somebody whose registration or sign-in fails, and where they land afterwards."""

import re

from playwright.sync_api import Page, expect

from tests.browser.conftest import PASSWORD, Join
from tests.fixtures.served_site import ServedSite


def test_a_wrong_password_is_said_and_the_address_kept(join: Join, page: Page) -> None:
    newcomer = join("Dora", "client")
    newcomer.goto("/settings/account/")
    email = newcomer.get_by_text(re.compile(r"^dora\d+@browser.example$")).first.inner_text()

    page.goto("/contracts/")
    expect(page).to_have_url(re.compile(r"/sign-in/\?next=/contracts/"))
    sign_in(page, email, "not the password")
    expect(page.get_by_role("alert").first).to_contain_text("Your e-mail is kept below")
    expect(page.get_by_label("E-mail")).to_have_value(email)
    sign_in(page, email, PASSWORD)
    expect(page).to_have_url(re.compile("/contracts/$"))

    page.goto("/sign-in/")
    expect(page).to_have_url(re.compile("/dashboard/"))


def sign_in(page: Page, email: str, password: str) -> None:
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password", exact=True).fill(password)
    page.get_by_role("button", name="Sign in", exact=True).click()


def test_a_registration_that_cannot_be_says_why_beside_the_field(page: Page, served_site: ServedSite) -> None:
    page.goto("/join/")
    page.locator('label:has(input[name="user_type"][value="client"])').click()
    page.get_by_label("First name").fill("Willa")
    for field, wrong in (("E-mail", "not an address"), ("Password", "12345")):
        page.get_by_label("E-mail").fill("willa@browser.example")
        page.get_by_label("Password", exact=True).fill(PASSWORD)
        refused = page.get_by_label(field, exact=True)
        refused.fill(wrong)
        page.get_by_role("button", name="Make my account").click()
        expect(refused).to_have_attribute("aria-invalid", "true")
        expect(refused).to_have_accessible_description(re.compile(r"\w+"))
        expect(page.get_by_label("First name")).to_have_value("Willa")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Make my account").click()
    expect(page.get_by_role("heading", name="Look into your mailbox")).to_be_visible()
