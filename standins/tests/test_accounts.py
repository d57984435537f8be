from __future__ import annotations

from typing import Any

import pytest
import stripe

from .accounts import PERSON, create_account, of, onboard, ready_account
from .process import Receiver, Standin

URLS: Any = {"refresh_url": "http://127.0.0.1:9/refresh", "return_url": "http://127.0.0.1:9/return"}


def link(standin: Standin, account: stripe.Account) -> str:
    params: Any = {"account": account.id, "type": "account_onboarding", **URLS}
    return standin.v1.account_links.create(params).url


def test_a_new_account_can_do_nothing_yet(standin: Standin) -> None:
    account = create_account(standin, email="ada@example.com", country="DE", metadata={"person": "7"})
    assert (account.charges_enabled, account.payouts_enabled, account.details_submitted) == (False, False, False)
    assert (account.type, account.default_currency, account.email) == ("express", "eur", "ada@example.com")
    assert account.controller is not None
    assert account.controller.to_dict()["stripe_dashboard"] == {"type": "express"}
    assert account.requirements is not None
    assert "external_account" in (account.requirements.currently_due or [])
    assert account.requirements.disabled_reason == "requirements.past_due"
    assert account.capabilities is not None
    assert account.capabilities.transfers == "inactive"


def test_controller_instead_of_type(standin: Standin) -> None:
    account = standin.v1.accounts.create(
        {
            "controller": {
                "fees": {"payer": "application"},
                "losses": {"payments": "application"},
                "stripe_dashboard": {"type": "express"},
            }
        }
    )
    assert account.type == "none"
    assert account.controller is not None
    assert account.controller.to_dict()["fees"] == {"payer": "application"}
    with pytest.raises(stripe.InvalidRequestError, match="only specify one"):
        standin.v1.accounts.create({"type": "express", "controller": {"fees": {"payer": "account"}}})


def test_onboarding_completes_the_account_and_tells_it(standin: Standin, receiver: Receiver) -> None:
    account = ready_account(standin)
    assert (account.charges_enabled, account.payouts_enabled, account.details_submitted) == (True, True, True)
    assert account.requirements is not None
    assert (account.requirements.currently_due, account.requirements.disabled_reason) == ([], None)
    assert account.external_accounts is not None
    assert [bank.last4 for bank in account.external_accounts.data] == ["6789"]
    standin.flush()
    [event] = [received.event for received in receiver.received if received.type == "account.updated"]
    assert event["account"] == account.id
    assert event["data"]["object"]["payouts_enabled"] is True
    assert event["data"]["previous_attributes"]["payouts_enabled"] is False


def test_leaving_the_page_early_completes_nothing(standin: Standin) -> None:
    account = create_account(standin)
    onboard(standin, account.id, outcome="leave")
    assert standin.v1.accounts.retrieve(account.id).details_submitted is False


def test_without_a_bank_account_there_are_no_payouts(standin: Standin) -> None:
    account = ready_account(standin, account_number="")
    assert (account.details_submitted, account.payouts_enabled) == (True, False)
    assert account.capabilities is not None
    assert account.capabilities.transfers == "active"
    standin.v1.accounts.external_accounts.create(account.id, {"external_account": "btok_us_verified"})
    assert standin.v1.accounts.retrieve(account.id).payouts_enabled is True


def test_a_person_who_can_not_be_verified(standin: Standin) -> None:
    account = ready_account(standin, born="1902-01-01")
    assert (account.details_submitted, account.payouts_enabled) == (True, False)
    assert account.requirements is not None
    assert account.requirements.currently_due == ["individual.verification.document"]
    assert [error.code for error in account.requirements.errors or []] == ["verification_failed_keyed_identity"]


def test_a_link_works_once_and_then_leads_to_a_new_one(standin: Standin) -> None:
    account = create_account(standin)
    url = link(standin, account)
    assert standin.http.get(url).status_code == 200
    again = standin.http.get(url)
    assert (again.status_code, again.headers["Location"]) == (303, URLS["refresh_url"])
    older, newer = link(standin, account), link(standin, account)
    assert standin.http.get(older).status_code == 303
    assert standin.http.get(newer).status_code == 200
    assert standin.http.post(f"/setup/e/{account.id}/guess").status_code == 404


def test_links_need_both_addresses_and_an_account(standin: Standin) -> None:
    account = create_account(standin)
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        standin.v1.account_links.create({"account": account.id, "type": "account_onboarding"})
    assert refusal.value.param == "refresh_url"
    with pytest.raises(stripe.InvalidRequestError, match="No such account"):
        link(standin, stripe.Account("acct_none"))


def test_custom_accounts_are_completed_over_the_api(standin: Standin) -> None:
    account = create_account(standin, type="custom", business_type="individual")
    updated = standin.v1.accounts.update(
        account.id,
        {
            "individual": PERSON,
            "external_account": "btok_us_verified",
            "tos_acceptance": {"date": 1_700_000_000, "ip": "127.0.0.1"},
        },
    )
    assert (updated.details_submitted, updated.payouts_enabled) == (True, True)
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        standin.v1.accounts.update(create_account(standin).id, {"tos_acceptance": {"date": 1, "ip": "127.0.0.1"}})
    assert refusal.value.param == "tos_acceptance"


