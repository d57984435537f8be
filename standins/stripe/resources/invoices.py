"""Invoices of subscriptions: issued, paid by a payment intent of their own, or given up."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

from .. import money
from ..call import Call, Endpoint, new_id, token
from ..errors import CardError, StripeError
from ..params import LIST, Boolean, Choice, Hash, Id, Metadata, Text
from ..params import merge_metadata as merged
from ..store import Obj
from . import balance, customers, moves, payment_attempts, payment_intents, payment_methods, tax_rates

STATUSES = ("draft", "open", "paid", "uncollectible", "void")
UPDATE = {"auto_advance": Boolean(), "description": Text(), "metadata": Metadata()}
PAY = {"off_session": Boolean(), "paid_out_of_band": Boolean(), "payment_method": Id()}

# Told of each invoice that was paid, or whose payment failed.
LISTENERS: list[Callable[[Call, Obj], None]] = []

NO_METHOD = (
    "This customer has no attached payment source or default payment method. Please consider adding a default payment "
    "method. For more information, visit https://docs.stripe.com/billing/subscriptions/payment-methods-setting."
)

SUBSCRIPTION = "parent.subscription_details.subscription"
PAID_BY = "payment.payment_intent"
PAYMENT = {"payment_intent": Id(), "type": Choice(("payment_intent", "payment_record"), required=True)}


# What an invoice of ours never has.
NEVER: Obj = dict.fromkeys(
    (
        *("account_tax_ids", "application", "automatically_finalizes_at", "custom_fields", "customer_account"),
        *("default_payment_method", "default_source", "due_date", "footer", "from_invoice", "invoice_pdf"),
        *("last_finalization_error", "latest_revision", "next_payment_attempt", "on_behalf_of", "receipt_number"),
        *("rendering", "shipping_cost", "shipping_details", "statement_descriptor", "test_clock"),
        "webhooks_delivered_at",
    )
)
OF_AUTOMATIC_TAX = ("disabled_reason", "liability", "provider", "status")
OF_CUSTOMER = ("address", "email", "name", "phone", "shipping", "tax_exempt")
MOMENTS = ("finalized_at", "marked_uncollectible_at", "paid_at", "voided_at")


def issue(call: Call, subscription: Obj, *, reason: str) -> Obj:
    """The invoice of the subscription's current period, open at once, with its payment intent."""
    customer = customers.existing(call, subscription["customer"])
    invoice = _draft(call, subscription, customer, reason)
    secret = token(32)
    invoice["hosted_invoice_url"] = f"{call.config.public_url}/i/{invoice['id']}/{secret}"
    call.create("invoice.created", invoice, token=secret)
    following = customer["next_invoice_sequence"] + 1
    call.update(None, customer, {"next_invoice_sequence": following, "currency": invoice["currency"]})
    _finalize(call, invoice, subscription)
    return invoice


def _draft(call: Call, subscription: Obj, customer: Obj, reason: str) -> Obj:
    id = new_id("in")
    lines = [_line(call, id, subscription, item) for item in subscription["items"]["data"]]
    period = lines[0]["period"]
    return {
        **NEVER,
        **_amounts(lines),
        **{f"customer_{name}": customer[name] for name in OF_CUSTOMER},
        "id": id,
        "object": "invoice",
        "account_country": "US",
        "account_name": "Stand-in",
        "attempt_count": 0,
        "attempted": False,
        "auto_advance": True,
        "automatic_tax": {"enabled": False, **dict.fromkeys(OF_AUTOMATIC_TAX)},
        "billing_reason": reason,
        "collection_method": "charge_automatically",
        "created": call.now,
        "currency": subscription["currency"],
        "customer": customer["id"],
        "customer_tax_ids": [],
        "default_tax_rates": subscription["default_tax_rates"],
        "description": subscription["description"],
        "discounts": [],
        "effective_at": call.now,
        "issuer": {"type": "self"},
        "lines": {"object": "list", "data": lines, "has_more": False, "url": f"/v1/invoices/{id}/lines"},
        "livemode": False,
        "metadata": {},
        "number": f"{customer['invoice_prefix']}-{customer['next_invoice_sequence']:04}",
        "parent": {
            "quote_details": None,
            "subscription_details": {"metadata": subscription["metadata"], "subscription": subscription["id"]},
            "type": "subscription_details",
        },
        "payment_settings": {
            "default_mandate": None,
            "payment_method_options": None,
            "payment_method_types": subscription["payment_settings"]["payment_method_types"],
        },
        "period_end": period["start"],
        "period_start": period["start"],
        "status": "draft",
        "status_transitions": dict.fromkeys(MOMENTS),
    }


