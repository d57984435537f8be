"""What orders, authorisations, captures and refunds are, and which move is possible in which status."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from . import money
from .errors import invalid, not_found, unprocessable
from .store import Obj, Store, new_id, now

INTENTS = ("CAPTURE", "AUTHORIZE")
FUNDINGS = ("balance", "declined_card", "echeck")
FEE = Decimal("0.0349")
LONGEST_LISTING = timedelta(days=31)
TIME_TO_ANSWER = timedelta(days=10)
MARKS = {"custom_id": "custom_field", "invoice_id": "invoice_id"}
CHARGED = ("COMPLETED", "PARTIALLY_REFUNDED", "REFUNDED")
PAYER: dict[str, Any] = {
    "email_address": "buyer@example.com",
    "payer_id": "QYR5Z8XDVJNXQ",
    "name": {"given_name": "Bea", "surname": "Buyer"},
}


@dataclass
class Moves:
    """One call's work on the store. `address` is where browsers and the API reach us."""

    store: Store
    address: str

    # --- Orders -----------------------------------------------------------------------------------

    def create_order(self, given: Obj) -> Obj:
        if given.get("intent") not in INTENTS:
            raise invalid("INVALID_PARAMETER_VALUE", "The value of a field is invalid.", field="/intent")
        units = given.get("purchase_units")
        if not isinstance(units, list) or len(units) != 1:
            raise invalid("INVALID_ARRAY_MAX_ITEMS", "The stand-in takes one unit.", field="/purchase_units")
        unit = units[0]
        amount = money.parsed(unit.get("amount"), field="/purchase_units/@reference_id=='default'/amount")
        for name, longest in (("custom_id", 255), ("invoice_id", 127), ("description", 127)):
            if len(unit.get(name, "")) > longest:
                raise invalid("INVALID_STRING_LENGTH", "The value is too long.", field=f"/purchase_units/0/{name}")
        context = ((given.get("payment_source") or {}).get("paypal") or {}).get("experience_context") or {}
        if not {"return_url", "cancel_url"} <= context.keys():
            raise invalid("MISSING_REQUIRED_PARAMETER", "A required parameter is missing.", field="/payment_source")
        kept = {name: unit[name] for name in ("custom_id", "invoice_id", "description") if unit.get(name)}
        return self.store.insert(
            "order",
            {
                "id": new_id(),
                "intent": given["intent"],
                "status": "PAYER_ACTION_REQUIRED",
                "payment_source": {"paypal": {}},
                "purchase_units": [{"reference_id": "default", "amount": amount, **kept}],
                "create_time": now(),
                "_context": context,
            },
        )

    def order(self, id: str) -> Obj:
        return self._get("order", id)

    def approve(self, id: str, funding: str) -> Obj:
        """The buyer agrees on PayPal's page, paying by `funding`."""
        order = self.order(id)
        if order["status"] not in {"PAYER_ACTION_REQUIRED", "APPROVED"}:
            raise unprocessable("ORDER_COMPLETED_OR_VOIDED", "Order is voided or completed.")
        order |= {"status": "APPROVED", "payer": PAYER, "_funding": funding}
        order["payment_source"] = {"paypal": {"email_address": PAYER["email_address"], "account_id": PAYER["payer_id"]}}
        self.store.save(order)
        self.emit("CHECKOUT.ORDER.APPROVED", "checkout-order", self.shown_order(order))
        return order

    def capture_order(self, id: str, given: Obj) -> Obj:
        order = self._approved(id, "CAPTURE", "ORDER_ALREADY_CAPTURED")
        self._capture(order, money.number(order["purchase_units"][0]["amount"]), order["_funding"])
        order["status"] = "COMPLETED"
        return self.store.save(order)

    def authorise_order(self, id: str, given: Obj) -> Obj:
        order = self._approved(id, "AUTHORIZE", "ORDER_ALREADY_AUTHORIZED")
        unit = order["purchase_units"][0]
        authorisation = self.store.insert("authorization", self._of(order, unit["amount"], "CREATED"))
        self.emit("PAYMENT.AUTHORIZATION.CREATED", "authorization", self.shown(authorisation))
        order["status"] = "COMPLETED"
        return self.store.save(order)

    def _approved(self, id: str, intent: str, already: str) -> Obj:
        order = self.order(id)
        if order["intent"] != intent:
            raise unprocessable("ACTION_DOES_NOT_MATCH_INTENT", f"The order was created with intent {order['intent']}.")
        if order["status"] == "COMPLETED":
            raise unprocessable(already, "Order already captured or authorized.")
        if order["status"] != "APPROVED":
            raise unprocessable("ORDER_NOT_APPROVED", "Payer has not yet approved the Order for payment.")
        if order["_funding"] == "declined_card":
            self.store.save(order | {"status": "PAYER_ACTION_REQUIRED"})
            raise unprocessable(
                "INSTRUMENT_DECLINED",
                "The instrument presented was either declined by the processor or bank, or it can't be used.",
                keeps_changes=True,
            )
        return order

    # --- Authorisations and captures --------------------------------------------------------------

    def authorisation(self, id: str) -> Obj:
        return self._get("authorization", id)

    def capture_authorisation(self, id: str, given: Obj) -> Obj:
        authorisation = self.authorisation(id)
        if authorisation["status"] == "VOIDED":
            raise unprocessable("AUTHORIZATION_VOIDED", "A voided authorization cannot be captured.")
        if authorisation["status"] not in {"CREATED", "PARTIALLY_CAPTURED"}:
            raise unprocessable("AUTHORIZATION_ALREADY_CAPTURED", "Authorization has been previously captured.")
        whole = money.number(authorisation["amount"])
        wanted = money.number(money.parsed(given["amount"], field="/amount")) if "amount" in given else whole
        if wanted + self._captured(authorisation["_order"]) > whole:
            raise unprocessable("MAX_CAPTURE_AMOUNT_EXCEEDED", "Capture amount exceeds allowable limit.")
        capture = self._capture(self.order(authorisation["_order"]), wanted, "balance", authorisation=id)
        is_last = given.get("final_capture", False) or self._captured(authorisation["_order"]) == whole
        authorisation["status"] = "CAPTURED" if is_last else "PARTIALLY_CAPTURED"
        self.store.save(authorisation)
        return capture

    def void(self, id: str, given: Obj) -> Obj:
        authorisation = self.authorisation(id)
        if authorisation["status"] == "VOIDED":
            raise unprocessable("PREVIOUSLY_VOIDED", "Authorization has been previously voided.")
        if authorisation["status"] != "CREATED":
            raise unprocessable("PREVIOUSLY_CAPTURED", "Authorization has been previously captured.")
        self.store.save(authorisation | {"status": "VOIDED"})
        self.emit("PAYMENT.AUTHORIZATION.VOIDED", "authorization", self.shown(authorisation | {"status": "VOIDED"}))
        return authorisation | {"status": "VOIDED"}

    def capture(self, id: str) -> Obj:
        return self._get("capture", id)

    def settle_capture(self, id: str, outcome: str) -> Obj:
        """The bank answers a capture that was pending."""
        capture = self.capture(id)
        if capture["status"] != "PENDING":
            raise unprocessable("INVALID_STATE", f"The capture is {capture['status']}.")
        capture = self.store.save(capture | {"status": "COMPLETED" if outcome == "completed" else "DECLINED"})
        if outcome == "completed":
            self._book("T0006", capture, fee=True)
        self.emit(f"PAYMENT.CAPTURE.{capture['status']}", "capture", self.shown(capture))
        return capture

    def _capture(self, order: Obj, value: Decimal, funding: str, **about: str) -> Obj:
        unit = order["purchase_units"][0]
        invoice = unit.get("invoice_id")
        if invoice and not self.store.take_invoice(invoice):
            raise unprocessable("DUPLICATE_INVOICE_ID", "Duplicate Invoice ID detected.")
        amount = money.of(value, unit["amount"]["currency_code"])
        status = "PENDING" if funding == "echeck" else "COMPLETED"
        capture = self._of(order, amount, status) | {"final_capture": True, **about}
        if status == "PENDING":
            capture["status_details"] = {"reason": "ECHECK"}
        self.store.insert("capture", capture)
        if status == "COMPLETED":
            self._book("T0006", capture, fee=True)
        self.emit(f"PAYMENT.CAPTURE.{status}", "capture", self.shown(capture))
        return capture

    def _captured(self, order: str) -> Decimal:
        return sum(
            (
                money.number(one["amount"])
                for one in self.store.find("capture", order=order)
                if one["status"] in CHARGED
            ),
            Decimal(0),
        )

    # --- Refunds ----------------------------------------------------------------------------------

    def refund_capture(self, id: str, given: Obj) -> Obj:
        capture = self.capture(id)
        if capture["status"] == "REFUNDED":
            raise unprocessable("CAPTURE_FULLY_REFUNDED", "The capture has already been fully refunded")
        if capture["status"] not in CHARGED:
            raise unprocessable("CAPTURE_NOT_COMPLETED", f"The capture is {capture['status']}.")
        whole = money.number(capture["amount"])
        sent = sum(
            (
                money.number(one["amount"])
                for one in self.store.find("refund", order=capture["_order"])
                if one["_capture"] == id and one["status"] not in {"FAILED", "CANCELLED"}
            ),
            Decimal(0),
        )
        wanted = money.number(money.parsed(given["amount"], field="/amount")) if "amount" in given else whole - sent
        if "amount" in given and given["amount"]["currency_code"] != capture["amount"]["currency_code"]:
            raise unprocessable("REFUND_CAPTURE_CURRENCY_MISMATCH", "Refund must be in the currency of the capture.")
        if sent + wanted > whole:
            raise unprocessable(
                "REFUND_AMOUNT_EXCEEDED", "The refund amount must be less than or equal to the capture."
            )
        order = self.order(capture["_order"])
        amount = money.of(wanted, capture["amount"]["currency_code"])
        status = "PENDING" if order["_funding"] == "echeck" else "COMPLETED"
        refund = self._of(order, amount, status) | {"_capture": id}
        refund |= {name: given[name] for name in ("custom_id", "invoice_id", "note_to_payer") if given.get(name)}
        self.store.insert("refund", refund)
        if status == "COMPLETED":
            self._book("T1107", refund)
        self.store.save(capture | {"status": "REFUNDED" if sent + wanted == whole else "PARTIALLY_REFUNDED"})
        event = "PAYMENT.CAPTURE.REFUNDED" if status == "COMPLETED" else "PAYMENT.REFUND.PENDING"
        self.emit(event, "refund", self.shown(refund))
        return refund

    def refund(self, id: str) -> Obj:
        return self._get("refund", id)

    def settle_refund(self, id: str, outcome: str) -> Obj:
        refund = self.refund(id)
        refund = self.store.save(refund | {"status": "COMPLETED" if outcome == "completed" else "FAILED"})
        if outcome == "completed":
            self._book("T1107", refund)
        event = "PAYMENT.CAPTURE.REFUNDED" if outcome == "completed" else "PAYMENT.REFUND.FAILED"
        self.emit(event, "refund", self.shown(refund))
        return refund

    # --- Disputes ---------------------------------------------------------------------------------

    def open_dispute(self, capture_id: str, *, is_inquiry: bool = False) -> Obj:
        """The buyer complains. Past the inquiry PayPal takes the money until it has decided."""
        capture = self.capture(capture_id)
        dispute = self.store.insert(
            "dispute",
            {
                "id": f"PP-D-{new_id(6)}",
                "status": "WAITING_FOR_SELLER_RESPONSE",
                "dispute_life_cycle_stage": "INQUIRY" if is_inquiry else "CHARGEBACK",
                "reason": "MERCHANDISE_OR_SERVICE_NOT_RECEIVED",
                "dispute_amount": capture["amount"],
                "disputed_transactions": [
                    {"seller_transaction_id": capture_id, "custom": capture.get("custom_id", "")}
                ],
                "seller_response_due_date": (datetime.now(UTC) + TIME_TO_ANSWER).strftime("%Y-%m-%dT%H:%M:%SZ"),
                "create_time": now(),
                "money_movements": [],
            },
        )
        if not is_inquiry:
            dispute = self._move_disputed(dispute, capture, "DEBIT")
        self.emit("CUSTOMER.DISPUTE.CREATED", "dispute", self.shown_dispute(dispute))
        return self.shown_dispute(dispute)

    def answer_dispute(self, id: str, given: Obj) -> Obj:
        dispute = self.dispute(id)
        if dispute["status"] != "WAITING_FOR_SELLER_RESPONSE":
            raise unprocessable("ACTION_NOT_ALLOWED_IN_CURRENT_DISPUTE_STATE", "The dispute is not waiting for you.")
        if not given.get("evidences"):
            raise invalid("MISSING_REQUIRED_PARAMETER", "A required parameter is missing.", field="/evidences")
        dispute = self.store.save(dispute | {"status": "UNDER_REVIEW", "_evidences": given["evidences"]})
        self.emit("CUSTOMER.DISPUTE.UPDATED", "dispute", self.shown_dispute(dispute))
        return {"links": []}

    def settle_dispute(self, id: str, outcome: str) -> Obj:
        """PayPal decides: RESOLVED_BUYER_FAVOUR, RESOLVED_SELLER_FAVOUR, or the buyer calls it off."""
        dispute = self.dispute(id)
        if dispute["status"] == "RESOLVED":
            raise unprocessable("ACTION_NOT_ALLOWED_IN_CURRENT_DISPUTE_STATE", "The dispute is resolved.")
        capture = self.capture(dispute["disputed_transactions"][0]["seller_transaction_id"])
        is_taken = any(one["type"] == "DEBIT" for one in dispute["money_movements"])
        is_lost = outcome in {"RESOLVED_BUYER_FAVOUR", "ACCEPTED"}
        if is_lost and not is_taken:
            dispute = self._move_disputed(dispute, capture, "DEBIT")
        if not is_lost and is_taken:
            dispute = self._move_disputed(dispute, capture, "CREDIT")
        dispute = self.store.save(dispute | {"status": "RESOLVED", "dispute_outcome": {"outcome_code": outcome}})
        self.emit("CUSTOMER.DISPUTE.RESOLVED", "dispute", self.shown_dispute(dispute))
        return self.shown_dispute(dispute)

    def dispute(self, id: str) -> Obj:
        return self._get("dispute", id)

    def disputes(self, given: Obj) -> Obj:
        """Those about a transaction."""
        about = given.get("disputed_transaction_id")
        found = [
            one
            for one in self.store.find("dispute")
            if one["disputed_transactions"][0]["seller_transaction_id"] == about
        ]
        return {"items": [self.shown_dispute(one) for one in found]}

    def shown_dispute(self, dispute: Obj) -> Obj:
        seen = {name: value for name, value in dispute.items() if not name.startswith("_") and name != "id"}
        return seen | {"dispute_id": dispute["id"]}

    def reverse(self, capture_id: str) -> Obj:
        """A bank, or PayPal itself, takes a payment back without a dispute."""
        capture = self.capture(capture_id)
        reversal = self._of(self.order(capture["_order"]), capture["amount"], "COMPLETED") | {"_capture": capture_id}
        self._book("T1106", reversal)
        self.emit("PAYMENT.CAPTURE.REVERSED", "refund", self.shown(reversal))
        return self.shown(reversal)

    def _move_disputed(self, dispute: Obj, capture: Obj, type: str) -> Obj:
        moved = {
            "affected_party": "SELLER",
            "amount": dispute["dispute_amount"],
            "initiated_time": now(),
            "type": type,
            "reason": "DISPUTE_SETTLEMENT",
        }
        self._book("T1201" if type == "DEBIT" else "T1202", capture | {"id": new_id()}, comes_in=type == "CREDIT")
        return self.store.save(dispute | {"money_movements": [*dispute["money_movements"], moved]})

    # --- Movements of the balance -----------------------------------------------------------------

    def transactions(self, given: Obj) -> Obj:
        """What moved between two moments, in pages."""
        if not {"start_date", "end_date"} <= given.keys():
            raise invalid("MISSING_REQUIRED_PARAMETER", "A required parameter is missing.", field="start_date")
        start, end = (datetime.fromisoformat(given[name]) for name in ("start_date", "end_date"))
        if end - start > LONGEST_LISTING:
            raise invalid("INVALID_REQUEST", "Date range is greater than 31 days")
        size, page = int(given.get("page_size", 100)), int(given.get("page", 1))
        found = [
            moved["transaction_info"]
            for moved in self.store.find("transaction")
            if start <= datetime.fromisoformat(moved["transaction_info"]["transaction_initiation_date"]) <= end
        ]
        shown = [{"transaction_info": info} for info in found[(page - 1) * size : page * size]]
        return {
            "transaction_details": shown,
            "page": page,
            "total_items": len(found),
            "total_pages": -(-len(found) // size),
        }

    def _book(self, code: str, about: Obj, *, fee: bool = False, comes_in: bool = False) -> None:
        """Something moved our balance: a capture comes in less its fee, a refund goes out."""
        value, currency = money.number(about["amount"]), about["amount"]["currency_code"]
        info = {
            "transaction_id": about["id"],
            "transaction_event_code": code,
            "transaction_initiation_date": now(),
            "transaction_updated_date": now(),
            "transaction_amount": money.of(value if fee or comes_in else -value, currency),
            "transaction_status": "S",
        }
        if fee:
            charged = (value * FEE).quantize(Decimal(1) if currency in money.WHOLE_UNITS_ONLY else Decimal("0.01"))
            info["fee_amount"] = money.of(-charged, currency)
        info |= {theirs: about[ours] for ours, theirs in MARKS.items() if ours in about}
        self.store.insert("transaction", {"id": f"TXN-{about['id']}", "transaction_info": info})

    # --- What all share ---------------------------------------------------------------------------

    def _get(self, kind: str, id: str) -> Obj:
        obj = self.store.get(kind, id)
        if obj is None:
            raise not_found(id)
        return obj

    def _of(self, order: Obj, amount: money.Amount, status: str) -> Obj:
        unit = order["purchase_units"][0]
        marks = {name: unit[name] for name in ("custom_id", "invoice_id") if name in unit}
        return {
            "id": new_id(), "status": status, "amount": amount, "create_time": now(), "_order": order["id"], **marks,
        }  # fmt: skip

    def shown(self, obj: Obj) -> Obj:
        """What the API tells of an authorisation, a capture or a refund."""
        seen = {name: value for name, value in obj.items() if not name.startswith("_")}
        if "_capture" in obj:
            href = f"{self.address}/v2/payments/captures/{obj['_capture']}"
            return seen | {"links": [{"href": href, "rel": "up", "method": "GET"}]}
        return seen | {"supplementary_data": {"related_ids": {"order_id": obj["_order"]}}}

    def shown_order(self, order: Obj) -> Obj:
        seen = {name: value for name, value in order.items() if not name.startswith("_")}
        made = {
            plural: [self.shown(one) for one in self.store.find(kind, order=order["id"])]
            for kind, plural in (("authorization", "authorizations"), ("capture", "captures"), ("refund", "refunds"))
        }
        if any(made.values()):
            payments = {kind: found for kind, found in made.items() if found}
            seen["purchase_units"] = [seen["purchase_units"][0] | {"payments": payments}]
        links = [{"href": f"{self.address}/v2/checkout/orders/{order['id']}", "rel": "self", "method": "GET"}]
        if order["status"] in {"PAYER_ACTION_REQUIRED", "CREATED"}:
            page = f"{self.address}/checkoutnow?token={order['id']}"
            links.append({"href": page, "rel": "payer-action", "method": "GET"})
        return seen | {"links": links}

    def emit(self, type: str, about: str, resource: Obj) -> None:
        """Store an event about the resource as it is now, and queue it."""
        event = {
            "id": f"WH-{new_id(17)}-{new_id(17)}",
            "event_version": "1.0",
            "create_time": now(),
            "resource_type": about,
            "resource_version": "2.0",
            "event_type": type,
            "summary": type.replace(".", " ").capitalize(),
            "resource": json.loads(json.dumps(resource)),
        }
        self.store.insert("event", event)
        self.store.add_delivery(str(event["id"]))
