"""Reminders once each, and funds that can be held no longer."""

from datetime import timedelta

import pytest
from django.db import DatabaseError
from django.utils import timezone

from contracts.models import Milestone, Notice
from contracts.services import (
    pause_contract,
    release_overdue,
    request_revision,
    resume_contract,
    send_reminders,
    submit_milestone,
    watch_holds,
)
from contracts.tests.factories import aged, first_step, funded_step, rolled_step, submitted_step
from core.errors import Conflict
from notifications.models import Notification
from payments.models import Hold
from payments.services import freeze_hold
from payments.tests.fakes import FakeProvider

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("right_books")]


def waiting_for(days: float, *, left: float | None = None) -> Milestone:
    """Handed in so many days ago; `left` until silence approves, if not 14 less those."""
    milestone = submitted_step([500_00])
    now = timezone.now()
    Milestone.objects.filter(pk=milestone.pk).update(
        submitted_at=now - timedelta(days=days),
        release_at=now + timedelta(days=14 - days if left is None else left),
    )
    return first_step(milestone.contract)


def reminders(milestone: Milestone) -> int:
    return Notification.objects.filter(user=milestone.contract.client, kind="milestone_reminder").count()


@pytest.mark.parametrize(("days", "told"), [(4.9, 0), (5.1, 1), (11.9, 1), (12.1, 1), (13.9, 1)])
def test_a_reminder_comes_on_day_five_and_two_days_before_the_end(days, told):
    milestone = waiting_for(days)
    assert send_reminders() == told
    assert reminders(milestone) == told
    kinds = list(Notice.objects.values_list("kind", flat=True))
    assert kinds == ([] if not told else ["early_reminder"] if days < 12 else ["late_reminder"])


def test_each_reminder_is_sent_once_however_often_the_job_runs():
    milestone = waiting_for(5.1)
    assert [send_reminders() for _ in range(3)] == [1, 0, 0]
    Milestone.objects.filter(pk=milestone.pk).update(release_at=timezone.now() + timedelta(days=1))
    assert [send_reminders() for _ in range(3)] == [1, 0, 0]
    assert reminders(milestone) == 2


def test_another_hand_in_is_reminded_of_anew():
    milestone = waiting_for(5.1)
    send_reminders()
    request_revision(milestone.contract.client, milestone_id=milestone.pk, note="Bigger.")
    submit_milestone(milestone.contract.freelancer, milestone_id=milestone.pk, note="Bigger now.")
    assert send_reminders() == 0
    now = timezone.now()
    Notice.objects.update(created_at=now - timedelta(days=6))
    Milestone.objects.filter(pk=milestone.pk).update(
        submitted_at=now - timedelta(days=5.1), release_at=now + timedelta(days=8.9)
    )
    assert send_reminders() == 1


def test_short_times_to_answer_have_the_late_reminder_alone():
    milestone = waiting_for(1.5, left=1.5)
    milestone.contract.approval_days = 3
    milestone.contract.save()
    assert send_reminders() == 1
    assert Notice.objects.get().kind == "late_reminder"


@pytest.mark.parametrize("stop", ["pause", "revision", "dispute"])
def test_what_stops_the_clock_stops_reminders_and_release(stop):
    milestone = waiting_for(13.9)
    contract = milestone.contract
    if stop == "pause":
        pause_contract(contract.client, contract_id=contract.pk)
    elif stop == "revision":
        request_revision(contract.client, milestone_id=milestone.pk, note="Bigger.")
    else:
        freeze_hold(None, hold=milestone.hold, reason="dispute")
        Milestone.objects.filter(pk=milestone.pk).update(release_at=timezone.now() - timedelta(days=1))
    assert (send_reminders(), release_overdue()) == (0, 0)
    assert first_step(contract).hold.held_minor == 500_00


ACCIDENTS = [Conflict("hold_frozen", "In dispute."), DatabaseError("The row is broken."), AssertionError("Our fault.")]


@pytest.mark.parametrize("error", ACCIDENTS)
def test_a_case_that_is_refused_does_not_stop_the_others(monkeypatch, error):
    first, second = submitted_step([500_00]), submitted_step([700_00])
    Milestone.objects.update(release_at=timezone.now() - timedelta(seconds=1))
    real = release_overdue.__globals__["release_hold"]

    def refuses_one(actor, *, hold, **about):
        if hold.pk == first.hold_id:
            raise error
        return real(actor, hold=hold, **about)

    monkeypatch.setattr("contracts.services.release.release_hold", refuses_one)
    assert release_overdue() == 1
    assert first_step(second.contract).status == "released"
    assert first_step(first.contract).status == "submitted"


# --- The limit of holding -------------------------------------------------------------------------


