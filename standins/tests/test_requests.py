"""Keys, parameters, lists and expansion: what all endpoints share."""

from __future__ import annotations

import base64
from typing import Any

import pytest
import stripe

from standins.stripe.errors import InvalidParameter
from standins.stripe.params import decode

from .payments import create_intent, paid
from .process import PUBLISHABLE_KEY, SECRET_KEY, Standin

FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@pytest.mark.parametrize(
    "authorization",
    [
        None,
        "Bearer",
        "Bearer nonsense",
        "Bearer sk_test_short",
        "Bearer sk_live_4eC39HqLyjWDarjtT1zdp7dc",
        "Basic !!!",
        "Basic " + base64.b64encode(b"user:password").decode(),
        SECRET_KEY,
    ],
)
def test_without_a_good_key_nothing_is_answered(standin: Standin, authorization: str | None) -> None:
    headers = {"Authorization": authorization} if authorization else {}
    answer = standin.http.get("/v1/customers", headers=headers)
    assert answer.status_code == 401
    error = answer.json()["error"]
    assert error["type"] == "invalid_request_error"
    assert SECRET_KEY not in error["message"]


def test_the_key_may_be_the_user_name_of_basic_authentication(standin: Standin) -> None:
    assert standin.http.get("/v1/customers", auth=(SECRET_KEY, "")).status_code == 200


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/v1/customers"),
        ("POST", "/v1/payment_intents"),
        ("POST", "/v1/payment_intents/pi_1/capture"),
        ("POST", "/v1/refunds"),
        ("GET", "/v1/balance"),
    ],
)
def test_a_publishable_key_is_not_enough(standin: Standin, method: str, path: str) -> None:
    answer = standin.raw(method, path, key=PUBLISHABLE_KEY)
    assert answer.status_code == 401
    assert answer.json()["error"]["code"] == "secret_key_required"


def test_unknown_urls(standin: Standin) -> None:
    for method, path in (("GET", "/v1/unicorns"), ("DELETE", "/v1/payment_intents/pi_1"), ("PUT", "/v1/customers")):
        answer = standin.raw(method, path)
        assert answer.status_code == 404
        assert f"Unrecognized request URL ({method}: {path})" in answer.json()["error"]["message"]


@pytest.mark.parametrize(
    ("path", "param"),
    [
        ("/v1/customers/cus_1", "id"),
        ("/v1/payment_intents/pi_1", "intent"),
        ("/v1/payment_methods/pm_1", "payment_method"),
        ("/v1/charges/ch_1", "id"),
        ("/v1/refunds/re_1", "id"),
        ("/v1/events/evt_1", "id"),
        ("/v1/balance_transactions/txn_1", "id"),
        ("/v1/setup_intents/seti_1", "intent"),
        ("/v1/webhook_endpoints/we_1", "id"),
        ("/v1/accounts/acct_1", "account"),
    ],
)
def test_missing_objects(standin: Standin, path: str, param: str) -> None:
    answer = standin.raw("GET", path)
    assert answer.status_code == 404
    error = answer.json()["error"]
    assert (error["code"], error["param"]) == ("resource_missing", param)
    assert error["message"].startswith("No such ")


def test_an_id_of_another_kind_is_missing(standin: Standin) -> None:
    customer = standin.v1.customers.create({})
    with pytest.raises(stripe.InvalidRequestError, match="No such charge"):
        standin.v1.charges.retrieve(customer.id)


def test_json_bodies_are_refused(standin: Standin) -> None:
    answer = standin.raw("POST", "/v1/customers", json={"name": "Ada"})
    assert answer.status_code == 400
    assert "content type" in answer.json()["error"]["message"]


def test_other_accounts_are_out_of_reach(standin: Standin) -> None:
    own = standin.v1.accounts.retrieve_current().id
    assert standin.raw("GET", "/v1/balance", headers={"Stripe-Account": own}).status_code == 200
    assert standin.raw("GET", "/v1/balance", headers={"Stripe-Account": "acct_other"}).status_code == 403


