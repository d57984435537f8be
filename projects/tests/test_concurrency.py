"""The same thing many times at once, over real connections."""

from collections import Counter

import pytest

from accounts.tests.factories import FreelancerFactory
from core.errors import DomainError
from core.money import Money
from projects.models import Proposal
from projects.services import Offer, close_project, send_proposal
from projects.tests.factories import ProjectFactory
from tests.racing import at_once

pytestmark = pytest.mark.django_db(transaction=True)

AT_ONCE = 20
OFFER = Offer(cover_letter="I would begin on paper.", bid_amount=Money(900_00, "USD"), estimated_days=14)


def outcomes(*calls) -> list[str]:
    return [one.code if isinstance(one, DomainError) else "done" for one in at_once(*calls)]


def test_of_twenty_identical_proposals_one_is_sent():
    project, freelancer = ProjectFactory.create(), FreelancerFactory.create()
    results = outcomes(*[lambda: send_proposal(freelancer, project_id=project.pk, offer=OFFER)] * AT_ONCE)
    assert Counter(results) == {"done": 1, "already_proposed": AT_ONCE - 1}
    project.refresh_from_db()
    assert (Proposal.objects.count(), project.proposal_count) == (1, 1)


def test_proposals_of_many_people_are_all_counted_and_none_slips_past_the_closing():
    project, people = ProjectFactory.create(), FreelancerFactory.create_batch(AT_ONCE - 1)
    sends = [lambda person=person: send_proposal(person, project_id=project.pk, offer=OFFER) for person in people]
    results = outcomes(*sends, lambda: close_project(project.client, project_id=project.pk))
    project.refresh_from_db()
    assert project.status == "cancelled"
    assert project.proposal_count == project.proposals.count() == results.count("done") - 1
    assert set(project.proposals.values_list("status", flat=True)) <= {"rejected"}
