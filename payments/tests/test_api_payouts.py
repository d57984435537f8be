from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.mail import EmailMessage
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import AuditEvent, User
from accounts.scopes import scope_for
from accounts.tests.factories import PASSWORD, FreelancerFactory, UserFactory
from core.money import Money
from notifications.models import Notification
from payments.models import ConnectAccount, Payout
from payments.providers import Connected
from payments.services import refresh_chargeback, refresh_connect_account, release_hold, send_payout
from payments.tests.factories import earn, funded_hold, payable
from payments.tests.fakes import VISA, FakeProvider

pytestmark = pytest.mark.django_db
As = Callable[[User], APIClient]
URL = "/api/wallet/payouts"


@pytest.fixture
def bearer_as() -> As:
    """Signed in by a token just now, so that the proof is fresh."""

    def client_of(user: User) -> APIClient:
        client = APIClient()
        tokens = client.post("/api/auth/login", {"email": user.email, "password": PASSWORD}, format="json").json()
        client.credentials(HTTP_AUTHORIZATION=f"Bearer {tokens['access_token']}")
        return client

    return client_of


@pytest.fixture
def payee(provider: FakeProvider) -> User:
    user = FreelancerFactory.create()
    earn(user, Money(400_00, "USD"), provider)
    payable(user, provider)
    return user


def test_from_asking_to_the_bank(api_as: As, payee: User, provider: FakeProvider) -> None:
    api = api_as(payee)
    made = api.post(URL, {"amount": 300_00, "currency": "usd"}, format="json")
    assert made.status_code == 201
    body = made.json()
    assert (body["amount"], body["fee"], body["net"], body["currency"]) == (300_00, 0, 300_00, "usd")
    assert (body["status"], body["can_cancel"]) == ("requested", True)
    [balance] = api.get("/api/wallet").json()["balances"]
    assert (balance["available"], balance["pending"], balance["debt"]) == (100_00, 300_00, 0)
    send_payout(body["id"])
    assert api.get(f"{URL}/{body['id']}").json()["status"] == "sent"
    assert [row["id"] for row in api.get(f"{URL}?status=sent&currency=usd").json()["results"]] == [body["id"]]
    refused = api.post(f"{URL}/{body['id']}/cancel")
    assert (refused.status_code, refused.json()["error_type"]) == (409, "payout_already_sent")


def test_the_same_key_is_one_payout(api_as: As, payee: User) -> None:
    api = api_as(payee)
    first, second = (
        api.post(URL, {"amount": 50_00, "currency": "usd"}, format="json", headers={"Idempotency-Key": "k"}).json()
        for _ in range(2)
    )
    assert first["id"] == second["id"]
    assert Payout.objects.count() == 1


def test_too_much_says_how_much_there_is(api_as: As, payee: User) -> None:
    refused = api_as(payee).post(URL, {"amount": 400_01, "currency": "usd"}, format="json")
    assert (refused.status_code, refused.json()["error_type"]) == (409, "amount_exceeds_available")
    assert "$400.00" in refused.json()["detail"]


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"amount": 0, "currency": "usd"},
        {"amount": 1.5, "currency": "usd"},
        {"amount": 5_00, "currency": "xxx"},
        {"amount": 4_99, "currency": "usd"},
    ],
)
def test_nonsense_and_too_little(api_as: As, payee: User, body: dict[str, object]) -> None:
    assert api_as(payee).post(URL, body, format="json").status_code == 400
    assert not Payout.objects.exists()


def test_other_peoples_payouts_are_not_there(api_as: As, payee: User) -> None:
    payout_id = api_as(payee).post(URL, {"amount": 50_00, "currency": "usd"}, format="json").json()["id"]
    stranger = api_as(UserFactory.create())
    assert stranger.get(f"{URL}/{payout_id}").status_code == 404
    assert stranger.post(f"{URL}/{payout_id}/cancel").status_code == 404
    assert stranger.get(URL).json()["results"] == []


def test_cancelling(api_as: As, payee: User) -> None:
    api = api_as(payee)
    payout_id = api.post(URL, {"amount": 50_00, "currency": "usd"}, format="json").json()["id"]
    cancelled = api.post(f"{URL}/{payout_id}/cancel").json()
    assert (cancelled["status"], cancelled["can_cancel"]) == ("cancelled", False)
    entries = api.get("/api/wallet/entries?account=payouts").json()["results"]
    assert [entry["kind"] for entry in entries] == ["payout_back", "payout"]


# --- Where the person is paid -------------------------------------------------------------------


def test_opening_an_account_needs_fresh_proof(api_as: As, provider: FakeProvider) -> None:
    """A forced sign-in has no session to have proven anything in."""
    refused = api_as(UserFactory.create()).post("/api/wallet/payout-account", {"country": "BE"}, format="json")
    assert (refused.status_code, refused.json()["error_type"]) == (403, "reauthentication_required")
    assert not ConnectAccount.objects.exists()


