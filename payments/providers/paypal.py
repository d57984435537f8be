"""PayPal, by its documented REST API: Orders v2, Payments v2, Disputes v1, Transaction Search v1 and webhook signatures.

An order is our intent. The person approves it on PayPal's page; until we capture (or authorise) it, nothing is taken,
and PayPal has no call to cancel it. What is captured is told by the order's captures, never by its status alone.
"""

import json
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from threading import Lock
from typing import Any, NamedTuple
from urllib.parse import urlencode

import requests  # noqa: TID251 - this is one of the providers
from django.utils import timezone
from requests.adapters import HTTPAdapter  # noqa: TID251
from urllib3.util import Retry

from core.errors import Unavailable
from core.money import EXPONENTS, Money
from payments.errors import IntentGone, ProviderRefused
from payments.providers.base import (
    APPROVED,
    PAYMENT_KEY,
    REFUND_KEY,
    BalanceTransaction,
    DisputeMove,
    Intent,
    ProviderDispute,
    ProviderRefund,
)
from payments.rules import ProviderName, evidence_text, step

TIMEOUT_SECONDS = 10
RETRIES = Retry(
    total=2,
    backoff_factor=0.3,
    status_forcelist=[429, 500, 502, 503, 504],
    allowed_methods=None,  # POST too: PayPal-Request-Id makes a repeat the same call
    respect_retry_after_header=False,  # a person waits: what is still busy then is told as Unavailable
    raise_on_status=False,
)
TOKEN_MARGIN_SECONDS = 60
OPEN = frozenset({"CREATED", "SAVED", "PAYER_ACTION_REQUIRED"})
TAKEN = frozenset({"COMPLETED", "PARTIALLY_REFUNDED", "REFUNDED"})
REFUND_STATUS = {"COMPLETED": "succeeded", "PENDING": "pending", "FAILED": "failed", "CANCELLED": "failed"}
ALREADY_DECIDED = frozenset(
    {
        "AUTHORIZATION_ALREADY_CAPTURED",
        "AUTHORIZATION_DENIED",
        "AUTHORIZATION_EXPIRED",
        "AUTHORIZATION_VOIDED",
        "PREVIOUSLY_CAPTURED",
        "PREVIOUSLY_VOIDED",
    }
)
BUSY = frozenset({"PREVIOUS_REQUEST_IN_PROGRESS", "DUPLICATE_REQUEST_ID"})  # a twin of this call is being answered
# Transaction event codes: the first that begins a code names the movement in the words that we reconcile by.
MOVEMENTS = {
    "T00": "charge",
    "T1107": "refund",
    "T1106": "adjustment",
    "T12": "adjustment",
    "T01": "paypal_fee",
    "T03": "topup",
    "T04": "payout",
}
# How a dispute that is resolved ended for us; one without a word of it was called off by the buyer.
OUTCOMES = {
    "RESOLVED_BUYER_FAVOUR": "lost",
    "RESOLVED_SELLER_FAVOUR": "won",
    "RESOLVED_WITH_PAYOUT": "won",
    "ACCEPTED": "lost",
    "DENIED": "won",
}
WITHIN_THE_BALANCE = ("T1105", "T1110", "T1111", "T13", "T15", "T21")  # held or freed: nothing comes or goes
LISTED_AT_ONCE = timedelta(days=31)
PAGE_SIZE = 500
LISTED_FOR = timedelta(days=3 * 365)
NOT_TAKEN = {
    "ORDER_NOT_APPROVED": "You have not approved this payment at PayPal yet.",
    "PAYER_ACTION_REQUIRED": "PayPal wants you to confirm this payment once more.",
    "INSTRUMENT_DECLINED": "PayPal could not take the money the way you chose. Choose another way there, or pay by card.",
    "PAYER_CANNOT_PAY": "PayPal does not let this account pay. Pay by card instead.",
    "TRANSACTION_REFUSED": "PayPal did not accept this payment. Pay by card instead.",
}


class Pages(NamedTuple):
    """Where PayPal sends the person back to."""

    approved: str
    cancelled: str


