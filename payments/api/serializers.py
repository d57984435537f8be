"""Shapes of money in the API: amounts in minor units with a lower-case currency, as at Stripe."""

from typing import Any

from rest_framework import serializers

from accounts.models import User
from core.fields import CurrencyField, MinorAmountField
from core.formats import iso
from core.money import Money
from core.regions import country_codes
from payments.models import ConnectAccount, Document, Hold, Line, Payment, PaymentCustomer, Payout, Refund, Subscription
from payments.rules import (
    PAYOUT_LIFECYCLE,
    AccountKind,
    Audience,
    DocumentKind,
    HoldStatus,
    JournalKind,
    PaymentStatus,
    PayoutStatus,
    ProviderName,
    Quote,
    SubscriptionStatus,
)
from payments.selectors import Balance, Offer

INTENT_STATUS = {
    PaymentStatus.CREATED: "requires_payment_method",
    PaymentStatus.FAILED: "requires_payment_method",
    PaymentStatus.REQUIRES_ACTION: "requires_action",
    PaymentStatus.PROCESSING: "processing",
    PaymentStatus.AUTHORISED: "requires_capture",
    PaymentStatus.SUCCEEDED: "succeeded",
    PaymentStatus.CANCELLED: "canceled",
}
MAX_METADATA = 20
MAX_PARTS = 50


class MetadataField(serializers.DictField):
    """Up to 20 short texts of the caller's own, kept with the payment and sent to the provider."""

    child = serializers.CharField(max_length=500, allow_blank=True)

    def to_internal_value(self, data: Any) -> dict[str, str]:
        metadata: dict[str, str] = super().to_internal_value(data)
        if len(metadata) > MAX_METADATA:
            raise serializers.ValidationError(f"At most {MAX_METADATA} entries.")
        if any(len(name) > 40 or name.startswith("guildhall") for name in metadata):
            raise serializers.ValidationError('Names have at most 40 characters and do not begin with "guildhall".')
        return metadata


class MoneyInput(serializers.Serializer[Any]):
    amount = MinorAmountField()
    currency = CurrencyField()

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """{"amount": Money, …}"""
        return attrs | {"amount": Money(attrs["amount"], attrs.pop("currency"))}


