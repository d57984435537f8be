"""What the site does by itself with a review that waits for the other side's."""

import pytest

from contracts.models import Contract
from contracts.selectors import automatic_actions
from contracts.services import approve_milestone
from contracts.tests.factories import submitted_step
from reviews.services import review_contract

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("provider")]


def test_a_review_that_waits_for_the_other_one_is_announced() -> None:
    done = submitted_step([500_00])
    approve_milestone(done.contract.client, milestone_id=done.pk)
    review = review_contract(done.contract.client, contract_id=done.contract_id, rating=5, comment="Good.")
    [action] = automatic_actions(Contract.objects.with_parties().get(pk=done.contract_id))
    assert (action.kind, action.at) == ("reviews_shown", review.reveal_at)