def test_opening_and_completing(bearer_as: As, provider: FakeProvider) -> None:
    user = FreelancerFactory.create()
    api = bearer_as(user)
    assert api.get("/api/wallet/payout-account").status_code == 404
    wrong = api.post("/api/wallet/payout-account", {"country": "XX"}, format="json")
    assert wrong.status_code == 400
    made = api.post("/api/wallet/payout-account", {"country": "be"}, format="json")
    assert (made.status_code, made.json()["ready"], made.json()["country"]) == (201, False, "BE")
    link = api.post("/api/wallet/payout-account/link").json()["url"]
    assert link.startswith("https://connect.test/setup/")
    account = ConnectAccount.objects.get()
    provider.onboard(account.account_id or "", currency="EUR")
    refresh_connect_account(account.pk)
    ready = api.get("/api/wallet/payout-account").json()
    assert (ready["ready"], ready["currencies"], ready["bank"]) == (True, ["eur"], "Test bank ending 6789")
    assert api.post("/api/wallet/payout-account/link").json()["url"].startswith("https://connect.test/express/")


def test_opening_twice_is_one_account_and_the_country_stays(bearer_as: As, provider: FakeProvider) -> None:
    api = bearer_as(FreelancerFactory.create())
    for _ in range(2):
        assert api.post("/api/wallet/payout-account", {"country": "BE"}, format="json").status_code == 201
    assert (len(provider.accounts), ConnectAccount.objects.count()) == (1, 1)
    refused = api.post("/api/wallet/payout-account", {"country": "FR"}, format="json")
    assert (refused.status_code, refused.json()["error_type"]) == (409, "payout_account_elsewhere")


def test_an_answer_about_a_country_that_was_given_up_meanwhile_is_not_kept(
    bearer_as: As, provider: FakeProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    api = bearer_as(FreelancerFactory.create())
    answer = provider.create_account

    def choose_another_first(**about: Any) -> Connected:
        monkeypatch.setattr(provider, "create_account", answer)
        provider.fail_before.add("create_account")
        assert api.post("/api/wallet/payout-account", {"country": "FR"}, format="json").status_code == 503
        return answer(**about)

    monkeypatch.setattr(provider, "create_account", choose_another_first)
    late = api.post("/api/wallet/payout-account", {"country": "BE"}, format="json")
    assert (late.status_code, late.json()["error_type"]) == (409, "payout_account_elsewhere")
    account = ConnectAccount.objects.get()
    assert (account.country, account.account_id) == ("FR", None)
    assert api.post("/api/wallet/payout-account", {"country": "FR"}, format="json").status_code == 201


def test_a_link_without_an_account(bearer_as: As, provider: FakeProvider) -> None:
    refused = bearer_as(FreelancerFactory.create()).post("/api/wallet/payout-account/link")
    assert (refused.status_code, refused.json()["error_type"]) == (409, "no_payout_account")


def test_an_unknown_outcome_of_opening_finds_the_same_account(bearer_as: As, provider: FakeProvider) -> None:
    api = bearer_as(FreelancerFactory.create())
    provider.fail_after.add("create_account")
    assert api.post("/api/wallet/payout-account", {"country": "BE"}, format="json").status_code == 503
    assert api.post("/api/wallet/payout-account", {"country": "BE"}, format="json").status_code == 201
    assert len(provider.accounts) == 1


def test_another_bank_is_told_by_mail_and_kept_in_the_security_history(
    payee: User, provider: FakeProvider, run_jobs: Callable[[], list[str]], mailoutbox: list[EmailMessage]
) -> None:
    account = ConnectAccount.objects.get(user=payee)
    provider.onboard(account.account_id or "", bank="ba_other")
    for _ in range(2):
        refresh_connect_account(account.pk)
    assert Notification.objects.filter(user=payee, title__contains="was changed").count() == 1
    assert AuditEvent.objects.filter(person_id=payee.pk, action="payout_account.changed_bank").count() == 1
    run_jobs()
    assert any("Where you are paid" in letter.subject for letter in mailoutbox)


def test_a_program_with_a_key_gets_nowhere_near_money_that_leaves(payee: User) -> None:
    for path in ("wallet/payouts", "wallet/payouts/{pk}/cancel", "wallet/payout-account", "wallet/debt"):
        assert scope_for(f"api/{path}", "POST") is None


# --- What is owed -------------------------------------------------------------------------------


def test_a_debt_is_seen_and_settled(api_as: As, provider: FakeProvider) -> None:
    hold = funded_hold(Money(80_00, "USD"), provider=provider)
    release_hold(hold.payer, hold=hold, cause="r")
    refresh_chargeback(provider.dispute(hold.payments.get().intent_id or "").id)
    api = api_as(hold.payer)
    assert api.get("/api/wallet").json()["balances"][0]["debt"] == 80_00
    assert [row["amount"] for row in api.get("/api/wallet/entries?account=debt").json()["results"]] == [-80_00]
    paid = api.post("/api/wallet/debt", {"currency": "usd", "payment_method": VISA}, format="json")
    assert (paid.status_code, paid.json()["amount"], paid.json()["status"]) == (201, 80_00, "succeeded")
    assert api.get("/api/wallet").json()["balances"][0]["debt"] == 0
    again = api.post("/api/wallet/debt", {"currency": "usd"}, format="json")
    assert (again.status_code, again.json()["error_type"]) == (409, "no_debt")


def test_a_new_account_is_told_from_when(api_as: As, payee: User) -> None:
    User.objects.filter(pk=payee.pk).update(date_joined=timezone.now() - timedelta(days=1))
    payee.refresh_from_db()
    refused = api_as(payee).post(URL, {"amount": 50_00, "currency": "usd"}, format="json")
    assert (refused.status_code, refused.json()["error_type"]) == (403, "account_too_new")