class ProviderField(serializers.ChoiceField):
    """How it is paid: by card, or at PayPal, where the answer's `approval_url` leads."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(choices=ProviderName.choices, default=ProviderName.STRIPE, **kwargs)


class PaymentIntentInput(MoneyInput):
    capture_method = serializers.ChoiceField(Payment.Capture.choices, default=Payment.Capture.AUTOMATIC)
    customer_id = serializers.CharField(max_length=80, required=False)
    description = serializers.CharField(max_length=200, required=False, allow_blank=True)
    metadata = MetadataField(required=False)


class PaymentInput(PaymentIntentInput):
    """Credit of `amount` and `currency`, or instead of them the `hold_id` of held funds (a transaction) to pay in."""

    hold_id = serializers.IntegerField(min_value=1, required=False)
    amount = MinorAmountField(required=False)
    currency = CurrencyField(required=False)
    payment_method = serializers.CharField(max_length=80, required=False, allow_blank=True)
    provider = ProviderField()

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """{"hold_id", "payment_method"?, "provider"}, or what creates a payment of credit."""
        if attrs["provider"] != ProviderName.STRIPE and attrs.get("payment_method"):
            raise serializers.ValidationError({"payment_method": ["Only cards have one."]})
        if "hold_id" in attrs:
            if {"amount", "currency"} & attrs.keys():
                raise serializers.ValidationError({"hold_id": ["The held funds have an amount of their own."]})
            return {name: attrs[name] for name in ("hold_id", "payment_method", "provider") if name in attrs}
        if missing := [name for name in ("amount", "currency") if name not in attrs]:
            raise serializers.ValidationError({name: ["This field is required."] for name in missing})
        return super().validate(attrs)


class ConfirmInput(serializers.Serializer[Any]):
    payment_method = serializers.CharField(max_length=80, required=False, allow_blank=True)


class CaptureInput(serializers.Serializer[Any]):
    amount_to_capture = MinorAmountField(required=False)


class RefundInput(serializers.Serializer[Any]):
    payment_intent = serializers.CharField(max_length=80)
    amount = MinorAmountField(required=False)
    reason = serializers.CharField(max_length=200, required=False, allow_blank=True)


class ProblemSerializer(serializers.Serializer[Any]):
    """Why the last attempt did not succeed."""

    code = serializers.CharField()
    message = serializers.CharField()


class CustomerSerializer(serializers.Serializer[Any]):
    id = serializers.CharField()
    email = serializers.EmailField()
    name = serializers.CharField()
    created_at = serializers.DateTimeField()

    def to_representation(self, customer: PaymentCustomer) -> dict[str, Any]:
        return {
            "id": customer.customer_id,
            "email": customer.user.email,
            "name": customer.user.get_full_name(),
            "created_at": iso(customer.created_at),
        }


class PaymentIntentSerializer(serializers.Serializer[Any]):
    """A payment as Stripe shows its intent. `id` is null until the provider has answered for the first time."""

    id = serializers.CharField(allow_null=True)
    amount = serializers.IntegerField()
    amount_received = serializers.IntegerField()
    currency = serializers.CharField()
    status = serializers.ChoiceField(sorted(set(INTENT_STATUS.values())))
    client_secret = serializers.CharField()
    provider = serializers.ChoiceField(ProviderName.choices)
    approval_url = serializers.CharField(help_text="Where the payer agrees, at PayPal; else empty.")
    capture_method = serializers.ChoiceField(Payment.Capture.choices)
    description = serializers.CharField()
    metadata = serializers.DictField(child=serializers.CharField())
    last_payment_error = ProblemSerializer(allow_null=True)
    created_at = serializers.DateTimeField()

    def to_representation(self, payment: Payment) -> dict[str, Any]:
        return {
            "id": payment.intent_id,
            "amount": payment.amount_minor,
            "amount_received": payment.received_minor,
            "currency": payment.currency.lower(),
            "status": INTENT_STATUS[PaymentStatus(payment.status)],
            "client_secret": payment.client_secret,
            "provider": payment.provider,
            "approval_url": payment.approval_url if payment.is_open else "",
            "capture_method": payment.capture_method,
            "description": payment.description,
            "metadata": payment.metadata,
            "last_payment_error": _problem(payment),
            "created_at": iso(payment.created_at),
        }


class RefundSerializer(serializers.Serializer[Any]):
    id = serializers.CharField()
    payment_intent = serializers.CharField()
    amount = serializers.IntegerField()
    currency = serializers.CharField()
    status = serializers.CharField()
    reason = serializers.CharField()
    created_at = serializers.DateTimeField()

    def to_representation(self, refund: Refund) -> dict[str, Any]:
        return {
            "id": refund.refund_id,
            "payment_intent": refund.payment.intent_id,
            "amount": refund.amount_minor,
            "currency": refund.currency.lower(),
            "status": refund.status,
            "reason": refund.reason,
            "created_at": iso(refund.created_at),
        }


class PaymentSerializer(serializers.Serializer[Any]):
    """A payment in our own terms. `transaction` is the held funds that it paid, null for credit."""

    id = serializers.IntegerField()
    amount = serializers.IntegerField()
    amount_received = serializers.IntegerField()
    amount_refunded = serializers.IntegerField()
    currency = serializers.CharField()
    status = serializers.ChoiceField(PaymentStatus.choices)
    payment_intent = serializers.CharField(allow_null=True)
    client_secret = serializers.CharField()
    provider = serializers.ChoiceField(ProviderName.choices)
    approval_url = serializers.CharField(help_text="Where the payer agrees, at PayPal; else empty.")
    capture_method = serializers.ChoiceField(Payment.Capture.choices)
    description = serializers.CharField()
    metadata = serializers.DictField(child=serializers.CharField())
    method = serializers.CharField()
    receipt_url = serializers.CharField()
    transaction = serializers.IntegerField(allow_null=True)
    problem = ProblemSerializer(allow_null=True)
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()

    def to_representation(self, payment: Payment) -> dict[str, Any]:
        return {
            "id": payment.pk,
            "amount": payment.amount_minor,
            "amount_received": payment.received_minor,
            "amount_refunded": payment.refunded_minor,
            "currency": payment.currency.lower(),
            "status": payment.status,
            "payment_intent": payment.intent_id,
            "client_secret": payment.client_secret,
            "provider": payment.provider,
            "approval_url": payment.approval_url if payment.is_open else "",
            "capture_method": payment.capture_method,
            "description": payment.description,
            "metadata": payment.metadata,
            "method": payment.method_label,
            "receipt_url": payment.receipt_url,
            "transaction": payment.hold_id,
            "problem": _problem(payment),
            "created_at": iso(payment.created_at),
            "updated_at": iso(payment.updated_at),
        }


class PaymentConfigSerializer(serializers.Serializer[Any]):
    """What a client needs to take a card: the provider's public key and script."""

    publishable_key = serializers.CharField()
    js_url = serializers.CharField()
    currencies = serializers.DictField(child=serializers.IntegerField(), help_text="Code → number of decimals.")
    providers = serializers.DictField(
        child=serializers.ListField(child=serializers.CharField()),
        help_text="How people can pay → in which currencies.",
    )
    fee_bps = serializers.IntegerField(help_text="The platform's fee on new work; 1000 is 10 %.")


