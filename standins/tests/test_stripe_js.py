"""The browser's side, in headless Chromium on a page with a strict content security policy."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from string import Template
from typing import Any

import pytest
import stripe
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect, sync_playwright

from .billing import subscribe
from .payments import CARDS_ONLY, create_intent, paid
from .process import PUBLISHABLE_KEY, Standin

CHROMIUM = "/usr/bin/chromium"
EXPIRY = f"12 / {(time.gmtime().tm_year + 1) % 100}"


def policy(standin: Standin) -> str:
    return f"default-src 'none'; script-src 'nonce-n0nce'; connect-src {standin.url}; img-src data:"


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Ends with its module: while Playwright runs, no other test of this process can start it."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def shop(served: Standin) -> Iterator[str]:
    """The address of a shop that uses the script."""
    template = Template(Path(__file__).with_name("shop.html").read_text())
    page = template.substitute(standin=served.url, key=PUBLISHABLE_KEY).encode()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.send_header("Content-Security-Policy", policy(served))
            self.send_header("Content-Length", str(len(page)))
            self.end_headers()
            self.wfile.write(page)

        def log_message(self, format: str, *args: Any) -> None:
            """Stay quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()


@pytest.fixture
def tab(chromium: Browser, shop: str, standin: Standin) -> Iterator[Page]:
    """The shop's page. Errors on the console fail the test, but for the browser's notes of refused requests."""
    page = chromium.new_page()
    errors: list[str] = []
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(shop)
    yield page
    page.close()
    assert [error for error in errors if not error.startswith("Failed to load resource")] == []


def fill_card(tab: Page, number: str = "4242424242424242") -> None:
    tab.get_by_label("Card number").fill(number)
    tab.get_by_label("Expiry date").fill(EXPIRY)
    tab.get_by_label("Security code").fill("123")


def start(tab: Page, expression: str) -> None:
    """Begin something whose result `finish` waits for, as when a dialog comes in between."""
    tab.evaluate(f"() => {{ window.outcome = {expression}; }}")


def finish(tab: Page) -> dict[str, Any]:
    outcome: dict[str, Any] = tab.evaluate("() => window.outcome")
    return outcome


def confirm_card(intent: Any) -> str:
    details = "billing_details: { name: 'Ada' }"
    return f"stripe.confirmCardPayment('{intent.client_secret}', {{ payment_method: {{ card, {details} }} }})"


def test_paying_with_the_card_element(tab: Page, standin: Standin) -> None:
    intent = create_intent(standin)
    fill_card(tab)
    start(tab, confirm_card(intent))
    result = finish(tab)["paymentIntent"]
    assert (result["id"], result["status"]) == (intent.id, "succeeded")
    after = standin.v1.payment_intents.retrieve(intent.id, {"expand": ["payment_method"]})
    assert after.status == "succeeded"
    assert isinstance(after.payment_method, stripe.PaymentMethod)
    assert after.payment_method.billing_details.name == "Ada"


def test_typing_formats_and_reports_progress(tab: Page) -> None:
    tab.get_by_label("Card number").press_sequentially("4242424242424242")
    expect(tab.get_by_label("Card number")).to_have_value("4242 4242 4242 4242")
    tab.get_by_label("Expiry date").press_sequentially(EXPIRY.replace(" / ", ""))
    expect(tab.get_by_label("Expiry date")).to_have_value(EXPIRY)
    tab.get_by_label("Security code").press_sequentially("12")
    assert tab.evaluate("() => seen.changes.at(-1).complete") is False
    tab.get_by_label("Security code").press_sequentially("3")
    last = tab.evaluate("() => seen.changes.at(-1)")
    assert (last["complete"], last["empty"], last["brand"]) == (True, False, "visa")
    assert "StripeElement--complete" in (tab.locator("#card").get_attribute("class") or "")


