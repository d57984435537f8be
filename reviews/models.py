"""What people say of each other after paid work."""

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from reviews.querysets import ReviewQuerySet
from reviews.rules import MAX_COMMENT, Side


class Review(models.Model):
    """Of one contract or one gig. Hidden (`published_at` empty) until both sides wrote or 14 days passed."""

    contract = models.ForeignKey(
        "contracts.Contract", null=True, blank=True, on_delete=models.PROTECT, related_name="reviews"
    )
    gig = models.ForeignKey("gigs.Gig", null=True, blank=True, on_delete=models.PROTECT, related_name="reviews")
    reviewer = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="reviews_written")
    reviewee = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="reviews_received")
    side = models.CharField(max_length=10, choices=Side, help_text="As what the reviewed person took part.")
    rating = models.PositiveSmallIntegerField()
    comment = models.TextField(max_length=MAX_COMMENT, blank=True)
    reveal_at = models.DateTimeField(help_text="Published by then even if the other side stays silent.")
    published_at = models.DateTimeField(null=True, blank=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now)

    objects = ReviewQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(
                fields=["reviewee", "-id"], condition=Q(published_at__isnull=False), name="reviews_published_of"
            ),
            models.Index(fields=["reveal_at"], condition=Q(published_at__isnull=True), name="reviews_hidden"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(rating__gte=1, rating__lte=5), name="reviews_review_rating_range"),
            models.CheckConstraint(condition=~Q(reviewer=F("reviewee")), name="reviews_review_two_people"),
            models.CheckConstraint(
                condition=Q(contract__isnull=False, gig__isnull=True) | Q(contract__isnull=True, gig__isnull=False),
                name="reviews_review_of_one_thing",
            ),
            models.UniqueConstraint(fields=["contract", "reviewer"], name="reviews_review_once_per_contract"),
            models.UniqueConstraint(fields=["gig", "reviewer"], name="reviews_review_once_per_gig"),
            models.CheckConstraint(condition=Q(side__in=Side.values), name="reviews_review_side_known"),
        ]

    def __str__(self) -> str:
        return f"{self.rating} of 5 for {self.reviewee}"
