"""The way in on pages: what is said to somebody whose sign-in or registration fails, and where they land afterwards."""

import re

from playwright.sync_api import Page, expect

from tests.browser.conftest import PASSWORD, Join


def test_a_wrong_password_is_said_and_the_address_kept(join: Join, page: Page) -> None:
    email = joined_email(join)
    page.goto("/contracts/")
    expect(page).to_have_url(re.compile(r"/sign-in/\?next=/contracts/"))
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password", exact=True).fill("not the password")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert").first).to_be_visible()
    expect(page.get_by_label("E-mail")).to_have_value(email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page).to_have_url(re.compile("/contracts/$"))


def joined_email(join: Join) -> str:
    newcomer = join("Dora", "client")
    newcomer.goto("/settings/account/")
    return str(newcomer.locator("main").get_by_text(re.compile(r"dora\d+@browser.example")).first.inner_text())
