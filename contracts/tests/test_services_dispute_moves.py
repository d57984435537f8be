"""Who may do what in a dispute and when, and what the database refuses."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from accounts.models import User
from accounts.tests.factories import ClientFactory, staff_of
from contracts.models import Dispute
from contracts.rules import DISPUTE_LIFECYCLE, ContractStatus, DisputeStatus, MilestoneStatus
from contracts.services import disputes as services
from contracts.tests.disputing import again, brought_to, refusal_of, usd
from contracts.tests.factories import disputed_step, open_dispute_about, submitted_step
from core.errors import Conflict, Forbidden, NotFound

DECIDED = datetime(2026, 12, 1, tzinfo=UTC)
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("right_books")]
ACTS: dict[str, Callable[[User, Dispute], Any]] = {
    "accept_claim": lambda me, it: services.accept_claim(me, dispute_id=it.pk),
    "contest": lambda me, it: services.contest_dispute(me, dispute_id=it.pk, text="No."),
    "ask_mediation": lambda me, it: services.ask_mediation(me, dispute_id=it.pk),
    "withdraw": lambda me, it: services.withdraw_dispute(me, dispute_id=it.pk),
    "offer": lambda me, it: services.offer_split(me, dispute_id=it.pk, to_freelancer=usd(1_00)),
    "evidence": lambda me, it: services.add_evidence(me, dispute_id=it.pk, text="See."),
}


@pytest.mark.parametrize("act", ["accept_claim", "contest", "ask_mediation", "withdraw"])
@pytest.mark.parametrize("status", DisputeStatus.values)
def test_every_move_is_possible_exactly_where_the_table_says(status: str, act: str):
    dispute = brought_to(status)
    assert dispute.status == status
    move = DISPUTE_LIFECYCLE.moves[act]
    person = dispute.contract.client if "opener" in move.who else dispute.contract.freelancer
    if status in move.sources:
        ACTS[act](person, dispute)
        assert again(dispute).status == move.target
    else:
        with pytest.raises(Conflict), transaction.atomic():
            ACTS[act](person, dispute)
        assert again(dispute).status == status


@pytest.mark.parametrize("act", ["offer", "evidence"])
@pytest.mark.parametrize("status", ["resolved", "settled", "withdrawn"])
def test_nothing_is_added_after_the_end(status: str, act: str):
    dispute = brought_to(status)
    for person in (dispute.contract.client, dispute.contract.freelancer):
        assert refusal_of(lambda person=person: ACTS[act](person, dispute)) == "dispute_ended"


def test_the_opener_does_not_answer_and_the_other_does_not_withdraw():
    dispute = disputed_step()
    client, freelancer = dispute.contract.client, dispute.contract.freelancer
    for act, person in (
        ("accept_claim", client),
        ("contest", client),
        ("ask_mediation", freelancer),
        ("withdraw", freelancer),
    ):
        with pytest.raises(Forbidden), transaction.atomic():
            ACTS[act](person, dispute)


@pytest.mark.parametrize("act", ACTS)
def test_to_strangers_and_to_staff_there_is_no_dispute_to_act_in(act: str):
    dispute = disputed_step()
    for stranger in (ClientFactory.create(), staff_of("moderator")):
        with pytest.raises(NotFound), transaction.atomic():
            ACTS[act](stranger, dispute)


def test_suspended_people_open_none_but_speak_in_theirs():
    dispute, milestone = disputed_step(), submitted_step()
    now = timezone.now()
    User.objects.filter(pk__in=[dispute.contract.freelancer_id, milestone.contract.client_id]).update(suspended_at=now)
    freelancer = User.objects.get(pk=dispute.contract.freelancer_id)
    services.add_evidence(freelancer, dispute_id=dispute.pk, text="They are right.")
    services.contest_dispute(freelancer, dispute_id=dispute.pk, text="No.")
    client = User.objects.get(pk=milestone.contract.client_id)
    assert refusal_of(lambda: open_dispute_about(milestone, client)) == "account_suspended"


@pytest.mark.parametrize(
    "changes",
    [
        {"status": "mediation"},
        {"answer_by": None},
        {"status": "withdrawn"},
        {"status": "settled", "answer_by": None},
        {"to_freelancer_minor": 1, "to_client_minor": 1},
        {
            "status": "settled",
            "answer_by": None,
            "decided_at": DECIDED,
            "to_freelancer_minor": 1,
            "to_client_minor": 1,
        },
        {
            "status": "resolved",
            "answer_by": None,
            "decided_at": DECIDED,
            "to_freelancer_minor": 0,
            "to_client_minor": 500_00,
        },
        {"claim_minor": 500_01},
        {"claim_minor": 0},
        {"clock_left": None},
        {"side": "staff"},
    ],
    ids=str,
)
def test_the_database_refuses_what_contradicts_the_status(changes: dict[str, Any]):
    dispute = disputed_step([500_00])
    with pytest.raises(IntegrityError), transaction.atomic():
        Dispute.objects.filter(pk=dispute.pk).update(**changes)


def test_the_database_refuses_a_second_open_dispute_and_one_of_unfrozen_funds():
    dispute = disputed_step([500_00])
    copy = Dispute.objects.get(pk=dispute.pk)
    copy.pk = None
    with pytest.raises(IntegrityError, match="one_open_per"), transaction.atomic():
        copy.save(force_insert=True)
    services.withdraw_dispute(dispute.contract.client, dispute_id=dispute.pk)
    with pytest.raises(IntegrityError, match="not frozen"), transaction.atomic():
        copy.save(force_insert=True)


def test_the_database_refuses_an_offer_that_does_not_add_up():
    dispute = disputed_step([500_00])
    offer = services.offer_split(dispute.contract.client, dispute_id=dispute.pk, to_freelancer=usd(1_00))
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE contracts_disputeoffer SET to_client_minor = 1 WHERE id = %s", [offer.pk])


def test_statuses_have_words_tones_and_icons():
    for status in DisputeStatus:
        assert DISPUTE_LIFECYCLE.badge(status).label
    assert ContractStatus.DISPUTED.label and MilestoneStatus.DISPUTED.label
