from datetime import UTC, datetime, timedelta

import pytest
from django.core.management import call_command
from django.db import DatabaseError, IntegrityError, transaction
from django.db.models import F
from django.utils import timezone

from accounts.tests.factories import ClientFactory, FreelancerFactory, UserFactory, set_rules
from core.errors import Conflict, Forbidden, Invalid, NotFound
from core.money import Money
from gigs.models import Gig
from gigs.rules import GIG_LIFECYCLE
from gigs.services import (
    accept_gig,
    cancel_gig,
    complete_gig,
    edit_gig,
    fund_gig,
    post_gig,
    release_gig,
    release_overdue,
    start_gig,
)
from gigs.tests.factories import accepted_gig, completed_gig, details, done_for, funded_gig, make_gig
from payments.models import Hold
from payments.selectors import wallet
from payments.services import freeze_hold, refresh_payment
from payments.tests.fake_paypal import FakePayPal
from payments.tests.fakes import VISA, FakeProvider, use_provider

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _clean_ledger(provider: FakeProvider):
    yield
    call_command("check_ledger", verbosity=0)


def available(user) -> int:
    return next((balance.available.minor for balance in wallet(user) if balance.currency == "EUR"), 0)


def test_the_whole_gig_pays_the_helper_its_net():
    gig = completed_gig()
    release_gig(gig.seeker, gig_id=gig.pk)
    gig.hold.refresh_from_db()
    assert gig.hold.status == "released"
    assert available(gig.helper) == 40_50


def test_the_first_helper_gets_it_with_a_room_and_the_second_is_told():
    gig = make_gig()
    winner, loser = FreelancerFactory.create_batch(2)
    accept_gig(winner, gig_id=gig.pk)
    with pytest.raises(Conflict) as refusal:
        accept_gig(loser, gig_id=gig.pk)
    assert refusal.value.code == "gig_taken"
    gig.refresh_from_db()
    assert gig.helper == winner
    assert {member.user_id for member in gig.room.members.all()} == {gig.seeker_id, winner.pk}


def test_the_winner_may_repeat_the_request():
    gig = accepted_gig()
    again = accept_gig(gig.helper, gig_id=gig.pk)
    assert again.room_id == gig.room_id


def test_nobody_accepts_their_own_gig():
    both = UserFactory.create()
    gig = make_gig(seeker=both)
    with pytest.raises(Forbidden):
        accept_gig(both, gig_id=gig.pk)


def test_a_cancelled_gig_is_gone_for_others():
    gig = make_gig()
    cancel_gig(gig.seeker, gig_id=gig.pk)
    with pytest.raises(NotFound):
        accept_gig(FreelancerFactory.create(), gig_id=gig.pk)


def test_the_place_is_blurred_but_near():
    gig = make_gig()
    metres = Gig.objects.near(gig.location, 5).get(pk=gig.pk).distance.m
    assert 0 < metres < 500
    assert (gig.public_location.x, gig.public_location.y) != (gig.location.x, gig.location.y)


def test_work_does_not_start_before_the_funds_are_held():
    gig = accepted_gig()
    with pytest.raises(Conflict) as refusal:
        start_gig(gig.helper, gig_id=gig.pk)
    assert refusal.value.code == "gig_not_funded"


def test_paying_twice_charges_once(provider: FakeProvider):
    gig = funded_gig()
    fund_gig(gig.seeker, gig_id=gig.pk, payment_method=VISA)
    assert len(provider.intents) == 1
    assert gig.hold.held == Money(45_00, "EUR")


def test_a_fee_that_changes_after_the_gig_was_posted_is_not_its_fee():
    gig = accepted_gig()
    set_rules(fee_bps=2_500)
    gig, _ = fund_gig(gig.seeker, gig_id=gig.pk, payment_method=VISA)
    assert (gig.hold.fee_bps, make_gig().fee_bps) == (1000, 2_500)


def test_releasing_twice_pays_once():
    gig = completed_gig()
    release_gig(gig.seeker, gig_id=gig.pk)
    with pytest.raises(Conflict):
        release_gig(gig.seeker, gig_id=gig.pk)
    assert available(gig.helper) == 40_50


def test_silence_releases_after_the_agreed_days():
    gig = completed_gig()
    assert release_overdue() == 0
    done_for(gig, 13.99)
    assert release_overdue() == 0
    done_for(gig, 0.02)
    assert release_overdue() == 1
    assert release_overdue() == 0
    assert available(gig.helper) == 40_50
    gig.refresh_from_db()
    assert gig.lapsed_at == gig.release_at
    assert gig.events.get(move="release").reason == "No answer within the agreed time."


def test_a_time_to_answer_that_changes_after_the_gig_was_posted_is_not_its_time():
    gig = accepted_gig()
    set_rules(approval_days=3)
    fund_gig(gig.seeker, gig_id=gig.pk, payment_method=VISA)
    start_gig(gig.helper, gig_id=gig.pk)
    gig = complete_gig(gig.helper, gig_id=gig.pk)
    gig.refresh_from_db()
    assert (gig.approval_days, gig.release_at - gig.completed_at) == (14, timedelta(days=14))
    assert make_gig().approval_days == 3


def test_silence_ends_no_later_than_what_is_held_may_be_held():
    gig = funded_gig()
    Hold.objects.filter(pk=gig.hold_id).update(funded_at=timezone.now() - timedelta(days=80))
    start_gig(gig.helper, gig_id=gig.pk)
    complete_gig(gig.helper, gig_id=gig.pk)
    gig.refresh_from_db()
    gig.hold.refresh_from_db()
    assert gig.release_at == gig.hold.funded_at + timedelta(days=89)


