"""Hours that the client sent back: corrected, given up, paid after all, or decided by the staff."""

import pytest
from django.utils import timezone

from accounts.models import User
from accounts.tests.factories import UserFactory, set_rules, staff_of
from contracts.models import Timesheet
from contracts.services import (
    approve_timesheet,
    bill_due_weeks,
    concede_timesheet,
    decide_timesheet,
    delete_time,
    edit_time,
    reject_timesheet,
    submit_timesheet,
)
from contracts.tests.factories import DAY, HOUR, log, sent_week, week, worked_week
from contracts.tests.weeks import FRIDAY, SECOND, earned, given_back, refused, usd
from core.errors import Forbidden, Invalid
from core.money import Money
from notifications.models import Notification
from payments.models import Hold
from payments.rules import HOLD_ENDS
from payments.services import freeze_hold, split_hold, unfreeze_hold

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("right_books")]


def sent_back_week(at) -> Timesheet:
    """Two entries, of 2 and of 3 hours; the client does not agree with the second."""
    timesheet = worked_week(at, hours=2)
    second = log(timesheet, 3, after=12 * HOUR)
    submit_timesheet(timesheet.contract.freelancer, timesheet_id=timesheet.pk)
    reject_timesheet(timesheet.contract.client, timesheet_id=timesheet.pk, reasons={second.pk: "We agreed on two."})
    return week(timesheet.contract)


def disputed_entry(timesheet: Timesheet):
    return timesheet.entries.get(rejected_at__isnull=False)


def test_hours_go_back_with_a_reason_each(at):
    timesheet = sent_back_week(at)
    assert timesheet.status == "returned"
    assert disputed_entry(timesheet).rejection == "We agreed on two."
    assert Notification.objects.filter(user=timesheet.contract.freelancer, kind="timesheet_returned").count() == 1


@pytest.mark.parametrize("reasons", [{}, {0: "No"}, "blank"])
def test_sending_back_names_entries_of_the_week_and_reasons(at, reasons):
    timesheet = sent_week(at)
    chosen = {timesheet.entries.get().pk: " "} if reasons == "blank" else reasons
    with pytest.raises(Invalid) as refusal:
        reject_timesheet(timesheet.contract.client, timesheet_id=timesheet.pk, reasons=chosen)
    assert "entries" in refusal.value.fields


def test_nothing_is_sent_back_after_friday(at):
    timesheet = sent_week(at)
    entry = timesheet.entries.get()
    at(FRIDAY + SECOND)
    refused(
        lambda: reject_timesheet(timesheet.contract.client, timesheet_id=timesheet.pk, reasons={entry.pk: "No"}),
        "review_over",
    )


def test_hours_that_were_sent_back_are_corrected_until_the_last_second_of_friday(at):
    timesheet = sent_back_week(at)
    entry, freelancer = disputed_entry(timesheet), timesheet.contract.freelancer
    at(FRIDAY)
    assert edit_time(freelancer, entry_id=entry.pk, memo="As agreed").memo == "As agreed"
    at(FRIDAY + SECOND)
    refused(lambda: edit_time(freelancer, entry_id=entry.pk, memo="Late"), "week_closed")
    refused(lambda: delete_time(freelancer, entry_id=entry.pk), "week_closed")


def test_corrected_hours_are_sent_again_and_paid(at):
    timesheet = sent_back_week(at)
    entry = disputed_entry(timesheet)
    freelancer = timesheet.contract.freelancer
    edit_time(freelancer, entry_id=entry.pk, ended_at=entry.started_at + 2 * HOUR)
    agreed = timesheet.entries.get(rejected_at=None)
    refused(lambda: edit_time(freelancer, entry_id=agreed.pk, memo="More"), "week_closed")
    submit_timesheet(freelancer, timesheet_id=timesheet.pk)
    timesheet.refresh_from_db()
    assert (timesheet.status, timesheet.review_until) == ("submitted", FRIDAY)
    assert not timesheet.entries.filter(rejected_at__isnull=False).exists()
    approve_timesheet(timesheet.contract.client, timesheet_id=timesheet.pk)
    assert earned(timesheet) == usd(216_00)


def test_late_corrections_give_the_client_two_days(at):
    timesheet = sent_back_week(at)
    at(FRIDAY - HOUR)
    submit_timesheet(timesheet.contract.freelancer, timesheet_id=timesheet.pk)
    timesheet.refresh_from_db()
    assert timesheet.review_until == FRIDAY - HOUR + 2 * DAY
    at(FRIDAY + SECOND)
    assert bill_due_weeks() == 0