def test_a_wrong_number_is_told_to_the_page_and_not_sent(tab: Page, standin: Standin) -> None:
    intent = create_intent(standin)
    fill_card(tab, "4242424242424241")
    tab.get_by_label("Card number").blur()
    expect(tab.locator("#hint")).to_have_text("Your card number is invalid.")
    expect(tab.get_by_label("Card number")).to_have_attribute("aria-invalid", "true")
    start(tab, confirm_card(intent))
    assert finish(tab)["error"]["type"] == "validation_error"
    assert standin.v1.payment_intents.retrieve(intent.id).status == "requires_payment_method"


@pytest.mark.parametrize(
    ("number", "decline_code"), [("4000000000000002", "generic_decline"), ("4000000000009995", "insufficient_funds")]
)
def test_declined_cards(tab: Page, standin: Standin, number: str, decline_code: str) -> None:
    intent = create_intent(standin)
    fill_card(tab, number)
    start(tab, confirm_card(intent))
    error = finish(tab)["error"]
    assert (error["type"], error["code"], error["decline_code"]) == ("card_error", "card_declined", decline_code)
    assert error["message"].startswith("Your card")


@pytest.mark.parametrize(
    ("button", "status"), [("Complete authentication", "succeeded"), ("Fail authentication", "requires_payment_method")]
)
def test_the_challenge(tab: Page, standin: Standin, button: str, status: str) -> None:
    intent = create_intent(standin)
    fill_card(tab, "4000002500003155")
    start(tab, confirm_card(intent))
    dialog = tab.get_by_role("dialog", name="3-D Secure test page")
    expect(dialog).to_be_visible()
    tab.get_by_role("button", name=button).click()
    result = finish(tab)
    expect(dialog).to_have_count(0)
    if status == "succeeded":
        assert result["paymentIntent"]["status"] == "succeeded"
    else:
        assert result["error"]["code"] == "payment_intent_authentication_failure"
    assert standin.v1.payment_intents.retrieve(intent.id).status == status


def test_the_escape_key_fails_the_challenge(tab: Page, standin: Standin) -> None:
    intent = create_intent(standin)
    fill_card(tab, "4000002760003184")
    start(tab, confirm_card(intent))
    expect(tab.get_by_role("button", name="Complete authentication")).to_be_focused()
    tab.keyboard.press("Escape")
    assert finish(tab)["error"]["code"] == "payment_intent_authentication_failure"


def test_a_challenge_begun_by_the_server(tab: Page, standin: Standin) -> None:
    intent = paid(standin, payment_method="pm_card_authenticationRequired")
    start(tab, f"stripe.handleNextAction({{ clientSecret: '{intent.client_secret}' }})")
    tab.get_by_role("button", name="Complete authentication").click()
    assert finish(tab)["paymentIntent"]["status"] == "succeeded"


def test_a_saved_card_by_its_id(tab: Page, standin: Standin) -> None:
    customer = standin.v1.customers.create({"payment_method": "pm_card_mastercard"})
    method = standin.v1.customers.payment_methods.list(customer.id).data[0]
    intent = create_intent(standin, customer=customer.id)
    start(tab, f"stripe.confirmCardPayment('{intent.client_secret}', {{ payment_method: '{method.id}' }})")
    assert finish(tab)["paymentIntent"]["payment_method"] == method.id


def test_confirm_payment_without_a_redirect(tab: Page, standin: Standin) -> None:
    intent = create_intent(standin)
    fill_card(tab)
    options = f"{{ elements, clientSecret: '{intent.client_secret}', redirect: 'if_required' }}"
    start(tab, f"stripe.confirmPayment({options})")
    assert finish(tab)["paymentIntent"]["status"] == "succeeded"


def test_confirm_payment_goes_to_the_return_url(tab: Page, standin: Standin, shop: str) -> None:
    intent = create_intent(standin)
    fill_card(tab)
    params = f"confirmParams: {{ return_url: '{shop}done' }}"
    start(tab, f"stripe.confirmPayment({{ elements, clientSecret: '{intent.client_secret}', {params} }})")
    tab.wait_for_url(f"{shop}done?payment_intent={intent.id}&*redirect_status=succeeded")


