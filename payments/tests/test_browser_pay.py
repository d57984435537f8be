"""Paying in a real browser: the card field, 3-D Secure, PayPal's page, webhooks and jobs are those of the served site."""

import re
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from accounts.tests.factories import PASSWORD
from bin.lib import environment
from tests.fixtures.browser import watched
from tests.fixtures.served_site import ServedSite

VISA = "4242424242424242"
DECLINED = "4000000000000002"
THREE_D_SECURE = "4000002760003184"
MAKE_HOLD = """
import uuid
from accounts.tests.factories import ClientFactory, FreelancerFactory
from core.money import Money
from payments.models import Hold
from payments.tests.factories import make_hold
payer = Hold.objects.get(pk={after}).payer if {after} else ClientFactory.create(email=f"{{uuid.uuid4()}}@example.com")
payee = FreelancerFactory.create(email=f"{{uuid.uuid4()}}@example.com")
hold = make_hold(Money(60001, "USD"), payer=payer, payee=payee, url="/wallet/")
print("made", hold.pk, payer.email)
"""


def make_hold(site: ServedSite, *, after: int = 0) -> tuple[int, str]:
    """A hold to pay and the payer's e-mail: somebody new, or the payer of the hold `after`."""
    made = re.search(r"made (\d+) (\S+)", site.manage("shell", "-v", "0", "-c", MAKE_HOLD.format(after=after)))
    assert made is not None
    return int(made[1]), made[2]


class Payer:
    """A person with a hold to pay, signed in, on its payment page."""

    def __init__(self, site: ServedSite, page: Page) -> None:
        self.page = page
        self.site = site
        self.hold_id, email = make_hold(site)
        page.goto(f"/sign-in/?next=/pay/{self.hold_id}/")
        page.get_by_label("E-mail").fill(email)
        page.get_by_label("Password", exact=True).fill(PASSWORD)
        page.locator("main").get_by_role("button", name="Sign in", exact=True).click()
        page.wait_for_url(f"**/pay/{self.hold_id}/")

    def enter(self, number: str) -> None:
        self.page.get_by_label("Card number").fill(number)
        self.page.get_by_label("Expiry date").fill("12 / 34")
        self.page.get_by_label("Security code").fill("123")

    def press(self) -> None:
        self.page.get_by_role("button", name="Hold $600.01").click()

    def arrives(self) -> None:
        """On the wallet, where the money is shown as held."""
        self.page.wait_for_url("**/wallet/")
        expect(self.page.get_by_text("Held for work you ordered")).to_be_visible()
        expect(self.page.locator(".balances")).to_contain_text("$600.01")

    def go_to_paypal(self) -> None:
        self.page.get_by_label("PayPal").check()
        expect(self.page.get_by_label("Card number")).to_be_hidden()
        self.press()
        expect(self.page.get_by_role("heading", name="PayPal test page")).to_be_visible()
        expect(self.page.get_by_text("600.01 USD")).to_be_visible()

    def answer_bank(self, answer: str) -> None:
        self.page.get_by_role("button", name=answer).click()


@pytest.fixture
def payer(served_site: ServedSite, page: Page) -> Payer:
    return Payer(served_site, page)


@pytest.fixture
def unlucky_payer(served_site: ServedSite, browser: Browser) -> Iterator[Payer]:
    """Chromium reports the provider's 402 for a declined card as an error of its own; there must be no other."""
    problems: list[str] = []
    with watched(browser, problems, base_url=served_site.url) as context:
        yield Payer(served_site, context.new_page())
    assert [problem for problem in problems if "status of 402" not in problem] == []


def test_a_card_holds_the_funds(payer: Payer) -> None:
    expect(payer.page.locator(".sum")).to_contain_text("$540.01")
    payer.enter(VISA)
    payer.press()
    payer.arrives()
    payer.page.go_back()  # the money is held: there is nothing to pay twice
    payer.arrives()
    expect(payer.page.get_by_role("link", name=re.compile("^Receipt for"))).to_be_visible()


def test_a_double_click_pays_once(payer: Payer) -> None:
    payer.enter(VISA)
    payer.page.get_by_role("button", name="Hold $600.01").dblclick()
    payer.arrives()
    assert "The ledger is right." in payer.site.manage("check_ledger")