def test_corrections_end_with_the_time_to_review(at):
    timesheet = sent_back_week(at)
    freelancer = timesheet.contract.freelancer
    entry = disputed_entry(timesheet)
    at(FRIDAY + SECOND)
    refused(lambda: edit_time(freelancer, entry_id=entry.pk, memo="Late"), "week_closed")
    refused(lambda: submit_timesheet(freelancer, timesheet_id=timesheet.pk), "week_closed")


def test_hours_taken_back_leave_the_agreed_ones_to_be_paid(at):
    timesheet = sent_back_week(at)
    delete_time(timesheet.contract.freelancer, entry_id=disputed_entry(timesheet).pk)
    at(FRIDAY + SECOND)
    assert bill_due_weeks() == 1
    timesheet.refresh_from_db()
    assert (timesheet.status, earned(timesheet)) == ("billed", usd(108_00))


def test_a_week_whose_every_hour_was_taken_back_goes_back(at):
    timesheet = sent_week(at)
    entry = timesheet.entries.get()
    reject_timesheet(timesheet.contract.client, timesheet_id=timesheet.pk, reasons={entry.pk: "Not ours."})
    delete_time(timesheet.contract.freelancer, entry_id=entry.pk)
    submit_timesheet(timesheet.contract.freelancer, timesheet_id=timesheet.pk)
    timesheet.refresh_from_db()
    assert (timesheet.status, given_back(timesheet)) == ("refunded", usd(2400_00))


def test_the_client_may_approve_after_all(at):
    timesheet = sent_back_week(at)
    approve_timesheet(timesheet.contract.client, timesheet_id=timesheet.pk)
    assert earned(timesheet) == usd(270_00)


def contested_week(at) -> Timesheet:
    timesheet = sent_back_week(at)
    at(FRIDAY + SECOND)
    assert bill_due_weeks() == 1
    return week(timesheet.contract)


def test_hours_that_are_not_agreed_stay_held_and_the_others_are_paid(at):
    timesheet = contested_week(at)
    assert (timesheet.status, timesheet.billed, timesheet.hold.held) == ("contested", usd(120_00), usd(180_00))
    assert (earned(timesheet), given_back(timesheet)) == (usd(108_00), usd(2100_00))
    assert bill_due_weeks() == 0
    told = Notification.objects.filter(kind="timesheet_contested").values_list("user_id", flat=True)
    assert set(told) == {timesheet.contract.client_id, timesheet.contract.freelancer_id}


def test_the_client_pays_them_after_all(at):
    timesheet = contested_week(at)
    approve_timesheet(timesheet.contract.client, timesheet_id=timesheet.pk)
    timesheet = week(timesheet.contract)
    assert (timesheet.status, timesheet.billed, earned(timesheet)) == ("billed", usd(300_00), usd(270_00))


def test_the_freelancer_gives_them_up(at):
    timesheet = contested_week(at)
    concede_timesheet(timesheet.contract.freelancer, timesheet_id=timesheet.pk)
    timesheet = week(timesheet.contract)
    assert (timesheet.status, timesheet.billed, earned(timesheet)) == ("billed", usd(120_00), usd(108_00))
    assert given_back(timesheet) == usd(2280_00)


def test_giving_up_every_hour_of_a_week_returns_it(at):
    timesheet = sent_week(at)
    entry = timesheet.entries.get()
    reject_timesheet(timesheet.contract.client, timesheet_id=timesheet.pk, reasons={entry.pk: "Not ours."})
    at(FRIDAY + SECOND)
    bill_due_weeks()
    concede_timesheet(timesheet.contract.freelancer, timesheet_id=timesheet.pk)
    timesheet.refresh_from_db()
    assert (timesheet.status, earned(timesheet), given_back(timesheet)) == ("refunded", usd(0), usd(2400_00))


@pytest.mark.parametrize(("amount", "net"), [(0, 108_00), (60_00, 162_00), (180_00, 270_00)])
def test_staff_decide_what_becomes_of_them(at, amount, net):
    timesheet = contested_week(at)
    decide_timesheet(UserFactory.create(staff=True), timesheet_id=timesheet.pk, amount=usd(amount), reason="Seen.")
    timesheet = week(timesheet.contract)
    assert (timesheet.status, earned(timesheet), timesheet.hold.held) == ("billed", usd(net), usd(0))
    assert timesheet.events.latest("id").reason == "Seen."


