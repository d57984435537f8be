"""News of accounts, transfers, payouts and disputes: any order, any number of times, the same end state."""

import itertools
from typing import Any

import pytest

from accounts.models import User
from accounts.tests.factories import FreelancerFactory
from core.errors import Unavailable
from core.money import Money
from payments.models import Chargeback, Journal, Payout, ProviderEvent
from payments.providers import PAYOUT_KEY, ProviderPayout, Transfer
from payments.services import events as event_services
from payments.services import process_event, release_hold, request_payout, return_transfer, send_payout
from payments.services.events import store_event
from payments.tests.factories import earn, funded_hold, payable
from payments.tests.fakes import FakeProvider

pytestmark = pytest.mark.django_db
SUM = Money(300_00, "USD")
_numbers = itertools.count(1)


@pytest.fixture(autouse=True)
def _no_copies(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(event_services, "mirror", lambda about: None)


@pytest.fixture
def payout(provider: FakeProvider) -> Payout:
    user: User = FreelancerFactory.create()
    earn(user, SUM, provider)
    payable(user, provider)
    return request_payout(user, amount=SUM)


def tell(kind: str, about: dict[str, Any], account: str = "") -> None:
    event = {"id": f"evt_{next(_numbers)}", "type": kind, "livemode": False, "data": {"object": about}}
    process_event(store_event(event | ({"account": account} if account else {})).pk)


def payout_object(state: ProviderPayout, status: str = "") -> dict[str, Any]:
    return {
        "id": state.id,
        "object": "payout",
        "status": status or state.status,
        "amount": state.amount_minor,
        "currency": state.currency.lower(),
        "arrival_date": 1_800_000_000,
        "metadata": dict(state.metadata),
        "failure_code": state.failure_code or None,
        "failure_message": state.failure_message or None,
    }


def transfer_object(state: Transfer) -> dict[str, Any]:
    return {
        "id": state.id,
        "object": "transfer",
        "destination": state.account_id,
        "amount": state.amount_minor,
        "currency": state.currency.lower(),
        "amount_reversed": state.reversed_minor,
        "metadata": dict(state.metadata),
    }


def tell_payout(provider: FakeProvider, status: str) -> None:
    [state] = provider.payouts.values()
    tell(f"payout.{status}", payout_object(state, status), account="acct_of_the_payee")


def state_of(payout: Payout) -> str:
    payout.refresh_from_db()
    return str(payout.status)


@pytest.mark.parametrize("order", list(itertools.permutations(["created", "updated", "paid"])))
def test_a_payout_arrives_in_any_order_of_the_news(
    payout: Payout, provider: FakeProvider, order: tuple[str, ...]
) -> None:
    send_payout(payout.pk)
    [state] = provider.payouts.values()
    provider.move_payout(state.id, "paid")
    snapshots = {"created": "pending", "updated": "in_transit", "paid": "paid"}
    for _ in range(2):
        for name in order:
            tell(f"payout.{name}", payout_object(state, snapshots[name]), account="acct_of_the_payee")
    assert state_of(payout) == "paid"
    assert Journal.objects.filter(kind="payout_paid").count() == 1


@pytest.mark.parametrize("order", [("paid", "failed"), ("failed", "paid"), ("failed", "failed")])
def test_a_failure_is_final_and_returns_once(payout: Payout, provider: FakeProvider, order: tuple[str, ...]) -> None:
    send_payout(payout.pk)
    [state] = provider.payouts.values()
    provider.move_payout(state.id, "failed")
    for name in (*order, *order):
        tell(f"payout.{name}", payout_object(state, name), account="acct_of_the_payee")
    assert state_of(payout) == "failed"
    assert Journal.objects.filter(kind="payout_back").count() == 1


@pytest.mark.parametrize("call", ["create_transfer", "create_payout"])
def test_news_that_comes_before_we_noted_the_answer_is_found_by_our_mark(
    payout: Payout, provider: FakeProvider, call: str
) -> None:
    provider.fail_after.add(call)
    with pytest.raises(Unavailable):
        send_payout(payout.pk)
    if call == "create_transfer":
        [transfer] = provider.transfers.values()
        tell("transfer.created", transfer_object(transfer))
        payout.refresh_from_db()
        assert payout.transfer_id == transfer.id
    else:
        [state] = provider.payouts.values()
        provider.move_payout(state.id, "paid")
        tell_payout(provider, "paid")
        assert state_of(payout) == "paid"
    send_payout(payout.pk)
    assert (len(provider.transfers), len(provider.payouts)) == (1, 1)


def test_news_of_the_taken_back_transfer(payout: Payout, provider: FakeProvider) -> None:
    provider.refuse_payouts = True
    send_payout(payout.pk)
    provider.fail_after.add("reverse_transfer")
    with pytest.raises(Unavailable):
        return_transfer(payout.pk)
    for _ in range(2):
        [transfer] = provider.transfers.values()
        tell("transfer.reversed", transfer_object(transfer))
    payout.refresh_from_db()
    assert payout.returned_at
    return_transfer(payout.pk)
    assert Journal.objects.filter(kind="reversal").count() == 1


def test_money_that_is_not_ours_is_left_alone(provider: FakeProvider) -> None:
    stranger = ProviderPayout("po_x", "paid", 5_00, "USD", metadata={PAYOUT_KEY: "nonsense"})
    tell("payout.paid", payout_object(stranger))
    tell("transfer.created", transfer_object(Transfer("tr_x", "acct_x", 5_00, "USD")))
    tell("account.updated", {"id": "acct_x", "object": "account"})
    assert not Journal.objects.exists()
    assert not ProviderEvent.objects.filter(processed_at=None).exists()


def test_news_of_the_account_is_asked_for_anew(payout: Payout, provider: FakeProvider) -> None:
    account = payout.account
    provider.onboard(account.account_id or "", currency="EUR", bank=f"ba_{payout.user_id}")
    tell("account.updated", {"id": account.account_id, "object": "account", "payouts_enabled": False}, account="acct")
    account.refresh_from_db()
    assert (account.currencies, account.payouts_enabled) == (["EUR"], True)


DISPUTE_NEWS = ("created", "funds_withdrawn", "updated", "closed", "funds_reinstated")


@pytest.mark.parametrize("seed", range(6))
def test_a_dispute_ends_the_same_in_any_order_of_the_news(provider: FakeProvider, seed: int) -> None:
    hold = funded_hold(SUM, provider=provider)
    release_hold(hold.payer, hold=hold, cause="r")
    dispute = provider.dispute(hold.payments.get().intent_id or "")
    about = {"id": dispute.id, "object": "dispute"}
    first, *rest = DISPUTE_NEWS[seed % 5 :] + DISPUTE_NEWS[: seed % 5]
    tell(f"charge.dispute.{first}", about)
    provider.decide_dispute(dispute.id, "won")
    for name in [*rest, *rest]:
        tell(f"charge.dispute.{name}", about)
    chargeback = Chargeback.objects.get()
    assert (chargeback.status, chargeback.counted_minor) == ("won", 0)
    assert Journal.objects.filter(kind="chargeback").count() == 1
    assert Journal.objects.filter(kind="chargeback_won").count() == 1
