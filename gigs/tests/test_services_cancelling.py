"""Calling a gig off, in time and late."""

from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import DatabaseError, transaction
from django.utils import timezone

from accounts.models import AuditEvent, Strike, User
from accounts.tests.factories import FreelancerFactory, set_rules, staff_of
from core.errors import Conflict, Forbidden, NotFound
from core.money import Money
from gigs.models import Gig
from gigs.services import accept_gig, cancel_gig, cancel_gig_as_staff, fund_gig, start_gig
from gigs.tests.factories import accepted_gig, begins_in, funded_gig, make_gig
from notifications.models import Notification
from payments.models import Journal
from payments.selectors import wallet
from payments.services import freeze_hold, refresh_chargeback
from payments.tests.fakes import VISA, FakeProvider

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _clean_ledger(provider: FakeProvider):
    yield
    call_command("check_ledger", verbosity=0)


def late_gig(**changes) -> Gig:
    """Paid in, and it begins in three hours."""
    return begins_in(funded_gig(**changes), 3)


def figures(gig: Gig) -> tuple[str, int, int, int]:
    """(status, net to the helper, fee, back)"""
    gig.hold.refresh_from_db()
    hold = gig.hold
    return hold.status, hold.released_minor, hold.fee_minor, hold.refunded_minor


def available(user, currency: str = "EUR") -> int:
    return next((row.available.minor for row in wallet(user) if row.currency == currency), 0)


def told(gig: Gig, kind: str) -> set[int]:
    return set(Notification.objects.filter(kind=kind, data__gig_id=gig.pk).values_list("user_id", flat=True))


def test_a_late_seeker_pays_the_helper_a_fifth_and_gets_the_rest(run_jobs, provider, mailoutbox):
    gig = late_gig()
    cancelled = cancel_gig(gig.seeker, gig_id=gig.pk, reason="The boxes are gone.")
    assert (cancelled.status, cancelled.compensation) == ("cancelled", Money(9_00, "EUR"))
    assert figures(gig) == ("refunded", 8_10, 90, 36_00)
    assert available(gig.helper) == 8_10
    assert sorted(Journal.objects.filter(hold=gig.hold).values_list("kind", "cause")) == [
        ("fund", f"payment:{gig.hold.payments.get().pk}"),
        ("refund", f"gig:{gig.pk}"),
        ("release", f"gig:{gig.pk}"),
    ]
    run_jobs()
    assert [refund.amount_minor for refund in provider.refunds.values()] == [36_00]
    assert not Strike.objects.exists()
    assert told(gig, "gig_cancelled") == {gig.seeker_id, gig.helper_id}
    letters = [letter for letter in mailoutbox if "A gig was cancelled" in letter.subject]
    assert {letter.to[0] for letter in letters} == {gig.seeker.email, gig.helper.email}
    assert all("€9.00" in letter.body and "€8.10" in letter.body and "€36.00" in letter.body for letter in letters)
    assert AuditEvent.objects.get(action="gig.cancelled").data["compensation"] == "9.00"


def test_a_late_helper_gives_everything_back_and_has_a_strike(run_jobs, provider):
    gig = late_gig()
    cancel_gig(gig.helper, gig_id=gig.pk, reason="Ill, sorry.")
    assert figures(gig) == ("refunded", 0, 0, 45_00)
    strike = gig.helper.strikes.get()
    assert (strike.rule, strike.subject_type, strike.subject_id) == ("cancelled_late", "gigs.gig", str(gig.pk))
    assert told(gig, "strike_received") == {gig.helper_id}
    assert told(gig, "gig_cancelled") == {gig.seeker_id, gig.helper_id}
    assert not gig.seeker.strikes.exists()


def test_a_late_seeker_who_has_not_paid_has_a_strike():
    gig = begins_in(accepted_gig(), 3)
    cancel_gig(gig.seeker, gig_id=gig.pk)
    assert gig.seeker.strikes.get().rule == "cancelled_late"


def test_a_helper_need_not_wait_for_money_that_does_not_come():
    gig = begins_in(accepted_gig(), 3)
    cancel_gig(gig.helper, gig_id=gig.pk, late=False)
    assert not Strike.objects.exists()


@pytest.mark.parametrize("who", ["seeker", "helper"])
@pytest.mark.parametrize("hours", [24.1, 100])
def test_in_time_it_costs_nothing(who, hours):
    gig = begins_in(funded_gig(), hours)
    cancel_gig(getattr(gig, who), gig_id=gig.pk, late=False)
    assert figures(gig) == ("refunded", 0, 0, 45_00)
    assert not Strike.objects.exists()
    assert len(told(gig, "gig_cancelled")) == 1


@pytest.mark.parametrize("who", ["seeker", "helper"])
def test_the_very_moment_is_in_time(who):
    gig = begins_in(funded_gig(), 30)
    last = gig.starts_at - timedelta(hours=24)
    moments = (last, last + timedelta(microseconds=1))
    assert [gig.cost_of_cancelling(who, moment).is_late for moment in moments] == [False, True]


@pytest.mark.parametrize("who", ["seeker", "helper"])
def test_within_five_minutes_of_the_acceptance_it_costs_nothing(who):
    gig = make_gig(starts_at=timezone.now() + timedelta(hours=3))
    accept_gig(FreelancerFactory.create(), gig_id=gig.pk)
    fund_gig(gig.seeker, gig_id=gig.pk, payment_method=VISA)
    gig.refresh_from_db()
    cancel_gig(getattr(gig, who), gig_id=gig.pk, late=False)
    assert figures(gig) == ("refunded", 0, 0, 45_00)