def test_the_version_is_echoed_and_checked(standin: Standin) -> None:
    answer = standin.raw("GET", "/v1/balance", headers={"Stripe-Version": "2025-03-31.basil"})
    assert answer.headers["Stripe-Version"] == "2025-03-31.basil"
    assert answer.headers["Request-Id"].startswith("req_")
    assert standin.raw("GET", "/v1/balance", headers={"Stripe-Version": "latest"}).status_code == 400


@pytest.mark.parametrize(
    ("encoded", "decoded"),
    [
        ("a=1&b=", {"a": "1", "b": ""}),
        ("a[b][c]=1&a[b][d]=2", {"a": {"b": {"c": "1", "d": "2"}}}),
        ("a[]=1&a[]=2", {"a": ["1", "2"]}),
        ("a[1]=y&a[0]=x", {"a": ["x", "y"]}),
        ("a[0][b]=1&a[1][b]=2", {"a": [{"b": "1"}, {"b": "2"}]}),
        ("a%5Bb%5D=%C3%A9+%26", {"a": {"b": "é &"}}),
        ("", {}),
    ],
)
def test_decoding(encoded: str, decoded: dict[str, Any]) -> None:
    assert decode(encoded) == decoded


@pytest.mark.parametrize("encoded", ["[a]=1", "a[=1", "a]b=1", "a[b]c=1", "a=1&a[b]=2", "a" + "[b]" * 20 + "=1"])
def test_garbled_names_are_refused(encoded: str) -> None:
    with pytest.raises(InvalidParameter):
        decode(encoded)


@pytest.mark.parametrize(
    "encoded", ["[a]=1", "amount[=1", "metadata=text", "expand=customer", "amount[x]=1", "%FF=%FE"]
)
def test_garbled_bodies_are_answered(standin: Standin, encoded: str) -> None:
    answer = standin.raw("POST", "/v1/payment_intents", content=f"currency=usd&{encoded}", headers=FORM)
    assert answer.status_code == 400
    assert answer.json()["error"]["type"] == "invalid_request_error"


@pytest.mark.parametrize(
    ("params", "param"),
    [
        ({"name": "x" * 257}, "name"),
        ({"email": "nobody"}, "email"),
        ({"metadata": {"k" * 41: "v"}}, "metadata[" + "k" * 41 + "]"),
        ({"metadata": {"k": "v" * 501}}, "metadata[k]"),
        ({"metadata": {f"k{number}": "v" for number in range(51)}}, "metadata"),
        ({"tax_exempt": "maybe"}, "tax_exempt"),
        ({"balance": "1.5"}, "balance"),
    ],
)
def test_values_are_checked(standin: Standin, params: Any, param: str) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        standin.v1.customers.create(params)
    assert refusal.value.param == param
    assert standin.v1.customers.list().data == []


def test_an_empty_string_clears_only_what_can_be_empty(standin: Standin) -> None:
    customer = standin.v1.customers.create({"name": "Ada", "phone": "1"})
    assert standin.v1.customers.update(customer.id, {"phone": ""}).phone is None
    answer = standin.raw("POST", "/v1/payment_intents", content="amount=&currency=usd", headers=FORM)
    assert answer.json()["error"]["code"] == "parameter_invalid_empty"


def test_pages_of_a_list_join_without_gap(standin: Standin) -> None:
    made = [standin.v1.customers.create({"name": str(number)}).id for number in range(7)]
    newest_first = made[::-1]
    page = standin.v1.customers.list({"limit": 3})
    assert ([customer.id for customer in page.data], page.has_more) == (newest_first[:3], True)
    page = standin.v1.customers.list({"limit": 4, "starting_after": newest_first[2]})
    assert ([customer.id for customer in page.data], page.has_more) == (newest_first[3:], False)
    page = standin.v1.customers.list({"limit": 2, "ending_before": newest_first[4]})
    assert ([customer.id for customer in page.data], page.has_more) == (newest_first[2:4], True)
    every = standin.v1.customers.list({"limit": 2}).auto_paging_iter()
    assert [customer.id for customer in every] == newest_first


