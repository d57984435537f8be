"""What people of the town do on pages of the providers, and what banks do. Only stand-ins let us do it for them."""

from urllib.parse import urlsplit

import requests
from django.conf import settings

from accounts.models import User
from payments import providers
from payments.rules import ProviderName

TIMEOUT = 10


def stripe_is_here() -> bool:
    return bool(settings.STRIPE_API_BASE)


def paypal_is_here() -> bool:
    return ProviderName.PAYPAL in providers.offered() and not settings.PAYPAL_API_BASE.startswith("https://api-m.")


def say_who_they_are(link: str, person: User) -> None:
    """As on Stripe's page for those who are paid."""
    told = {"first_name": person.first_name, "last_name": person.last_name, "born": "1988-03-04"}
    with _browser() as browser:
        action = browser.get(link, timeout=TIMEOUT).text.partition('action="')[2].partition('"')[0]
        address = urlsplit(link)._replace(path=action).geturl()
        form = {"outcome": "submit", "account_number": "000123456789", **told}
        browser.post(address, data=form, allow_redirects=False, timeout=TIMEOUT).raise_for_status()


def move_payout(payout_id: str, outcome: str) -> None:
    with _browser() as browser:
        address = f"{settings.STRIPE_API_BASE}/standin/payouts/{payout_id}/settle"
        browser.post(address, json={"outcome": outcome}, timeout=TIMEOUT)


def agree_at_paypal(order_id: str) -> None:
    with _browser() as browser:
        address = f"{settings.PAYPAL_API_BASE}/standin/orders/{order_id}/approve"
        browser.post(address, json={}, timeout=TIMEOUT).raise_for_status()


def _browser() -> requests.Session:
    session = requests.Session()
    session.trust_env = False  # no proxy leads to this machine
    return session
