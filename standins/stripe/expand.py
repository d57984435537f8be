"""`expand[]`: put whole objects where ids stand."""

from __future__ import annotations

from collections.abc import Callable

from .call import Call, empty_list
from .errors import InvalidParameter
from .params import Id, ListOf
from .resources import invoices, subscriptions
from .store import Obj

MAXIMUM_DEPTH = 4

PARAM = ListOf(Id())

# Fields that hold the id of another object, by the kind of object they stand in.
REFERENCES: dict[str, set[str]] = {
    "payment_intent": {"application", "customer", "latest_charge", "on_behalf_of", "payment_method", "review"},
    "setup_intent": {"application", "customer", "latest_attempt", "mandate", "on_behalf_of", "payment_method"},
    "charge": {
        "application", "application_fee", "balance_transaction", "customer", "failure_balance_transaction",
        "on_behalf_of", "payment_intent", "review", "source_transfer", "transfer",
    },
    "refund": {
        "balance_transaction", "charge", "failure_balance_transaction", "payment_intent", "source_transfer_reversal",
        "transfer_reversal",
    },
    "transfer": {"balance_transaction", "destination", "destination_payment", "source_transaction"},
    "transfer_reversal": {"balance_transaction", "destination_payment_refund", "source_refund", "transfer"},
    "payout": {"balance_transaction", "destination", "failure_balance_transaction", "original_payout", "reversed_by"},
    "bank_account": {"account", "customer"},
    "dispute": {"charge", "payment_intent"},
    "product": {"default_price", "tax_code"},
    "price": {"product"},
    "plan": {"product"},
    "subscription": {
        "application", "customer", "default_payment_method", "default_source", "discounts", "latest_invoice", "on_behalf_of",
        "pending_setup_intent", "schedule", "test_clock",
    },
    "invoice": {
        "application", "customer", "default_payment_method", "default_source", "discounts", "latest_revision",
        "on_behalf_of",
        "test_clock",
    },
    "invoice.parent.subscription_details": {"subscription"},
    "line_item": {"discounts", "subscription"},
    "subscription_item": {"discounts"},
    "line_item.pricing.price_details": {"price"},
    "invoice_payment": {"invoice"},
    "invoice_payment.payment": {"charge", "payment_intent"},
    "payment_method": {"customer"},
    "balance_transaction": {"source"},
    "customer": {"default_source", "test_clock"},
    "customer.invoice_settings": {"default_payment_method"},
}  # fmt: skip

# Hashes and lists that are always there, and that a path leads through.
THROUGH = {
    ("customer", "invoice_settings"),
    ("invoice", "lines"),
    ("invoice", "parent"),
    ("invoice.parent", "subscription_details"),
    ("invoice_payment", "payment"),
    ("line_item", "pricing"),
    ("line_item.pricing", "price_details"),
    ("subscription", "items"),
    ("subscription_item", "plan"),
    ("subscription_item", "price"),
    ("transfer", "reversals"),
}

# Fields that are only there when they are asked for.
INCLUDABLE: dict[tuple[str, str], Callable[[Call, Obj], Obj | None]] = {
    ("charge", "refunds"): lambda call, charge: call.list(
        "refund", f"/v1/charges/{charge['id']}/refunds", {}, charge=charge["id"]
    ),
    ("customer", "sources"): lambda call, customer: empty_list(f"/v1/customers/{customer['id']}/sources"),
    ("customer", "subscriptions"): subscriptions.of_customer,
    ("price", "currency_options"): lambda call, price: {},
    ("price", "tiers"): lambda call, price: None,
    ("invoice", "confirmation_secret"): invoices.confirmation_secret,
    ("invoice", "payments"): lambda call, invoice: call.list(
        "invoice_payment", "/v1/invoice_payments", {}, invoice=invoice["id"]
    ),
    ("customer", "tax_ids"): lambda call, customer: empty_list(f"/v1/customers/{customer['id']}/tax_ids"),
}


def expand(call: Call, obj: Obj, paths: list[str]) -> Obj:
    for path in paths:
        steps = path.split(".")
        if len(steps) > MAXIMUM_DEPTH:
            message = f"You cannot expand more than {MAXIMUM_DEPTH} levels of a property: {path}"
            raise InvalidParameter(message, param="expand")
        _expand(call, obj, obj.get("object", ""), steps, path)
    return obj


def _expand(call: Call, node: Obj, kind: str, steps: list[str], path: str) -> None:
    if not steps or node.get("deleted"):
        return
    field, rest = steps[0], steps[1:]
    if kind == "list" and field == "data":
        for item in node["data"]:
            _expand(call, item, item["object"], rest, path)
        return
    if (kind, field) in THROUGH:
        inside = node[field]
        if isinstance(inside, dict):
            _expand(call, inside, inside.get("object", f"{kind}.{field}"), rest, path)
        return
    if (kind, field) in INCLUDABLE:
        node.setdefault(field, INCLUDABLE[kind, field](call, node))
    elif field not in REFERENCES.get(kind, ()):
        raise InvalidParameter(f"This property cannot be expanded ({path}).", param="expand")
    value = node.get(field)
    if isinstance(value, str):
        value = node[field] = call.find_anywhere(value) or value
    if isinstance(value, dict):
        _expand(call, value, value.get("object", ""), rest, path)
