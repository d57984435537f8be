"""Subscriptions: begun with a first payment, renewed by themselves, and ended at once or with their period."""

from __future__ import annotations

import calendar
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..call import Call, Endpoint, new_id
from ..errors import CardError, StripeError, no_such
from ..params import LIST, AnyHash, Boolean, Choice, Currency, Hash, Id, Integer, ListOf, Metadata, OffSession, Text
from ..params import merge_metadata as merged
from ..store import Obj
from . import balance, customers, invoices, moves, payment_methods, prices, tax_rates

HOURS_TO_PAY_FIRST = 23
DAYS_BETWEEN_TRIES = (3, 5, 7)
MOST_ITEMS = 20

PAYMENT_SETTINGS = Hash(
    {
        "payment_method_options": AnyHash(),
        "payment_method_types": ListOf(Choice(payment_methods.TYPES), clearable=True),
        "save_default_payment_method": Choice(("off", "on_subscription")),
    }
)
ITEM = {
    "metadata": Metadata(),
    "price": Id(),
    "quantity": Integer(minimum=0),
    "tax_rates": ListOf(Id(), clearable=True),
}
COMMON = {
    "cancel_at": Integer(clearable=True),
    "cancel_at_period_end": Boolean(),
    "collection_method": Choice(("charge_automatically",)),
    "default_payment_method": Id(clearable=True),
    "default_tax_rates": ListOf(Id(), clearable=True),
    "description": Text(max_length=500),
    "metadata": Metadata(),
    "off_session": OffSession(),
    "payment_settings": PAYMENT_SETTINGS,
}
CREATE = COMMON | {
    "currency": Currency(),
    "customer": Id(required=True),
    "items": ListOf(Hash(ITEM | {"price": Id(required=True)}), required=True),
    "payment_behavior": Choice(("allow_incomplete", "default_incomplete", "error_if_incomplete")),
    "proration_behavior": Choice(("create_prorations", "none")),
}
CANCELLATION = Hash(
    {
        "comment": Text(),
        "feedback": Choice(
            (
                "customer_service",
                "low_quality",
                "missing_features",
                "other",
                "switched_service",
                "too_complex",
                "too_expensive",
                "unused",
            ),
            clearable=True,
        ),
    }
)
UPDATE = COMMON | {
    "cancellation_details": CANCELLATION,
    "items": ListOf(Hash(ITEM | {"id": Id(), "deleted": Boolean()})),
    "proration_behavior": Choice(("none",)),
}
CANCEL = {"cancellation_details": CANCELLATION, "invoice_now": Boolean(), "prorate": Boolean()}

STATUSES = ("active", "canceled", "incomplete", "incomplete_expired", "past_due", "paused", "trialing", "unpaid")
ENDED = ["canceled", "incomplete_expired"]
LIVE = [status for status in STATUSES if status != "canceled"]


@dataclass(frozen=True)
class Due:
    """What a subscription waits for."""

    at: int
    what: str