def _amounts(lines: list[Obj]) -> Obj:
    """What the lines come to, before anything is paid."""
    subtotal = sum(line["amount"] for line in lines)
    taxes = _sum_of_taxes(lines)
    inclusive = sum(tax["amount"] for tax in taxes if tax["tax_behavior"] == "inclusive")
    total = subtotal + sum(tax["amount"] for tax in taxes if tax["tax_behavior"] == "exclusive")
    return {
        "amount_due": total,
        "amount_overpaid": 0,
        "amount_paid": 0,
        "amount_remaining": total,
        "amount_shipping": 0,
        "ending_balance": 0,
        "post_payment_credit_notes_amount": 0,
        "pre_payment_credit_notes_amount": 0,
        "starting_balance": 0,
        "subtotal": subtotal,
        "subtotal_excluding_tax": subtotal - inclusive,
        "total": total,
        "total_discount_amounts": [],
        "total_excluding_tax": subtotal - inclusive,
        "total_pretax_credit_amounts": [],
        "total_taxes": taxes,
    }


def _line(call: Call, invoice: str, subscription: Obj, item: Obj) -> Obj:
    price, quantity = item["price"], item["quantity"]
    amount = price["unit_amount"] * quantity
    rates = item["tax_rates"] or subscription["default_tax_rates"]
    recurring = price["recurring"]
    every = recurring["interval"]
    if recurring["interval_count"] > 1:
        every = f"{recurring['interval_count']} {every}s"
    name = call.get("product", price["product"])["name"]
    each = money.display(price["unit_amount"], price["currency"])
    return {
        "id": new_id("il"),
        "object": "line_item",
        "amount": amount,
        "currency": price["currency"],
        "description": f"{quantity} \N{MULTIPLICATION SIGN} {name} (at {each} / {every})",
        "discount_amounts": [],
        "discountable": True,
        "discounts": [],
        "invoice": invoice,
        "livemode": False,
        "metadata": subscription["metadata"],
        "parent": {
            "invoice_item_details": None,
            "subscription_item_details": {
                "invoice_item": None,
                "proration": False,
                "proration_details": {"credited_items": None},
                "subscription": subscription["id"],
                "subscription_item": item["id"],
            },
            "type": "subscription_item_details",
        },
        "period": {"end": item["current_period_end"], "start": item["current_period_start"]},
        "pretax_credit_amounts": [],
        "pricing": {
            "price_details": {"price": price["id"], "product": price["product"]},
            "type": "price_details",
            "unit_amount_decimal": price["unit_amount_decimal"],
        },
        "quantity": quantity,
        "subscription": subscription["id"],
        "subtotal": amount,
        "taxes": [tax_rates.tax(rate, amount) for rate in rates],
    }


def _sum_of_taxes(lines: list[Obj]) -> list[Obj]:
    """One entry for each rate."""
    by_rate: dict[str, list[Obj]] = defaultdict(list)
    for line in lines:
        for tax in line["taxes"]:
            by_rate[tax["tax_rate_details"]["tax_rate"]].append(tax)
    return [
        taxes[0] | {name: sum(tax[name] for tax in taxes) for name in ("amount", "taxable_amount")}
        for taxes in by_rate.values()
    ]


def _finalize(call: Call, invoice: Obj, subscription: Obj) -> None:
    changes: dict[str, Any] = {"status": "open", "status_transitions": _at(invoice, "finalized_at", call.now)}
    call.update(None, invoice, changes)
    if invoice["amount_due"] == 0:
        call.emit("invoice.finalized", invoice)
        _mark_paid(call, invoice)
        return
    _make_intent(call, invoice, subscription)
    call.emit("invoice.finalized", invoice)


def _at(invoice: Obj, name: str, moment: int) -> Obj:
    return dict(invoice["status_transitions"]) | {name: moment}


def _make_intent(call: Call, invoice: Obj, subscription: Obj) -> None:
    first = invoice["billing_reason"] == "subscription_create"
    method = method_of(call, subscription)
    params = {
        "amount": invoice["amount_due"],
        "currency": invoice["currency"],
        "capture_method": "automatic",
        "customer": invoice["customer"],
        "description": "Subscription creation" if first else "Subscription update",
        "payment_method_types": subscription["payment_settings"]["payment_method_types"] or ["card"],
        "setup_future_usage": "off_session",
    }
    intent = payment_intents.create(call, params | ({"payment_method": method} if method else {}))
    payment: Obj = {
        "id": new_id("inpay"),
        "object": "invoice_payment",
        "amount_paid": None,
        "amount_requested": invoice["amount_due"],
        "created": call.now,
        "currency": invoice["currency"],
        "invoice": invoice["id"],
        "is_default": True,
        "livemode": False,
        "payment": {"payment_intent": intent["id"], "type": "payment_intent"},
        "status": "open",
        "status_transitions": {"canceled_at": None, "paid_at": None},
    }
    call.create(None, payment)
    call.store.save(intent, invoice=invoice["id"])
    call.store.save(invoice, intent=intent["id"], payment=payment["id"])


