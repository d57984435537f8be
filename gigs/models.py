"""Local work at a place."""

from datetime import datetime

from django.contrib.gis.db.models import PointField
from django.contrib.postgres.indexes import GinIndex, GistIndex, OpClass
from django.contrib.postgres.search import SearchVector, SearchVectorField
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from core.lifecycle import Badge, LifecycleEvent
from core.money import EXPONENTS, Money
from gigs.querysets import GigQuerySet, TownQuerySet
from gigs.rules import (
    GIG_LIFECYCLE,
    NO_SHOW_LIFECYCLE,
    Cost,
    GigStatus,
    NoShowStatus,
    Side,
    agreed_start,
    cost_of_cancelling,
    free_until,
)
from payments.rules import APPROVAL_DAYS


class Gig(models.Model):
    """`location` is exact and only for the two parties; everybody else gets `public_location`, blurred by `core.geo`.

    Fee and time to answer are frozen when it is posted. `release_at`, set once the helper says that it is done, is when
    silence releases what is held.
    """

    seeker = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="gigs_posted")
    helper = models.ForeignKey(
        "accounts.User", null=True, blank=True, on_delete=models.PROTECT, related_name="gigs_helped", editable=False
    )
    title = models.CharField(max_length=160)
    description = models.TextField(max_length=5000)
    category = models.ForeignKey(
        "accounts.Category", null=True, blank=True, on_delete=models.PROTECT, related_name="gigs"
    )
    duration_minutes = models.PositiveIntegerField()
    budget_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    fee_bps = models.PositiveIntegerField(help_text="Frozen when the gig was posted.")
    approval_days = models.PositiveSmallIntegerField(
        default=14, db_default=14, editable=False, help_text="Frozen when the gig was posted."
    )
    location = PointField(geography=True, spatial_index=False)
    public_location = PointField(geography=True, spatial_index=False)
    address = models.CharField(max_length=200, help_text="Exact; only the two parties see it.")
    area = models.CharField(max_length=120, blank=True, help_text="Neighbourhood or town; everybody sees it.")
    starts_at = models.DateTimeField(null=True, blank=True)
    images = models.ManyToManyField("accounts.Upload", blank=True, related_name="gigs")
    status = models.CharField(max_length=12, choices=GigStatus, default=GigStatus.PENDING, editable=False)
    hold = models.OneToOneField(
        "payments.Hold", null=True, blank=True, on_delete=models.PROTECT, related_name="gig", editable=False
    )
    room = models.OneToOneField(
        "chat.Room", null=True, blank=True, on_delete=models.PROTECT, related_name="gig", editable=False
    )
    accepted_at = models.DateTimeField(null=True, blank=True, editable=False)
    completed_at = models.DateTimeField(null=True, blank=True, editable=False)
    release_at = models.DateTimeField(null=True, blank=True, editable=False)
    lapsed_at = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="The deadline that passed in silence, if that released it."
    )
    compensation_minor = models.BigIntegerField(
        default=0,
        db_default=0,
        editable=False,
        help_text="What the helper got, gross, of a gig that did not come about.",
    )
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(default=timezone.now)
    search = models.GeneratedField(
        expression=SearchVector("title", weight="A", config="english")
        + SearchVector("description", weight="C", config="english"),
        output_field=SearchVectorField(),
        db_persist=True,
    )

    objects = GigQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-id"]
        indexes = [
            GinIndex(fields=["search"], name="gigs_gig_search"),
            GistIndex(fields=["public_location"], condition=Q(status="pending"), name="gigs_open_place"),
            models.Index(
                fields=["-created_at", "-id"],
                include=["seeker"],  # gigs of suspended people are left out, also where rows are counted
                condition=Q(status="pending"),
                name="gigs_open_newest",
            ),
            models.Index(fields=["seeker", "-id"], name="gigs_of_seeker"),
            models.Index(fields=["helper", "-id"], name="gigs_of_helper"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(status__in=GigStatus.values), name="gigs_gig_status_known"),
            models.CheckConstraint(condition=Q(budget_minor__gt=0), name="gigs_gig_budget_positive"),
            models.CheckConstraint(condition=Q(fee_bps__lte=10_000), name="gigs_gig_fee_sane"),
            models.CheckConstraint(
                condition=Q(duration_minutes__gte=15, duration_minutes__lte=60 * 24 * 14), name="gigs_gig_duration_sane"
            ),
            models.CheckConstraint(condition=Q(currency__in=sorted(EXPONENTS)), name="gigs_gig_currency_known"),
            models.CheckConstraint(condition=~Q(helper=F("seeker")), name="gigs_gig_two_people"),
            models.CheckConstraint(
                condition=Q(status="pending", helper__isnull=True, accepted_at__isnull=True)
                | Q(status="cancelled")
                | Q(
                    status__in=["accepted", "in_progress", "completed"],
                    helper__isnull=False,
                    accepted_at__isnull=False,
                ),
                name="gigs_gig_helper_once_accepted",
            ),
            models.CheckConstraint(
                condition=Q(status="completed", completed_at__isnull=False)
                | (~Q(status="completed") & Q(completed_at__isnull=True)),
                name="gigs_gig_completed_at_when_completed",
            ),
            models.CheckConstraint(
                condition=Q(approval_days__gte=APPROVAL_DAYS[0], approval_days__lte=APPROVAL_DAYS[-1]),
                name="gigs_gig_approval_days_sane",
            ),
            models.CheckConstraint(
                condition=Q(status="completed", release_at__isnull=False)
                | (~Q(status="completed") & Q(release_at__isnull=True, lapsed_at__isnull=True)),
                name="gigs_gig_release_at_when_completed",
            ),
            models.CheckConstraint(
                condition=Q(compensation_minor=0)
                | Q(status="cancelled", compensation_minor__gt=0, compensation_minor__lt=F("budget_minor")),
                name="gigs_gig_compensation_when_cancelled",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def budget(self) -> Money:
        return Money(self.budget_minor, self.currency)

    @property
    def compensation(self) -> Money:
        return Money(self.compensation_minor, self.currency)

    @property
    def held(self) -> Money:
        """What is held for it now."""
        return self.hold.held if self.hold else Money(0, self.currency)

    @property
    def agreed_start(self) -> datetime | None:
        return agreed_start(self.starts_at, self.accepted_at)

    @property
    def free_until(self) -> datetime | None:
        return free_until(self.starts_at, self.accepted_at)

    @property
    def is_without_help(self) -> bool:
        """Who accepted it is suspended, so that they cannot begin."""
        return self.helper is not None and self.helper.is_suspended

    def cost_of_cancelling(self, role: str, now: datetime) -> Cost:
        is_late = self.free_until is not None and now > self.free_until
        if role == Side.SEEKER and self.is_without_help:
            is_late = False
        return cost_of_cancelling(role, is_late=is_late, budget=self.budget, held=self.held)

    @property
    def badge(self) -> Badge:
        return GIG_LIFECYCLE.badge(self.status)


class GigEvent(LifecycleEvent):
    gig = models.ForeignKey(Gig, on_delete=models.CASCADE, related_name="events")


class NoShow(models.Model):
    """One side says that the other did not come. Silence until `answer_by` confirms it; staff decide what is contested.

    What is held is frozen meanwhile. `absent` is who did not come by the report, `found_absent` who it was in the end.
    """

    gig = models.OneToOneField(Gig, on_delete=models.PROTECT, related_name="no_show")
    reporter = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    absent = models.CharField(max_length=6, choices=Side)
    note = models.TextField(max_length=2000, blank=True)
    answer = models.TextField(max_length=2000, blank=True)
    status = models.CharField(max_length=12, choices=NoShowStatus, default=NoShowStatus.OPEN, editable=False)
    answer_by = models.DateTimeField(editable=False)
    found_absent = models.CharField(max_length=6, choices=Side, blank=True, editable=False)
    reasons = models.TextField(max_length=2000, blank=True, help_text="Of the decision; both sides read them.")
    decided_by = models.ForeignKey(
        "accounts.User", null=True, blank=True, on_delete=models.PROTECT, related_name="+", editable=False
    )
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-id"]
        verbose_name = "no-show"
        indexes = [
            models.Index(fields=["answer_by"], condition=Q(status="open"), name="gigs_noshow_unanswered"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(status__in=NoShowStatus.values), name="gigs_noshow_status_known"),
            models.CheckConstraint(condition=Q(absent__in=Side.values), name="gigs_noshow_absent_known"),
            models.CheckConstraint(
                condition=Q(status="confirmed", found_absent__in=Side.values)
                | (~Q(status="confirmed") & Q(found_absent="")),
                name="gigs_noshow_found_when_confirmed",
            ),
        ]

    def __str__(self) -> str:
        return f"No-show: {self.gig}"

    @property
    def badge(self) -> Badge:
        return NO_SHOW_LIFECYCLE.badge(self.status)


class NoShowEvent(LifecycleEvent):
    no_show = models.ForeignKey(NoShow, on_delete=models.CASCADE, related_name="events")

    class Meta(LifecycleEvent.Meta):
        verbose_name = "no-show event"


class Town(models.Model):
    """The gazetteer (GeoNames, towns of 15,000 people and more): names for search boxes and quiet maps."""

    id = models.PositiveIntegerField(primary_key=True, help_text="The GeoNames id.")
    name = models.CharField(max_length=200)
    search_names = models.TextField(help_text="Its names in lower case without accents, one a line.")
    country = models.CharField(max_length=2)
    population = models.PositiveIntegerField()
    location = PointField(geography=True, spatial_index=False)

    objects = TownQuerySet.as_manager()

    class Meta:
        ordering = ["-population"]
        indexes = [
            GistIndex(fields=["location"], name="gigs_town_place"),
            GinIndex(OpClass("search_names", name="gin_trgm_ops"), name="gigs_town_names"),
        ]

    def __str__(self) -> str:
        return f"{self.name}, {self.country}"