def test_creating_and_retrieving(tab: Page, standin: Standin) -> None:
    intent = create_intent(standin)
    fill_card(tab)
    start(tab, "stripe.createPaymentMethod({ type: 'card', card })")
    assert finish(tab)["paymentMethod"]["card"]["last4"] == "4242"
    start(tab, f"stripe.retrievePaymentIntent('{intent.client_secret}')")
    assert finish(tab)["paymentIntent"]["status"] == "requires_payment_method"


def test_saving_a_card(tab: Page, standin: Standin) -> None:
    customer = standin.v1.customers.create({})
    intent = standin.v1.setup_intents.create({"customer": customer.id, "automatic_payment_methods": CARDS_ONLY})
    fill_card(tab, "4000002500003155")
    start(tab, f"stripe.confirmCardSetup('{intent.client_secret}', {{ payment_method: {{ card }} }})")
    tab.get_by_role("button", name="Complete authentication").click()
    assert finish(tab)["setupIntent"]["status"] == "succeeded"
    assert len(standin.v1.customers.payment_methods.list(customer.id).data) == 1


def test_card_numbers_stay_out_of_the_pages_form(tab: Page) -> None:
    fill_card(tab)
    assert tab.evaluate("() => [...new FormData(document.querySelector('#form'))].length") == 0
    assert tab.evaluate("() => document.querySelector('#form').elements.length") == 1
    tab.get_by_label("Security code").press("Enter")
    assert tab.evaluate("() => seen.submits") == 1


def test_clear_and_remount(tab: Page) -> None:
    fill_card(tab)
    tab.evaluate("() => { card.clear(); card.unmount(); card.mount('#card'); }")
    expect(tab.get_by_label("Card number")).to_have_value("")
    assert tab.evaluate("() => seen.changes.at(-1).empty") is True


def test_a_lost_connection_is_an_error_and_not_a_crash(tab: Page, standin: Standin) -> None:
    intent = create_intent(standin)
    fill_card(tab)
    standin.fault("error_after", f"/v1/payment_intents/{intent.id}/confirm")
    start(tab, confirm_card(intent))
    assert finish(tab)["error"]["type"] == "api_error"
    assert standin.v1.payment_intents.retrieve(intent.id).status == "succeeded"


def test_the_page_is_accessible_with_the_element_and_with_the_dialog(tab: Page, standin: Standin) -> None:
    axe = Axe()
    assert axe.run(tab).response["violations"] == []
    intent = create_intent(standin)
    fill_card(tab, "4000002760003184")
    start(tab, confirm_card(intent))
    expect(tab.get_by_role("dialog")).to_be_visible()
    assert axe.run(tab).response["violations"] == []


def test_styles_apply_under_the_policy(tab: Page) -> None:
    number = tab.get_by_label("Card number")
    assert number.evaluate("(input) => getComputedStyle(input).color") == "rgb(17, 34, 51)"
    assert number.evaluate("(input) => getComputedStyle(input).minHeight") == "44px"


def payment_element(tab: Page, options: str, number: str = "4242424242424242") -> None:
    """Take away the card element, and fill in a payment element in its place."""
    script = f"card.destroy(); window.sheet = stripe.elements({options}); window.payment = sheet.create('payment');"
    tab.evaluate(f"() => {{ {script} payment.on('change', (event) => seen.changes.push(event)); }}")
    tab.evaluate("() => { payment.mount('#payment'); }")
    fill_card(tab, number)


def test_the_payment_element_pays(tab: Page, standin: Standin, shop: str) -> None:
    intent = create_intent(standin)
    payment_element(tab, f"{{ clientSecret: '{intent.client_secret}' }}")
    last = tab.evaluate("() => seen.changes.at(-1)")
    assert last == {
        "elementType": "payment",
        "empty": False,
        "complete": True,
        "collapsed": False,
        "value": {"type": "card"},
    }
    start(tab, f"stripe.confirmPayment({{ elements: sheet, confirmParams: {{ return_url: '{shop}done' }} }})")
    tab.wait_for_url(f"{shop}done?payment_intent={intent.id}&*redirect_status=succeeded")


