"""What a bank takes back while the two sides are in dispute about it: the dispute follows the money, and never gets stuck."""

from collections.abc import Iterator

import pytest

from accounts.tests.factories import set_rules, staff_of
from contracts.models import Dispute, DisputeDecision
from contracts.services import disputes
from contracts.tests.factories import disputed_step, mediated, open_dispute_about, submitted_step
from core.errors import DomainError
from notifications.models import Notification
from payments.models import Chargeback, Journal
from payments.selectors import prove
from payments.services import refresh_chargeback
from payments.tests.fakes import FakeProvider
from tests.racing import at_once
from tests.test_chargebacks import NOTHING, charge_back, decide, earned, intent_of, purse, usd

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _books_are_right(_django_db_helper: None) -> Iterator[None]:
    yield
    assert [finding for finding in prove() if finding.offenders] == []


@pytest.fixture
def dispute(provider: FakeProvider) -> Dispute:
    """About 500.00, of which the client claims 200.00."""
    return disputed_step([500_00])


def again(dispute: Dispute) -> Dispute:
    return Dispute.objects.select_related("hold", "milestone", "contract").get(pk=dispute.pk)


def told(dispute: Dispute, kind: str) -> set[int]:
    return set(Notification.objects.filter(kind=kind, data__dispute_id=dispute.pk).values_list("user_id", flat=True))


def test_everything_taken_back_ends_it(provider: FakeProvider, dispute: Dispute) -> None:
    charge_back(provider, intent_of(dispute.hold))
    dispute = again(dispute)
    assert (dispute.status, dispute.to_client_minor, dispute.answer_by) == ("withdrawn", None, None)
    assert (dispute.hold.status, dispute.hold.frozen_at, dispute.hold.held) == ("refunded", None, NOTHING)
    assert dispute.milestone and dispute.milestone.status == "refunded"
    assert dispute.contract.status == "cancelled"
    assert told(dispute, "dispute_withdrawn") == {dispute.contract.client_id, dispute.contract.freelancer_id}
    assert purse(dispute.contract.client) == (NOTHING, NOTHING)
    assert list(dispute.hold.events.values_list("move", flat=True))[-2:] == ["unfreeze", "refund"]


def test_everything_given_back_later_is_the_clients_credit(provider: FakeProvider, dispute: Dispute) -> None:
    chargeback = charge_back(provider, intent_of(dispute.hold))
    decide(provider, chargeback, "won")
    assert purse(dispute.contract.client) == (usd(500_00), NOTHING)
    assert again(dispute).status == "withdrawn"


def test_a_part_leaves_the_dispute_about_the_rest(provider: FakeProvider, dispute: Dispute) -> None:
    charge_back(provider, intent_of(dispute.hold), usd(150_00))
    dispute = again(dispute)
    assert (dispute.status, dispute.held, dispute.claim) == ("open", usd(350_00), usd(50_00))
    assert (dispute.hold.held, dispute.hold.frozen_at is None) == (usd(350_00), False)
    assert told(dispute, "dispute_reduced") == {dispute.contract.client_id, dispute.contract.freelancer_id}
    disputes.accept_claim(dispute.contract.freelancer, dispute_id=dispute.pk)
    dispute = again(dispute)
    assert (dispute.status, dispute.to_freelancer, dispute.to_client) == ("settled", usd(300_00), usd(50_00))
    assert earned(dispute.contract.freelancer) == usd(270_00)


def test_what_the_freelancer_claims_is_at_most_the_rest(provider: FakeProvider) -> None:
    milestone = submitted_step([500_00])
    dispute = open_dispute_about(milestone, milestone.contract.freelancer, claim=450_00)
    charge_back(provider, intent_of(dispute.hold), usd(150_00))
    assert (again(dispute).held, again(dispute).claim) == (usd(350_00), usd(350_00))
    charge_back(provider, intent_of(dispute.hold), usd(50_00))
    assert again(dispute).claimed_for_freelancer == usd(300_00)


@pytest.mark.parametrize("taken", [200_00, 499_99])
def test_a_claim_that_the_bank_paid_is_over_and_work_goes_on(
    provider: FakeProvider, dispute: Dispute, taken: int
) -> None:
    charge_back(provider, intent_of(dispute.hold), usd(taken))
    dispute = again(dispute)
    assert (dispute.status, dispute.hold.frozen_at) == ("withdrawn", None)
    assert dispute.milestone and (dispute.milestone.status, dispute.milestone.release_at is None) == (
        "submitted",
        False,
    )
    assert dispute.contract.status == "active"


def test_offers_of_another_sum_end(provider: FakeProvider, dispute: Dispute) -> None:
    freelancer, client = dispute.contract.freelancer, dispute.contract.client
    offer = disputes.offer_split(freelancer, dispute_id=dispute.pk, to_freelancer=usd(400_00))
    charge_back(provider, intent_of(dispute.hold), usd(50_00))
    with pytest.raises(DomainError) as refusal:
        disputes.accept_offer(client, dispute_id=dispute.pk, offer_id=offer.pk)
    assert refusal.value.code == "offer_ended"
    new = disputes.offer_split(freelancer, dispute_id=dispute.pk, to_freelancer=usd(350_00))
    disputes.accept_offer(client, dispute_id=dispute.pk, offer_id=new.pk)
    assert again(dispute).to_client == usd(100_00)


def test_a_decision_that_waits_is_made_again(provider: FakeProvider, dispute: Dispute) -> None:
    set_rules(dispute_two_staff_over=100)
    mediated(dispute)
    first, second = staff_of("moderator"), staff_of("moderator")
    waiting = disputes.decide_dispute(first, dispute_id=dispute.pk, to_freelancer=usd(400_00), reasons="Mostly done.")
    charge_back(provider, intent_of(dispute.hold), usd(50_00))
    with pytest.raises(DomainError) as refusal:
        disputes.confirm_decision(second, decision_id=waiting.pk)
    assert refusal.value.code == "decision_not_waiting"
    assert "took back" in DisputeDecision.objects.get(pk=waiting.pk).refusal
    decision = disputes.decide_dispute(first, dispute_id=dispute.pk, to_freelancer=usd(400_00), reasons="Mostly done.")
    disputes.confirm_decision(second, decision_id=decision.pk)
    assert (again(dispute).to_freelancer, again(dispute).to_client) == (usd(400_00), usd(50_00))


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("attempt", range(4))
@pytest.mark.parametrize("taken", [500_00, 100_00])
def test_the_bank_and_an_answer_at_the_same_time(provider: FakeProvider, taken: int, attempt: int) -> None:
    dispute = disputed_step([500_00])
    known = provider.dispute(intent_of(dispute.hold), usd(taken))
    freelancer = dispute.contract.freelancer
    results = at_once(
        lambda: refresh_chargeback(known.id),
        lambda: disputes.accept_claim(freelancer, dispute_id=dispute.pk),
        lambda: refresh_chargeback(known.id),
        lambda: disputes.withdraw_dispute(dispute.contract.client, dispute_id=dispute.pk),
    )
    assert [result for result in results if isinstance(result, Chargeback)] != []
    assert {result.code for result in results if isinstance(result, DomainError)} <= {"dispute_ended"}
    dispute = again(dispute)
    assert not dispute.is_live
    assert (dispute.hold.frozen_at, Journal.objects.filter(kind="chargeback").count()) == (None, 1)
