"""Payment methods: test cards, and a bank account whose payments take time."""

from __future__ import annotations

import re
import time
from typing import Any

from ..call import Call, Endpoint, new_id
from ..cards import BY_NAME, BY_NUMBER, TestCard, by_alias, passes_luhn
from ..errors import CardError, InvalidParameter, StripeError, no_such
from ..params import BILLING_DETAILS, LIST, Choice, Hash, Id, Metadata, Text
from ..params import merge_metadata as merged
from ..store import Obj

TYPES = ("card", "us_bank_account")
BANK_ACCOUNT = "pm_usBankAccount_success"

CARD = Hash(
    {
        "number": Text(clearable=False),
        "exp_month": Text(clearable=False),
        "exp_year": Text(clearable=False),
        "cvc": Text(clearable=False),
        "token": Id(),
    }
)
COMMON = {
    "allow_redisplay": Choice(("always", "limited", "unspecified")),
    "billing_details": BILLING_DETAILS,
    "metadata": Metadata(),
}
DATA = COMMON | {"type": Choice(TYPES, required=True), "card": CARD}
UPDATE = COMMON | {"card": Hash({"exp_month": Text(clearable=False), "exp_year": Text(clearable=False)})}
LIST_OF_CUSTOMER = {name: LIST[name] for name in ("limit", "starting_after", "ending_before")} | {
    "type": Text(),
    "allow_redisplay": COMMON["allow_redisplay"],
}

SPENT = (
    "This PaymentMethod was previously used without being attached to a Customer or was detached from a Customer, and "
    "may not be used again."
)


def create(call: Call, params: dict[str, Any]) -> Obj:
    if params["type"] != "card" or "card" not in params:
        message = "The stand-in makes payment methods of type card, with a `card` hash."
        raise InvalidParameter(message, code="parameter_missing", param="card")
    given = params["card"]
    if "token" in given:
        card = by_alias(given["token"])
        if card is None:
            raise no_such("token", given["token"], param="card[token]", status=400)
        return _insert(call, card, params)
    month, year = _expiry(given, call.now)
    cvc_check = "unchecked"
    if "cvc" in given:
        if not re.fullmatch(r"\d{3,4}", given["cvc"]):
            raise CardError("Your card's security code is invalid.", code="invalid_cvc", param="card[cvc]")
        cvc_check = "pass"
    return _insert(call, _by_number(given), params, exp_month=month, exp_year=year, cvc_check=cvc_check)


def _by_number(given: dict[str, str]) -> TestCard:
    number = re.sub(r"[ -]", "", given.get("number", ""))
    if not number:
        raise InvalidParameter("Missing required param: card[number].", code="parameter_missing", param="card[number]")
    if not re.fullmatch(r"\d{12,19}", number) or not passes_luhn(number):
        raise CardError("Your card number is incorrect.", code="incorrect_number", param="card[number]")
    if number not in BY_NUMBER:
        message = "Your card was declined. Your request was in test mode, but used a non test card."
        raise CardError(message, code="card_declined", decline_code="test_mode_live_card")
    return BY_NUMBER[number]


def _expiry(given: dict[str, str], now: int) -> tuple[int, int]:
    month, year = given.get("exp_month", ""), given.get("exp_year", "")
    if not month.isdigit() or not 1 <= int(month) <= 12:
        code = "invalid_expiry_month"
        raise CardError("Your card's expiration month is invalid.", code=code, param="card[exp_month]")
    today = time.gmtime(now)
    full_year = int(year) + (2000 if len(year) == 2 else 0) if year.isdigit() else 0
    if not (today.tm_year, today.tm_mon) <= (full_year, int(month)) <= (today.tm_year + 50, 12):
        code = "invalid_expiry_year"
        raise CardError("Your card's expiration year is invalid.", code=code, param="card[exp_year]")
    return int(month), full_year


def _insert(call: Call, card: TestCard, params: dict[str, Any], **details: Any) -> Obj:
    expiry = {"exp_month": 12, "exp_year": time.gmtime(call.now).tm_year + 3}
    cvc_check = details.pop("cvc_check", "unchecked")
    shape = {
        "brand": card.brand,
        "checks": {"address_line1_check": None, "address_postal_code_check": None, "cvc_check": cvc_check},
        "country": "US",
        "display_brand": card.brand,
        **expiry,
        **details,
        "fingerprint": card.fingerprint,
        "funding": card.funding,
        "generated_from": None,
        "last4": card.last4,
        "networks": {"available": [card.brand], "preferred": None},
        "regulated_status": "unregulated",
        "three_d_secure_usage": {"supported": True},
        "wallet": None,
    }
    return _insert_method(call, "card", shape, params, number=card.number)


def _insert_bank_account(call: Call) -> Obj:
    shape = {
        "account_holder_type": "individual",
        "account_type": "checking",
        "bank_name": "STRIPE TEST BANK",
        "financial_connections_account": None,
        "fingerprint": "standinbankaccnt",
        "last4": "6789",
        "networks": {"preferred": "ach", "supported": ["ach"]},
        "routing_number": "110000000",
        "status_details": {},
    }
    return _insert_method(call, "us_bank_account", shape, {})


