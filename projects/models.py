"""Work on offer, and offers to do it."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVector, SearchVectorField
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from accounts.rules import ExperienceLevel
from core.lifecycle import Badge, LifecycleEvent
from core.money import EXPONENTS, Money
from core.search import joined
from projects.querysets import ProjectQuerySet, ProposalQuerySet
from projects.rules import (
    LIVE_PROPOSALS,
    PROJECT_LIFECYCLE,
    PROPOSAL_LIFECYCLE,
    BudgetType,
    ProjectStatus,
    ProposalStatus,
    Visibility,
)

LISTED = Q(visibility="public") & ~Q(status="draft")
OPEN = Q(visibility="public", status="open")


class Project(models.Model):
    """`skill_names` repeats `skills` for lists and search; `proposal_count` counts proposals that were not taken back.
    Services keep both. `created_at` is when others could first see it; of a draft, when it was written.
    """

    client = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="projects")
    title = models.CharField(max_length=160)
    description = models.TextField(max_length=10_000)
    category = models.ForeignKey("accounts.Category", on_delete=models.PROTECT, related_name="projects")
    skills = models.ManyToManyField("accounts.Skill", blank=True, related_name="projects")
    skill_names = ArrayField(models.CharField(max_length=80), default=list, blank=True, editable=False)
    budget_type = models.CharField(max_length=8, choices=BudgetType)
    budget_min_minor = models.BigIntegerField()
    budget_max_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    experience_level = models.CharField(max_length=12, choices=ExperienceLevel, default=ExperienceLevel.INTERMEDIATE)
    estimated_duration = models.CharField(max_length=80, blank=True, help_text='In words, such as "6 weeks".')
    visibility = models.CharField(max_length=8, choices=Visibility, default=Visibility.PUBLIC)
    deadline = models.DateField(null=True, blank=True)
    attachments = models.ManyToManyField("accounts.Upload", blank=True, related_name="projects")
    status = models.CharField(max_length=12, choices=ProjectStatus, default=ProjectStatus.DRAFT, editable=False)
    proposal_count = models.PositiveIntegerField(default=0, editable=False)
    published_at = models.DateTimeField(null=True, blank=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(default=timezone.now)
    search = models.GeneratedField(
        expression=SearchVector("title", weight="A", config="english")
        + SearchVector(joined("skill_names"), weight="B", config="english")
        + SearchVector("description", weight="C", config="english"),
        output_field=SearchVectorField(),
        db_persist=True,
    )

    objects = ProjectQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-id"]
        indexes = [
            GinIndex(fields=["search"], condition=LISTED, name="projects_listed_search"),
            GinIndex(fields=["skill_names"], condition=LISTED, name="projects_listed_skills"),
            models.Index(
                fields=["-created_at", "-id"],
                include=["status", "client"],  # whose client is suspended is left out, also where rows are counted
                condition=LISTED,
                name="projects_listed_newest",
            ),
            models.Index(
                fields=["-created_at", "-id"], include=["client"], condition=OPEN, name="projects_open_newest"
            ),
            models.Index(fields=["category", "-created_at"], condition=OPEN, name="projects_open_category"),
            # Sorted by budget, and everything that filters count by.
            models.Index(
                fields=["budget_max_minor", "id"],
                include=["budget_min_minor", "currency", "budget_type", "experience_level", "category", "client"],
                condition=OPEN,
                name="projects_open_budget",
            ),
            models.Index(fields=["client", "-created_at"], name="projects_of_client"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(status__in=ProjectStatus.values), name="projects_project_status_known"),
            models.CheckConstraint(
                condition=Q(budget_min_minor__gt=0, budget_max_minor__gte=F("budget_min_minor")),
                name="projects_project_budget_sane",
            ),
            models.CheckConstraint(condition=Q(currency__in=sorted(EXPONENTS)), name="projects_project_currency_known"),
            models.CheckConstraint(
                condition=Q(status="draft", published_at__isnull=True)
                | Q(status="cancelled")
                | (~Q(status="draft") & Q(published_at__isnull=False)),
                name="projects_project_published_unless_draft",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def budget_min(self) -> Money:
        return Money(self.budget_min_minor, self.currency)

    @property
    def budget_max(self) -> Money:
        return Money(self.budget_max_minor, self.currency)

    @property
    def badge(self) -> Badge:
        return PROJECT_LIFECYCLE.badge(self.status)


class ProjectEvent(LifecycleEvent):
    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="events")


class Proposal(models.Model):
    """A freelancer's offer. One live offer a person and project, one accepted offer a project."""

    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="proposals")
    freelancer = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="proposals")
    cover_letter = models.TextField(max_length=5000)
    bid_amount_minor = models.BigIntegerField(help_text="The whole price; for hourly projects the rate an hour.")
    currency = models.CharField(max_length=3)
    estimated_days = models.PositiveSmallIntegerField(validators=[MinValueValidator(1)])
    fee_bps = models.PositiveSmallIntegerField(
        null=True,
        editable=False,
        help_text="The fee that its freelancer saw: no more is kept. Nothing for what was sent before this was noted.",
    )
    status = models.CharField(max_length=12, choices=ProposalStatus, default=ProposalStatus.SUBMITTED, editable=False)
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(default=timezone.now)

    objects = ProposalQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["freelancer", "status"], name="projects_proposal_freelancer")]
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=ProposalStatus.values), name="projects_proposal_status_known"
            ),
            models.CheckConstraint(condition=Q(bid_amount_minor__gt=0), name="projects_proposal_bid_positive"),
            models.CheckConstraint(condition=Q(estimated_days__gte=1), name="projects_proposal_days_positive"),
            models.CheckConstraint(condition=Q(fee_bps__lte=10_000), name="projects_proposal_fee_sane"),
            models.UniqueConstraint(
                fields=["project"], condition=Q(status="accepted"), name="projects_proposal_one_accepted"
            ),
            models.UniqueConstraint(
                fields=["project", "freelancer"],
                condition=Q(status__in=[str(status) for status in LIVE_PROPOSALS] + ["accepted"]),
                name="projects_proposal_one_live_per_person",
            ),
        ]

    def __str__(self) -> str:
        return f"Proposal {self.pk}"

    @property
    def bid_amount(self) -> Money:
        return Money(self.bid_amount_minor, self.currency)

    @property
    def badge(self) -> Badge:
        return PROPOSAL_LIFECYCLE.badge(self.status)

    def fee_at(self, current_bps: int) -> int:
        """What is kept of it while the fee is `current_bps`: no more than was shown, and what was agreed on once accepted."""
        if self.fee_bps is None:
            return current_bps
        return self.fee_bps if self.status == ProposalStatus.ACCEPTED else min(self.fee_bps, current_bps)


class ProposalMilestone(models.Model):
    """One planned step of a proposal; the amounts add up to the bid (checked when it is sent)."""

    proposal = models.ForeignKey(Proposal, on_delete=models.CASCADE, related_name="milestones")
    position = models.PositiveSmallIntegerField()
    title = models.CharField(max_length=160)
    amount_minor = models.BigIntegerField()
    due_date = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["proposal", "position"], name="projects_proposalmilestone_position_once"),
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="projects_proposalmilestone_amount_positive"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def amount(self) -> Money:
        return Money(self.amount_minor, self.proposal.currency)


class ProposalEvent(LifecycleEvent):
    proposal = models.ForeignKey(Proposal, on_delete=models.CASCADE, related_name="events")