def test_the_bank_is_asked(payer: Payer) -> None:
    payer.enter(THREE_D_SECURE)
    payer.press()
    payer.answer_bank("Complete authentication")
    payer.arrives()


def test_the_bank_says_no_and_another_card_works(payer: Payer) -> None:
    payer.enter(THREE_D_SECURE)
    payer.press()
    payer.answer_bank("Fail authentication")
    expect(payer.page.locator("[data-error]")).to_be_visible()
    payer.enter(VISA)
    payer.press()
    payer.arrives()


def test_a_declined_card_is_told_beside_the_field(unlucky_payer: Payer) -> None:
    unlucky_payer.enter(DECLINED)
    unlucky_payer.press()
    expect(unlucky_payer.page.locator("[data-error]")).to_contain_text("declined")
    unlucky_payer.enter(VISA)
    unlucky_payer.press()
    unlucky_payer.arrives()


def test_a_card_that_is_incomplete_is_told_beside_the_field(payer: Payer) -> None:
    payer.page.get_by_label("Card number").fill("4242")
    payer.press()
    expect(payer.page.get_by_text("Your card number is incomplete.")).to_be_visible()
    expect(payer.page.get_by_label("Card number")).to_be_focused()
    expect(payer.page.locator("[data-error]")).to_be_hidden()  # said once, where it belongs
    payer.enter(VISA)
    payer.press()
    payer.arrives()


def test_a_kept_card_is_offered_next_time(payer: Payer) -> None:
    payer.enter(VISA)
    payer.page.get_by_label("Keep this card for next time").check()
    payer.press()
    payer.arrives()
    hold_id, _ = make_hold(payer.site, after=payer.hold_id)
    payer.page.goto(f"/pay/{hold_id}/")
    expect(payer.page.get_by_label("Visa ending 4242")).to_be_checked()
    expect(payer.page.get_by_label("Card number")).to_be_hidden()
    payer.press()
    payer.page.wait_for_url("**/wallet/")
    expect(payer.page.locator(".balances")).to_contain_text("$1,200.02")


def test_agreeing_at_paypal_holds_the_funds(payer: Payer) -> None:
    payer.go_to_paypal()
    payer.page.get_by_role("button", name="Approve payment").click()
    payer.arrives()
    expect(payer.page.get_by_text("PayPal buyer@example.com")).to_be_visible()


def test_leaving_paypal_takes_nothing_and_a_card_works(payer: Payer) -> None:
    payer.go_to_paypal()
    payer.page.get_by_role("button", name="Cancel and return").click()
    payer.page.wait_for_url(f"**/pay/{payer.hold_id}/")
    expect(payer.page.get_by_text("You left PayPal, so nothing was taken.")).to_be_visible()
    payer.enter(VISA)
    payer.press()
    payer.arrives()


def test_a_card_that_paypal_declines_is_told_and_another_way_works(payer: Payer) -> None:
    payer.go_to_paypal()
    payer.page.get_by_label("A card that is declined").check()
    payer.page.get_by_role("button", name="Approve payment").click()
    payer.page.wait_for_url(f"**/pay/{payer.hold_id}/")
    expect(payer.page.locator("[data-error]")).to_contain_text("PayPal could not take the money")
    payer.press()  # PayPal is still chosen
    payer.page.get_by_role("button", name="Approve payment").click()
    payer.arrives()


def test_who_agreed_and_never_came_back_has_paid(payer: Payer) -> None:
    payer.go_to_paypal()
    order_id = parse_qs(urlsplit(payer.page.url).query)["token"][0]
    stand_in = environment.read(payer.site.folder)["PAYPAL_API_BASE"]
    httpx.post(f"{stand_in}/standin/orders/{order_id}/approve", json={}).raise_for_status()
    payer.page.goto(f"/pay/{payer.hold_id}/?waiting")  # PayPal's event takes the money
    payer.arrives()


@pytest.mark.parametrize("width", [320, 1280])
def test_nothing_scrolls_sideways(payer: Payer, width: int) -> None:
    payer.page.set_viewport_size({"width": width, "height": 800})
    for path in (f"/pay/{payer.hold_id}/", "/wallet/"):
        payer.page.goto(path)
        assert payer.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
