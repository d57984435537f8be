"""What payment intents and setup intents have in common: moves, the payment method, and authentication."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ..call import Call
from ..cards import Decline, TestCard
from ..errors import CardError, StripeError
from ..params import Choice, Hash, Id, ListOf, Text, Url
from ..store import Obj
from . import payment_methods

AUTOMATIC_PAYMENT_METHODS = Hash(
    {"enabled": Choice(("true", "false"), required=True), "allow_redirects": Choice(("always", "never"))}
)
PAYMENT_METHOD_TYPES = ListOf(Choice(payment_methods.TYPES))

METHOD_PARAMS = {"payment_method": Id(), "payment_method_data": Hash(payment_methods.DATA)}
CONFIRM_PARAMS = METHOD_PARAMS | {"return_url": Url()}
PUBLISHABLE_PARAMS = {"client_secret": Text(clearable=False)}

FAILED_AUTHENTICATION = (
    "The provided PaymentMethod has failed authentication. You can provide payment_method_data or a new PaymentMethod "
    "to attempt to fulfill this PaymentIntent again."
)
NO_RETURN_URL = (
    "This {name} is configured to accept payment methods enabled in your Dashboard. Because some of these payment "
    "methods might redirect your customer off of your page, you must provide a `return_url`. If you don't want to "
    "accept redirect-based payment methods, set `automatic_payment_methods[enabled]` to `true` and "
    "`automatic_payment_methods[allow_redirects]` to `never` when creating Setup Intents and Payment Intents."
)
NO_METHOD = (
    "You cannot confirm this {name} because it's missing a payment method. You can either update the {name} with a "
    "payment method and then confirm it again, or confirm it again directly with a payment method or ConfirmationToken."
)

NAMES = {"payment_intent": "PaymentIntent", "setup_intent": "SetupIntent"}


def name_of(intent: Obj) -> str:
    return NAMES[intent["object"]]


def refuse(intent: Obj, message: str, *, param: str | None = None) -> StripeError:
    """The intent is in no state for what is asked; the answer carries it."""
    kind = intent["object"]
    error = StripeError(message, code=f"{kind}_unexpected_state", param=param)
    error.details[kind] = dict(intent)
    return error


def require(intent: Obj, allowed: Iterable[str], *, verb: str) -> None:
    """`verb` as in "canceled": the passive of the move."""
    if intent["status"] in allowed:
        return
    name, statuses = name_of(intent), ", ".join(sorted(allowed))
    message = (
        f"This {name} could not be {verb} because it has a status of {intent['status']}. "
        f"Only a {name} with one of the following statuses may be {verb}: {statuses}."
    )
    raise refuse(intent, message)


def methods(params: Mapping[str, Any]) -> dict[str, Any]:
    """The fields that say which payment methods are taken: those of the dashboard unless types are listed."""
    automatic, types = (params.get("automatic_payment_methods"), params.get("payment_method_types"))
    enabled = automatic is not None and automatic["enabled"] == "true"
    if enabled and types is not None:
        message = "You may only specify one of these parameters: automatic_payment_methods, payment_method_types."
        raise StripeError(message, param="automatic_payment_methods")
    if types is not None or (automatic is not None and not enabled):
        return {"automatic_payment_methods": None, "payment_method_types": types or ["card"]}
    redirects = (automatic or {}).get("allow_redirects", "always")
    return {
        "automatic_payment_methods": {"allow_redirects": redirects, "enabled": True},
        "payment_method_types": ["card"],
    }


def given_method(call: Call, params: Mapping[str, Any], customer: str | None) -> Obj | None:
    """The payment method among the parameters, by id or described in place."""
    if "payment_method_data" in params:
        return payment_methods.create(call, dict(params["payment_method_data"]))
    if "payment_method" in params:
        return payment_methods.usable(call, params["payment_method"], param="payment_method", customer=customer)
    return None


def method_to_confirm(call: Call, intent: Obj, params: Mapping[str, Any]) -> Obj:
    method = given_method(call, params, intent["customer"])
    if method is None and intent["payment_method"]:
        id = intent["payment_method"]
        method = payment_methods.usable(call, id, param="payment_method", customer=intent["customer"])
    if method is None:
        raise refuse(intent, NO_METHOD.format(name=name_of(intent)))
    check_type(intent, method)
    return method


def check_type(intent: Obj, method: Obj) -> None:
    taken = set(intent["payment_method_types"])
    if intent["automatic_payment_methods"]:
        taken |= set(payment_methods.TYPES)
    if method["type"] not in taken:
        message = (
            f"The PaymentMethod provided ({method['type']}) is not allowed for this {name_of(intent)}. Please attach "
            f"a PaymentMethod of one of the following types: {', '.join(sorted(taken))}."
        )
        raise StripeError(message, param="payment_method")


def check_return_url(call: Call, intent: Obj, params: Mapping[str, Any]) -> None:
    """Stripe wants to know where to send people back to, unless no payment method could send them away."""
    automatic = intent["automatic_payment_methods"]
    redirects = automatic is not None and automatic["allow_redirects"] != "never"
    if redirects and not call.publishable and "return_url" not in params and not params.get("use_stripe_sdk"):
        raise StripeError(NO_RETURN_URL.format(name=name_of(intent)), param="return_url")


def check_client_secret(call: Call, intent: Obj, params: Mapping[str, Any]) -> None:
    secret = params.get("client_secret")
    if secret is None and not call.publishable:
        return
    if secret != intent["client_secret"]:
        name = name_of(intent)
        message = f"The client_secret provided does not match any associated {name} on this account."
        raise StripeError(message, code=f"{intent['object']}_invalid_parameter", param="client_secret")


def next_action(call: Call, intent: Obj, params: Mapping[str, Any]) -> Obj:
    """A page to send the person to, or a dialog that stripe.js shows."""
    page = f"{call.config.public_url}/authenticate/{intent['id']}?client_secret={intent['client_secret']}"
    return_url = params.get("return_url")
    if return_url and not params.get("use_stripe_sdk"):
        return {"type": "redirect_to_url", "redirect_to_url": {"return_url": return_url, "url": page}}
    sdk = {"type": "three_d_secure_redirect", "stripe_js": page, "source": intent["id"]}
    return {"type": "use_stripe_sdk", "use_stripe_sdk": sdk}


def needs_authentication(call: Call, card: TestCard, method: Obj) -> bool:
    if card.authentication == "until_set_up":
        return not call.store.private(method["id"]).get("set_up")
    return card.authentication == "always"


def card_error(decline: Decline, intent: Obj, method: Obj, charge: str | None = None) -> CardError:
    """What a declined attempt answers: the reason, and the intent and payment method as they now are."""
    extra: dict[str, Any] = {"decline_code": decline.decline_code, "payment_method": method}
    if charge is not None:
        extra["charge"] = charge
    error = CardError(decline.message, code=decline.code, **extra)
    error.details[intent["object"]] = dict(intent)
    return error


def last_error(decline: Decline, method: Obj, charge: str | None = None) -> Obj:
    error: Obj = {
        "code": decline.code,
        "decline_code": decline.decline_code,
        "doc_url": f"https://docs.stripe.com/error-codes/{decline.code.replace('_', '-')}",
        "message": decline.message,
        "payment_method": method,
        "type": "card_error",
    }
    return error | ({"charge": charge} if charge is not None else {})


def failed_authentication(intent: Obj, method: Obj) -> Obj:
    code = f"{intent['object']}_authentication_failure"
    return {
        "code": code,
        "doc_url": f"https://docs.stripe.com/error-codes/{code.replace('_', '-')}",
        "message": FAILED_AUTHENTICATION.replace("PaymentIntent", name_of(intent)),
        "payment_method": method,
        "type": "invalid_request_error",
    }
