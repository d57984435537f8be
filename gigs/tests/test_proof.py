"""What gigs add to the proof of the books."""

import pytest

from gigs.selectors import CHECKS
from gigs.services import release_gig, release_overdue
from gigs.tests.factories import completed_gig, done_for
from payments.selectors import prove
from payments.tests.planting import planted

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("provider")]

CORRUPTION = {
    "gigs_are_released_by_silence_only_in_time": "UPDATE gigs_gig SET lapsed_at = now() + interval '1 hour'",
}


def failing() -> set[str]:
    return {finding.check.name for finding in prove() if finding.offenders}


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.name)
def test_planted_corruption_is_found(check) -> None:
    done_for(completed_gig(), 15)
    release_overdue()
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