def method_of(call: Call, subscription: Obj) -> str | None:
    """What the subscription is paid with: its own payment method, or else its customer's."""
    customer = customers.existing(call, subscription["customer"])
    method = subscription["default_payment_method"] or customer["invoice_settings"]["default_payment_method"]
    return str(method) if method else None


def intent_of(call: Call, invoice: Obj) -> Obj | None:
    id = call.store.private(invoice["id"]).get("intent")
    return call.find(id) if id else None


def confirmation_secret(call: Call, invoice: Obj) -> Obj | None:
    """What a page confirms the payment with, while there is something to pay."""
    intent = intent_of(call, invoice)
    if intent is None or invoice["status"] != "open":
        return None
    return {"client_secret": intent["client_secret"], "type": "payment_intent"}


def attempt(call: Call, invoice: Obj, method: str | None, *, off_session: bool, return_url: str | None = None) -> Obj:
    """Try to pay with the payment method. Raises CardError when it declines; the invoice has noted that then."""
    intent = intent_of(call, invoice)
    if intent is None:
        return invoice
    if method is None:
        raise StripeError(NO_METHOD, code="resource_missing")
    params: dict[str, Any] = {"payment_method": method}
    if off_session:
        params["off_session"] = True
    if return_url:
        params["return_url"] = return_url
    if intent["status"] not in moves.PAYMENT_INTENT["confirm"]:
        raise StripeError(f"The payment of this invoice has a status of {intent['status']}.")
    payment_attempts.confirm(call, intent, params)
    return call.get("invoice", invoice["id"])


def when_intent_changes(call: Call, intent: Obj) -> None:
    """An invoice follows its payment."""
    id = call.store.private(intent["id"]).get("invoice")
    invoice = call.find(id) if id else None
    if invoice is None or invoice["status"] not in ("open", "uncollectible"):
        return
    if intent["status"] == "succeeded":
        _mark_paid(call, invoice, intent)
    elif intent["status"] == "requires_action":
        call.update(None, invoice, {"attempted": True})
        call.emit("invoice.payment_action_required", invoice)
        # Nobody sits before a renewal, so there it counts as failed.
        if invoice["billing_reason"] != "subscription_create":
            _note_failure(call, invoice)
    elif intent["status"] == "requires_payment_method":
        _note_failure(call, invoice)


payment_attempts.LISTENERS.append(when_intent_changes)


def _note_failure(call: Call, invoice: Obj) -> None:
    call.update(None, invoice, {"attempted": True, "attempt_count": invoice["attempt_count"] + 1})
    call.emit("invoice.payment_failed", invoice)
    _tell(call, invoice)


def _tell(call: Call, invoice: Obj) -> None:
    for listener in LISTENERS:
        listener(call, invoice)


def _mark_paid(call: Call, invoice: Obj, intent: Obj | None = None) -> None:
    changes = {
        "amount_paid": invoice["amount_due"] if intent else 0,
        "amount_remaining": 0,
        "attempt_count": invoice["attempt_count"] + (1 if intent else 0),
        "attempted": True,
        "auto_advance": False,
        "next_payment_attempt": None,
        "status": "paid",
        "status_transitions": _at(invoice, "paid_at", call.now),
    }
    payment = call.find(call.store.private(invoice["id"]).get("payment") or "")
    if payment is not None and intent is not None:
        paid = {"amount_paid": invoice["amount_due"], "status": "paid"}
        call.update(None, payment, paid | {"status_transitions": {"canceled_at": None, "paid_at": call.now}})
        call.emit("invoice_payment.paid", payment)
    call.update("invoice.updated", invoice, changes)
    call.emit("invoice.paid", invoice)
    call.emit("invoice.payment_succeeded", invoice)
    _tell(call, invoice)


def plan_retry(call: Call, invoice: Obj, days: int | None) -> None:
    """When it is tried again; None: not any more."""
    due = call.now + days * balance.DAY if days is not None else None
    call.update("invoice.updated", invoice, {"next_payment_attempt": due, "auto_advance": days is not None})


def give_up(call: Call, invoice: Obj, status: str) -> Obj:
    """Void it, or write it off."""
    if invoice["status"] not in moves.INVOICE[status]:
        raise StripeError(f"This invoice can't become {status} because its status is {invoice['status']}.")
    stamp = {"void": "voided_at", "uncollectible": "marked_uncollectible_at"}[status]
    changes = {"status": status, "auto_advance": False, "next_payment_attempt": None}
    if status == "void":
        _cancel_payment(call, invoice, "void_invoice")
        changes["amount_remaining"] = 0
    call.update("invoice.updated", invoice, changes | {"status_transitions": _at(invoice, stamp, call.now)})
    call.emit({"void": "invoice.voided", "uncollectible": "invoice.marked_uncollectible"}[status], invoice)
    return invoice


