"""Stripe, by its own library."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from core.errors import Unavailable
from core.money import Money
from payments.errors import ProviderRefused
from payments.providers.base import REFUND_KEY, Card, Intent, ProviderRefund
from payments.providers.stripe_connect import ConnectCalls

if TYPE_CHECKING:
    import stripe

TIMEOUT_SECONDS = 10
RETRIES = 2


class StripeProvider(ConnectCalls):
    """Stripe by its own library, which is loaded on first use."""

    approved_elsewhere = False
    knows_customers = True

    def __init__(self, secret_key: str, api_base: str = "") -> None:
        import stripe

        self._stripe = stripe
        client = stripe.StripeClient(
            secret_key,
            base_addresses={"api": api_base} if api_base else None,
            max_network_retries=RETRIES,
            http_client=stripe.RequestsClient(timeout=TIMEOUT_SECONDS),
        )
        self._client = client
        self._customers = client.v1.customers
        self._intents = client.v1.payment_intents
        self._refunds = client.v1.refunds

    def create_customer(self, *, key: str, user_id: int, email: str, name: str) -> str:
        with self._translated():
            customer = self._customers.create(
                {"email": email, "name": name, "metadata": {"guildhall_user": str(user_id)}}, {"idempotency_key": key}
            )
        return customer.id

    def cards(self, customer_id: str) -> list[Card]:
        with self._translated():
            found = self._customers.payment_methods.list(customer_id, {"type": "card", "limit": 10})
        return [_card(method.to_dict()) for method in found.data]

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
        with self._translated():
            intent = self._intents.create(
                {
                    "amount": amount.minor,
                    "currency": amount.currency.lower(),
                    "customer": customer_id,
                    "capture_method": "manual" if manual_capture else "automatic",
                    "payment_method_types": ["card"],
                    "description": description,
                    "metadata": dict(metadata),
                },
                {"idempotency_key": key},
            )
        return read_intent(intent.to_dict())

    def retrieve_intent(self, intent_id: str) -> Intent:
        with self._translated():
            intent = self._intents.retrieve(intent_id, {"expand": ["latest_charge"]})
        return read_intent(intent.to_dict())

    def confirm_intent(self, intent_id: str, *, key: str, payment_method: str) -> Intent:
        params: stripe.params.PaymentIntentConfirmParams = {"expand": ["latest_charge"]}
        if payment_method:
            params["payment_method"] = payment_method
        try:
            with self._translated(intent_id):
                intent = self._intents.confirm(intent_id, params, {"idempotency_key": key})
        except _Declined as decline:
            return replace(self.retrieve_intent(intent_id), failure_code=decline.code, failure_message=decline.message)
        except _AlreadyDecided:
            return self.retrieve_intent(intent_id)
        return read_intent(intent.to_dict())

    def capture_intent(self, intent_id: str, *, key: str, amount: Money | None) -> Intent:
        params: stripe.params.PaymentIntentCaptureParams = {"expand": ["latest_charge"]}
        if amount is not None:
            params["amount_to_capture"] = amount.minor
        try:
            with self._translated(intent_id):
                intent = self._intents.capture(intent_id, params, {"idempotency_key": key})
        except (_Declined, _AlreadyDecided):
            return self.retrieve_intent(intent_id)
        return read_intent(intent.to_dict())

    def cancel_intent(self, intent_id: str, *, key: str) -> Intent:
        try:
            with self._translated(intent_id):
                intent = self._intents.cancel(intent_id, {}, {"idempotency_key": key})
        except _AlreadyDecided:
            return self.retrieve_intent(intent_id)
        return read_intent(intent.to_dict())

    def create_refund(self, *, key: str, intent_id: str, amount: Money, reference: str) -> ProviderRefund:
        try:
            with self._translated():
                refund = self._refunds.create(
                    {"payment_intent": intent_id, "amount": amount.minor, "metadata": {REFUND_KEY: reference}},
                    {"idempotency_key": key},
                )
        except ProviderRefused as refusal:
            return ProviderRefund(
                "", "failed", amount.minor, amount.currency, intent_id, {REFUND_KEY: reference}, refusal.message
            )
        return read_refund(refund.to_dict())

    def retrieve_refund(self, refund_id: str) -> ProviderRefund:
        with self._translated():
            refund = self._refunds.retrieve(refund_id)
        return read_refund(refund.to_dict())

    def find_refund(self, intent_id: str, *, reference: str) -> ProviderRefund | None:
        with self._translated():
            found = self._refunds.list({"payment_intent": intent_id, "limit": 100})
            refunds = [read_refund(refund.to_dict()) for refund in found.auto_paging_iter()]
        return next((refund for refund in refunds if refund.metadata.get(REFUND_KEY) == reference), None)

    @contextmanager
    def _translated(self, intent_id: str = "") -> Iterator[None]:
        try:
            yield
        except self._stripe.CardError as error:
            raise _Declined(error) from error
        except self._stripe.InvalidRequestError as error:
            if intent_id and error.code == "payment_intent_unexpected_state":
                raise _AlreadyDecided from error
            fields = {"payment_method": [str(error.user_message)]} if error.param == "payment_method" else None
            raise ProviderRefused(message=str(error.user_message or ""), fields=fields) from error
        except self._stripe.StripeError as error:
            raise Unavailable(
                "payment_provider_unavailable",
                "The payment provider did not answer. Nothing was lost; please look again in a moment.",
            ) from error


class _Declined(Exception):
    def __init__(self, error: "stripe.CardError") -> None:
        details = error.error
        self.code = str((details and details.decline_code) or error.code or "card_declined")
        self.message = error.user_message or "The card was declined."
        super().__init__(self.code)


class _AlreadyDecided(Exception):
    """The intent has moved on, so this call is not possible any more."""


def read_intent(data: Mapping[str, Any]) -> Intent:
    """A Stripe PaymentIntent object, from the API or an event."""
    failure = data.get("last_payment_error") or {}
    charge = data.get("latest_charge")
    details = read_charge(charge) if isinstance(charge, Mapping) else {}
    return Intent(
        id=data["id"],
        status=data["status"],
        amount_minor=int(data["amount"]),
        currency=data["currency"].upper(),
        received_minor=int(data.get("amount_received") or 0),
        client_secret=data.get("client_secret") or "",
        live=bool(data.get("livemode")),
        metadata=data.get("metadata") or {},
        failure_code=failure.get("decline_code") or failure.get("code") or "",
        failure_message=failure.get("message") or "",
        **details,
    )


def read_charge(data: Mapping[str, Any]) -> dict[str, str]:
    """What a person wants to know of a Stripe Charge: `method_label` and `receipt_url`."""
    card = (data.get("payment_method_details") or {}).get("card") or {}
    return {"method_label": _label(card) if card else "", "receipt_url": data.get("receipt_url") or ""}


def read_refund(data: Mapping[str, Any]) -> ProviderRefund:
    """A Stripe Refund object, from the API or an event."""
    return ProviderRefund(
        id=data["id"],
        status=data["status"],
        amount_minor=int(data["amount"]),
        currency=data["currency"].upper(),
        intent_id=data.get("payment_intent") or "",
        metadata=data.get("metadata") or {},
        failure_message=data.get("failure_reason") or "",
    )


def _card(method: Mapping[str, Any]) -> Card:
    card = method["card"]
    return Card(method["id"], _label(card), f"{card['exp_month']:02}/{card['exp_year'] % 100:02}")


def _label(card: Mapping[str, Any]) -> str:
    brand = str(card.get("display_brand") or card.get("brand") or "card").replace("_", " ").title()
    return f"{brand} ending {card['last4']}"
