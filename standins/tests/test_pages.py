from __future__ import annotations

import stripe

from .payments import paid
from .process import Receiver, Standin


def test_receipt(standin: Standin) -> None:
    intent = paid(standin, description="<b>Logo</b>", expand=["latest_charge"])
    assert isinstance(intent.latest_charge, stripe.Charge)
    standin.v1.refunds.create({"payment_intent": intent.id, "amount": 2_500})
    url = intent.latest_charge.receipt_url
    assert url is not None
    page = standin.http.get(url)
    assert page.status_code == 200
    for shown in ("$100.00", "$25.00", "Visa ending in 4242", "&lt;b&gt;Logo&lt;/b&gt;", intent.latest_charge.id):
        assert shown in page.text
    assert standin.http.get(url + "x").status_code == 404


def test_overview(standin: Standin, receiver: Receiver) -> None:
    intent = paid(standin, description="Milestone 1")
    standin.flush()
    page = standin.http.get("/").text
    for shown in (intent.id, "$100.00", "Milestone 1", "payment_intent.succeeded", "delivered"):
        assert shown in page


def test_challenge_needs_the_client_secret(standin: Standin) -> None:
    intent = paid(standin, payment_method="pm_card_authenticationRequired")
    assert standin.http.get(f"/authenticate/{intent.id}?client_secret=guess").status_code == 404
    assert standin.http.post(f"/authenticate/{intent.id}?client_secret=guess").status_code == 404
    assert standin.v1.payment_intents.retrieve(intent.id).status == "requires_action"


def test_browsers_of_other_origins_may_use_the_api_but_not_the_controls(standin: Standin) -> None:
    preflight = {
        "Origin": "https://site.example",
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization",
    }
    for path in ("/v1/payment_methods", "/v3/"):
        answer = standin.http.options(path, headers=preflight)
        assert answer.headers.get("Access-Control-Allow-Origin") == "*", path
    answer = standin.http.options("/standin/reset", headers=preflight)
    assert "Access-Control-Allow-Origin" not in answer.headers


def test_the_script_is_served_at_all_its_addresses(standin: Standin) -> None:
    for path in ("/v3", "/v3/", "/stripe.js", "/dahlia/stripe.js"):
        answer = standin.http.get(path)
        assert answer.status_code == 200
        assert answer.headers["Content-Type"].startswith("text/javascript")
        assert "window.Stripe" in answer.text