def _insert_method(call: Call, type: str, shape: Obj, params: dict[str, Any], **private: Any) -> Obj:
    method = {
        "id": new_id("pm"),
        "object": "payment_method",
        "allow_redisplay": params.get("allow_redisplay", "unspecified"),
        "billing_details": billing_details({}, params.get("billing_details")),
        type: shape,
        "created": call.now,
        "customer": None,
        "customer_account": None,
        "livemode": False,
        "metadata": merged({}, params.get("metadata")),
        "type": type,
    }
    return call.create(None, method, **private)


def billing_details(current: Obj, given: dict[str, Any] | None) -> Obj:
    address = dict.fromkeys(("city", "country", "line1", "line2", "postal_code", "state"))
    blank = {"address": address, "email": None, "name": None, "phone": None, "tax_id": None}
    details = blank | current | (given or {})
    details["address"] = address | (current.get("address") or {}) | ((given or {}).get("address") or {})
    return details


def find(call: Call, id: str, *, param: str, status: int = 400) -> Obj:
    """The payment method, or a fresh one for a test name such as `pm_card_visa`."""
    card = by_alias(id)
    if card is not None:
        return _insert(call, card, {})
    if id == BANK_ACCOUNT:
        return _insert_bank_account(call)
    return call.get("payment_method", id, param=param, status=status)


def usable(call: Call, id: str, *, param: str, customer: str | None = None) -> Obj:
    """One that a payment of that customer (or of nobody in particular) may use."""
    method = find(call, id, param=param)
    if call.store.private(method["id"]).get("spent"):
        raise StripeError(SPENT, param=param)
    owner = method["customer"]
    if owner is not None and customer is None:
        message = (
            f"The payment method {method['id']} belongs to the Customer {owner}. Please include the Customer in the "
            "`customer` parameter."
        )
        raise StripeError(message, param=param)
    if owner is not None and owner != customer:
        message = f"The payment method {method['id']} does not belong to the Customer you supplied, {customer}."
        raise StripeError(message, param=param)
    return method


def card_of(call: Call, method: Obj) -> TestCard:
    if method["type"] != "card":
        return BY_NAME["visa"]
    return BY_NUMBER[call.store.private(method["id"])["number"]]


def attach_to(call: Call, method: Obj, customer: str) -> Obj:
    if method["customer"] is None:
        call.update(None, method, {"customer": customer})
        call.emit("payment_method.attached", method)
    return method


def saved_for(call: Call, id: str, customer: str, *, status: int = 404) -> Obj:
    method = call.get("payment_method", id, param="payment_method", status=status)
    if method["customer"] != customer:
        raise no_such("PaymentMethod", id, param="payment_method", status=status)
    return method


def attach(call: Call, params: dict[str, Any], *, id: str) -> Obj:
    method = find(call, id, param="payment_method", status=404)
    customer = call.get("customer", params["customer"], param="customer", status=400)
    if customer.get("deleted"):
        raise no_such("customer", params["customer"], param="customer", status=400)
    if call.store.private(method["id"]).get("spent"):
        raise StripeError(SPENT)
    if method["customer"] not in (None, customer["id"]):
        raise StripeError("The payment method you provided has already been attached to a customer.")
    card = card_of(call, method)
    if card.decline is not None and not card.attaches and card.authentication == "never":
        raise CardError(card.decline.message, code=card.decline.code, decline_code=card.decline.decline_code)
    return attach_to(call, method, customer["id"])


def detach(call: Call, params: dict[str, Any], *, id: str) -> Obj:
    method = call.get("payment_method", id, param="payment_method")
    customer = method["customer"]
    if customer is None:
        message = "The payment method you provided is not attached to a customer so detachment is impossible."
        raise StripeError(message)
    call.update("payment_method.detached", method, {"customer": None}, spent=True)
    owner = call.get("customer", customer)
    if owner["invoice_settings"]["default_payment_method"] == id:
        settings = owner["invoice_settings"] | {"default_payment_method": None}
        call.update("customer.updated", owner, {"invoice_settings": settings})
    return method


def retrieve(call: Call, params: dict[str, Any], *, id: str) -> Obj:
    return find(call, id, param="payment_method", status=404)


def update(call: Call, params: dict[str, Any], *, id: str) -> Obj:
    method = call.get("payment_method", id, param="payment_method")
    changes = dict(params)
    if "metadata" in changes:
        changes["metadata"] = merged(method["metadata"], changes["metadata"])
    if "billing_details" in changes:
        changes["billing_details"] = billing_details(method["billing_details"], changes["billing_details"])
    if "card" in changes:
        current = {name: str(method["card"][name]) for name in ("exp_month", "exp_year")}
        month, year = _expiry(current | changes["card"], call.now)
        changes["card"] = method["card"] | {"exp_month": month, "exp_year": year}
    return call.update("payment_method.updated", method, changes)


def listing(call: Call, params: dict[str, Any]) -> Obj:
    filters = {name: params.get(name) for name in ("customer", "type", "allow_redisplay")}
    return call.list("payment_method", "/v1/payment_methods", params, **filters)


ENDPOINTS = (
    Endpoint("POST", "/v1/payment_methods", create, DATA, publishable=True),
    Endpoint("GET", "/v1/payment_methods", listing, LIST_OF_CUSTOMER | {"customer": Id()}),
    Endpoint("GET", "/v1/payment_methods/{id}", retrieve),
    Endpoint("POST", "/v1/payment_methods/{id}", update, UPDATE),
    Endpoint("POST", "/v1/payment_methods/{id}/attach", attach, {"customer": Id(required=True)}),
    Endpoint("POST", "/v1/payment_methods/{id}/detach", detach),
)