def test_a_payment_element_before_its_intent(tab: Page, standin: Standin) -> None:
    payment_element(tab, "{ mode: 'payment', amount: 10000, currency: 'usd' }")
    intent = create_intent(standin)
    confirm = (
        f"stripe.confirmPayment({{ elements: sheet, clientSecret: '{intent.client_secret}', redirect: 'if_required' }})"
    )
    start(tab, f"{confirm}.catch((error) => error.message)")
    assert "elements.submit() must be called" in str(finish(tab))
    assert tab.evaluate("() => sheet.submit()") == {"selectedPaymentMethod": "card"}
    start(tab, confirm)
    assert finish(tab)["paymentIntent"]["status"] == "succeeded"


def test_the_payment_element_says_what_is_wrong(tab: Page, standin: Standin) -> None:
    intent = create_intent(standin)
    payment_element(tab, f"{{ clientSecret: '{intent.client_secret}' }}", "4242424242424241")
    assert tab.evaluate("() => sheet.submit()")["error"]["code"] == "invalid_number"
    expect(tab.get_by_role("alert").filter(has_text="Your card number is invalid.")).to_be_visible()
    assert Axe().run(tab).response["violations"] == []


@pytest.mark.parametrize(
    ("number", "code"), [("4000000000000002", "card_declined"), ("4000000000009995", "card_declined")]
)
def test_the_payment_element_with_declined_cards(tab: Page, standin: Standin, number: str, code: str) -> None:
    intent = create_intent(standin)
    payment_element(tab, f"{{ clientSecret: '{intent.client_secret}' }}", number)
    start(tab, "stripe.confirmPayment({ elements: sheet, redirect: 'if_required' })")
    assert finish(tab)["error"]["code"] == code
    assert finish(tab)["error"]["payment_intent"]["status"] == "requires_payment_method"


def test_the_payment_element_with_authentication(tab: Page, standin: Standin) -> None:
    intent = create_intent(standin)
    payment_element(tab, f"{{ clientSecret: '{intent.client_secret}' }}", "4000000000003220")
    start(tab, "stripe.confirmPayment({ elements: sheet, redirect: 'if_required' })")
    tab.get_by_role("button", name="Complete authentication").click()
    assert finish(tab)["paymentIntent"]["status"] == "succeeded"


def test_a_payment_needs_somewhere_to_return_to(tab: Page, standin: Standin) -> None:
    intent = create_intent(standin)
    payment_element(tab, f"{{ clientSecret: '{intent.client_secret}' }}")
    start(tab, "stripe.confirmPayment({ elements: sheet }).catch((error) => error.message)")
    assert "return_url is required" in str(finish(tab))
    assert standin.v1.payment_intents.retrieve(intent.id).status == "requires_payment_method"
    missing = tab.evaluate(
        "() => { try { stripe.elements().create('payment'); } catch (error) { return error.message; } }"
    )
    assert "clientSecret or mode" in missing


def test_the_payment_element_in_the_dark(tab: Page, standin: Standin) -> None:
    secret = create_intent(standin).client_secret
    payment_element(tab, f"{{ clientSecret: '{secret}', appearance: {{ theme: 'night' }} }}")
    number = tab.get_by_label("Card number")
    look = "(input) => [getComputedStyle(input).color, getComputedStyle(input).backgroundColor]"
    assert number.evaluate(look) == ["rgb(255, 255, 255)", "rgb(48, 49, 61)"]
    tab.evaluate("() => sheet.update({ appearance: { theme: 'stripe', variables: { colorBackground: '#eeeeee' } } })")
    assert number.evaluate(look) == ["rgb(48, 49, 61)", "rgb(238, 238, 238)"]


def test_the_first_payment_of_a_subscription(tab: Page, standin: Standin) -> None:
    subscription = subscribe(
        standin, card=None, payment_behavior="default_incomplete", expand=["latest_invoice.confirmation_secret"]
    )
    secret = subscription.to_dict()["latest_invoice"]["confirmation_secret"]["client_secret"]
    payment_element(tab, f"{{ clientSecret: '{secret}' }}")
    start(tab, "stripe.confirmPayment({ elements: sheet, redirect: 'if_required' })")
    assert finish(tab)["paymentIntent"]["status"] == "succeeded"
    assert standin.v1.subscriptions.retrieve(subscription.id).status == "active"