class BalanceSerializer(serializers.Serializer[Any]):
    """One currency of a wallet.

    `available` can be paid out, `pending` is on its way to the bank, `held` is funded for the person's work (before the
    fee), `paid_out` has arrived. `credit` was paid in for no work yet; `committed` is held for work the person ordered;
    `debt` is owed after a chargeback. The lines behind a figure: `/api/wallet/entries?account=…`.
    """

    currency = serializers.CharField()
    available = serializers.IntegerField()
    pending = serializers.IntegerField()
    held = serializers.IntegerField()
    paid_out = serializers.IntegerField()
    credit = serializers.IntegerField()
    committed = serializers.IntegerField()
    debt = serializers.IntegerField()

    def to_representation(self, balance: Balance) -> dict[str, Any]:
        return {
            "currency": balance.currency.lower(),
            "available": balance.available.minor,
            "pending": balance.pending.minor,
            "held": balance.held.minor,
            "paid_out": balance.paid_out.minor,
            "credit": balance.credit.minor,
            "committed": balance.committed.minor,
            "debt": balance.debt.minor,
        }


class WalletSerializer(serializers.Serializer[Any]):
    balances = BalanceSerializer(many=True)


class PayoutAccountInput(serializers.Serializer[Any]):
    country = serializers.CharField(max_length=2, help_text="Of the bank account, as two letters.")

    def validate_country(self, value: str) -> str:
        if value.upper() not in country_codes():
            raise serializers.ValidationError("This is not a country.")
        return value.upper()


class PayoutAccountSerializer(serializers.Serializer[Any]):
    """Where the person is paid. `missing` names what the payment provider still asks for."""

    country = serializers.CharField()
    ready = serializers.BooleanField()
    details_submitted = serializers.BooleanField()
    missing = serializers.ListField(child=serializers.CharField())
    currencies = serializers.ListField(child=serializers.CharField())
    bank = serializers.CharField()

    def to_representation(self, account: ConnectAccount) -> dict[str, Any]:
        return {
            "country": account.country,
            "ready": account.payouts_enabled,
            "details_submitted": account.details_submitted,
            "missing": account.missing,
            "currencies": [currency.lower() for currency in account.currencies],
            "bank": account.bank_label,
        }


