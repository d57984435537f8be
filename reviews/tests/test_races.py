"""Both sides review at the same time, over real connections."""

import pytest
from django.db import transaction

from accounts.models import ClientProfile, FreelancerProfile
from contracts.services import approve_milestone
from contracts.tests.factories import submitted_step
from reviews.models import Review
from reviews.services import review_contract
from tests.racing import free, until_it_waits

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("provider")]


@pytest.mark.parametrize("last", ["client", "freelancer"])
def test_whoever_writes_last_locks_the_two_profiles_in_one_order(last: str) -> None:
    """The same two may have worked together twice, and each of them write the last review of one contract."""
    milestone = submitted_step([500_00])
    contract = milestone.contract
    approve_milestone(contract.client, milestone_id=milestone.pk)
    first = "client" if last == "freelancer" else "freelancer"
    review_contract(getattr(contract, first), contract_id=contract.pk, rating=5)
    with transaction.atomic():
        ClientProfile.objects.select_for_update(no_key=True).get(user=contract.client)
        written = until_it_waits(lambda: review_contract(getattr(contract, last), contract_id=contract.pk, rating=4))
        assert free(FreelancerProfile.objects.filter(user=contract.freelancer))
    written.result()
    assert Review.objects.published().count() == 2
