"""The staff's decision in a dispute."""

from typing import Any

import pytest
from django.db import IntegrityError, transaction

from accounts.models import AuditEvent, User
from accounts.tests.factories import UserFactory, staff_of
from contracts.models import Dispute, DisputeDecision
from contracts.rules.dispute import middle
from contracts.services import disputes as services
from contracts.tests.disputing import refusal_of, usd
from contracts.tests.factories import disputed_step, mediated
from core.errors import Conflict, Forbidden, Invalid, NotFound
from core.money import Money
from payments.rules import needs_two
from payments.selectors import wallet
from payments.tests.fakes import FakeProvider

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("right_books")]


def decide(actor: User, dispute: Dispute, to_freelancer: int = 350_00, reasons: str = "Two of three.") -> Any:
    return services.decide_dispute(actor, dispute_id=dispute.pk, to_freelancer=usd(to_freelancer), reasons=reasons)


@pytest.fixture
def small() -> Dispute:
    return mediated(disputed_step([500_00]))


@pytest.fixture
def large() -> Dispute:
    """Above what one member of staff decides."""
    return mediated(disputed_step([2_000_00]))


@pytest.mark.parametrize("group", ["moderator", "support", "administrator"])
def test_a_mediator_splits_what_is_held_and_both_read_why(small: Dispute, group: str, run_jobs, provider: FakeProvider):
    mediator = staff_of(group)
    decision = decide(mediator, small)
    run_jobs()
    small.refresh_from_db()
    assert (decision.needs_second, decision.confirmed_at is not None) == (False, True)
    assert (small.status, small.decided_by, small.reasons) == ("resolved", mediator, "Two of three.")
    assert (small.to_freelancer, small.to_client) == (usd(350_00), usd(150_00))
    contract = small.contract
    assert [balance.available for balance in wallet(contract.freelancer)] == [usd(315_00)]
    assert [refund.amount_minor for refund in provider.refunds.values()] == [150_00]
    for person in (contract.client, contract.freelancer):
        assert person.notifications.filter(kind="dispute_ended").exists()
    assert AuditEvent.objects.filter(action="dispute.decision_made", actor=mediator).exists()
    assert AuditEvent.objects.filter(action="dispute.ended", actor=mediator).exists()


@pytest.mark.parametrize(
    ("to_freelancer", "milestone", "contract"), [(0, "refunded", "cancelled"), (500_00, "released", "completed")]
)
def test_all_of_it_may_go_to_one_side(small: Dispute, to_freelancer: int, milestone: str, contract: str):
    decide(staff_of("moderator"), small, to_freelancer)
    small.refresh_from_db()
    small.milestone.refresh_from_db()
    small.contract.refresh_from_db()
    assert (small.milestone.status, small.contract.status) == (milestone, contract)


@pytest.mark.parametrize("to_freelancer", [usd(-1), usd(500_01), Money(1_00, "EUR")])
def test_the_split_is_of_what_is_held(small: Dispute, to_freelancer: Money):
    with pytest.raises(Invalid):
        services.decide_dispute(staff_of("moderator"), dispute_id=small.pk, to_freelancer=to_freelancer, reasons="So.")


def test_reasons_are_given(small: Dispute):
    with pytest.raises(Invalid):
        decide(staff_of("moderator"), small, reasons="  ")


@pytest.mark.parametrize("group", ["finance", "analyst"])
def test_to_other_staff_and_to_strangers_there_is_nothing_to_decide(small: Dispute, group: str):
    for person in (staff_of(group), UserFactory.create()):
        with pytest.raises(NotFound):
            decide(person, small)
        with pytest.raises(NotFound):
            services.read_dispute(person, dispute_id=small.pk)


def test_the_two_sides_do_not_decide_even_if_one_is_staff(small: Dispute):
    client = small.contract.client
    assert refusal_of(lambda: decide(client, small)) == "own_dispute"
    client.is_staff = client.is_superuser = True
    client.save()
    assert refusal_of(lambda: decide(client, small)) == "own_dispute"
    assert refusal_of(lambda: services.review_dispute(client, dispute_id=small.pk)) == "own_dispute"


def test_staff_decide_in_mediation_only():
    mediator, dispute = staff_of("moderator"), disputed_step([500_00])
    assert refusal_of(lambda: decide(mediator, dispute)) == "dispute_not_in_mediation"
    services.withdraw_dispute(dispute.contract.client, dispute_id=dispute.pk)
    assert refusal_of(lambda: decide(mediator, dispute)) == "dispute_ended"