@pytest.mark.parametrize("side", ["client", "freelancer"])
def test_nobody_decides_about_a_week_of_their_own(at, side):
    timesheet = contested_week(at)
    moderator = getattr(timesheet.contract, side)
    moderator.groups.set(staff_of("moderator").groups.all())
    User.objects.filter(pk=moderator.pk).update(is_staff=True)
    for person, code in ((User.objects.get(pk=moderator.pk), "own_contract"), (staff_of("finance"), "not_permitted")):
        with pytest.raises(Forbidden) as refusal:
            decide_timesheet(person, timesheet_id=timesheet.pk, amount=usd(180_00), reason="Mine.")
        assert refusal.value.code == code
    assert week(timesheet.contract).status == "contested"


def test_a_decision_has_a_reason_and_bounds_and_a_week_that_needs_it(at):
    timesheet = contested_week(at)
    staff = UserFactory.create(staff=True)
    with pytest.raises(Invalid):
        decide_timesheet(staff, timesheet_id=timesheet.pk, amount=usd(0), reason=" ")
    for amount in (usd(180_01), usd(-1), Money(1, "EUR")):
        refused(
            lambda amount=amount: decide_timesheet(staff, timesheet_id=timesheet.pk, amount=amount, reason="x"),
            "amount_exceeds_held",
        )
    approve_timesheet(timesheet.contract.client, timesheet_id=timesheet.pk)
    for act in (
        lambda: decide_timesheet(staff, timesheet_id=timesheet.pk, amount=usd(1), reason="x"),
        lambda: concede_timesheet(timesheet.contract.freelancer, timesheet_id=timesheet.pk),
    ):
        refused(act, "timesheet_not_contested")


def test_giving_up_is_the_freelancers(at):
    timesheet = contested_week(at)
    with pytest.raises(Forbidden):
        concede_timesheet(timesheet.contract.client, timesheet_id=timesheet.pk)


def test_money_in_dispute_moves_only_by_its_outcome(at):
    timesheet = contested_week(at)
    freeze_hold(None, hold=timesheet.hold, reason="In dispute.")
    for act in (
        lambda: approve_timesheet(timesheet.contract.client, timesheet_id=timesheet.pk),
        lambda: concede_timesheet(timesheet.contract.freelancer, timesheet_id=timesheet.pk),
    ):
        refused(act, "hold_frozen")
    split_hold(None, hold=timesheet.hold, to_payee=usd(90_00), reason="Half.", cause="dispute:1")
    timesheet.refresh_from_db()
    assert (timesheet.status, timesheet.billed, earned(timesheet)) == ("billed", usd(210_00), usd(189_00))


def test_a_week_in_dispute_is_not_paid_by_silence(at):
    timesheet = sent_week(at)
    freeze_hold(None, hold=timesheet.hold, reason="In dispute.")
    at(FRIDAY + SECOND)
    assert bill_due_weeks() == 0
    unfreeze_hold(None, hold=timesheet.hold, reason="Withdrawn.")
    assert bill_due_weeks() == 1


def test_a_dispute_that_pays_all_ends_the_week(at):
    timesheet = sent_week(at)
    freeze_hold(None, hold=timesheet.hold, reason="In dispute.")
    split_hold(None, hold=timesheet.hold, to_payee=timesheet.hold.held, reason="All.", cause="dispute:1")
    timesheet.refresh_from_db()
    assert (timesheet.status, timesheet.billed) == ("billed", usd(2400_00))


def test_sending_back_and_forth_ends_before_money_is_held_too_long(at):
    timesheet = sent_back_week(at)
    at(FRIDAY - HOUR)
    end = timezone.now() + HOUR
    Hold.objects.filter(pk=timesheet.hold_id).update(funded_at=end - HOLD_ENDS)
    submit_timesheet(timesheet.contract.freelancer, timesheet_id=timesheet.pk)
    assert week(timesheet.contract).review_until == end
    at(end + SECOND)
    assert bill_due_weeks() == 1


def test_about_much_money_no_member_of_staff_decides_alone(at):
    timesheet = contested_week(at)
    set_rules(dispute_two_staff_over=179)
    staff = UserFactory.create(staff=True)
    refused(
        lambda: decide_timesheet(staff, timesheet_id=timesheet.pk, amount=usd(0), reason="Seen."), "needs_two_people"
    )
    set_rules(dispute_two_staff_over=180)
    decide_timesheet(staff, timesheet_id=timesheet.pk, amount=usd(0), reason="Seen.")
