"""The way in with a second factor and with a passkey, from joining on."""

import base64
import re
from urllib.parse import urlsplit

from django_otp.oath import TOTP
from playwright.sync_api import Page, expect

from tests.browser.conftest import PASSWORD, Join
from tests.fixtures.served_site import ServedSite


def test_a_second_factor_from_set_up_to_sign_in(join: Join, served_site: ServedSite) -> None:
    page = join("Saskia", "client")
    page.goto("/settings/account/")
    email = page.get_by_text(re.compile(r"^saskia\d+@browser.example$")).first.inner_text()

    page.goto("/settings/security/")
    page.get_by_role("link", name="Set up a second factor").click()
    secret = page.locator(".secret").inner_text()
    page.get_by_role("textbox", name="Code").fill("000000")
    page.get_by_role("button", name="Turn it on").click()
    expect(page.get_by_role("textbox", name="Code")).to_have_attribute("aria-invalid", "true")
    expect(page.locator(".secret")).to_have_text(secret)
    page.get_by_role("textbox", name="Code").fill(code_of(secret))
    page.get_by_role("button", name="Turn it on").click()
    expect(page.locator(".codes li")).to_have_count(8)
    backup_code = page.locator(".codes li").first.inner_text()
    page.get_by_role("link", name="I have kept them").click()
    expect(page.get_by_text("8 backup codes left")).to_be_visible()
    assert served_site.mail_to(email, containing="The second factor is on")

    sign_out(page)
    page.goto("/sign-in/")
    give_password(page, email)
    page.get_by_role("textbox", name="Code").fill("000000")
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_role("textbox", name="Code")).to_have_accessible_description(re.compile("not right"))
    page.get_by_role("textbox", name="Code").fill(code_of(secret, later=1))  # this step's code was used at set-up
    page.get_by_role("button", name="Go on").click()
    expect(page).to_have_url(re.compile("/dashboard/"))

    sign_out(page)
    page.goto("/sign-in/")
    give_password(page, email)
    page.get_by_role("textbox", name="Code").fill(backup_code)
    page.get_by_role("button", name="Go on").click()
    expect(page).to_have_url(re.compile("/dashboard/"))


def test_a_passkey_signs_in_at_both_steps(join: Join, served_site: ServedSite) -> None:
    """On localhost: browsers know no passkeys for 127.0.0.1."""
    page = join("Tove", "freelancer")
    page.goto("/settings/account/")
    email = page.get_by_text(re.compile(r"^tove\d+@browser.example$")).first.inner_text()
    site = served_site.url.replace("127.0.0.1", "localhost")
    plug_in_a_key(page)
    page.goto(f"{site}/sign-in/")
    give_password(page, email)
    expect(page).to_have_url(re.compile("/dashboard/"))

    page.goto(f"{site}/settings/security/")
    page.get_by_role("link", name="Add a passkey").click()
    page.get_by_label("Name of the passkey").fill("Desk key")
    page.get_by_role("button", name="Make the passkey").click()
    expect(page.get_by_text("Desk key", exact=True)).to_be_visible()

    sign_out(page)
    page.goto(f"{site}/sign-in/?next=/wallet/")
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page).to_have_url(f"{site}/wallet/")

    page.goto(f"{site}/settings/security/second-factor/")
    secret = page.locator(".secret").inner_text()
    page.get_by_role("textbox", name="Code").fill(code_of(secret))
    page.get_by_role("button", name="Turn it on").click()
    expect(page.locator(".codes li")).to_have_count(8)
    sign_out(page)
    page.goto(f"{site}/sign-in/")
    give_password(page, email)
    page.get_by_role("button", name="Use a passkey").click()
    expect(page).to_have_url(re.compile("/dashboard/"))


def test_a_password_is_judged_in_words_while_it_is_typed(served_site: ServedSite, page: Page) -> None:
    page.goto("/join/")
    page.get_by_label("First name").fill("Hildegard")
    password = page.get_by_label("Password", exact=True)
    for typed, said in (
        ("short", "ten characters at least"),
        ("password2026", "Too many people"),
        ("hildegard-2026", "Your name or address"),
        ("aaaaaaaaaaaa", "Easy to guess"),
        ("copper lantern ferry", "A strong one"),
    ):
        password.fill(typed)
        expect(page.locator(".password-hint")).to_contain_text(said)


def code_of(secret: str, *, later: int = 0) -> str:
    """What an authenticator app with that secret shows, or `later` steps of 30 seconds ahead."""
    padded = secret + "=" * (-len(secret) % 8)
    return f"{TOTP(base64.b32decode(padded), t0=-30 * later).token():06d}"


def give_password(page: Page, email: str) -> None:
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()


def sign_out(page: Page) -> None:
    page.locator("[popovertarget=me-menu]").first.click()
    page.locator("#me-menu").get_by_role("button", name="Sign out").click()
    page.wait_for_url(lambda url: urlsplit(url).path == "/")


def plug_in_a_key(page: Page) -> None:
    """A key of Chromium's own making, whose owner is always there and has unlocked it."""
    tools = page.context.new_cdp_session(page)
    tools.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    tools.send("WebAuthn.addVirtualAuthenticator", {"options": options})
