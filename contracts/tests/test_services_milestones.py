from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.tests.factories import ClientFactory, UploadFactory
from contracts.models import Contract, Milestone
from contracts.rules import MILESTONE_LIFECYCLE, MilestoneStatus
from contracts.services import (
    accept_proposal,
    add_milestone,
    approve_milestone,
    fund_milestone,
    pause_contract,
    release_overdue,
    request_revision,
    resume_contract,
    submit_milestone,
)
from contracts.tests.factories import first_step, funded_step, make_contract, submitted_step
from core.errors import Conflict, Forbidden, Invalid, NotFound
from core.money import Money
from payments.selectors import wallet
from payments.services import refresh_payment
from payments.tests.fake_paypal import FakePayPal
from payments.tests.fakes import DECLINED, VISA, FakeProvider, use_provider
from projects.tests.factories import ProposalFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("right_books")]


def available(user) -> int:
    return next((balance.available.minor for balance in wallet(user) if balance.currency == "USD"), 0)


def test_funding_with_a_working_card_holds_the_money():
    milestone = funded_step([500_00])
    assert milestone.status == MilestoneStatus.FUNDED
    assert milestone.hold.held == Money(500_00, "USD")
    assert milestone.contract.freelancer.notifications.filter(kind="milestone_funded").exists()


def test_funding_with_a_declined_card_leaves_the_milestone_pending_and_can_be_tried_again():
    contract = make_contract([500_00])
    step = first_step(contract)
    milestone, payment = fund_milestone(contract.client, milestone_id=step.pk, payment_method=DECLINED)
    assert (milestone.status, payment.status) == ("pending", "failed")
    milestone, payment = fund_milestone(contract.client, milestone_id=step.pk, payment_method=VISA)
    assert (milestone.status, payment.status) == ("funded", "succeeded")


def test_funding_twice_charges_once(provider: FakeProvider):
    milestone = funded_step([500_00])
    again, payment = fund_milestone(milestone.contract.client, milestone_id=milestone.pk, payment_method=VISA)
    assert again.status == "funded"
    assert milestone.hold.payments.get() == payment
    assert len(provider.intents) == 1


def test_work_cannot_be_handed_in_before_funds_are_held():
    contract = make_contract()
    with pytest.raises(Conflict) as refusal:
        submit_milestone(contract.freelancer, milestone_id=first_step(contract).pk, note="Done")
    assert refusal.value.code == "milestone_not_funded"


def test_handing_in_starts_the_clock_and_keeps_note_and_files():
    milestone = funded_step()
    freelancer = milestone.contract.freelancer
    file = UploadFactory.create(owner=freelancer)
    submit_milestone(freelancer, milestone_id=milestone.pk, note="Look at page 2.", attachment_ids=[file.pk])
    milestone.refresh_from_db()
    assert milestone.status == "submitted"
    assert milestone.release_at - milestone.submitted_at == timedelta(days=14)
    assert milestone.submissions.get().note == "Look at page 2."
    assert list(milestone.submissions.get().files.all()) == [file]


def test_a_strangers_file_is_refused_and_nothing_is_handed_in():
    milestone = funded_step()
    theirs = UploadFactory.create()
    with pytest.raises(Invalid):
        submit_milestone(milestone.contract.freelancer, milestone_id=milestone.pk, note="x", attachment_ids=[theirs.pk])


def test_handing_in_nothing_is_refused():
    milestone = funded_step()
    with pytest.raises(Invalid):
        submit_milestone(milestone.contract.freelancer, milestone_id=milestone.pk, note="  ")


def test_approval_releases_the_net_and_completes_the_contract():
    milestone = submitted_step([600_01])
    contract = milestone.contract
    approve_milestone(contract.client, milestone_id=milestone.pk)
    milestone.refresh_from_db()
    contract.refresh_from_db()
    assert (milestone.status, contract.status, contract.project.status) == ("released", "completed", "completed")
    assert (milestone.hold.released_minor, milestone.hold.fee_minor) == (540_01, 60_00)
    assert available(contract.freelancer) == 540_01