def create(call: Call, params: dict[str, Any]) -> Obj:
    customer = customers.existing(call, params["customer"], param="customer", status=400)
    id = new_id("sub")
    items = [_item(call, id, given) for given in params["items"]]
    currency = _check_together(items, params.get("currency"))
    if params.get("default_payment_method"):
        payment_methods.saved_for(call, params["default_payment_method"], customer["id"], status=400)
    behaviour = params.get("payment_behavior", "allow_incomplete")
    settings = params.get("payment_settings", {})
    subscription: Obj = {
        "id": id,
        "object": "subscription",
        "application": None,
        "application_fee_percent": None,
        "automatic_tax": {"disabled_reason": None, "enabled": False, "liability": None},
        "billing_cycle_anchor": call.now,
        "billing_cycle_anchor_config": None,
        "billing_mode": {"flexible": None, "type": "classic"},
        "billing_schedules": [],
        "billing_thresholds": None,
        "cancel_at": None,
        "cancel_at_period_end": False,
        "canceled_at": None,
        "cancellation_details": {"comment": None, "feedback": None, "reason": None},
        "collection_method": "charge_automatically",
        "created": call.now,
        "currency": currency,
        "customer": customer["id"],
        "customer_account": None,
        "days_until_due": None,
        "default_payment_method": params.get("default_payment_method"),
        "default_source": None,
        "default_tax_rates": tax_rates.given(call, params.get("default_tax_rates"), param="default_tax_rates"),
        "description": params.get("description"),
        "discounts": [],
        "ended_at": None,
        "invoice_settings": {"account_tax_ids": None, "issuer": {"type": "self"}},
        "items": {
            "object": "list",
            "data": items,
            "has_more": False,
            "url": f"/v1/subscription_items?subscription={id}",
        },
        "latest_invoice": None,
        "livemode": False,
        "metadata": merged({}, params.get("metadata")),
        "next_pending_invoice_item_invoice": None,
        "on_behalf_of": None,
        "pause_collection": None,
        "payment_settings": {
            "payment_method_options": settings.get("payment_method_options"),
            "payment_method_types": settings.get("payment_method_types"),
            "save_default_payment_method": settings.get("save_default_payment_method", "off"),
        },
        "pending_invoice_item_interval": None,
        "pending_setup_intent": None,
        "pending_update": None,
        "schedule": None,
        "start_date": call.now,
        "status": "incomplete",
        "test_clock": None,
        "transfer_data": None,
        "trial_end": None,
        "trial_settings": {"end_behavior": {"missing_payment_method": "create_invoice"}},
        "trial_start": None,
    }
    call.create(None, subscription)
    subscription |= _ends(subscription, params)
    method = invoices.method_of(call, subscription)
    if method is None and behaviour != "default_incomplete" and _costs(items):
        raise StripeError(invoices.NO_METHOD, code="resource_missing")
    call.store.save(subscription)
    call.emit("customer.subscription.created", subscription)
    invoice = _bill(call, subscription, "subscription_create")
    if invoice["status"] == "open" and behaviour != "default_incomplete":
        _pay_first(call, invoice, method, behaviour, off_session=bool(params.get("off_session")))
    return call.get("subscription", id)


def _item(call: Call, subscription: str, given: Mapping[str, Any]) -> Obj:
    price = call.get("price", given["price"], param="items[0][price]", status=400)
    if not price["active"]:
        raise StripeError(f"The price specified is inactive: {price['id']}", param="items[0][price]")
    if price["recurring"] is None:
        message = "The price specified is set to `type=one_time` but this field only accepts prices that recur."
        raise StripeError(message, param="items[0][price]")
    rates = tax_rates.given(call, given.get("tax_rates"), param="items[0][tax_rates]")
    return {
        "id": new_id("si", 14),
        "object": "subscription_item",
        "billing_thresholds": None,
        "created": call.now,
        "current_period_end": period_end(call.now, call.now, price),
        "current_period_start": call.now,
        "discounts": [],
        "metadata": merged({}, given.get("metadata")),
        "plan": prices.plan(price),
        "price": price,
        "quantity": given.get("quantity", 1),
        "subscription": subscription,
        "tax_rates": rates,
    }


def _check_together(items: list[Obj], currency: str | None) -> str:
    """All items have one currency and one interval. The currency."""
    if not 1 <= len(items) <= MOST_ITEMS:
        raise StripeError(f"A subscription has between 1 and {MOST_ITEMS} items.", param="items")
    asked: set[str] = {item["price"]["currency"] for item in items} | ({currency} if currency else set())
    if len(asked) > 1:
        raise StripeError("All prices of a subscription must have the same currency.", param="items")
    every = {(item["price"]["recurring"]["interval"], item["price"]["recurring"]["interval_count"]) for item in items}
    if len(every) > 1:
        raise StripeError("All prices of a subscription must have the same interval.", param="items")
    return asked.pop()


def _costs(items: list[Obj]) -> bool:
    return any(item["price"]["unit_amount"] * item["quantity"] for item in items)


def period_end(start: int, anchor: int, price: Obj) -> int:
    """One period after `start`; months keep the day of the anchor, or the last day of a shorter month."""
    interval, count = price["recurring"]["interval"], price["recurring"]["interval_count"]
    if interval in ("day", "week"):
        days: int = count * (7 if interval == "week" else 1)
        return start + days * balance.DAY
    began, anchored = time.gmtime(start), time.gmtime(anchor)
    months = began.tm_year * 12 + began.tm_mon - 1 + count * (12 if interval == "year" else 1)
    year, month = divmod(months, 12)
    day = min(anchored.tm_mday, calendar.monthrange(year, month + 1)[1])
    return calendar.timegm((year, month + 1, day, began.tm_hour, began.tm_min, began.tm_sec))