@pytest.mark.parametrize("who", ["seeker", "helper"])
def test_without_an_agreed_start_it_costs_nothing_until_the_work_begins(who):
    gig = funded_gig()
    Gig.objects.filter(pk=gig.pk).update(accepted_at=gig.accepted_at - timedelta(days=9))
    cancel_gig(getattr(gig, who), gig_id=gig.pk, late=False)
    assert figures(gig) == ("refunded", 0, 0, 45_00)


@pytest.mark.parametrize("who", ["seeker", "helper"])
def test_whoever_was_told_that_it_is_free_is_asked_again(who):
    gig = late_gig()
    with pytest.raises(Conflict) as refusal:
        cancel_gig(getattr(gig, who), gig_id=gig.pk, late=False)
    assert refusal.value.code == "cancellation_is_late"
    gig.refresh_from_db()
    assert (gig.status, gig.hold.held_minor) == ("accepted", 45_00)


def test_a_second_cancellation_changes_nothing():
    gig = late_gig()
    cancel_gig(gig.seeker, gig_id=gig.pk)
    again = cancel_gig(gig.helper, gig_id=gig.pk)
    assert again.compensation == Money(9_00, "EUR")
    assert figures(gig) == ("refunded", 8_10, 90, 36_00)
    assert not Strike.objects.exists()


def test_once_begun_nobody_calls_it_off():
    gig = late_gig()
    start_gig(gig.helper, gig_id=gig.pk)
    for person in (gig.seeker, gig.helper):
        with pytest.raises(Conflict) as refusal:
            cancel_gig(person, gig_id=gig.pk)
        assert refusal.value.code == "gig_under_way"
    assert figures(gig) == ("held", 0, 0, 0)


def test_strangers_do_not_call_it_off():
    with pytest.raises(NotFound):
        cancel_gig(FreelancerFactory.create(), gig_id=late_gig().pk)
    with pytest.raises(Forbidden):
        cancel_gig(FreelancerFactory.create(), gig_id=make_gig().pk)


def test_staff_call_it_off_at_no_cost():
    gig = late_gig()
    cancel_gig_as_staff(staff_of("moderator"), gig_id=gig.pk, reason="The street is closed.")
    assert figures(gig) == ("refunded", 0, 0, 45_00)
    assert not Strike.objects.exists()


def test_staff_do_not_call_their_own_gig_off_at_no_cost():
    gig = late_gig()
    for side in (gig.seeker, gig.helper):
        side.is_staff = side.is_superuser = True
        side.save()
        with pytest.raises(Forbidden) as refusal:
            cancel_gig_as_staff(side, gig_id=gig.pk, reason="Mine.")
        assert refusal.value.code == "own_gig"
    assert figures(gig) == ("held", 0, 0, 0)


def test_what_is_in_dispute_is_not_paid_out_by_calling_off():
    gig = late_gig()
    freeze_hold(None, hold=gig.hold, reason="In dispute.")
    with pytest.raises(Conflict) as refusal:
        cancel_gig(gig.seeker, gig_id=gig.pk)
    assert refusal.value.code == "hold_frozen"
    gig.refresh_from_db()
    assert gig.status == "accepted"


def test_a_fee_that_changes_after_the_gig_was_posted_is_not_the_fee_of_calling_it_off():
    gig = late_gig()
    set_rules(fee_bps=2_500)
    cancel_gig(gig.seeker, gig_id=gig.pk)
    assert figures(gig) == ("refunded", 8_10, 90, 36_00)


@pytest.mark.parametrize(
    ("budget", "expected"),
    [
        (Money(1_003, "JPY"), ("refunded", 181, 20, 802)),
        (Money(1_030, "KWD"), ("refunded", 189, 21, 820)),
    ],
)
def test_currencies_without_cents_and_with_three_decimals(budget, expected):
    gig = late_gig(budget=budget)
    cancel_gig(gig.seeker, gig_id=gig.pk)
    assert figures(gig) == expected
    assert available(gig.helper, budget.currency) == expected[1]


@pytest.mark.parametrize(("taken", "expected"), [(40_00, ("released", 4_50, 50)), (30_00, ("refunded", 8_10, 90))])
def test_after_the_bank_took_a_part_no_more_than_what_is_left_is_paid(provider, taken, expected):
    gig = late_gig()
    payment = gig.hold.payments.get()
    refresh_chargeback(provider.dispute(payment.intent_id, amount=Money(taken, "EUR")).id)
    cancel_gig(gig.seeker, gig_id=gig.pk)
    assert figures(gig)[:3] == expected
    assert gig.hold.held_minor == 0


def test_the_database_keeps_what_the_helper_got_to_cancelled_gigs():
    gig = late_gig()
    with pytest.raises(DatabaseError), transaction.atomic():
        Gig.objects.filter(pk=gig.pk).update(compensation_minor=9_00)


def test_strikes_are_only_ever_added():
    gig = late_gig()
    cancel_gig(gig.helper, gig_id=gig.pk)
    for change in (lambda: Strike.objects.all().delete(), lambda: Strike.objects.update(about="")):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            change()


def test_a_late_seeker_pays_nothing_where_the_helper_is_suspended_and_cannot_begin():
    gig = late_gig()
    User.objects.filter(pk=gig.helper_id).update(suspended_at=timezone.now())
    cancel_gig(gig.seeker, gig_id=gig.pk, late=False)
    assert figures(gig) == ("refunded", 0, 0, 45_00)
    assert not Strike.objects.exists()
