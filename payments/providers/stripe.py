"""Stripe, by its own library."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from core.money import Money
from payments.errors import ProviderRefused
from payments.providers.base import (
    REFUND_KEY,
    SUBSCRIPTION_KEY,
    BalanceTransaction,
    Card,
    Intent,
    ProviderInvoice,
    ProviderRefund,
    ProviderSubscription,
)
from payments.providers.stripe_billing import WITH_INVOICE, read_invoice, read_subscription
from payments.providers.stripe_calls import AlreadyDecided, Declined
from payments.providers.stripe_connect import ConnectCalls

if TYPE_CHECKING:
    import stripe

NOT_CONFIRMED = "Your bank could not confirm that it was you. Nothing was taken; try again, or choose another card."


class StripeProvider(ConnectCalls):
    """Payments, refunds, customers and subscriptions; the rest comes with its bases."""

    approved_elsewhere = False
    knows_customers = True

    def __init__(self, secret_key: str, api_base: str = "") -> None:
        super().__init__(secret_key, api_base)
        client = self._client
        self._balance_transactions = client.v1.balance_transactions
        self._customers = client.v1.customers
        self._intents = client.v1.payment_intents
        self._refunds = client.v1.refunds
        self._methods = client.v1.payment_methods
        self._prices = client.v1.prices
        self._subscriptions = client.v1.subscriptions

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

    def forget_card(self, card_id: str) -> None:
        with self._translated():
            self._methods.detach(card_id)

    def balance_transactions(self, since: datetime | None) -> list[BalanceTransaction]:
        params: stripe.params.BalanceTransactionListParams = {"limit": 100, "expand": ["data.source"]}
        if since is not None:
            params["created"] = {"gte": int(since.timestamp())}
        with self._translated():
            pages = self._balance_transactions.list(params).auto_paging_iter()
            newest_first = [read_balance_transaction(row.to_dict()) for row in pages]
        return newest_first[::-1]

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
        except Declined as decline:
            return replace(self.retrieve_intent(intent_id), failure_code=decline.code, failure_message=decline.message)
        except AlreadyDecided:
            known = self.retrieve_intent(intent_id)
            if known.status == "requires_payment_method" and not payment_method:
                raise ProviderRefused(fields={"payment_method": ["Choose a card."]}) from None
            return known
        return read_intent(intent.to_dict())

    def capture_intent(self, intent_id: str, *, key: str, amount: Money | None) -> Intent:
        params: stripe.params.PaymentIntentCaptureParams = {"expand": ["latest_charge"]}
        if amount is not None:
            params["amount_to_capture"] = amount.minor
        try:
            with self._translated(intent_id):
                intent = self._intents.capture(intent_id, params, {"idempotency_key": key})
        except (Declined, AlreadyDecided):
            return self.retrieve_intent(intent_id)
        return read_intent(intent.to_dict())

    def cancel_intent(self, intent_id: str, *, key: str) -> Intent:
        try:
            with self._translated(intent_id):
                intent = self._intents.cancel(intent_id, {}, {"idempotency_key": key})
        except AlreadyDecided:
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

    def create_price(self, *, key: str, name: str, price: Money, reference: str) -> str:
        with self._translated():
            made = self._prices.create(
                {
                    "unit_amount": price.minor,
                    "currency": price.currency.lower(),
                    "recurring": {"interval": "month"},
                    "product_data": {"name": name, "metadata": {"guildhall_plan": reference}},
                },
                {"idempotency_key": key},
            )
        return made.id

    def create_subscription(
        self, *, key: str, customer_id: str, price_id: str, metadata: Mapping[str, str]
    ) -> ProviderSubscription:
        with self._translated():
            made = self._subscriptions.create(
                {
                    "customer": customer_id,
                    "items": [{"price": price_id}],
                    "payment_behavior": "default_incomplete",
                    "payment_settings": {
                        "payment_method_types": ["card"],
                        "save_default_payment_method": "on_subscription",
                    },
                    "metadata": dict(metadata),
                    "expand": WITH_INVOICE,
                },
                {"idempotency_key": key},
            )
        return read_subscription(made.to_dict())

    def retrieve_subscription(self, subscription_id: str) -> ProviderSubscription:
        with self._translated():
            found = self._subscriptions.retrieve(subscription_id, {"expand": WITH_INVOICE})
        return read_subscription(found.to_dict())

    def retrieve_invoice(self, invoice_id: str) -> ProviderInvoice:
        with self._translated():
            found = self._client.v1.invoices.retrieve(invoice_id, {"expand": ["payments"]})
        return read_invoice(found.to_dict())

    def find_invoice(self, intent_id: str) -> ProviderInvoice | None:
        about: stripe.params.InvoicePaymentListParamsPayment = {"type": "payment_intent", "payment_intent": intent_id}
        with self._translated():
            found = self._client.v1.invoice_payments.list({"payment": about, "limit": 1})
        return self.retrieve_invoice(str(found.data[0].invoice)) if found.data else None

    def find_subscription(self, customer_id: str, *, reference: str) -> ProviderSubscription | None:
        with self._translated():
            listed = self._subscriptions.list({"customer": customer_id, "status": "all", "limit": 100})
            found = [read_subscription(one.to_dict()) for one in listed.auto_paging_iter()]
        return next((one for one in found if one.metadata.get(SUBSCRIPTION_KEY) == reference), None)

    def end_with_period(self, subscription_id: str, *, key: str, wanted: bool) -> ProviderSubscription:
        with self._translated():
            changed = self._subscriptions.update(
                subscription_id, {"cancel_at_period_end": wanted, "expand": WITH_INVOICE}, {"idempotency_key": key}
            )
        return read_subscription(changed.to_dict())

    def end_subscription(self, subscription_id: str, *, key: str) -> ProviderSubscription:
        try:
            with self._translated():
                ended = self._subscriptions.cancel(subscription_id, {}, {"idempotency_key": key})
        except ProviderRefused:  # it had ended before
            return self.retrieve_subscription(subscription_id)
        return read_subscription(ended.to_dict())


def read_intent(data: Mapping[str, Any]) -> Intent:
    """A Stripe PaymentIntent object, from the API or an event."""
    failure = data.get("last_payment_error") or {}
    if failure.get("code") == "payment_intent_authentication_failure":  # Stripe's sentence is for programmers
        failure = failure | {"message": NOT_CONFIRMED}
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


def read_balance_transaction(data: Mapping[str, Any]) -> BalanceTransaction:
    """A Stripe BalanceTransaction object with its source expanded."""
    source = data.get("source")
    known = source if isinstance(source, Mapping) else {"id": source}
    return BalanceTransaction(
        id=data["id"],
        type=data["type"],
        amount_minor=int(data["amount"]),
        fee_minor=int(data["fee"]),
        net_minor=int(data["net"]),
        currency=data["currency"].upper(),
        created_at=datetime.fromtimestamp(data["created"], UTC),
        source_id=known.get("id") or "",
        parent_id=known.get("payment_intent") or known.get("transfer") or "",
    )


def _card(method: Mapping[str, Any]) -> Card:
    card = method["card"]
    return Card(method["id"], _label(card), f"{card['exp_month']:02}/{card['exp_year'] % 100:02}")


def _label(card: Mapping[str, Any]) -> str:
    brand = str(card.get("display_brand") or card.get("brand") or "card").replace("_", " ").title()
    return f"{brand} ending {card['last4']}"