def _bill(call: Call, subscription: Obj, reason: str) -> Obj:
    """The invoice of the current period, open or (for nothing) paid."""
    call.store.save(subscription)
    invoice = invoices.issue(call, subscription, reason=reason)
    # An invoice over nothing was paid at once, and has changed the subscription.
    subscription.update(call.get("subscription", subscription["id"]))
    call.update(None, subscription, {"latest_invoice": invoice["id"]})
    return invoice


def _pay_first(call: Call, invoice: Obj, method: str | None, behaviour: str, *, off_session: bool) -> None:
    try:
        after = invoices.attempt(call, invoice, method, off_session=off_session)
    except CardError as error:
        if behaviour == "error_if_incomplete":
            refusal = StripeError(str(error), status=402, type="card_error")
            refusal.details = error.details
            raise refusal from error
        return
    if after["status"] != "paid" and behaviour == "error_if_incomplete":
        message = "The payment for this subscription requires additional user action before it can be completed."
        raise StripeError(message, status=402, type="card_error", code="subscription_payment_intent_requires_action")


def when_invoice_changes(call: Call, invoice: Obj) -> None:
    """A subscription follows its invoices: paid makes it active, and a failed renewal past due."""
    id = invoice["parent"]["subscription_details"]["subscription"]
    subscription = call.find(id)
    if subscription is None or subscription["status"] in ENDED:
        return
    if invoice["status"] == "paid":
        _when_paid(call, subscription, invoice)
    elif subscription["status"] != "incomplete":
        _when_failed(call, subscription, invoice)


invoices.LISTENERS.append(when_invoice_changes)


def _when_paid(call: Call, subscription: Obj, invoice: Obj) -> None:
    changes: dict[str, Any] = {}
    # Before the first bill is noted as the latest, there is none.
    if subscription["latest_invoice"] in (None, invoice["id"]):
        changes["status"] = "active"
    intent = invoices.intent_of(call, invoice)
    keeps = subscription["payment_settings"]["save_default_payment_method"] == "on_subscription"
    if keeps and intent is not None and intent["payment_method"]:
        changes["default_payment_method"] = intent["payment_method"]
    call.update("customer.subscription.updated", subscription, changes)


def _when_failed(call: Call, subscription: Obj, invoice: Obj) -> None:
    tries = invoice["attempt_count"]
    if tries <= len(DAYS_BETWEEN_TRIES):
        invoices.plan_retry(call, invoice, DAYS_BETWEEN_TRIES[tries - 1])
        call.update("customer.subscription.updated", subscription, {"status": "past_due"})
        return
    invoices.plan_retry(call, invoice, None)
    if call.config.after_retries == "cancel":
        _end(call, subscription, "payment_failed")
    elif call.config.after_retries == "unpaid":
        call.update("customer.subscription.updated", subscription, {"status": "unpaid"})


def retrieve(call: Call, params: dict[str, Any], *, id: str) -> Obj:
    return call.get("subscription", id)


def update(call: Call, params: dict[str, Any], *, id: str) -> Obj:
    subscription = call.get("subscription", id)
    if subscription["status"] in ENDED and set(params) - {"metadata", "cancellation_details"}:
        message = "A canceled subscription can only update its cancellation_details and metadata."
        raise StripeError(message)
    changes: dict[str, Any] = _ends(subscription, params) | _canceled(call, subscription, params)
    if params.get("default_payment_method"):
        payment_methods.saved_for(call, params["default_payment_method"], subscription["customer"], status=400)
    for name in ("default_payment_method", "description"):
        if name in params:
            changes[name] = params[name]
    if "metadata" in params:
        changes["metadata"] = merged(subscription["metadata"], params["metadata"])
    if "default_tax_rates" in params:
        changes["default_tax_rates"] = tax_rates.given(call, params["default_tax_rates"], param="default_tax_rates")
    for name in ("payment_settings", "cancellation_details"):
        if name in params:
            changes[name] = subscription[name] | params[name]
    if "items" in params:
        if params.get("proration_behavior") != "none":
            message = (
                "The stand-in does not prorate: change items with `proration_behavior` none, from the next period."
            )
            raise StripeError(message, param="proration_behavior")
        changes["items"] = subscription["items"] | {"data": _changed_items(call, subscription, params["items"])}
    return call.update("customer.subscription.updated", subscription, changes)


