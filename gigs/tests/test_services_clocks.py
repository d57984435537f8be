"""What happens to a gig by itself."""

from datetime import timedelta

import pytest
from django.core.management import call_command
from django.utils import timezone

from core.errors import Conflict
from core.money import Money
from gigs.models import Gig
from gigs.selectors.account import ties
from gigs.services import (
    release_overdue,
    report_no_show,
    send_reminders,
    start_gig,
    watch_holds,
    withdraw_no_show,
)
from gigs.services.money import release_finished
from gigs.tests.factories import completed_gig, done_for, funded_gig, missed_gig
from notifications.models import Notification
from payments.models import Hold
from payments.services import freeze_hold, refresh_chargeback
from payments.tests.fakes import FakeProvider

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _clean_ledger(provider: FakeProvider):
    yield
    call_command("check_ledger", verbosity=0)


def held_for(gig: Gig, days: float) -> Gig:
    Hold.objects.filter(pk=gig.hold_id).update(funded_at=timezone.now() - timedelta(days=days))
    return gig


def told(gig: Gig, kind: str) -> int:
    return Notification.objects.filter(kind=kind, data__gig_id=gig.pk).count()


@pytest.mark.parametrize(("days", "reminders"), [(4.9, 0), (5.1, 1), (11.9, 1), (12.1, 1), (14.1, 0)])
def test_a_reminder_comes_on_day_five_and_two_days_before_silence_releases(days, reminders):
    gig = done_for(completed_gig(), days)
    for _ in range(2):
        send_reminders()
    assert told(gig, "gig_reminder") == reminders


def test_both_reminders_come_once(run_jobs, mailoutbox):
    gig = done_for(completed_gig(), 6)
    send_reminders()
    done_for(gig, 7)
    for _ in range(2):
        send_reminders()
    assert told(gig, "gig_reminder") == 2
    run_jobs()
    assert len([letter for letter in mailoutbox if "waits for your answer" in letter.subject]) == 2


@pytest.mark.parametrize(("days", "warnings"), [(74.9, 0), (75.1, 2)])
def test_both_sides_are_warned_once_at_seventy_five_days(days, warnings):
    gig = held_for(funded_gig(), days)
    for _ in range(2):
        watch_holds()
    assert told(gig, "hold_limit_near") == warnings
    assert Hold.objects.get(pk=gig.hold_id).status == "held"


@pytest.mark.parametrize("begun", [True, False])
def test_what_was_never_done_goes_back_at_the_limit(begun, run_jobs, provider):
    gig = held_for(funded_gig(), 89.1)
    if begun:
        start_gig(gig.helper, gig_id=gig.pk)
    watch_holds()
    gig.refresh_from_db()
    assert (gig.status, gig.hold.status, told(gig, "gig_cancelled")) == ("cancelled", "refunded", 2)
    assert gig.events.get(move="lapse").actor is None
    run_jobs()
    assert [refund.amount_minor for refund in provider.refunds.values()] == [45_00]


def test_what_the_bank_took_back_whole_is_over_when_nobody_could_call_it_off(provider):
    begun, agreed, done = funded_gig(), funded_gig(), completed_gig()
    start_gig(begun.helper, gig_id=begun.pk)
    for gig in (begun, agreed, done):
        refresh_chargeback(provider.dispute(gig.hold.payments.get().intent_id).id)
    assert [watch_holds(), watch_holds()] == [1, 0]
    assert [Gig.objects.get(pk=gig.pk).status for gig in (begun, agreed, done)] == [
        "cancelled",
        "accepted",
        "completed",
    ]
    assert told(begun, "gig_cancelled") == 2
    assert [list(ties(person)) for person in (begun.seeker, begun.helper)] == [[], []]


def test_a_part_that_the_bank_took_back_ends_nothing(provider):
    gig = start_gig((funded := funded_gig()).helper, gig_id=funded.pk)
    refresh_chargeback(provider.dispute(gig.hold.payments.get().intent_id, Money(40_00, "EUR")).id)
    assert watch_holds() == 0


def test_what_the_bank_took_back_waits_for_the_end_of_a_report(provider):
    gig = missed_gig()
    start_gig(gig.helper, gig_id=gig.pk)
    report_no_show(gig.seeker, gig_id=gig.pk)
    refresh_chargeback(provider.dispute(gig.hold.payments.get().intent_id).id)
    assert watch_holds() == 0
    withdraw_no_show(gig.seeker, gig_id=gig.pk)
    assert watch_holds() == 1


def test_what_was_done_is_released_at_the_limit():
    gig = done_for(held_for(completed_gig(), 89.1), 14.1)
    watch_holds()
    assert Hold.objects.get(pk=gig.hold_id).status == "released"


def test_what_is_in_dispute_waits_for_its_outcome():
    gig = held_for(funded_gig(), 100)
    freeze_hold(None, hold=gig.hold, reason="In dispute.")
    watch_holds()
    assert Hold.objects.get(pk=gig.hold_id).status == "held"


@pytest.mark.parametrize("error", [Conflict("hold_frozen", "In dispute."), AssertionError("Our fault.")])
def test_one_that_cannot_be_released_does_not_keep_the_others(monkeypatch, error):
    first, second = done_for(completed_gig(), 15), done_for(completed_gig(), 15)

    def fail_for_first(gig, actor):
        if gig.pk == first.pk:
            raise error
        release_finished(gig, actor)

    monkeypatch.setattr("gigs.services.clocks.release_finished", fail_for_first)
    assert release_overdue() == 1
    assert Hold.objects.get(pk=second.hold_id).status == "released"
