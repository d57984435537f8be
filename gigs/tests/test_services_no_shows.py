"""Somebody did not come."""

from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db.models import F
from django.utils import timezone

from accounts.models import Strike, User
from accounts.tests.factories import FreelancerFactory, staff_of
from core.clock import standing_at
from core.errors import Conflict, Forbidden, Invalid, NotFound
from gigs.models import Gig, NoShow
from gigs.services import (
    cancel_gig,
    cancel_gig_as_staff,
    complete_gig,
    contest_no_show,
    decide_no_show,
    release_gig,
    release_overdue,
    report_no_show,
    settle_no_shows,
    start_gig,
    watch_holds,
    withdraw_no_show,
)
from gigs.tests.factories import accepted_gig, begins_in, completed_gig, done_for, funded_gig, make_gig, missed_gig
from gigs.tests.test_services_cancelling import available, figures, told
from payments.models import Hold
from payments.services import refresh_chargeback
from payments.tests.fakes import FakeProvider

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _clean_ledger(provider: FakeProvider):
    yield
    call_command("check_ledger", verbosity=0)


def reported(by: str = "seeker", **changes) -> Gig:
    gig = missed_gig(**changes)
    report_no_show(getattr(gig, by), gig_id=gig.pk, note="I waited for an hour.")
    gig.refresh_from_db()
    return gig


def contested(by: str = "seeker") -> Gig:
    gig = reported(by)
    contest_no_show(gig.helper if by == "seeker" else gig.seeker, gig_id=gig.pk, answer="I rang three times.")
    gig.refresh_from_db()
    return gig


def silent(gig: Gig) -> Gig:
    """As if the time to answer were over."""
    NoShow.objects.filter(gig=gig).update(answer_by=timezone.now() - timedelta(seconds=1))
    return gig


def after(gig: Gig) -> tuple[str, str]:
    gig = Gig.objects.select_related("no_show").get(pk=gig.pk)
    return gig.status, gig.no_show.status


def test_a_report_freezes_what_is_held_and_the_other_side_is_told(run_jobs, mailoutbox):
    gig = reported()
    report = gig.no_show
    assert (report.absent, report.status, report.note) == ("helper", "open", "I waited for an hour.")
    assert timedelta(hours=23.9) < report.answer_by - timezone.now() <= timedelta(hours=24)
    assert gig.hold.frozen_at is not None
    assert told(gig, "gig_no_show_reported") == {gig.helper_id}
    run_jobs()
    (letter,) = [one for one in mailoutbox if one.subject.startswith("Did you come?")]
    assert "I waited for an hour." in letter.body and "€45.00" in letter.body


def test_silence_gives_everything_back_when_the_helper_did_not_come(run_jobs, provider):
    gig = reported()
    assert settle_no_shows() == 0
    silent(gig)
    assert (settle_no_shows(), settle_no_shows()) == (1, 0)
    assert after(gig) == ("cancelled", "confirmed")
    assert figures(gig) == ("refunded", 0, 0, 45_00)
    assert gig.helper.strikes.get().rule == "did_not_come"
    assert told(gig, "gig_cancelled") == {gig.seeker_id, gig.helper_id}
    run_jobs()
    assert [refund.amount_minor for refund in provider.refunds.values()] == [45_00]


def test_silence_pays_the_helper_a_fifth_when_the_seeker_did_not_come():
    gig = silent(reported("helper"))
    assert settle_no_shows() == 1
    assert after(gig) == ("cancelled", "confirmed")
    assert figures(gig) == ("refunded", 8_10, 90, 36_00)
    assert available(gig.helper) == 8_10
    assert not Strike.objects.exists()


@pytest.mark.parametrize("begun", ["started", "done"])
def test_who_says_that_they_began_may_not_have_come_either(begun):
    gig = missed_gig()
    start_gig(gig.helper, gig_id=gig.pk)
    if begun == "done":
        complete_gig(gig.helper, gig_id=gig.pk)
    report_no_show(gig.seeker, gig_id=gig.pk)
    silent(gig)
    assert settle_no_shows() == 1
    assert after(gig) == ("cancelled", "confirmed")
    assert figures(gig) == ("refunded", 0, 0, 45_00)


