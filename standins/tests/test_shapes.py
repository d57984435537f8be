"""The stand-in's answers and parameters against the types of Stripe's own library, so that neither drifts."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any, Literal, Union, get_args, get_origin

import pytest
import stripe
import stripe.params as library_params

from standins.stripe.resources import (
    account,
    charges,
    customers,
    disputes,
    invoices,
    onboarding,
    payment_intents,
    payment_methods,
    payouts,
    prices,
    products,
    refunds,
    setup_intents,
    subscriptions,
    tax_rates,
    transfers,
    webhook_endpoints,
)

from .accounts import create_account, fund, of, ready_account
from .billing import advance, latest_invoice, subscribe, use_card
from .payments import authorised, create_intent, paid
from .process import Standin

# The library's own settings of a request, mixed into its parameter types.
OPTIONS = set(library_params.CustomerRetrieveParams.__annotations__) - {"expand"}


def disagreements(value: Any, declared: Any, path: str) -> list[str]:
    """Where a value does not fit the type that the library declares."""
    if isinstance(declared, str) or declared is Any:
        return []
    origin, arguments = get_origin(declared), get_args(declared)
    if origin is Union:
        if value is None:
            return [] if type(None) in arguments else [f"{path} is null"]
        options = [disagreements(value, option, path) for option in arguments if option is not type(None)]
        return min(options, key=len)
    if origin is Literal:
        return [] if value in arguments else [f"{path} is {value!r}, not one of {arguments}"]
    if origin is list:
        return [problem for item in value for problem in disagreements(item, arguments[0], f"{path}[]")]
    if inspect.isclass(declared) and issubclass(declared, stripe.StripeObject):
        return of_object(value, declared, path) if isinstance(value, dict) else [f"{path} is no hash"]
    if inspect.isclass(declared):
        wrong_boolean = declared is int and isinstance(value, bool)
        return [] if isinstance(value, declared) and not wrong_boolean else [f"{path} is {value!r}, no {declared}"]
    # A reference by name: an id, or the object itself when it is expanded.
    return [] if isinstance(value, str | dict) else [f"{path} is neither an id nor an object"]


def of_object(value: Mapping[str, Any], declared: type, path: str) -> list[str]:
    annotations: dict[str, Any] = {}
    for base in reversed(declared.__mro__):
        annotations |= vars(base).get("__annotations__", {})
    problems = []
    for name, hint in annotations.items():
        optional = type(None) in get_args(hint)
        if get_origin(hint) is not None and "ClassVar" in str(hint):
            continue
        if name in value:
            problems += disagreements(value[name], hint, f"{path}.{name}")
        elif not optional and not name.startswith("_"):
            problems.append(f"{path}.{name} is missing")
    if "object" in value:
        problems += [f"{path}.{name} is unknown" for name in value if name not in annotations]
    return problems


def shape(answer: stripe.StripeObject) -> list[str]:
    return of_object(answer.to_dict(), type(answer), type(answer).__name__)


def test_the_check_itself_finds_what_is_wrong(standin: Standin) -> None:
    refund = standin.v1.refunds.create({"payment_intent": paid(standin).id}).to_dict()
    wrong = refund | {"amount": "100", "object": "charge", "colour": "red"}
    del wrong["currency"]
    found = " ".join(of_object(wrong, stripe.Refund, "Refund"))
    for problem in ("amount is '100'", "object is 'charge'", "currency is missing", "colour is unknown"):
        assert f"Refund.{problem}" in found


def test_objects_have_the_fields_and_types_of_stripes_library(standin: Standin) -> None:
    v1 = standin.v1
    customer = v1.customers.create({"name": "Ada"})
    intent = paid(standin, customer=customer.id, setup_future_usage="off_session", expand=["latest_charge"])
    pending = paid(standin, payment_method="pm_usBankAccount_success", expand=["latest_charge"])
    challenged = paid(standin, payment_method="pm_card_authenticationRequired")
    assert isinstance(intent.latest_charge, stripe.Charge)
    assert isinstance(pending.latest_charge, stripe.Charge)
    assert isinstance(intent.payment_method, str)
    refund = v1.refunds.create({"charge": intent.latest_charge.id})
    endpoint = v1.webhook_endpoints.create({"url": "http://127.0.0.1:9/", "enabled_events": ["*"]})
    answers: list[stripe.StripeObject] = [
        customer,
        create_intent(standin),
        intent,
        pending,
        challenged,
        authorised(standin),
        intent.latest_charge,
        pending.latest_charge,
        refund,
        v1.payment_methods.retrieve(intent.payment_method),
        v1.payment_methods.retrieve("pm_usBankAccount_success"),
        v1.setup_intents.create({"payment_method": "pm_card_visa", "payment_method_types": ["card"], "confirm": True}),
        *v1.balance_transactions.list().data,
        *v1.events.list({"limit": 100}).data,
        endpoint,
        v1.accounts.retrieve_current(),
        v1.balance.retrieve(),
    ]
    assert [problem for answer in answers for problem in shape(answer)] == []


def test_objects_of_connect_have_the_fields_and_types_of_stripes_library(standin: Standin) -> None:
    v1 = standin.v1
    fund(standin)
    ready = ready_account(standin)
    transfer = v1.transfers.create({"amount": 9_000, "currency": "usd", "destination": ready.id})
    reversal = v1.transfers.reversals.create(transfer.id, {"amount": 1_000})
    payout = v1.payouts.create({"amount": 5_000, "currency": "usd"}, of(ready))
    standin.control("POST", f"/payouts/{payout.id}/settle", {"outcome": "failed"})
    paid(standin, payment_method="pm_card_createDispute")
    paid(standin, payment_method="pm_card_createDisputeInquiry")
    for dispute in v1.disputes.list().data:
        v1.disputes.update(dispute.id, {"evidence": {"uncategorized_text": "winning_evidence"}})
    link = {"refresh_url": "http://127.0.0.1:9/", "return_url": "http://127.0.0.1:9/", "type": "account_onboarding"}
    answers: list[stripe.StripeObject] = [
        create_account(standin),
        create_account(standin, type="custom"),
        v1.accounts.retrieve(ready_account(standin, born="1902-01-01").id),
        ready,
        v1.account_links.create({"account": ready.id, **link}),  # type: ignore[typeddict-item]
        v1.accounts.login_links.create(ready.id),
        v1.transfers.retrieve(transfer.id),
        reversal,
        payout,
        v1.payouts.retrieve(payout.id, {}, of(ready)),
        v1.balance.retrieve({}, of(ready)),
        *v1.accounts.external_accounts.list(ready.id).data,
        *v1.charges.list({}, of(ready)).data,
        *v1.disputes.list().data,
        *v1.balance_transactions.list().data,
        *v1.balance_transactions.list({}, of(ready)).data,
        *v1.events.list({"limit": 100}).data,
        *v1.events.list({"limit": 100}, of(ready)).data,
    ]
    assert [problem for answer in answers for problem in shape(answer)] == []


def test_objects_of_billing_have_the_fields_and_types_of_stripes_library(standin: Standin) -> None:
    v1 = standin.v1
    rate = v1.tax_rates.create({"display_name": "VAT", "percentage": 19, "inclusive": False})
    good = subscribe(standin, default_tax_rates=[rate.id], metadata={"person": "7"})
    assert isinstance(good.customer, str)
    waiting = subscribe(standin, card=None, payment_behavior="default_incomplete")
    use_card(standin, good.customer, "pm_card_chargeCustomerFail")
    unpaid = advance(standin, good)
    answers: list[stripe.StripeObject] = [
        rate,
        good,
        waiting,
        unpaid,
        v1.subscriptions.cancel(waiting.id),
        latest_invoice(standin, good, expand=["confirmation_secret", "payments", "lines"]),
        *v1.subscriptions.list({"status": "all"}).data,
        *v1.invoices.list().data,
        *v1.invoice_payments.list().data,
        *v1.products.list().data,
        *v1.prices.list().data,
        *v1.events.list({"limit": 100}).data,
    ]
    assert [problem for answer in answers for problem in shape(answer)] == []


@pytest.mark.parametrize(
    ("schema", "library"),
    [
        (account.CREATE, library_params.AccountCreateParams),
        (account.UPDATE, library_params.AccountUpdateParams),
        (onboarding.CREATE_LINK, library_params.AccountLinkCreateParams),
        (disputes.UPDATE, library_params.DisputeModifyParams),
        (transfers.CREATE, library_params.TransferCreateParams),
        (transfers.UPDATE, library_params.TransferModifyParams),
        (transfers.REVERSE, library_params.TransferCreateReversalParams),
        (payouts.CREATE, library_params.PayoutCreateParams),
        (products.CREATE, library_params.ProductCreateParams),
        (products.UPDATE, library_params.ProductUpdateParams),
        (prices.CREATE, library_params.PriceCreateParams),
        (prices.COMMON, library_params.PriceUpdateParams),
        (tax_rates.CREATE, library_params.TaxRateCreateParams),
        (tax_rates.UPDATE, library_params.TaxRateUpdateParams),
        (subscriptions.CREATE, library_params.SubscriptionCreateParams),
        (subscriptions.UPDATE, library_params.SubscriptionUpdateParams),
        (subscriptions.CANCEL, library_params.SubscriptionCancelParams),
        (invoices.UPDATE, library_params.InvoiceUpdateParams),
        (invoices.PAY, library_params.InvoicePayParams),
        (customers.CREATE, library_params.CustomerCreateParams),
        (customers.FIELDS, library_params.CustomerModifyParams),
        (payment_intents.CREATE, library_params.PaymentIntentCreateParams),
        (payment_intents.UPDATE, library_params.PaymentIntentModifyParams),
        (payment_intents.CAPTURE, library_params.PaymentIntentCaptureParams),
        (payment_methods.DATA, library_params.PaymentMethodCreateParams),
        (payment_methods.UPDATE, library_params.PaymentMethodModifyParams),
        (charges.UPDATE, library_params.ChargeModifyParams),
        (refunds.CREATE, library_params.RefundCreateParams),
        (setup_intents.CREATE, library_params.SetupIntentCreateParams),
        (webhook_endpoints.CREATE, library_params.WebhookEndpointCreateParams),
        (webhook_endpoints.UPDATE, library_params.WebhookEndpointModifyParams),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_parameters_are_stripes(schema: Mapping[str, Any], library: type) -> None:
    known = set(library.__annotations__) - OPTIONS
    assert set(schema) <= known
    required = {name for name in library.__required_keys__ if name not in OPTIONS}  # type: ignore[attr-defined]
    assert required <= {name for name, param in schema.items() if param.required}
