from datetime import timedelta

import pytest
from django.db import OperationalError
from django.utils import timezone

from accounts.tests.factories import ClientFactory
from contracts.services import approve_milestone
from contracts.tests.factories import funded_step, submitted_step
from core.errors import Conflict, Forbidden, NotFound
from core.money import Money
from gigs.services import cancel_gig, release_gig
from gigs.tests.factories import begins_in, completed_gig, funded_gig
from payments.services import refresh_chargeback
from reviews import services
from reviews.models import Review
from reviews.services import publish_due, review_contract, review_gig

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("provider")]


@pytest.fixture
def contract():
    milestone = submitted_step([500_00])
    approve_milestone(milestone.contract.client, milestone_id=milestone.pk)
    milestone.contract.refresh_from_db()
    return milestone.contract


def test_a_review_is_hidden_until_the_other_side_wrote(contract):
    first = review_contract(contract.client, contract_id=contract.pk, rating=5, comment="Splendid.")
    assert first.published_at is None
    assert contract.freelancer.freelancer_profile.rating_count == 0
    review_contract(contract.freelancer, contract_id=contract.pk, rating=4)
    assert Review.objects.published().count() == 2
    contract.freelancer.freelancer_profile.refresh_from_db()
    contract.client.client_profile.refresh_from_db()
    assert contract.freelancer.freelancer_profile.rating_average == 5
    assert contract.client.client_profile.rating_average == 4


def test_a_review_shows_after_its_time_even_if_the_other_side_stays_silent(contract):
    review_contract(contract.client, contract_id=contract.pk, rating=3)
    assert publish_due() == 0
    Review.objects.update(reveal_at=timezone.now() - timedelta(seconds=1))
    assert publish_due() == 1
    assert publish_due() == 0
    contract.freelancer.freelancer_profile.refresh_from_db()
    assert (
        contract.freelancer.freelancer_profile.rating_average,
        contract.freelancer.freelancer_profile.rating_count,
    ) == (3, 1)


def test_one_review_a_side(contract):
    review_contract(contract.client, contract_id=contract.pk, rating=5)
    with pytest.raises(Conflict) as refusal:
        review_contract(contract.client, contract_id=contract.pk, rating=1)
    assert refusal.value.code == "already_reviewed"


def test_no_review_before_the_work_is_paid():
    milestone = funded_step()
    with pytest.raises(Forbidden) as refusal:
        review_contract(milestone.contract.client, contract_id=milestone.contract_id, rating=5)
    assert refusal.value.code == "review_too_early"


def test_strangers_review_nothing(contract):
    with pytest.raises(NotFound):
        review_contract(ClientFactory.create(), contract_id=contract.pk, rating=1)


def test_a_gig_that_was_called_off_is_not_reviewed_though_all_that_was_left_went_to_the_helper(provider):
    gig = begins_in(funded_gig(), 3)
    refresh_chargeback(provider.dispute(gig.hold.payments.get().intent_id, amount=Money(40_00, "EUR")).id)
    cancel_gig(gig.seeker, gig_id=gig.pk)
    gig.hold.refresh_from_db()
    assert gig.hold.status == "released"
    with pytest.raises(Forbidden):
        review_gig(gig.seeker, gig_id=gig.pk, rating=1)


def test_a_paid_gig_is_reviewed_by_both():
    gig = completed_gig()
    with pytest.raises(Forbidden):
        review_gig(gig.seeker, gig_id=gig.pk, rating=5)
    release_gig(gig.seeker, gig_id=gig.pk)
    review_gig(gig.seeker, gig_id=gig.pk, rating=5)
    review_gig(gig.helper, gig_id=gig.pk, rating=2)
    gig.helper.freelancer_profile.refresh_from_db()
    gig.seeker.client_profile.refresh_from_db()
    assert (gig.helper.freelancer_profile.rating_average, gig.seeker.client_profile.rating_average) == (5, 2)


@pytest.mark.parametrize(
    "body", [{"rating": 0}, {"rating": 6}, {"rating": 2.5}, {}, {"rating": 5, "comment": "x" * 2001}]
)
def test_bad_ratings_are_400(api_as, contract, body):
    answer = api_as(contract.client).post("/api/reviews", {"contract_id": str(contract.pk), **body})
    assert answer.status_code == 400 and answer.data["fields"]
    assert not Review.objects.exists()


def test_reviews_over_the_api(api, api_as, contract):
    written = api_as(contract.client).post("/api/reviews", {"contract_id": str(contract.pk), "rating": 5})
    assert written.status_code == 201 and written.data["published_at"] is None
    assert api.get(f"/api/reviews/user/{contract.freelancer_id}").data["count"] == 0
    assert api_as(contract.freelancer).get("/api/reviews").data["count"] == 0
    assert api_as(contract.client).get("/api/reviews").data["count"] == 1
    api_as(contract.freelancer).post("/api/reviews", {"contract_id": str(contract.pk), "rating": 4})
    assert api.get(f"/api/reviews/user/{contract.freelancer_id}").data["results"][0]["rating"] == 5


def test_either_a_contract_or_a_gig(api_as, contract):
    assert api_as(contract.client).post("/api/reviews", {"rating": 5}).status_code == 400
    both = {"contract_id": str(contract.pk), "gig_id": 1, "rating": 5}
    assert api_as(contract.client).post("/api/reviews", both).status_code == 400


def test_a_review_that_cannot_be_shown_now_keeps_no_other_waiting(contract, monkeypatch):
    other = completed_gig()
    release_gig(other.seeker, gig_id=other.pk)
    stuck = review_contract(contract.client, contract_id=contract.pk, rating=4)
    shown = review_gig(other.seeker, gig_id=other.pk, rating=5)
    Review.objects.update(reveal_at=timezone.now() - timedelta(minutes=1))
    count = services.refresh_rating

    def refresh_rating(person, side):
        if person == stuck.reviewee:
            raise OperationalError("deadlock detected")
        count(person, side)

    monkeypatch.setattr(services, "refresh_rating", refresh_rating)
    assert publish_due() == 1
    assert list(Review.objects.published()) == [shown]
    monkeypatch.undo()
    assert publish_due() == 1