def test_contesting_leads_to_the_staff_and_stops_the_clock(run_jobs, mailoutbox):
    moderator, analyst = staff_of("moderator"), staff_of("analyst")
    gig = contested()
    silent(gig)
    assert settle_no_shows() == 0
    assert (after(gig), figures(gig)[0]) == (("accepted", "contested"), "held")
    assert told(gig, "gig_no_show_contested") == {gig.seeker_id}
    assert told(gig, "gig_waits_for_staff") == {moderator.pk}
    assert analyst.pk not in told(gig, "gig_waits_for_staff")
    run_jobs()
    assert any("I rang three times." in letter.body for letter in mailoutbox)


@pytest.mark.parametrize(
    ("absent", "state", "expected"),
    [
        ("helper", ("cancelled", "confirmed"), ("refunded", 0, 0, 45_00)),
        ("seeker", ("cancelled", "confirmed"), ("refunded", 8_10, 90, 36_00)),
        ("", ("accepted", "rejected"), ("held", 0, 0, 0)),
    ],
)
@pytest.mark.parametrize("by", ["seeker", "helper"])
def test_staff_decide_who_did_not_come(by, absent, state, expected):
    gig = contested(by)
    decide_no_show(staff_of("moderator"), no_show_id=gig.no_show.pk, absent=absent, reasons="The log of the doorbell.")
    assert (after(gig), figures(gig)) == (state, expected)
    assert gig.hold.frozen_at is None
    kind = "gig_cancelled" if absent else "gig_no_show_ended"
    assert told(gig, kind) == {gig.seeker_id, gig.helper_id}
    assert [strike.user for strike in Strike.objects.all()] == ([gig.helper] if absent == "helper" else [])


def test_a_gig_that_goes_on_is_started_done_and_released():
    gig = contested()
    decide_no_show(staff_of("moderator"), no_show_id=gig.no_show.pk, absent="", reasons="Both were there.")
    start_gig(gig.helper, gig_id=gig.pk)
    complete_gig(gig.helper, gig_id=gig.pk)
    release_gig(gig.seeker, gig_id=gig.pk)
    assert figures(gig) == ("released", 40_50, 4_50, 0)


def test_taking_a_report_back_lets_the_gig_go_on():
    gig = reported()
    withdraw_no_show(gig.seeker, gig_id=gig.pk)
    assert (after(gig), figures(gig)[0]) == (("accepted", "withdrawn"), "held")
    assert Hold.objects.get(pk=gig.hold_id).frozen_at is None
    assert told(gig, "gig_no_show_ended") == {gig.helper_id}
    silent(gig)
    assert settle_no_shows() == 0


def test_a_report_stands_before_cancelling_and_releasing():
    gig = reported()
    for act in (
        lambda: cancel_gig(gig.seeker, gig_id=gig.pk),
        lambda: cancel_gig(gig.helper, gig_id=gig.pk),
        lambda: cancel_gig_as_staff(staff_of("moderator"), gig_id=gig.pk, reason="No."),
    ):
        with pytest.raises(Conflict) as refusal:
            act()
        assert refusal.value.code == "no_show_stands"
    start_gig(gig.helper, gig_id=gig.pk)
    complete_gig(gig.helper, gig_id=gig.pk)
    done_for(gig, 15)
    assert release_overdue() == 0
    with pytest.raises(Conflict):
        release_gig(gig.seeker, gig_id=gig.pk)
    assert figures(gig) == ("held", 0, 0, 0)


def no_start() -> Gig:
    return funded_gig()


def passed_when_accepted() -> Gig:
    gig = missed_gig()
    Gig.objects.filter(pk=gig.pk).update(accepted_at=timezone.now())
    return gig


def cancelled() -> Gig:
    gig = begins_in(funded_gig(), 30)
    cancel_gig(gig.seeker, gig_id=gig.pk)
    return begins_in(gig, -1)


