"""Calling off, starting, finishing and reporting at the same time, over real connections: the gig's lock lets one come first."""

from collections import Counter

import pytest
from rest_framework.test import APIClient

from accounts.models import Strike, User
from gigs.models import Gig, NoShow
from gigs.services import (
    cancel_gig,
    complete_gig,
    contest_no_show,
    release_gig,
    report_no_show,
    settle_no_shows,
    start_gig,
)
from gigs.tests.factories import begins_in, completed_gig, funded_gig, missed_gig
from payments.models import Journal
from payments.selectors import prove
from tests.racing import at_once

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("provider")]
rounds = pytest.mark.parametrize("attempt", range(4))


def story(gig: Gig) -> tuple[str, dict[str, int], int]:
    """(status, journals of each kind, strikes), with the books right."""
    assert [finding for finding in prove() if finding.offenders] == []
    kinds = Journal.objects.filter(hold=gig.hold).values_list("kind", flat=True)
    return Gig.objects.get(pk=gig.pk).status, dict(Counter(kinds)), Strike.objects.count()


@rounds
def test_calling_off_late_meets_the_start(attempt: int) -> None:
    gig = begins_in(funded_gig(), 3)
    at_once(
        lambda: cancel_gig(gig.seeker, gig_id=gig.pk),
        lambda: start_gig(gig.helper, gig_id=gig.pk),
    )
    assert story(gig) in [("cancelled", {"fund": 1, "release": 1, "refund": 1}, 0), ("in_progress", {"fund": 1}, 0)]


@rounds
def test_both_sides_call_it_off_late_and_one_bears_it(attempt: int) -> None:
    gig = begins_in(funded_gig(), 3)
    at_once(*[lambda who=who: cancel_gig(who, gig_id=gig.pk) for who in (gig.seeker, gig.helper) * 3])
    assert story(gig) in [
        ("cancelled", {"fund": 1, "release": 1, "refund": 1}, 0),
        ("cancelled", {"fund": 1, "refund": 1}, 1),
    ]


@rounds
def test_calling_off_meets_finishing_and_releasing(attempt: int) -> None:
    gig = completed_gig()
    begins_in(gig, -1)
    results = at_once(
        lambda: cancel_gig(gig.seeker, gig_id=gig.pk),
        lambda: complete_gig(gig.helper, gig_id=gig.pk),
        lambda: release_gig(gig.seeker, gig_id=gig.pk),
        lambda: report_no_show(gig.seeker, gig_id=gig.pk),
    )
    assert results[0].code in {"gig_under_way", "no_show_stands"}
    released, frozen = {"fund": 1, "release": 1}, {"fund": 1}
    assert story(gig) == ("completed", frozen if NoShow.objects.exists() else released, 0)


@rounds
def test_an_answer_meets_the_end_of_its_time(attempt: int) -> None:
    gig = missed_gig()
    report_no_show(gig.helper, gig_id=gig.pk)
    NoShow.objects.update(answer_by=NoShow.objects.get().created_at)
    at_once(
        lambda: contest_no_show(gig.seeker, gig_id=gig.pk, answer="I was there."),
        settle_no_shows,
        settle_no_shows,
    )
    assert story(gig) == ("cancelled", {"fund": 1, "release": 1, "refund": 1}, 0)


@rounds
def test_twenty_requests_with_one_key_pay_once_and_answer_the_same(attempt: int) -> None:
    gig = begins_in(funded_gig(), 3)

    def request():
        api = APIClient()
        api.force_authenticate(User.objects.get(pk=gig.seeker_id))
        path, body = f"/api/gigs/{gig.pk}/status", {"status": "cancelled"}
        return api.put(path, body, format="json", headers={"Idempotency-Key": "once"})

    answers = at_once(*[request] * 20)
    assert {(answer.status_code, answer.content) for answer in answers} == {(200, answers[0].content)}
    assert story(gig) == ("cancelled", {"fund": 1, "release": 1, "refund": 1}, 0)