def test_the_seekers_answer_is_no_silence():
    gig = completed_gig()
    release_gig(gig.seeker, gig_id=gig.pk)
    gig.refresh_from_db()
    assert (gig.lapsed_at, gig.events.get(move="release").actor) == (None, gig.seeker)


def test_the_database_refuses_silence_before_the_deadline():
    gig = completed_gig()
    with pytest.raises(DatabaseError, match="has not lapsed"), transaction.atomic():
        Gig.objects.filter(pk=gig.pk).update(lapsed_at=F("release_at"))
    done_for(gig, 15)
    with pytest.raises(DatabaseError, match="has not lapsed"), transaction.atomic():
        Gig.objects.filter(pk=gig.pk).update(lapsed_at=timezone.now())


def test_the_database_keeps_a_deadline_for_all_that_is_done():
    gig = completed_gig()
    Gig.objects.filter(pk=gig.pk).update(release_at=None)
    gig.refresh_from_db()
    assert gig.release_at == gig.completed_at + timedelta(days=14)
    with pytest.raises(IntegrityError), transaction.atomic():
        Gig.objects.filter(pk=make_gig().pk).update(release_at=timezone.now())


def test_silence_releases_nothing_that_is_in_dispute_and_goes_on_with_the_rest():
    gigs = [completed_gig() for _ in range(2)]
    for gig in gigs:
        done_for(gig, 14.1)
    freeze_hold(None, hold=gigs[0].hold, reason="In dispute.")
    assert release_overdue() == 1
    assert [gig.hold.status for gig in Gig.objects.order_by("pk")] == ["held", "released"]


def test_cancelling_before_the_start_refunds_everything(run_jobs, provider: FakeProvider):
    gig = funded_gig()
    cancel_gig(gig.helper, gig_id=gig.pk, reason="Ill, sorry.")
    run_jobs()
    gig.hold.refresh_from_db()
    assert (gig.hold.status, gig.hold.refunded_minor) == ("refunded", 45_00)
    assert [refund.amount_minor for refund in provider.refunds.values()] == [45_00]


def test_a_gig_under_way_cannot_be_cancelled():
    gig = funded_gig()
    start_gig(gig.helper, gig_id=gig.pk)
    with pytest.raises(Conflict):
        cancel_gig(gig.seeker, gig_id=gig.pk)


def test_an_accepted_gig_cannot_be_changed():
    gig = accepted_gig()
    with pytest.raises(Conflict):
        edit_gig(gig.seeker, gig_id=gig.pk, details=details(title="Twice as many boxes"))


def test_a_start_in_the_past_is_refused():
    with pytest.raises(Invalid) as refusal:
        make_gig(starts_at=timezone.now() - timedelta(minutes=1))
    assert "starts_at" in refusal.value.fields


def test_a_start_at_the_end_of_the_calendar_is_refused():
    with pytest.raises(Invalid) as refusal:
        make_gig(starts_at=datetime(9999, 12, 31, 23, 59, tzinfo=UTC))
    assert refusal.value.fields == {"starts_at": ["Choose a time within a hundred years."]}


@pytest.mark.parametrize("who", ["unverified", "freelancer"])
def test_who_may_not_post(who):
    user = ClientFactory.create(unverified=True) if who == "unverified" else FreelancerFactory.create()
    with pytest.raises(Forbidden):
        post_gig(user, details=details())


def brought_to(status: str) -> Gig:
    match status:
        case "pending":
            return make_gig()
        case "accepted":
            return funded_gig()
        case "completed":
            return completed_gig()
        case "in_progress":
            gig = funded_gig()
            return start_gig(gig.helper, gig_id=gig.pk)
    gig = accepted_gig()
    return cancel_gig(gig.seeker, gig_id=gig.pk)


ACTS = {
    "accept": lambda gig: accept_gig(FreelancerFactory.create(), gig_id=gig.pk),
    "start": lambda gig: start_gig(gig.helper or FreelancerFactory.create(), gig_id=gig.pk),
    "complete": lambda gig: complete_gig(gig.helper or FreelancerFactory.create(), gig_id=gig.pk),
    "cancel": lambda gig: cancel_gig(gig.seeker, gig_id=gig.pk),
}
REPEATABLE = {("start", "in_progress"), ("complete", "completed"), ("cancel", "cancelled")}


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize("status", ["pending", "accepted", "in_progress", "completed", "cancelled"])
def test_every_move_is_possible_exactly_where_the_table_says(status, act):
    gig = brought_to(status)
    assert gig.status == status
    if status in GIG_LIFECYCLE.moves[act].sources:
        ACTS[act](gig)
        gig.refresh_from_db()
        assert gig.status == GIG_LIFECYCLE.moves[act].target
        return
    if (act, status) in REPEATABLE:
        ACTS[act](gig)
    else:
        with pytest.raises((Conflict, Forbidden, NotFound)):
            ACTS[act](gig)
    gig.refresh_from_db()
    assert gig.status == status


@pytest.mark.parametrize("budget", [Money(49, "EUR"), Money(49, "JPY"), Money(1_255, "KWD")])
def test_a_budget_that_no_card_can_pay_is_refused(budget: Money) -> None:
    with pytest.raises(Invalid) as refusal:
        make_gig(budget=budget)
    assert (refusal.value.code, list(refusal.value.fields)) == ("amount_not_payable", ["budget"])


def test_a_gig_is_paid_by_paypal_as_well(provider: FakeProvider) -> None:
    gig = accepted_gig()
    paypal = FakePayPal()
    with use_provider(provider, paypal):
        _, payment = fund_gig(gig.seeker, gig_id=gig.pk, provider="paypal")
        paypal.approve(payment.intent_id or "")
        refresh_payment(payment.pk)
    gig.refresh_from_db()
    assert gig.hold is not None and gig.hold.status == "held"