def test_settings_and_metadata_merge(standin: Standin) -> None:
    account = create_account(standin, settings={"payouts": {"schedule": {"interval": "manual"}}}, metadata={"a": "1"})
    updated = standin.v1.accounts.update(account.id, {"metadata": {"b": "2"}, "business_profile": {"name": "Ada"}})
    assert updated.settings is not None
    assert updated.settings.payouts is not None
    assert updated.settings.payouts.schedule.to_dict() == {"delay_days": 2, "interval": "manual"}
    assert updated.metadata is not None
    assert updated.metadata.to_dict() == {"a": "1", "b": "2"}
    assert updated.business_profile is not None
    assert updated.business_profile.name == "Ada"


def test_stripe_can_restrict_an_account_later(standin: Standin) -> None:
    account = ready_account(standin)
    due = {"currently_due": ["individual.id_number"], "payouts_enabled": False}
    standin.control("POST", f"/accounts/{account.id}/restrict", due)
    after = standin.v1.accounts.retrieve(account.id)
    assert after.requirements is not None
    assert (after.payouts_enabled, after.requirements.currently_due) == (False, ["individual.id_number"])
    standin.control("POST", f"/accounts/{account.id}/restrict", {})
    assert standin.v1.accounts.retrieve(account.id).payouts_enabled is True
    assert standin.http.post(f"/standin/accounts/{account.id}/restrict", json={"mood": "bad"}).status_code == 400


def test_rejecting_and_deleting(standin: Standin) -> None:
    account = ready_account(standin)
    rejected = standin.v1.accounts.reject(account.id, {"reason": "fraud"})
    assert rejected.requirements is not None
    assert (rejected.requirements.disabled_reason, rejected.payouts_enabled) == ("rejected.fraud", False)
    assert standin.v1.accounts.delete(account.id).deleted is True
    with pytest.raises(stripe.InvalidRequestError):
        standin.v1.accounts.retrieve(account.id)
    assert standin.v1.accounts.list().data == []


def test_login_links_show_the_dashboard(standin: Standin) -> None:
    account = create_account(standin)
    with pytest.raises(stripe.InvalidRequestError, match="not completed onboarding"):
        standin.v1.accounts.login_links.create(account.id)
    onboard(standin, account.id)
    url = standin.v1.accounts.login_links.create(account.id).url
    assert account.id in standin.http.get(url).text
    assert standin.http.get(url + "x").status_code == 404


def test_bank_accounts(standin: Standin) -> None:
    account = ready_account(standin)
    banks = standin.v1.accounts.external_accounts
    described: Any = {
        "object": "bank_account",
        "country": "DE",
        "currency": "eur",
        "account_number": "DE89370400440532013000",
    }
    euro = banks.create(account.id, {"external_account": described})
    second = banks.create(account.id, {"external_account": "btok_us_accountClosed", "default_for_currency": True})
    defaults = {bank.last4: bank.to_dict()["default_for_currency"] for bank in banks.list(account.id).data}
    assert defaults == {"6789": False, "3000": True, "1113": True}
    with pytest.raises(stripe.InvalidRequestError):
        banks.delete(account.id, second.id)
    assert banks.update(account.id, euro.id, {"account_holder_name": "Ada"}).to_dict()["account_holder_name"] == "Ada"
    with pytest.raises(stripe.InvalidRequestError, match="No such token"):
        banks.create(account.id, {"external_account": "btok_none"})
    with pytest.raises(stripe.InvalidRequestError, match="No such external account"):
        banks.retrieve(create_account(standin).id, euro.id)


def test_objects_of_one_account_are_not_there_for_another(standin: Standin) -> None:
    first, second = ready_account(standin), ready_account(standin)
    customer = standin.v1.customers.create({"name": "Ada"}, of(first))
    assert standin.v1.customers.retrieve(customer.id, {}, of(first)).name == "Ada"
    elsewhere: list[Any] = [{}, of(second)]
    for options in elsewhere:
        assert standin.v1.customers.list({}, options).data == []
        with pytest.raises(stripe.InvalidRequestError, match="No such customer"):
            standin.v1.customers.retrieve(customer.id, {}, options)


def test_idempotency_keys_belong_to_the_account(standin: Standin) -> None:
    account = ready_account(standin)
    key = {"idempotency_key": "c-1"}
    own = standin.v1.customers.create({"name": "Ada"}, key)  # type: ignore[arg-type]
    theirs = standin.v1.customers.create({"name": "Ada"}, of(account) | key)
    assert own.id != theirs.id
    assert standin.v1.customers.create({"name": "Ada"}, of(account) | key).id == theirs.id


def test_endpoints_hear_the_platform_or_the_connected_accounts(standin: Standin) -> None:
    receivers = {connect: Receiver() for connect in (False, True)}
    for connect, receiver in receivers.items():
        standin.v1.webhook_endpoints.create({"url": receiver.url, "enabled_events": ["*"], "connect": connect})
    account = ready_account(standin)
    standin.v1.customers.create({"name": "Ada"})
    standin.v1.customers.create({"name": "Eve"}, of(account))
    standin.flush()
    assert {received.event.get("account") for received in receivers[True].received} == {account.id}
    assert receivers[False].types == ["customer.created"]
    for receiver in receivers.values():
        receiver.stop()


def test_an_account_retrieves_itself(standin: Standin) -> None:
    account = ready_account(standin)
    assert standin.v1.accounts.retrieve_current({}, of(account)).id == account.id
    assert standin.v1.accounts.retrieve(account.id, {}, of(account)).id == account.id
    assert standin.v1.accounts.retrieve_current().type == "standard"