class PayoutAccountLinkSerializer(serializers.Serializer[Any]):
    """Open it in a browser within minutes; it works once."""

    url = serializers.CharField()


class PayoutSerializer(serializers.Serializer[Any]):
    """A payout. There is no fee: `net` is the whole `amount`."""

    id = serializers.IntegerField()
    amount = serializers.IntegerField()
    fee = serializers.IntegerField()
    net = serializers.IntegerField()
    currency = serializers.CharField()
    status = serializers.ChoiceField(PayoutStatus.choices)
    bank = serializers.CharField()
    can_cancel = serializers.BooleanField()
    arrives_at = serializers.DateTimeField(allow_null=True)
    problem = serializers.CharField(help_text="Why it came back or was not approved.")
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()

    def to_representation(self, payout: Payout) -> dict[str, Any]:
        return {
            "id": payout.pk,
            "amount": payout.amount_minor,
            "fee": 0,
            "net": payout.amount_minor,
            "currency": payout.currency.lower(),
            "status": payout.status,
            "bank": payout.bank_label,
            "can_cancel": "cancel" in PAYOUT_LIFECYCLE.available(payout.status, "payee"),
            "arrives_at": iso(payout.arrives_at),
            "problem": payout.failure_message,
            "created_at": iso(payout.created_at),
            "updated_at": iso(payout.updated_at),
        }


class DebtInput(serializers.Serializer[Any]):
    currency = CurrencyField()
    payment_method = serializers.CharField(max_length=80, required=False, allow_blank=True)


class EntrySerializer(serializers.Serializer[Any]):
    """A line of the person's statement. `balance` is that of `account` after it; the lines re-add to it."""

    id = serializers.IntegerField()
    kind = serializers.ChoiceField(JournalKind.choices)
    account = serializers.ChoiceField(AccountKind.choices)
    title = serializers.CharField()
    url = serializers.CharField()
    gross = serializers.IntegerField(allow_null=True, help_text="For a release: before the fee.")
    fee = serializers.IntegerField(allow_null=True)
    amount = serializers.IntegerField(help_text="What it changed; negative takes away.")
    balance = serializers.IntegerField()
    currency = serializers.CharField()
    transaction = serializers.IntegerField(allow_null=True)
    created_at = serializers.DateTimeField()

    def to_representation(self, line: Line) -> dict[str, Any]:
        journal, figures = line.journal, line.figures
        return {
            "id": line.pk,
            "kind": journal.kind,
            "account": line.account.kind,
            "title": line.title,
            "url": journal.hold.url if journal.hold else "",
            "gross": figures.gross.minor if figures else None,
            "fee": figures.fee.minor if figures else None,
            "amount": line.amount_minor,
            "balance": line.balance_after_minor,
            "currency": line.currency.lower(),
            "transaction": journal.hold_id,
            "created_at": iso(journal.created_at),
        }


class QuoteSerializer(serializers.Serializer[Any]):
    """gross = fee + net."""

    gross = serializers.IntegerField()
    fee = serializers.IntegerField()
    net = serializers.IntegerField()
    fee_bps = serializers.IntegerField()
    currency = serializers.CharField()


class TransactionSerializer(serializers.Serializer[Any]):
    """Money held for one milestone or gig, and what became of it: funded = released + fee + refunded + held."""

    id = serializers.IntegerField()
    purpose = serializers.ChoiceField(Hold.Purpose.choices)
    title = serializers.CharField()
    url = serializers.CharField()
    status = serializers.ChoiceField(HoldStatus.choices)
    role = serializers.ChoiceField(["payer", "payee"], help_text="Which side you are.")
    payer_id = serializers.IntegerField()
    payee_id = serializers.IntegerField()
    amount = serializers.IntegerField()
    funded = serializers.IntegerField()
    released = serializers.IntegerField(help_text="Net, to the payee.")
    fee = serializers.IntegerField()
    refunded = serializers.IntegerField()
    held = serializers.IntegerField()
    fee_bps = serializers.IntegerField()
    currency = serializers.CharField()
    funded_at = serializers.DateTimeField(allow_null=True)
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()

    def to_representation(self, hold: Hold) -> dict[str, Any]:
        return transaction_json(hold, self.context["request"].user)


