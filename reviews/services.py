"""Writing reviews, and showing them when both sides wrote or the time has passed."""

from datetime import timedelta
from decimal import Decimal
from uuid import UUID

from django.db import transaction
from django.db.models import Avg, Count
from django.db.models.functions import Now
from django.urls import reverse
from django.utils import timezone

from accounts.models import ClientProfile, FreelancerProfile, User
from accounts.selectors import marketplace_rules
from contracts.models import Contract
from contracts.services.settling import BATCH, settle_each
from core.errors import Conflict, require
from core.queries import get_or_refuse
from gigs.models import Gig
from notifications.services import notify
from reviews import policies
from reviews.models import Review
from reviews.rules import Side


@transaction.atomic
def review_contract(actor: User, *, contract_id: UUID, rating: int, comment: str = "") -> Review:
    """One review a side, hidden until the other side wrote or 14 days passed. Conflict `already_reviewed`."""
    get_or_refuse(Contract.objects.visible_to(actor), pk=contract_id)
    contract = Contract.objects.select_for_update(no_key=True).get(pk=contract_id)
    require(policies.why_not_review_contract(actor, contract))
    by_client = actor.pk == contract.client_id
    return _write(
        Review(
            contract=contract,
            reviewer=actor,
            reviewee=contract.freelancer if by_client else contract.client,
            side=Side.FREELANCER if by_client else Side.CLIENT,
            rating=rating,
            comment=comment,
        )
    )


@transaction.atomic
def review_gig(actor: User, *, gig_id: int, rating: int, comment: str = "") -> Review:
    """The same for a gig."""
    get_or_refuse(Gig.objects.visible_to(actor), pk=gig_id)
    gig = Gig.objects.select_for_update(no_key=True).get(pk=gig_id)
    require(policies.why_not_review_gig(actor, gig))
    assert gig.helper is not None  # it was paid
    by_seeker = actor.pk == gig.seeker_id
    return _write(
        Review(
            gig=gig,
            reviewer=actor,
            reviewee=gig.helper if by_seeker else gig.seeker,
            side=Side.FREELANCER if by_seeker else Side.CLIENT,
            rating=rating,
            comment=comment,
        )
    )


def _write(review: Review) -> Review:
    """The lock on the contract or gig lets only one of two simultaneous writers see that it is the second."""
    of_the_same = Review.objects.filter(contract=review.contract, gig=review.gig)
    if of_the_same.filter(reviewer=review.reviewer).exists():
        raise Conflict("already_reviewed", "You have reviewed this work already.")
    review.reveal_at = timezone.now() + timedelta(days=marketplace_rules().review_reveal_days)
    review.save()
    other = of_the_same.exclude(pk=review.pk).first()
    if other:
        for one in sorted((review, other), key=lambda one: one.side):  # the two sides' profiles in everybody's order
            publish(one)
    else:
        notify(
            review.reviewee,
            kind="review_written",
            title=f"{review.reviewer.get_full_name()} reviewed your work together",
            message="You will see it once you have written yours, or in 14 days.",
            url=subject_url(review),
            data={"review_id": review.pk},
        )
    return review


def publish(review: Review) -> None:
    """Show the review and count it in the rating of the reviewed side. The caller holds the transaction."""
    shown = Review.objects.filter(pk=review.pk, published_at=None).update(published_at=Now())
    if not shown:
        return
    refresh_rating(review.reviewee, review.side)
    notify(
        review.reviewee,
        kind="review_received",
        title=f"{review.reviewer.get_full_name()} gave you {review.rating} of 5",
        message=review.comment[:200],
        url=review.reviewee.get_absolute_url(),
        data={"review_id": review.pk},
        email="reviews/emails/review_received",
        context={
            "reviewer": review.reviewer.get_full_name(),
            "rating": review.rating,
            "comment": review.comment,
        },
    )


def refresh_rating(person: User, side: str) -> None:
    """Recount the person's rating of one side from the published reviews, under the profile's lock."""
    profiles = (FreelancerProfile if side == Side.FREELANCER else ClientProfile).objects
    profile = profiles.select_for_update(no_key=True).get(user=person)
    figures = (
        Review.objects.published()
        .filter(reviewee=person, side=side)
        .aggregate(average=Avg("rating"), count=Count("id"))
    )
    average = figures["average"]
    profile.rating_average = None if average is None else round(Decimal(average), 2)
    profile.rating_count = figures["count"]
    profile.save(update_fields=["rating_average", "rating_count"])


def publish_due() -> int:
    """Show reviews whose time has come although the other side stayed silent. Returns how many."""
    due = Review.objects.filter(published_at=None, reveal_at__lte=Now()).select_related("reviewee", "reviewer")
    return settle_each([(review,) for review in due.order_by("pk")[:BATCH]], _publish_one)


@transaction.atomic
def _publish_one(review: Review) -> bool:
    publish(review)
    return True


def subject_url(review: Review) -> str:
    """The page of the contract or gig."""
    if review.contract_id:
        return reverse("contracts:detail", args=[review.contract_id])
    return reverse("gigs:detail", args=[review.gig_id])