REFUSALS = {
    "no_agreed_start": no_start,
    "gig_not_funded": lambda: begins_in(accepted_gig(), -1),
    "gig_not_begun": lambda: begins_in(funded_gig(), 0.1),
    "no_show_too_late": lambda: begins_in(funded_gig(), -24.1),
    "no_show_not_possible": cancelled,
}


@pytest.mark.parametrize("by", ["seeker", "helper"])
@pytest.mark.parametrize("code", REFUSALS)
def test_when_nobody_can_be_reported(code, by):
    gig = REFUSALS[code]()
    with pytest.raises(Conflict) as refusal:
        report_no_show(getattr(gig, by), gig_id=gig.pk)
    assert refusal.value.code == code
    assert not NoShow.objects.exists()


def test_at_the_very_end_of_the_time_it_is_reported():
    gig = missed_gig()
    with standing_at(gig.starts_at + timedelta(hours=24)):
        report_no_show(gig.seeker, gig_id=gig.pk)
    late = missed_gig()
    with standing_at(late.starts_at + timedelta(hours=24, microseconds=1)), pytest.raises(Conflict) as refusal:
        report_no_show(late.seeker, gig_id=late.pk)
    assert refusal.value.code == "no_show_too_late"


def test_a_start_that_had_passed_when_it_was_accepted_binds_nobody():
    gig = passed_when_accepted()
    with pytest.raises(Conflict) as refusal:
        report_no_show(gig.seeker, gig_id=gig.pk)
    assert refusal.value.code == "no_agreed_start"


def test_a_helper_who_began_does_not_report_the_seeker():
    gig = missed_gig()
    start_gig(gig.helper, gig_id=gig.pk)
    with pytest.raises(Conflict) as refusal:
        report_no_show(gig.helper, gig_id=gig.pk)
    assert refusal.value.code == "no_show_not_possible"


def test_a_gig_is_reported_once():
    gig = reported()
    report_no_show(gig.seeker, gig_id=gig.pk)
    with pytest.raises(Conflict) as refusal:
        report_no_show(gig.helper, gig_id=gig.pk)
    assert refusal.value.code == "no_show_reported"
    withdraw_no_show(gig.seeker, gig_id=gig.pk)
    with pytest.raises(Conflict):
        report_no_show(gig.seeker, gig_id=gig.pk)
    assert NoShow.objects.count() == 1


def test_wrong_people():
    gig, stranger = reported(), FreelancerFactory.create()
    for act in (
        lambda: report_no_show(stranger, gig_id=gig.pk),
        lambda: contest_no_show(stranger, gig_id=gig.pk, answer="No."),
        lambda: withdraw_no_show(stranger, gig_id=gig.pk),
        lambda: contest_no_show(gig.seeker, gig_id=missed_gig().pk, answer="No."),
        lambda: withdraw_no_show(stranger, gig_id=make_gig().pk),
    ):
        with pytest.raises(NotFound):
            act()
    for act, code in (
        (lambda: report_no_show(stranger, gig_id=make_gig().pk), "not_a_party"),
        (lambda: contest_no_show(gig.seeker, gig_id=gig.pk, answer="No."), "own_report"),
        (lambda: withdraw_no_show(gig.helper, gig_id=gig.pk), "not_the_reporter"),
        (lambda: decide(staff_of("analyst"), gig), "not_staff"),
        (lambda: decide(gig.helper, gig), "own_gig"),
    ):
        with pytest.raises(Forbidden) as refusal:
            act()
        assert refusal.value.code == code
    assert after(gig) == ("accepted", "open")


def decide(staff: User, gig: Gig, **changes: str) -> NoShow:
    return decide_no_show(staff, no_show_id=gig.no_show.pk, **{"absent": "helper", "reasons": "Seen.", **changes})