def _ends(subscription: Obj, params: Mapping[str, Any]) -> dict[str, Any]:
    """The fields that say when it will end."""
    end = subscription["items"]["data"][0]["current_period_end"]
    if "cancel_at_period_end" in params and "cancel_at" in params:
        raise StripeError("You may only specify one of: cancel_at, cancel_at_period_end.", param="cancel_at")
    if "cancel_at_period_end" in params:
        wanted = params["cancel_at_period_end"]
        return {"cancel_at_period_end": wanted, "cancel_at": end if wanted else None}
    if "cancel_at" in params:
        return {"cancel_at_period_end": False, "cancel_at": params["cancel_at"]}
    return {}


def _canceled(call: Call, subscription: Obj, params: Mapping[str, Any]) -> dict[str, Any]:
    """When the wish to end it was made, or taken back."""
    if not params.keys() & {"cancel_at", "cancel_at_period_end"}:
        return {}
    wanted = params.get("cancel_at_period_end") or params.get("cancel_at")
    reason = "cancellation_requested" if wanted else None
    details = subscription["cancellation_details"] | {"reason": reason}
    return {"canceled_at": call.now if wanted else None, "cancellation_details": details}


def _changed_items(call: Call, subscription: Obj, given: list[dict[str, Any]]) -> list[Obj]:
    items = {item["id"]: item for item in subscription["items"]["data"]}
    first = next(iter(items.values()))
    for change in given:
        id = change.get("id")
        if id is not None and id not in items:
            raise no_such("subscription item", id, param="items[0][id]", status=400)
        if id is not None and change.get("deleted"):
            del items[id]
            continue
        current = items.get(id or "", {})
        price = change.get("price") or current.get("price", {}).get("id")
        fresh = _item(call, subscription["id"], {"quantity": current.get("quantity", 1), **change, "price": price})
        kept = {name: first[name] for name in ("current_period_start", "current_period_end")}
        item = fresh | kept | ({"id": id} if id else {})
        items[item["id"]] = item
    _check_together(list(items.values()), subscription["currency"])
    return list(items.values())


def cancel(call: Call, params: dict[str, Any], *, id: str) -> Obj:
    subscription = call.get("subscription", id)
    if subscription["status"] in ENDED:
        raise no_such("subscription", id, param="id")
    details = subscription["cancellation_details"] | params.get("cancellation_details", {})
    call.update(None, subscription, {"cancellation_details": details})
    return _end(call, subscription, "cancellation_requested")


def _end(call: Call, subscription: Obj, reason: str) -> Obj:
    """It is over now. What is unpaid stays so, and is not tried again; a first payment is not waited for."""
    if subscription["status"] == "incomplete":
        return _expire(call, subscription)
    changes = {
        "status": "canceled",
        "canceled_at": subscription["canceled_at"] or call.now,
        "cancellation_details": subscription["cancellation_details"] | {"reason": reason},
        "ended_at": call.now,
    }
    call.update(None, subscription, changes)
    for invoice in _open_invoices(call, subscription):
        invoices.plan_retry(call, invoice, None)
    call.emit("customer.subscription.deleted", subscription)
    return subscription


def _expire(call: Call, subscription: Obj) -> Obj:
    """The first payment never came."""
    for invoice in _open_invoices(call, subscription):
        invoices.give_up(call, invoice, "void")
    changes = {"status": "incomplete_expired", "ended_at": call.now, "canceled_at": call.now}
    return call.update("customer.subscription.updated", subscription, changes)


def _open_invoices(call: Call, subscription: Obj) -> list[Obj]:
    where = {invoices.SUBSCRIPTION: subscription["id"], "status": "open"}
    return call.store.find("invoice", account=call.account, where=where)


def end_all(call: Call, customer: str) -> None:
    """A customer was deleted."""
    for subscription in call.store.find("subscription", where={"customer": customer}):
        if subscription["status"] not in ENDED:
            _end(call, subscription, "cancellation_requested")


customers.WHEN_DELETED.append(end_all)


# What happens by itself