def test_the_contract_stays_open_while_a_step_is_left():
    milestone = submitted_step([500_00, 1_000_00])
    approve_milestone(milestone.contract.client, milestone_id=milestone.pk)
    milestone.contract.refresh_from_db()
    assert milestone.contract.status == "active"


def test_a_contract_whose_fee_takes_all_is_completed_all_the_same():
    contract = make_contract([500_00])
    Contract.objects.filter(pk=contract.pk).update(fee_bps=10_000)
    step, _ = fund_milestone(contract.client, milestone_id=first_step(contract).pk, payment_method=VISA)
    submit_milestone(contract.freelancer, milestone_id=step.pk, note="Here it is.")
    approve_milestone(contract.client, milestone_id=step.pk)
    contract.refresh_from_db()
    assert (contract.status, first_step(contract).status) == ("completed", "released")


def test_approving_twice_pays_once():
    milestone = submitted_step([500_00])
    approve_milestone(milestone.contract.client, milestone_id=milestone.pk)
    with pytest.raises(Conflict):
        approve_milestone(milestone.contract.client, milestone_id=milestone.pk)
    assert available(milestone.contract.freelancer) == 450_00


def test_a_part_is_released_and_the_rest_stays_held_and_handed_in():
    milestone = submitted_step([500_00])
    client = milestone.contract.client
    approve_milestone(client, milestone_id=milestone.pk, amount=Money(200_00, "USD"))
    milestone.refresh_from_db()
    assert milestone.status == "submitted"
    assert milestone.hold.held == Money(300_00, "USD")
    approve_milestone(client, milestone_id=milestone.pk, amount=Money(300_00, "USD"))
    milestone.refresh_from_db()
    assert milestone.status == "released"
    assert available(milestone.contract.freelancer) == 450_00


def test_more_than_is_held_is_refused():
    milestone = submitted_step([500_00])
    with pytest.raises(Conflict) as refusal:
        approve_milestone(milestone.contract.client, milestone_id=milestone.pk, amount=Money(500_01, "USD"))
    assert refusal.value.code == "amount_exceeds_held"


def test_asking_for_changes_stops_the_clock_and_handing_in_again_starts_it():
    milestone = submitted_step()
    request_revision(milestone.contract.client, milestone_id=milestone.pk, note="The logo is upside down.")
    milestone.refresh_from_db()
    assert (milestone.status, milestone.release_at) == ("revision_requested", None)
    assert milestone.submissions.get().revision_note == "The logo is upside down."
    submit_milestone(milestone.contract.freelancer, milestone_id=milestone.pk, note="Turned.")
    milestone.refresh_from_db()
    assert milestone.release_at is not None


def test_silence_releases_once_the_time_has_passed():
    milestone = submitted_step([500_00])
    assert release_overdue() == 0
    Milestone.objects.filter(pk=milestone.pk).update(release_at=timezone.now() - timedelta(seconds=1))
    assert release_overdue() == 1
    assert release_overdue() == 0
    milestone.refresh_from_db()
    assert milestone.status == "released"
    assert available(milestone.contract.freelancer) == 450_00


def test_a_paused_contract_is_not_released_by_silence_and_resuming_gives_the_time_back():
    milestone = submitted_step([500_00])
    contract = milestone.contract
    pause_contract(contract.client, contract_id=contract.pk)
    Milestone.objects.filter(pk=milestone.pk).update(release_at=timezone.now() - timedelta(hours=1))
    assert release_overdue() == 0
    contract.events.filter(move="pause").update(created_at=timezone.now() - timedelta(days=2))
    resume_contract(contract.freelancer, contract_id=contract.pk)
    assert release_overdue() == 0
    milestone.refresh_from_db()
    assert milestone.release_at > timezone.now() + timedelta(days=1)