class PayPalProvider:
    """`pages` tells, for a payment's token, where the person comes back to."""

    approved_elsewhere = True
    knows_customers = False

    def __init__(
        self, *, client_id: str, secret: str, webhook_id: str, api_base: str, live: bool, pages: Callable[[str], Pages]
    ) -> None:
        self._credentials = (client_id, secret)
        self._webhook_id = webhook_id
        self._base = api_base.rstrip("/")
        self._live = live
        self._pages = pages
        self._session = requests.Session()
        self._session.mount(self._base, HTTPAdapter(max_retries=RETRIES))
        self._lock = Lock()
        self._token, self._token_ends = "", 0.0

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
        except _Issue as issue:
            raise _refusal(issue) from issue

    def retrieve_intent(self, intent_id: str) -> Intent:
        return self._read(self._order(intent_id))

    def confirm_intent(self, intent_id: str, *, key: str, payment_method: str) -> Intent:
        """Take (or authorise) what the person approved. What PayPal then refuses is told by the intent's failure."""
        order = self._order(intent_id)
        verb = "authorize" if order["intent"] == "AUTHORIZE" else "capture"
        try:
            self._post(f"/v2/checkout/orders/{intent_id}/{verb}", key, {})
        except _Issue as issue:
            return self._read(self._order(intent_id), refusal=issue)
        return self.retrieve_intent(intent_id)

    def capture_intent(self, intent_id: str, *, key: str, amount: Money | None) -> Intent:
        """Take an authorised amount, or part of it: the rest is freed."""
        order = self._order(intent_id)
        for authorisation in _payments(order, "authorizations"):
            wanted = {"amount": _amount(amount)} if amount else {}
            self._decide(
                f"/v2/payments/authorizations/{authorisation['id']}/capture", key, {**wanted, "final_capture": True}
            )
        return self.retrieve_intent(intent_id)

    def cancel_intent(self, intent_id: str, *, key: str) -> Intent:
        """Free what is authorised. An order that nobody captures takes nothing, and ends by itself."""
        for authorisation in _payments(self._order(intent_id), "authorizations"):
            self._decide(f"/v2/payments/authorizations/{authorisation['id']}/void", key, {})
        return self.retrieve_intent(intent_id)

    # --- Refunds ----------------------------------------------------------------------------------

    def create_refund(self, *, key: str, intent_id: str, amount: Money, reference: str) -> ProviderRefund:
        capture = next((one for one in _payments(self._order(intent_id), "captures") if one["status"] in TAKEN), None)
        marks = {REFUND_KEY: reference}
        if capture is None:
            return ProviderRefund("", "failed", amount.minor, amount.currency, intent_id, marks, "Nothing was taken.")
        try:
            refund = self._post(
                f"/v2/payments/captures/{capture['id']}/refund",
                key,
                {"amount": _amount(amount), "custom_id": reference, "invoice_id": key},
            )
        except _Issue as issue:
            return ProviderRefund("", "failed", amount.minor, amount.currency, intent_id, marks, issue.description)
        return read_paypal_refund(refund, intent_id)

    def retrieve_refund(self, refund_id: str) -> ProviderRefund:
        return read_paypal_refund(self._get(f"/v2/payments/refunds/{refund_id}"))

    def find_refund(self, intent_id: str, *, reference: str) -> ProviderRefund | None:
        refunds = _payments(self._order(intent_id), "refunds")
        return next((read_paypal_refund(one, intent_id) for one in refunds if one.get("custom_id") == reference), None)

    # --- Movements --------------------------------------------------------------------------------

    def balance_transactions(self, since: datetime | None) -> list[BalanceTransaction]:
        """PayPal lists what is settled up to three hours later, a month at a time, for three years back."""
        now = timezone.now()
        moved = [
            _movement(one["transaction_info"])
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
        return _dispute(dispute, self.order_of(sold))

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
        except _Issue as issue:
            if issue.http_status != 422:  # decided, or answered, meanwhile
                raise _refusal(issue) from issue
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
        except _Issue:
            return False
        return bool(answer.get("verification_status") == "SUCCESS")

    # --- Calls ------------------------------------------------------------------------------------

    def _order(self, order_id: str) -> dict[str, Any]:
        return self._get(f"/v2/checkout/orders/{order_id}")

    def _get(self, path: str) -> dict[str, Any]:
        try:
            return self._call("GET", path)
        except _Issue as issue:
            if issue.http_status == 404:
                raise IntentGone from issue
            raise _refusal(issue) from issue

    def _post(self, path: str, key: str, body: Mapping[str, Any]) -> dict[str, Any]:
        headers = {"PayPal-Request-Id": key, "Prefer": "return=representation"}
        return self._call("POST", path, data=json.dumps(body).encode(), headers=headers)

    def _decide(self, path: str, key: str, body: Mapping[str, Any]) -> None:
        """A move that may have been made before; how it stands is asked afterwards."""
        try:
            self._post(path, key, body)
        except _Issue as issue:
            if issue.name not in ALREADY_DECIDED:
                raise _refusal(issue) from issue

    def _call(
        self, method: str, path: str, *, data: bytes = b"", headers: Mapping[str, str] | None = None
    ) -> dict[str, Any]:
        """The answer. `_Issue` is a definite no, Unavailable an unknown outcome."""
        response = self._send(method, path, data, headers or {}, self._bearer())
        if response.status_code == 401:  # the token was withdrawn before its time
            response = self._send(method, path, data, headers or {}, self._bearer(fresh=True))
        if response.status_code in {401, 403, 409, 429} or response.status_code >= 500:
            raise _unavailable()
        answer = _json(response)
        if response.status_code < 400:
            return answer
        issue = _Issue(response.status_code, answer)
        raise _unavailable() if issue.name in BUSY else issue

    def _send(self, method: str, path: str, data: bytes, headers: Mapping[str, str], bearer: str) -> requests.Response:
        sent = {"Authorization": f"Bearer {bearer}", "Content-Type": "application/json", **headers}
        return self._request(method, path, data=data, headers=sent)

    def _bearer(self, *, fresh: bool = False) -> str:
        """An access token, kept until shortly before its end."""
        with self._lock:
            if fresh or time.monotonic() > self._token_ends:
                response = self._request(
                    "POST", "/v1/oauth2/token", data={"grant_type": "client_credentials"}, auth=self._credentials
                )
                if response.status_code != 200:
                    raise _unavailable()
                answer = _json(response)
                self._token = str(answer["access_token"])
                self._token_ends = time.monotonic() + int(answer["expires_in"]) - TOKEN_MARGIN_SECONDS
            return self._token

    def _request(self, method: str, path: str, **options: Any) -> requests.Response:
        try:
            return self._session.request(
                method, self._base + path, timeout=TIMEOUT_SECONDS, allow_redirects=False, **options
            )
        except requests.RequestException as error:
            raise _unavailable() from error

    # --- Reading ----------------------------------------------------------------------------------

    def _read(self, order: Mapping[str, Any], *, refusal: "_Issue | None" = None) -> Intent:
        """An order as an intent. A `refusal` to take it counts unless the order shows that it was taken or has ended."""
        unit = order["purchase_units"][0]
        status, received = _state(order)
        is_refused = refusal is not None and status in {"requires_action", APPROVED}
        payer = order.get("payer") or (order.get("payment_source") or {}).get("paypal") or {}
        email = payer.get("email_address", "")
        return Intent(
            id=order["id"],
            status="requires_payment_method" if is_refused else status,
            amount_minor=_minor(unit["amount"]),
            currency=unit["amount"]["currency_code"],
            received_minor=received,
            live=self._live,
            metadata={PAYMENT_KEY: unit.get("custom_id", "")},
            method_label=f"PayPal {email}".strip() if received or status == "requires_capture" else "",
            failure_code=refusal.name.lower() if refusal and is_refused else "",
            failure_message=NOT_TAKEN.get(refusal.name, refusal.description) if refusal and is_refused else "",
            approval_url=next(
                (link["href"] for link in order.get("links", []) if link["rel"] in {"payer-action", "approve"}), ""
            ),
        )


def read_paypal_refund(data: Mapping[str, Any], intent_id: str = "") -> ProviderRefund:
    """A PayPal refund, from the API or an order."""
    reason = (data.get("status_details") or {}).get("reason", "")
    return ProviderRefund(
        id=data["id"],
        status=REFUND_STATUS[data["status"]],
        amount_minor=_minor(data["amount"]),
        currency=data["amount"]["currency_code"],
        intent_id=intent_id,
        metadata={REFUND_KEY: data.get("custom_id", "")},
        failure_message=f"PayPal: {reason.lower()}" if reason else "",
    )


def _months(start: datetime, end: datetime) -> Iterator[tuple[datetime, datetime]]:
    while start < end:
        yield start, min(start + LISTED_AT_ONCE, end)
        start += LISTED_AT_ONCE


def _moment(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _movement(info: Mapping[str, Any]) -> BalanceTransaction | None:
    """None for what is not settled, or only moves within our balance."""
    code = str(info["transaction_event_code"])
    if info["transaction_status"] != "S" or code.startswith(WITHIN_THE_BALANCE):
        return None
    amount = _minor(info["transaction_amount"])
    fee = -_minor(info["fee_amount"]) if "fee_amount" in info else 0
    return BalanceTransaction(
        id=info["transaction_id"],
        type=next((name for start, name in MOVEMENTS.items() if code.startswith(start)), code),
        amount_minor=amount,
        fee_minor=fee,
        net_minor=amount - fee,
        currency=info["transaction_amount"]["currency_code"],
        created_at=datetime.fromisoformat(info["transaction_initiation_date"]),
        source_id=info["transaction_id"],
        parent_id=info.get("custom_field", ""),
    )


def _dispute(data: Mapping[str, Any], order_id: str) -> ProviderDispute:
    ours = [one for one in data.get("money_movements", []) if one["affected_party"] == "SELLER"]
    return ProviderDispute(
        id=data["dispute_id"],
        status=_dispute_status(data, is_taken=bool(ours)),
        amount_minor=_minor(data["dispute_amount"]),
        currency=data["dispute_amount"]["currency_code"],
        intent_id=order_id,
        reason=data.get("reason", "").lower(),
        answer_by=datetime.fromisoformat(data["seller_response_due_date"])
        if "seller_response_due_date" in data
        else None,
        moves=tuple(
            DisputeMove(
                f"{data['dispute_id']}-{number}",
                _minor(one["amount"]) * (-1 if one["type"] == "DEBIT" else 1),
                0,  # the fee is a movement of its own
                one["amount"]["currency_code"],
            )
            for number, one in enumerate(ours)
        ),
    )


def _dispute_status(data: Mapping[str, Any], *, is_taken: bool) -> str:
    """In Stripe's words. `is_taken`: PayPal has taken money from us for it."""
    if data["status"] == "RESOLVED":
        outcome = (data.get("dispute_outcome") or {}).get("outcome_code", "")
        ended = OUTCOMES.get(outcome, "won")
        return ended if is_taken or ended == "lost" else "warning_closed"
    asks = data["status"] == "WAITING_FOR_SELLER_RESPONSE"
    if data["dispute_life_cycle_stage"] == "INQUIRY":
        return "warning_needs_response" if asks else "warning_under_review"
    return "needs_response" if asks else "under_review"


def _state(order: Mapping[str, Any]) -> tuple[str, int]:
    """The intent's status and what was received, in minor units."""
    captures = _payments(order, "captures")
    if taken := [one for one in captures if one["status"] in TAKEN]:
        return "succeeded", sum(_minor(one["amount"]) for one in taken)
    if any(one["status"] == "PENDING" for one in captures):
        return "processing", 0
    authorised = {one["status"] for one in _payments(order, "authorizations")}
    if authorised:
        return ("requires_capture" if "CREATED" in authorised else _undecided(authorised)), 0
    if order["status"] in OPEN:
        return "requires_action", 0
    return (APPROVED if order["status"] == "APPROVED" else "canceled"), 0


def _undecided(authorised: set[str]) -> str:
    return "processing" if "PENDING" in authorised else "canceled"


def _payments(order: Mapping[str, Any], kind: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (order["purchase_units"][0].get("payments") or {}).get(kind) or []
    return found


def _amount(money: Money) -> dict[str, str]:
    """As PayPal wants it: without decimals where it takes none, whatever ISO 4217 says."""
    decimals = 0 if step(ProviderName.PAYPAL, money.currency) > 1 else EXPONENTS[money.currency]
    return {"currency_code": money.currency, "value": f"{money.decimal:.{decimals}f}"}


def _minor(amount: Mapping[str, str]) -> int:
    return Money.parse(amount["value"], amount["currency_code"]).minor


def _json(response: requests.Response) -> dict[str, Any]:
    if not response.content:
        return {}
    try:
        answer = response.json()
    except ValueError as error:
        raise _unavailable() from error
    return dict(answer)


class _Issue(Exception):
    """PayPal's refusal."""

    def __init__(self, status: int, answer: Mapping[str, Any]) -> None:
        details = (answer.get("details") or [{}])[0]
        self.http_status = status
        self.name = str(details.get("issue") or answer.get("name") or "")
        self.description = str(details.get("description") or answer.get("message") or "PayPal said no.")
        super().__init__(f"{status} {self.name}: {self.description}")


def _refusal(issue: _Issue) -> ProviderRefused:
    return ProviderRefused(message=issue.description)


def _unavailable() -> Unavailable:
    return Unavailable(
        "payment_provider_unavailable", "PayPal did not answer. Nothing was lost; please look again in a moment."
    )