def test_a_dispute_is_decided_once(small: Dispute):
    mediator = staff_of("moderator")
    decide(mediator, small)
    assert refusal_of(lambda: decide(mediator, small)) == "dispute_ended"


def test_about_much_money_a_second_person_confirms(large: Dispute):
    first, second = staff_of("moderator"), staff_of("support")
    decision = decide(first, large, 1_500_00)
    large.refresh_from_db()
    assert (large.status, decision.needs_second, decision.confirmed_at) == ("mediation", True, None)
    assert refusal_of(lambda: decide(second, large)) == "decision_waiting"
    assert refusal_of(lambda: services.confirm_decision(first, decision_id=decision.pk)) == "own_decision"
    services.confirm_decision(second, decision_id=decision.pk)
    large.refresh_from_db()
    decision.refresh_from_db()
    assert (large.status, large.decided_by, large.to_freelancer) == ("resolved", first, usd(1_500_00))
    assert (decision.second, decision.confirmed_at is not None) == (second, True)
    assert refusal_of(lambda: services.confirm_decision(second, decision_id=decision.pk)) == "decision_not_waiting"


def test_who_may_not_mediate_does_not_confirm(large: Dispute):
    decision = decide(staff_of("moderator"), large)
    for person in (staff_of("analyst"), UserFactory.create()):
        assert (
            refusal_of(lambda person=person: services.confirm_decision(person, decision_id=decision.pk)) == "not_found"
        )
    client = large.contract.client
    assert refusal_of(lambda: services.confirm_decision(client, decision_id=decision.pk)) == "own_dispute"


def test_a_decision_that_is_not_confirmed_leaves_the_dispute_to_be_decided_again(large: Dispute):
    first, second = staff_of("moderator"), staff_of("support")
    decision = decide(first, large)
    with pytest.raises(Invalid):
        services.refuse_decision(second, decision_id=decision.pk, refusal=" ")
    with pytest.raises(Forbidden):
        services.refuse_decision(first, decision_id=decision.pk, refusal="Mine")
    services.refuse_decision(second, decision_id=decision.pk, refusal="The letter says otherwise.")
    large.refresh_from_db()
    assert large.status == "mediation"
    again = decide(second, large, 1_000_00)
    services.confirm_decision(first, decision_id=again.pk)
    large.refresh_from_db()
    assert large.to_freelancer == usd(1_000_00)


def test_an_agreement_meanwhile_overtakes_a_waiting_decision(large: Dispute):
    second = staff_of("support")
    decision = decide(staff_of("moderator"), large)
    offer = services.offer_split(large.contract.client, dispute_id=large.pk, to_freelancer=usd(1_900_00))
    services.accept_offer(large.contract.freelancer, dispute_id=large.pk, offer_id=offer.pk)
    decision.refresh_from_db()
    assert decision.refused_at is not None
    with pytest.raises(Conflict):
        services.confirm_decision(second, decision_id=decision.pk)


def test_the_database_wants_two_people_for_much_money(large: Dispute):
    decision = decide(staff_of("moderator"), large)
    rows = DisputeDecision.objects.filter(pk=decision.pk)
    for second in (None, decision.by):
        with pytest.raises(IntegrityError, match="two_people"), transaction.atomic():
            rows.update(confirmed_at=decision.created_at, second=second)


def test_reading_by_staff_is_kept_in_the_audit_log(small: Dispute):
    mediator = staff_of("support")
    record = services.read_dispute(mediator, dispute_id=small.pk)
    assert [submission.note for submission in record.submissions] == ["Here it is."]
    assert AuditEvent.objects.filter(action="dispute.viewed", actor=mediator, subject_id=str(small.pk)).exists()
    services.read_dispute(small.contract.client, dispute_id=small.pk)
    assert AuditEvent.objects.filter(action="dispute.viewed").count() == 1


@pytest.mark.parametrize(
    ("held", "two"),
    [
        (usd(1_000_00), False),
        (usd(1_000_01), True),
        (Money(150_000, "JPY"), False),
        (Money(150_001, "JPY"), True),
        (Money(1_000_000, "KWD"), False),
        (Money(1_000_001, "KWD"), True),
    ],
    ids=str,
)
def test_the_limit_holds_in_every_currency(held: Money, two: bool):
    assert needs_two(held, 1_000) is two


def test_halfway_gives_the_odd_unit_to_the_client():
    assert middle(usd(1), usd(2), unit=1) == usd(1)
    assert middle(usd(0), usd(500_00), unit=1) == usd(250_00)
    assert middle(Money(0, "KWD"), Money(390, "KWD"), unit=10) == Money(190, "KWD")