def test_roles_are_kept_apart():
    milestone = submitted_step()
    client, freelancer = milestone.contract.client, milestone.contract.freelancer
    with pytest.raises(Forbidden):
        approve_milestone(freelancer, milestone_id=milestone.pk)
    with pytest.raises(Forbidden):
        request_revision(freelancer, milestone_id=milestone.pk, note="x")
    with pytest.raises(Forbidden):
        submit_milestone(client, milestone_id=milestone.pk, note="x")
    with pytest.raises(Forbidden):
        fund_milestone(freelancer, milestone_id=milestone.pk, payment_method=VISA)
    with pytest.raises(NotFound):
        approve_milestone(ClientFactory.create(), milestone_id=milestone.pk)


def test_a_further_milestone_is_in_the_contracts_currency():
    contract = make_contract()
    with pytest.raises(Invalid):
        add_milestone(contract.client, contract_id=contract.pk, title="More", amount=Money(100, "EUR"))
    step = add_milestone(contract.client, contract_id=contract.pk, title="More", amount=Money(100_00, "USD"))
    assert step.position == 3


def brought_to(status: str) -> Milestone:
    """A milestone in any status, by the moves that lead there."""
    match status:
        case "pending":
            return first_step(make_contract())
        case "funded":
            return funded_step()
    milestone = submitted_step()
    if status == "revision_requested":
        request_revision(milestone.contract.client, milestone_id=milestone.pk, note="Bigger.")
    if status == "released":
        approve_milestone(milestone.contract.client, milestone_id=milestone.pk)
    milestone.refresh_from_db()
    return milestone


ACTS = {
    "submit": lambda step: submit_milestone(step.contract.freelancer, milestone_id=step.pk, note="Here."),
    "request_revision": lambda step: request_revision(step.contract.client, milestone_id=step.pk, note="Bigger."),
    "approve": lambda step: approve_milestone(step.contract.client, milestone_id=step.pk),
}


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize("status", ["pending", "funded", "submitted", "revision_requested", "released"])
def test_every_move_is_possible_exactly_where_the_table_says(status, act):
    milestone = brought_to(status)
    assert milestone.status == status
    if status in MILESTONE_LIFECYCLE.moves[act].sources:
        ACTS[act](milestone)
        milestone.refresh_from_db()
        assert milestone.status != status
    else:
        with pytest.raises(Conflict):
            ACTS[act](milestone)
        milestone.refresh_from_db()
        assert milestone.status == status


def test_the_database_refuses_work_without_held_funds():
    milestone = first_step(make_contract())
    with pytest.raises(IntegrityError), transaction.atomic():
        Milestone.objects.filter(pk=milestone.pk).update(status="funded")


def test_proposals_of_other_currencies_keep_their_decimals():
    offer = ProposalFactory.create(project__currency="JPY", bid_amount_minor=620_000, steps=[])
    contract = accept_proposal(offer.project.client, proposal_id=offer.pk)
    milestone, _ = fund_milestone(contract.client, milestone_id=first_step(contract).pk, payment_method=VISA)
    assert str(milestone.amount) == "¥620,000"


def test_a_step_that_no_card_can_pay_is_refused():
    contract = make_contract()
    with pytest.raises(Invalid, match="amount_not_payable"):
        add_milestone(contract.client, contract_id=contract.pk, title="More", amount=Money(49, "USD"))


def test_a_step_is_paid_by_paypal_as_well(provider: FakeProvider):
    contract, paypal = make_contract(), FakePayPal()
    with use_provider(provider, paypal):
        milestone, payment = fund_milestone(contract.client, milestone_id=first_step(contract).pk, provider="paypal")
        assert milestone.status == "pending"
        paypal.approve(payment.intent_id or "")
        refresh_payment(payment.pk)
    milestone.refresh_from_db()
    assert milestone.status == "funded"