def waits_for(call: Call, subscription: Obj) -> Due | None:
    """The next that will happen to the subscription by itself."""
    status = subscription["status"]
    if status == "incomplete":
        return Due(subscription["created"] + HOURS_TO_PAY_FIRST * 3600, "expire")
    if status not in moves.RENEWABLE:
        return None
    end = subscription["items"]["data"][0]["current_period_end"]
    coming = [Due(end, "end" if subscription["cancel_at_period_end"] else "renew")]
    if subscription["cancel_at"] is not None and not subscription["cancel_at_period_end"]:
        coming.append(Due(subscription["cancel_at"], "end"))
    tries = [invoice["next_payment_attempt"] for invoice in _open_invoices(call, subscription)]
    coming += [Due(at, "retry") for at in tries if at is not None]
    return min(coming, key=lambda due: due.at)


def advance(call: Call, id: str, what: str | None = None) -> Obj:
    """What the subscription waits for happens now. `what` skips a retry to get to the renewal or the end."""
    subscription = call.get("subscription", id)
    due = waits_for(call, subscription)
    if due is None:
        raise StripeError(f"A subscription with a status of {subscription['status']} waits for nothing.")
    happens = what or due.what
    if happens == "renew":
        items = [item | {"current_period_end": call.now} for item in subscription["items"]["data"]]
        moved = {"billing_cycle_anchor": call.now, "items": subscription["items"] | {"data": items}}
        call.update(None, subscription, moved)
    return _happen(call, subscription, happens)


def _happen(call: Call, subscription: Obj, what: str) -> Obj:
    if what == "expire":
        _expire(call, subscription)
    elif what == "end":
        _end(call, subscription, subscription["cancellation_details"]["reason"] or "cancellation_requested")
    elif what == "retry":
        _retry(call, subscription)
    else:
        _renew(call, subscription)
    return call.get("subscription", subscription["id"])


def _renew(call: Call, subscription: Obj) -> None:
    anchor = subscription["billing_cycle_anchor"]
    items = [
        item
        | {
            "current_period_start": item["current_period_end"],
            "current_period_end": period_end(item["current_period_end"], anchor, item["price"]),
        }
        for item in subscription["items"]["data"]
    ]
    call.update("customer.subscription.updated", subscription, {"items": subscription["items"] | {"data": items}})
    invoice = _bill(call, subscription, "subscription_cycle")
    if invoice["status"] == "open":
        invoices.try_again(call, invoice, invoices.method_of(call, subscription))


def _retry(call: Call, subscription: Obj) -> None:
    for invoice in _open_invoices(call, subscription):
        if invoice["next_payment_attempt"] is not None:
            invoices.try_again(call, invoice, invoices.method_of(call, subscription))


def move_due(call: Call) -> None:
    """Let happen what is due, to every subscription of every account."""
    for subscription in call.store.find("subscription", where={"status": ["incomplete", *moves.RENEWABLE]}):
        there = call.on(call.store.owner(subscription["id"]))
        due = waits_for(there, subscription)
        if due is not None and due.at <= call.now:
            _happen(there, subscription, due.what)


def listing(call: Call, params: dict[str, Any]) -> Obj:
    asked = params.get("status")
    status = {None: LIVE, "all": None, "ended": ENDED}.get(asked, asked)
    filters = {"customer": params.get("customer"), "status": status}
    if "price" in params:
        holding = call.store.find("subscription", account=call.account)
        filters["id"] = [
            one["id"] for one in holding if any(item["price"]["id"] == params["price"] for item in one["items"]["data"])
        ]
    return call.list("subscription", "/v1/subscriptions", params, **filters)


def items(call: Call, params: dict[str, Any]) -> Obj:
    shown: Obj = call.get("subscription", params["subscription"], param="subscription", status=400)["items"]
    return shown


def of_customer(call: Call, customer: Obj) -> Obj:
    url = f"/v1/customers/{customer['id']}/subscriptions"
    return call.list("subscription", url, {}, customer=customer["id"], status=LIVE)


ENDPOINTS = (
    Endpoint("POST", "/v1/subscriptions", create, CREATE),
    Endpoint(
        "GET",
        "/v1/subscriptions",
        listing,
        LIST | {"customer": Id(), "price": Id(), "status": Choice((*STATUSES, "all", "ended"))},
    ),
    Endpoint("GET", "/v1/subscriptions/{id}", retrieve),
    Endpoint("POST", "/v1/subscriptions/{id}", update, UPDATE),
    Endpoint("DELETE", "/v1/subscriptions/{id}", cancel, CANCEL),
    Endpoint("GET", "/v1/subscription_items", items, LIST | {"subscription": Id(required=True)}),
)