class FeeQuoteInput(MoneyInput):
    """`freelancer_id`: who would do the work for you. Without, you would do it; your plan and theirs count."""

    freelancer_id = serializers.IntegerField(required=False, min_value=1)
    parts = serializers.ListField(
        child=MinorAmountField(),
        required=False,
        min_length=1,
        max_length=MAX_PARTS,
        help_text="Milestones that add up to the amount: the fee of each, and together exactly the fee of the whole.",
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        attrs = super().validate(attrs)
        if "parts" in attrs and sum(attrs["parts"]) != attrs["amount"].minor:
            raise serializers.ValidationError({"parts": ["The parts do not add up to the amount."]})
        return attrs


class PartQuoteSerializer(serializers.Serializer[Any]):
    """gross = fee + net."""

    gross = serializers.IntegerField()
    fee = serializers.IntegerField()
    net = serializers.IntegerField()


class FeeQuoteSerializer(QuoteSerializer):
    parts = PartQuoteSerializer(many=True)


class DocumentLineSerializer(serializers.Serializer[Any]):
    text = serializers.CharField()
    amount = serializers.IntegerField()


class DocumentTaxSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    country = serializers.CharField()
    rate_bps = serializers.IntegerField()
    amount = serializers.IntegerField()


class DocumentSerializer(serializers.Serializer[Any]):
    """A receipt, invoice or credit note of yours. net + tax = total."""

    id = serializers.IntegerField()
    kind = serializers.ChoiceField(DocumentKind.choices)
    number = serializers.CharField(help_text="Such as I-2026-000012; without gaps in each year and kind.")
    title = serializers.CharField()
    net = serializers.IntegerField()
    tax = serializers.IntegerField()
    total = serializers.IntegerField()
    currency = serializers.CharField()
    lines = DocumentLineSerializer(many=True)
    taxes = DocumentTaxSerializer(many=True)
    payment_id = serializers.IntegerField(allow_null=True)
    corrects_id = serializers.IntegerField(
        allow_null=True, help_text="Of a credit note: the document that it takes back, or a part of it."
    )
    created_at = serializers.DateTimeField()

    def to_representation(self, document: Document) -> dict[str, Any]:
        payload = document.payload
        return {
            "id": document.pk,
            "kind": document.kind,
            "number": document.reference,
            "title": document.title,
            "net": document.net_minor,
            "tax": document.tax_minor,
            "total": document.total_minor,
            "currency": document.currency.lower(),
            "lines": [{"text": line["text"], "amount": line["amount_minor"]} for line in payload["lines"]],
            "taxes": [
                {
                    "name": tax["name"],
                    "country": tax["country"],
                    "rate_bps": tax["bps"],
                    "amount": tax["amount_minor"],
                }
                for tax in payload["taxes"]
            ],
            "payment_id": document.payment_id,
            "corrects_id": document.corrects and document.corrects["id"],
            "created_at": iso(document.created_at),
        }


class SubscriptionInput(serializers.Serializer[Any]):
    plan = serializers.SlugField(max_length=50, help_text="The `code` of a plan.")
    payment_method = serializers.CharField(max_length=80, required=False, allow_blank=True)


class SubscriptionSerializer(serializers.Serializer[Any]):
    """You on a plan. `id` is null until the provider has answered for the first time.

    While something is to be paid, `client_secret` confirms it in the browser.
    """

    id = serializers.CharField(allow_null=True)
    plan = serializers.CharField()
    status = serializers.ChoiceField(SubscriptionStatus.choices)
    amount = serializers.IntegerField(help_text="A month, tax included.")
    currency = serializers.CharField()
    current_period_end = serializers.DateTimeField(allow_null=True)
    cancel_at_period_end = serializers.BooleanField()
    grace_ends_at = serializers.DateTimeField(allow_null=True, help_text="When an overdue plan ends.")
    client_secret = serializers.CharField()
    problem = serializers.CharField(help_text="Why the last payment did not go through.")
    ended_at = serializers.DateTimeField(allow_null=True)
    created_at = serializers.DateTimeField()

    def to_representation(self, subscription: Subscription) -> dict[str, Any]:
        return {
            "id": subscription.subscription_id,
            "plan": subscription.plan.code,
            "status": subscription.status,
            "amount": subscription.price_minor,
            "currency": subscription.currency.lower(),
            "current_period_end": iso(subscription.current_period_end),
            "cancel_at_period_end": subscription.cancel_at_period_end,
            "grace_ends_at": iso(subscription.grace_ends_at),
            "client_secret": subscription.client_secret,
            "problem": subscription.failure_message,
            "ended_at": iso(subscription.ended_at),
            "created_at": iso(subscription.created_at),
        }


class PlanSerializer(serializers.Serializer[Any]):
    """What is on offer. `tax` is part of `amount`, by your country."""

    code = serializers.CharField()
    name = serializers.CharField()
    audience = serializers.ChoiceField(Audience.choices)
    summary = serializers.CharField()
    amount = serializers.IntegerField(help_text="A month, tax included.")
    tax = serializers.IntegerField()
    currency = serializers.CharField()
    fee_bps = serializers.IntegerField(allow_null=True, help_text="The fee on work begun while on the plan.")
    project_files = serializers.IntegerField(allow_null=True)

    def to_representation(self, offer: Offer) -> dict[str, Any]:
        plan = offer.plan
        return {
            "code": plan.code,
            "name": plan.name,
            "audience": plan.audience,
            "summary": plan.summary,
            "amount": offer.price.minor,
            "tax": offer.tax.minor,
            "currency": offer.price.currency.lower(),
            "fee_bps": plan.fee_bps,
            "project_files": plan.project_files,
        }


def payment_intent_json(payment: Payment) -> dict[str, Any]:
    """For answers that carry a payment intent, such as funding a milestone."""
    return PaymentIntentSerializer().to_representation(payment)


def transaction_json(hold: Hold, viewer: User) -> dict[str, Any]:
    return {
        "id": hold.pk,
        "purpose": hold.purpose,
        "title": hold.title,
        "url": hold.url,
        "status": hold.status,
        "role": "payer" if hold.payer_id == viewer.pk else "payee",
        "payer_id": hold.payer_id,
        "payee_id": hold.payee_id,
        "amount": hold.amount_minor,
        "funded": hold.funded_minor,
        "released": hold.released_minor,
        "fee": hold.fee_minor,
        "refunded": hold.refunded_minor,
        "held": hold.held_minor,
        "fee_bps": hold.fee_bps,
        "currency": hold.currency.lower(),
        "funded_at": iso(hold.funded_at),
        "created_at": iso(hold.created_at),
        "updated_at": iso(hold.updated_at),
    }


def quote_json(figures: Quote, fee_bps: int) -> dict[str, Any]:
    return {
        "gross": figures.gross.minor,
        "fee": figures.fee.minor,
        "net": figures.net.minor,
        "fee_bps": fee_bps,
        "currency": figures.gross.currency.lower(),
    }


def _problem(payment: Payment) -> dict[str, str] | None:
    if not payment.failure_code and not payment.failure_message:
        return None
    return {"code": payment.failure_code, "message": payment.failure_message}