@pytest.mark.parametrize("params", [{"limit": 0}, {"limit": 101}, {"starting_after": "cus_nobody"}, {"colour": "red"}])
def test_list_parameters_are_checked(standin: Standin, params: Any) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        standin.v1.customers.list(params)
    assert refusal.value.param == next(iter(params))


def test_lists_filter(standin: Standin) -> None:
    owner = standin.v1.customers.create({"email": "owner@example.com"})
    standin.v1.customers.create({"email": "other@example.com"})
    mine = paid(standin, customer=owner.id)
    other = paid(standin)
    found = standin.v1.customers.list({"email": "owner@example.com"}).data
    assert [customer.id for customer in found] == [owner.id]
    assert [intent.id for intent in standin.v1.payment_intents.list({"customer": owner.id}).data] == [mine.id]
    charges = standin.v1.charges.list({"payment_intent": other.id}).data
    assert [charge.id for charge in charges] == [other.latest_charge]
    types: Any = {"types": ["charge.succeeded", "customer.created"]}
    events = standin.v1.events.list(types).data
    assert sorted({event.type for event in events}) == ["charge.succeeded", "customer.created"]
    now = mine.created
    assert standin.v1.payment_intents.list({"created": {"gt": now + 60}}).data == []
    assert len(standin.v1.payment_intents.list({"created": {"gte": now - 60, "lt": now + 60}}).data) == 2


def test_expansion_reaches_four_levels(standin: Standin) -> None:
    customer = standin.v1.customers.create({})
    intent = paid(standin, customer=customer.id)
    refund = standin.v1.refunds.create(
        {"payment_intent": intent.id, "expand": ["charge.payment_intent.latest_charge.customer", "balance_transaction"]}
    )
    charge = refund.charge
    assert isinstance(charge, stripe.Charge)
    assert isinstance(charge.payment_intent, stripe.PaymentIntent)
    assert isinstance(charge.payment_intent.latest_charge, stripe.Charge)
    assert isinstance(charge.payment_intent.latest_charge.customer, stripe.Customer)
    assert isinstance(refund.balance_transaction, stripe.BalanceTransaction)


def test_expansion_in_lists(standin: Standin) -> None:
    paid(standin)
    page = standin.v1.charges.list({"expand": ["data.balance_transaction", "data.refunds"]})
    assert isinstance(page.data[0].balance_transaction, stripe.BalanceTransaction)
    assert page.data[0].refunds is not None


def test_expansion_of_a_nested_hash(standin: Standin) -> None:
    customer = standin.v1.customers.create({"payment_method": "pm_card_visa"})
    method = standin.v1.customers.payment_methods.list(customer.id).data[0]
    standin.v1.customers.update(customer.id, {"invoice_settings": {"default_payment_method": method.id}})
    expanded = standin.v1.customers.retrieve(
        customer.id, {"expand": ["invoice_settings.default_payment_method", "sources", "default_source"]}
    )
    assert expanded.invoice_settings is not None
    assert isinstance(expanded.invoice_settings.default_payment_method, stripe.PaymentMethod)
    assert expanded.sources is not None
    assert expanded.sources.data == []


@pytest.mark.parametrize("path", ["amount", "colour", "customer.colour", "a.b.c.d.e", "invoice_settings"])
def test_other_expansions_are_refused(standin: Standin, path: str) -> None:
    intent = create_intent(standin, customer=standin.v1.customers.create({}).id)
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        standin.v1.payment_intents.retrieve(intent.id, {"expand": [path]})
    assert refusal.value.param == "expand"


def test_nothing_remains_of_a_refused_request(standin: Standin) -> None:
    with pytest.raises(stripe.InvalidRequestError):
        paid(standin, expand=["colour"])
    assert standin.v1.payment_intents.list().data == []
    assert standin.event_types() == []
