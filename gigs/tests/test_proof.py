"""What gigs add to the proof of the books."""

import pytest
from django.utils import timezone

from gigs.models import NoShow
from gigs.selectors import CHECKS
from gigs.services import cancel_gig, release_gig, release_overdue, report_no_show, settle_no_shows, withdraw_no_show
from gigs.tests.factories import begins_in, completed_gig, done_for, funded_gig, missed_gig
from payments.selectors import prove
from payments.tests.planting import planted

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("provider")]

CORRUPTION = {
    "gigs_are_released_by_silence_only_in_time": "UPDATE gigs_gig SET lapsed_at = now() + interval '1 hour'",
    "gigs_that_were_called_off_pay_what_they_say": "UPDATE gigs_gig SET compensation_minor = compensation_minor + 1",
    "reported_no_shows_freeze_what_is_held": "UPDATE gigs_noshow SET status = 'open' WHERE status = 'withdrawn'",
    "no_shows_are_confirmed_by_silence_only_in_time": "UPDATE gigs_noshow SET answer_by = now() + interval '1 hour'",
}


def failing() -> set[str]:
    return {finding.check.name for finding in prove() if finding.offenders}


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.name)
def test_planted_corruption_is_found(check) -> None:
    done_for(completed_gig(), 15)
    release_overdue()
    late = begins_in(funded_gig(), 3)
    cancel_gig(late.seeker, gig_id=late.pk)
    for gig in (missed_gig(), missed_gig()):
        report_no_show(gig.helper, gig_id=gig.pk)
    withdraw_no_show(gig.helper, gig_id=gig.pk)
    NoShow.objects.filter(status="open").update(answer_by=timezone.now())
    settle_no_shows()
    assert failing() == set()
    with planted(CORRUPTION[check.name], "gigs"):
        assert failing() == {check.name}


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE gigs_gig SET lapsed_at = NULL",
        "UPDATE gigs_gig SET lapsed_at = release_at",
        "UPDATE payments_holdevent SET actor_id = NULL WHERE move = 'release'",
        "ALTER TABLE gigs_gig DISABLE TRIGGER gigs_gig_lapses_in_time",
    ],
)
def test_a_release_by_silence_that_was_none_is_found(sql: str) -> None:
    done_for(completed_gig(), 15)
    release_overdue()
    answered = completed_gig()
    release_gig(answered.seeker, gig_id=answered.pk)
    with planted(sql, "gigs"):
        assert failing() == {"gigs_are_released_by_silence_only_in_time"}
