"""PayPal, by its documented REST API: Orders v2, Payments v2, Disputes v1, Transaction Search v1 and webhook signatures.

An order is our intent. The person approves it on PayPal's page; until we capture (or authorise) it, nothing is taken,
and PayPal has no call to cancel it. What is captured is told by the order's captures, never by its status alone.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple
from urllib.parse import urlencode

from django.utils import timezone

from core.money import EXPONENTS, Money
from payments.providers.base import PAYMENT_KEY, REFUND_KEY, BalanceTransaction, Intent, ProviderDispute, ProviderRefund
from payments.providers.paypal_calls import Issue, PayPalCalls, refusal_of
from payments.providers.paypal_reading import (
    TAKEN,
    payments_in,
    read_dispute,
    read_movement,
    read_order,
    read_paypal_refund,
)
from payments.rules import ProviderName, evidence_text, step

LISTED_AT_ONCE = timedelta(days=31)
PAGE_SIZE = 500
LISTED_FOR = timedelta(days=3 * 365)


class Pages(NamedTuple):
    """Where PayPal sends the person back to."""

    approved: str
    cancelled: str


class PayPalProvider(PayPalCalls):
    """`pages` tells, for a payment's token, where the person comes back to."""

    approved_elsewhere = True
    knows_customers = False

    def __init__(
        self, *, client_id: str, secret: str, webhook_id: str, api_base: str, live: bool, pages: Callable[[str], Pages]
    ) -> None:
        super().__init__(client_id, secret, api_base)
        self._webhook_id = webhook_id
        self._live = live
        self._pages = pages

    # --- Payments ---------------------------------------------------------------------------------

    def create_intent(
        self,
        *,
        key: str,
        amount: Money,
        customer_id: str,
        manual_capture: bool,
        description: str,
        metadata: Mapping[str, str],
    ) -> Intent:
        token = metadata[PAYMENT_KEY]
        pages = self._pages(token)
        order = {
            "intent": "AUTHORIZE" if manual_capture else "CAPTURE",
            "purchase_units": [
                {
                    "amount": _amount(amount),
                    "custom_id": token,
                    "invoice_id": token,  # PayPal takes an invoice only once
                    "description": description[:127] or "Payment",
                }
            ],
            "payment_source": {
                "paypal": {
                    "experience_context": {
                        "return_url": pages.approved,
                        "cancel_url": pages.cancelled,
                        "user_action": "PAY_NOW",
                        "shipping_preference": "NO_SHIPPING",
                    }
                }
            },
        }
        try:
            return self._read(self._post("/v2/checkout/orders", key, order))
        except Issue as issue:
            raise refusal_of(issue) from issue

    def retrieve_intent(self, intent_id: str) -> Intent:
        return self._read(self._order(intent_id))

    def confirm_intent(self, intent_id: str, *, key: str, payment_method: str) -> Intent:
        """Take (or authorise) what the person approved. What PayPal then refuses is told by the intent's failure."""
        order = self._order(intent_id)
        verb = "authorize" if order["intent"] == "AUTHORIZE" else "capture"
        try:
            self._post(f"/v2/checkout/orders/{intent_id}/{verb}", key, {})
        except Issue as issue:
            return self._read(self._order(intent_id), refusal=issue)
        return self.retrieve_intent(intent_id)

    def capture_intent(self, intent_id: str, *, key: str, amount: Money | None) -> Intent:
        """Take an authorised amount, or part of it: the rest is freed."""
        order = self._order(intent_id)
        for authorisation in payments_in(order, "authorizations"):
            wanted = {"amount": _amount(amount)} if amount else {}
            self._decide(
                f"/v2/payments/authorizations/{authorisation['id']}/capture", key, {**wanted, "final_capture": True}
            )
        return self.retrieve_intent(intent_id)

    def cancel_intent(self, intent_id: str, *, key: str) -> Intent:
        """Free what is authorised. An order that nobody captures takes nothing, and ends by itself."""
        for authorisation in payments_in(self._order(intent_id), "authorizations"):
            self._decide(f"/v2/payments/authorizations/{authorisation['id']}/void", key, {})
        return self.retrieve_intent(intent_id)

    def _order(self, order_id: str) -> dict[str, Any]:
        return self._get(f"/v2/checkout/orders/{order_id}")

    def _read(self, order: Mapping[str, Any], *, refusal: Issue | None = None) -> Intent:
        return read_order(order, live=self._live, refusal=refusal)

    # --- Refunds ----------------------------------------------------------------------------------

    def create_refund(self, *, key: str, intent_id: str, amount: Money, reference: str) -> ProviderRefund:
        capture = next((one for one in payments_in(self._order(intent_id), "captures") if one["status"] in TAKEN), None)
        marks = {REFUND_KEY: reference}
        if capture is None:
            return ProviderRefund("", "failed", amount.minor, amount.currency, intent_id, marks, "Nothing was taken.")
        try:
            refund = self._post(
                f"/v2/payments/captures/{capture['id']}/refund",
                key,
                {"amount": _amount(amount), "custom_id": reference, "invoice_id": key},
            )
        except Issue as issue:
            return ProviderRefund("", "failed", amount.minor, amount.currency, intent_id, marks, issue.description)
        return read_paypal_refund(refund, intent_id)

    def retrieve_refund(self, refund_id: str) -> ProviderRefund:
        return read_paypal_refund(self._get(f"/v2/payments/refunds/{refund_id}"))

    def find_refund(self, intent_id: str, *, reference: str) -> ProviderRefund | None:
        refunds = payments_in(self._order(intent_id), "refunds")
        return next((read_paypal_refund(one, intent_id) for one in refunds if one.get("custom_id") == reference), None)

    # --- Movements --------------------------------------------------------------------------------

    def balance_transactions(self, since: datetime | None) -> list[BalanceTransaction]:
        """PayPal lists what is settled up to three hours later, a month at a time, for three years back."""
        now = timezone.now()
        moved = [
            read_movement(one["transaction_info"])
            for start, end in _months(since or now - LISTED_FOR, now)
            for one in self._listed(start, end)
        ]
        return sorted((one for one in moved if one), key=lambda one: one.created_at)

    def _listed(self, start: datetime, end: datetime) -> Iterator[dict[str, Any]]:
        query = {
            "start_date": _moment(start),
            "end_date": _moment(end),
            "fields": "transaction_info",
            "page_size": str(PAGE_SIZE),
        }
        page, pages = 1, 1
        while page <= pages:
            answer = self._get(f"/v1/reporting/transactions?{urlencode(query | {'page': str(page)})}")
            yield from answer["transaction_details"]
            page, pages = page + 1, answer["total_pages"]

    # --- Disputes ---------------------------------------------------------------------------------

    def retrieve_dispute(self, dispute_id: str) -> ProviderDispute:
        dispute = self._get(f"/v1/customer/disputes/{dispute_id}")
        sold = dispute["disputed_transactions"][0]["seller_transaction_id"]
        return read_dispute(dispute, self.order_of(sold))

    def disputes_about(self, capture_id: str) -> list[str]:
        """Ids of the disputes about what was taken."""
        listed = self._get(f"/v1/customer/disputes?{urlencode({'disputed_transaction_id': capture_id})}")
        return [one["dispute_id"] for one in listed.get("items", [])]

    def order_of(self, capture_id: str) -> str:
        capture = self._get(f"/v2/payments/captures/{capture_id}")
        return str(capture["supplementary_data"]["related_ids"]["order_id"])

    def send_evidence(self, dispute_id: str, *, key: str, evidence: Mapping[str, str]) -> ProviderDispute:
        told = {"evidence_type": "OTHER", "notes": evidence_text(evidence)}
        return self._answer(dispute_id, "provide-evidence", key, {"evidences": [told]})

    def accept_dispute(self, dispute_id: str, *, key: str) -> ProviderDispute:
        return self._answer(dispute_id, "accept-claim", key, {"note": "Accepted."})

    def _answer(self, dispute_id: str, verb: str, key: str, told: Mapping[str, Any]) -> ProviderDispute:
        try:
            self._post(f"/v1/customer/disputes/{dispute_id}/{verb}", key, told)
        except Issue as issue:
            if issue.http_status != 422:  # decided, or answered, meanwhile
                raise refusal_of(issue) from issue
        return self.retrieve_dispute(dispute_id)

    # --- Webhooks ---------------------------------------------------------------------------------

    def signed(self, headers: Mapping[str, str], body: str) -> bool:
        """Did PayPal send this to our webhook? `body` is the event as it came, byte for byte: PayPal signed that."""
        fields = {
            "auth_algo": headers.get("PayPal-Auth-Algo", ""),
            "cert_url": headers.get("PayPal-Cert-Url", ""),
            "transmission_id": headers.get("PayPal-Transmission-Id", ""),
            "transmission_sig": headers.get("PayPal-Transmission-Sig", ""),
            "transmission_time": headers.get("PayPal-Transmission-Time", ""),
        }
        if not all(fields.values()):
            return False
        question = json.dumps(fields | {"webhook_id": self._webhook_id})[:-1] + f', "webhook_event": {body}}}'
        try:
            answer = self._call("POST", "/v1/notifications/verify-webhook-signature", data=question.encode())
        except Issue:
            return False
        return bool(answer.get("verification_status") == "SUCCESS")


def _months(start: datetime, end: datetime) -> Iterator[tuple[datetime, datetime]]:
    while start < end:
        yield start, min(start + LISTED_AT_ONCE, end)
        start += LISTED_AT_ONCE


def _moment(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _amount(money: Money) -> dict[str, str]:
    """As PayPal wants it: without decimals where it takes none, whatever ISO 4217 says."""
    decimals = 0 if step(ProviderName.PAYPAL, money.currency) > 1 else EXPONENTS[money.currency]
    return {"currency_code": money.currency, "value": f"{money.decimal:.{decimals}f}"}