def test_an_answer_and_a_decision_say_why():
    gig = reported()
    with pytest.raises(Invalid) as refusal:
        contest_no_show(gig.helper, gig_id=gig.pk, answer="  ")
    assert list(refusal.value.fields) == ["answer"]
    with pytest.raises(Invalid) as refusal:
        decide(staff_of("moderator"), gig, reasons=" ")
    assert list(refusal.value.fields) == ["reasons"]


def test_an_answer_comes_in_time_and_once():
    gig = silent(reported())
    with pytest.raises(Conflict) as refusal:
        contest_no_show(gig.helper, gig_id=gig.pk, answer="I was there.")
    assert refusal.value.code == "no_show_not_contestable"
    other = contested()
    with pytest.raises(Conflict):
        contest_no_show(other.helper, gig_id=other.pk, answer="I was there.")


@pytest.mark.parametrize("end", ["confirmed", "withdrawn", "rejected"])
def test_what_is_settled_stays(end):
    gig = contested()
    if end == "withdrawn":
        withdraw_no_show(gig.seeker, gig_id=gig.pk)
    else:
        decide(staff_of("moderator"), gig, absent="helper" if end == "confirmed" else "")
    before = figures(gig)
    for act in (lambda: withdraw_no_show(gig.seeker, gig_id=gig.pk), lambda: decide(staff_of("moderator"), gig)):
        with pytest.raises(Conflict) as refusal:
            act()
        assert refusal.value.code == "no_show_ended"
    assert (after(gig)[1], figures(gig)) == (end, before)


@pytest.mark.parametrize(("begun", "expected"), [(False, "refunded"), (True, "released")])
def test_what_staff_do_not_decide_is_settled_at_the_limit_of_holding(begun, expected):
    gig = contested()
    if begun:
        start_gig(gig.helper, gig_id=gig.pk)
        complete_gig(gig.helper, gig_id=gig.pk)
    Hold.objects.filter(pk=gig.hold_id).update(funded_at=F("funded_at") - timedelta(days=89))
    Gig.objects.filter(pk=gig.pk, status="completed").update(release_at=F("release_at") - timedelta(days=15))
    assert watch_holds() == 0
    assert settle_no_shows() == 1
    assert (after(gig)[1], figures(gig)[0]) == ("rejected", expected)
    assert not Strike.objects.exists()


def test_the_time_to_answer_ends_with_the_holding():
    gig = missed_gig()
    Hold.objects.filter(pk=gig.hold_id).update(funded_at=timezone.now() - timedelta(days=88.5))
    report_no_show(gig.seeker, gig_id=gig.pk)
    gig.hold.refresh_from_db()
    assert NoShow.objects.get().answer_by == gig.hold.funded_at + timedelta(days=89)


@pytest.mark.parametrize("by", ["seeker", "helper"])
def test_where_the_bank_took_everything_back_it_is_a_strike(provider, by):
    gig = reported(by)
    refresh_chargeback(provider.dispute(gig.hold.payments.get().intent_id).id)
    silent(gig)
    assert settle_no_shows() == 1
    assert after(gig) == ("cancelled", "confirmed")
    assert Strike.objects.get().user == (gig.helper if by == "seeker" else gig.seeker)


def test_a_suspended_person_answers_without_words():
    gig = reported()
    User.objects.filter(pk=gig.helper_id).update(suspended_at=timezone.now())
    helper = User.objects.get(pk=gig.helper_id)
    contest_no_show(helper, gig_id=gig.pk, answer="You will be sorry.")
    assert after(gig)[1] == "contested"
    assert NoShow.objects.get(gig=gig).answer == ""
    other = missed_gig()
    User.objects.filter(pk=other.helper_id).update(suspended_at=timezone.now())
    with pytest.raises(Forbidden):
        report_no_show(User.objects.get(pk=other.helper_id), gig_id=other.pk)


def test_a_report_of_released_work_is_too_late():
    gig = begins_in(completed_gig(), -1)
    release_gig(gig.seeker, gig_id=gig.pk)
    with pytest.raises(Conflict) as refusal:
        report_no_show(gig.seeker, gig_id=gig.pk)
    assert refusal.value.code == "gig_not_funded"