def test_both_are_warned_once_at_seventy_five_days():
    milestone = aged(funded_step([500_00]), days=74.9)
    assert watch_holds() == 0
    aged(milestone, days=75.1)
    assert [watch_holds(), watch_holds()] == [1, 0]
    told = Notification.objects.filter(kind="hold_limit_near").values_list("user_id", flat=True)
    assert set(told) == {milestone.contract.client_id, milestone.contract.freelancer_id}


def test_staff_see_it_at_eighty_five_days():
    milestone = aged(funded_step([500_00]), days=85.1)
    watch_holds()
    assert set(Notice.objects.values_list("kind", flat=True)) == {"hold_warning", "hold_review"}
    assert first_step(milestone.contract).status == "funded"


def test_work_that_was_never_handed_in_is_refunded_at_the_limit(provider: FakeProvider, run_jobs):
    milestone = aged(funded_step([500_00]), days=89.1)
    watch_holds()
    run_jobs()
    settled = first_step(milestone.contract)
    assert (settled.status, settled.contract.status) == ("refunded", "cancelled")
    assert [refund.amount_minor for refund in provider.refunds.values()] == [500_00]


def test_work_that_was_handed_in_is_released_at_the_limit_also_in_a_pause():
    milestone = aged(submitted_step([500_00]), days=89.1)
    pause_contract(milestone.contract.client, contract_id=milestone.contract_id)
    watch_holds()
    settled = first_step(milestone.contract)
    assert (settled.status, settled.hold.released_minor) == ("released", 450_00)
    assert settled.contract.status == "completed"


@pytest.mark.parametrize("error", ACCIDENTS)
def test_a_hold_that_cannot_be_settled_does_not_stop_the_others(monkeypatch, error):
    broken, fine = aged(funded_step([500_00]), days=89.2), aged(funded_step([700_00]), days=89.1)
    real = watch_holds.__globals__["refund_hold"]

    def refuses_one(actor, *, hold, **about):
        if hold.pk == broken.hold_id:
            raise error
        return real(actor, hold=hold, **about)

    monkeypatch.setattr("contracts.services.clocks.refund_hold", refuses_one)
    watch_holds()
    assert first_step(fine.contract).status == "refunded"
    assert first_step(broken.contract).status == "funded"


def test_work_that_is_to_be_changed_goes_back_at_the_limit():
    milestone = submitted_step([500_00])
    request_revision(milestone.contract.client, milestone_id=milestone.pk, note="Bigger.")
    aged(milestone, days=89.1)
    watch_holds()
    assert first_step(milestone.contract).status == "refunded"


def test_funds_in_dispute_wait_for_its_outcome_beyond_the_limit():
    milestone = aged(submitted_step([500_00]), days=91)
    freeze_hold(None, hold=milestone.hold, reason="dispute")
    watch_holds()
    assert first_step(milestone.contract).hold.held_minor == 500_00


@pytest.mark.parametrize(("handed_in", "status"), [(False, "refunded"), (True, "released")])
def test_a_rest_that_rolled_goes_by_the_state_of_its_milestone(handed_in, status):
    rolled = rolled_step()
    if handed_in:
        submit_milestone(rolled.contract.freelancer, milestone_id=rolled.rolled_into_id, note="Here.")
    aged(rolled, days=89.1)
    watch_holds()
    rolled = first_step(rolled.contract)
    assert rolled.status == status
    assert rolled.hold.held_minor == 0
    assert rolled.rolled_into.status == ("submitted" if handed_in else "funded")


def test_silence_is_never_later_than_the_limit():
    milestone = aged(funded_step([500_00]), days=80)
    submit_milestone(milestone.contract.freelancer, milestone_id=milestone.pk, note="Late.")
    milestone = first_step(milestone.contract)
    assert milestone.release_at == milestone.hold.funded_at + timedelta(days=89)


def test_nothing_is_handed_in_that_could_not_be_looked_at():
    milestone = aged(funded_step([500_00]), days=86.1)
    with pytest.raises(Conflict) as refusal:
        submit_milestone(milestone.contract.freelancer, milestone_id=milestone.pk, note="Too late.")
    assert refusal.value.code == "hold_limit_near"
    assert first_step(milestone.contract).status == "funded"


def test_no_changes_are_asked_that_could_not_be_made():
    milestone = aged(submitted_step([500_00]), days=84.1)
    with pytest.raises(Conflict) as refusal:
        request_revision(milestone.contract.client, milestone_id=milestone.pk, note="Bigger.")
    assert refusal.value.code == "hold_limit_near"
    assert first_step(milestone.contract).status == "submitted"


def test_resuming_gives_no_time_beyond_the_limit():
    milestone = aged(submitted_step([500_00]), days=80)
    contract = milestone.contract
    pause_contract(contract.client, contract_id=contract.pk)
    contract.events.filter(move="pause").update(created_at=timezone.now() - timedelta(days=30))
    resume_contract(contract.client, contract_id=contract.pk)
    hold = Hold.objects.get(pk=milestone.hold_id)
    assert first_step(contract).release_at == hold.funded_at + timedelta(days=89)