def _cancel_payment(call: Call, invoice: Obj, reason: str) -> None:
    intent = intent_of(call, invoice)
    if intent is not None and intent["status"] in moves.PAYMENT_INTENT["cancel"]:
        payment_intents.cancel(call, {"cancellation_reason": reason}, id=intent["id"])
    payment = call.find(call.store.private(invoice["id"]).get("payment") or "")
    if payment is not None and payment["status"] == "open":
        stamps = {"canceled_at": call.now, "paid_at": None}
        call.update(None, payment, {"status": "canceled", "status_transitions": stamps})


def retrieve(call: Call, params: dict[str, Any], *, id: str) -> Obj:
    return call.get("invoice", id, param="invoice")


def update(call: Call, params: dict[str, Any], *, id: str) -> Obj:
    invoice = call.get("invoice", id, param="invoice")
    changes = dict(params)
    if "metadata" in changes:
        changes["metadata"] = merged(invoice["metadata"], changes["metadata"])
    return call.update("invoice.updated", invoice, changes)


def pay(call: Call, params: Mapping[str, Any], *, id: str) -> Obj:
    invoice = call.get("invoice", id, param="invoice")
    if invoice["status"] == "paid":
        raise StripeError("Invoice is already paid", code="invoice_already_paid")
    if invoice["status"] not in moves.INVOICE["pay"]:
        raise StripeError(f"This invoice can't be paid because its status is {invoice['status']}.")
    if params.get("paid_out_of_band"):
        _cancel_payment(call, invoice, "abandoned")
        _mark_paid(call, invoice)
        return invoice
    subscription = call.get("subscription", invoice["parent"]["subscription_details"]["subscription"])
    method = params.get("payment_method") or method_of(call, subscription)
    if method:
        payment_methods.usable(call, method, param="payment_method", customer=invoice["customer"])
    return attempt(call, invoice, method, off_session=bool(params.get("off_session", True)))


def void(call: Call, params: dict[str, Any], *, id: str) -> Obj:
    return give_up(call, call.get("invoice", id, param="invoice"), "void")


def mark_uncollectible(call: Call, params: dict[str, Any], *, id: str) -> Obj:
    return give_up(call, call.get("invoice", id, param="invoice"), "uncollectible")


def listing(call: Call, params: dict[str, Any]) -> Obj:
    filters = {name: params.get(name) for name in ("collection_method", "customer", "status")}
    return call.list("invoice", "/v1/invoices", params, **filters, **{SUBSCRIPTION: params.get("subscription")})


def lines(call: Call, params: dict[str, Any], *, id: str) -> Obj:
    shown: Obj = call.get("invoice", id, param="invoice")["lines"]
    return shown


def payments(call: Call, params: dict[str, Any]) -> Obj:
    filters = {name: params.get(name) for name in ("invoice", "status")}
    intent = params.get("payment", {}).get("payment_intent")
    return call.list("invoice_payment", "/v1/invoice_payments", params, **filters, **{PAID_BY: intent})


def retrieve_payment(call: Call, params: dict[str, Any], *, id: str) -> Obj:
    return call.get("invoice_payment", id)


def try_again(call: Call, invoice: Obj, method: str | None) -> None:
    """Try to pay by ourselves. A decline is noted, and is nobody's error."""
    if method is None:
        _note_failure(call, invoice)
        return
    with suppress(CardError):
        attempt(call, invoice, method, off_session=False)


ENDPOINTS = (
    Endpoint(
        "GET",
        "/v1/invoices",
        listing,
        LIST
        | {
            "collection_method": Choice(("charge_automatically", "send_invoice")),
            "customer": Id(),
            "status": Choice(STATUSES),
            "subscription": Id(),
        },
    ),
    Endpoint("GET", "/v1/invoices/{id}", retrieve),
    Endpoint("POST", "/v1/invoices/{id}", update, UPDATE),
    Endpoint("GET", "/v1/invoices/{id}/lines", lines, LIST),
    Endpoint("POST", "/v1/invoices/{id}/pay", pay, PAY),
    Endpoint("POST", "/v1/invoices/{id}/void", void),
    Endpoint("POST", "/v1/invoices/{id}/mark_uncollectible", mark_uncollectible),
    Endpoint(
        "GET",
        "/v1/invoice_payments",
        payments,
        LIST | {"invoice": Id(), "payment": Hash(PAYMENT), "status": Choice(("canceled", "open", "paid"))},
    ),
    Endpoint("GET", "/v1/invoice_payments/{id}", retrieve_payment),
)
