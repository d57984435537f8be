"""Connected accounts, ready or not, and money that is available."""

from __future__ import annotations

from typing import Any

import stripe

from .payments import paid
from .process import Standin

PERSON: Any = {"first_name": "Jenny", "last_name": "Rosen", "dob": {"day": 1, "month": 1, "year": 1990}}


def create_account(standin: Standin, **params: Any) -> stripe.Account:
    defaults: Any = {"type": "express", "country": "US", "capabilities": {"transfers": {"requested": True}}}
    return standin.v1.accounts.create(defaults | params)


def onboard(standin: Standin, account: str, **form: str) -> None:
    """Fill in the hosted page."""
    link = standin.v1.account_links.create(
        {
            "account": account,
            "type": "account_onboarding",
            "refresh_url": "http://127.0.0.1:9/refresh",
            "return_url": "http://127.0.0.1:9/return",
        }
    )
    action = standin.http.get(link.url).text.split('action="')[1].split('"')[0]
    person = {"first_name": "Jenny", "last_name": "Rosen", "born": "1990-01-01", "account_number": "000123456789"}
    answer = standin.http.post(action, data={"outcome": "submit", **person, **form})
    assert (answer.status_code, answer.headers["Location"]) == (303, "http://127.0.0.1:9/return")


def ready_account(standin: Standin, **form: str) -> stripe.Account:
    account = create_account(standin)
    onboard(standin, account.id, **form)
    return standin.v1.accounts.retrieve(account.id)


def fund(standin: Standin, amount: int = 100_000, currency: str = "usd") -> stripe.PaymentIntent:
    """Money that the platform may pass on at once."""
    return paid(standin, amount=amount, currency=currency, payment_method="pm_card_bypassPending")


def of(account: stripe.Account) -> Any:
    """The options of a call that is made for the connected account."""
    return {"stripe_account": account.id}


def available(standin: Standin, account: stripe.Account | None = None, currency: str = "usd") -> int:
    balance = standin.v1.balance.retrieve({}, of(account) if account else {})
    return sum(part.amount for part in balance.available if part.currency == currency)
