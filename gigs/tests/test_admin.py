"""Gigs in the staff console."""

import pytest
from django.urls import reverse

from accounts.tests.factories import staff_of
from gigs.models import Gig, NoShow
from gigs.services import cancel_gig, contest_no_show, report_no_show
from gigs.tests.factories import begins_in, funded_gig, missed_gig

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("provider")]


def contested() -> NoShow:
    gig = missed_gig()
    report_no_show(gig.seeker, gig_id=gig.pk)
    contest_no_show(gig.helper, gig_id=gig.pk, answer="I rang three times.")
    return NoShow.objects.get(gig=gig)


def decide(console_as, group: str, report: NoShow, **answers: str):
    url = reverse("admin:gigs_noshow_decide", args=[report.pk])
    return console_as(staff_of(group)).post(url, {"_form_submitted": "on", **answers})


def test_the_queue_shows_what_waits_first(console_as):
    report = contested()
    page = console_as(staff_of("moderator")).get(reverse("admin:gigs_noshow_changelist"))
    assert "With Guildhall" in page.content.decode()
    page = console_as(staff_of("moderator")).get(reverse("admin:gigs_noshow_change", args=[report.pk]))
    assert "€9.00 to the helper, who receives €8.10 after the fee of €0.90; €36.00 back" in page.content.decode()
    assert "I rang three times." in page.content.decode() and "Decide" in page.content.decode()


@pytest.mark.parametrize(("absent", "status"), [("helper", "cancelled"), ("seeker", "cancelled"), ("", "accepted")])
def test_a_moderator_decides(console_as, absent, status):
    report = contested()
    answer = decide(console_as, "moderator", report, absent=absent, reasons="The log of the doorbell.")
    assert answer.status_code == 200
    report.refresh_from_db()
    assert (report.found_absent, report.reasons) == (absent, "The log of the doorbell.")
    assert Gig.objects.get(pk=report.gig_id).status == status


def test_others_only_look(console_as):
    report = contested()
    decide(console_as, "support", report, absent="helper", reasons="No.")
    report.refresh_from_db()
    assert report.status == "contested"


def test_strikes_are_seen_beside_the_person(console_as):
    gig = begins_in(funded_gig(), 3)
    cancel_gig(gig.helper, gig_id=gig.pk)
    moderator = console_as(staff_of("moderator"))
    for url in (
        reverse("admin:accounts_strike_changelist"),
        reverse("admin:accounts_user_change", args=[gig.helper_id]),
    ):
        assert gig.title in moderator.get(url).content.decode()
