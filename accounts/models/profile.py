"""The two sides of a person."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVector, SearchVectorField
from django.db import models
from django.utils import timezone

from accounts.models.taxonomy import Category, Skill
from accounts.models.user import User
from accounts.querysets import FreelancerProfileQuerySet
from accounts.rules import EntryKind, ExperienceLevel, LanguageLevel
from core.money import EXPONENTS, Money
from core.regions import language_name
from core.search import joined


class Rated(models.Model):
    """Abstract: the rating of one side, kept up to date by `reviews` when a review becomes public."""

    rating_average = models.DecimalField(max_digits=3, decimal_places=2, null=True, blank=True, editable=False)
    rating_count = models.PositiveIntegerField(default=0, editable=False)

    class Meta:
        abstract = True


class FreelancerProfile(Rated):
    """What a freelancer offers. `skill_names` repeats `skills` for lists and search; one service writes both."""

    user = models.OneToOneField(User, on_delete=models.CASCADE, related_name="freelancer_profile", primary_key=True)
    headline = models.CharField(max_length=120, blank=True)
    bio = models.TextField(max_length=5000, blank=True)
    category = models.ForeignKey(Category, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    hourly_rate_minor = models.BigIntegerField(null=True, blank=True)
    currency = models.CharField(max_length=3, default="USD")
    experience_level = models.CharField(max_length=12, choices=ExperienceLevel, default=ExperienceLevel.INTERMEDIATE)
    skills = models.ManyToManyField(Skill, blank=True, related_name="freelancers")
    skill_names = ArrayField(models.CharField(max_length=80), default=list, blank=True, editable=False)
    languages = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    language_levels = models.JSONField(
        default=dict, blank=True, help_text='How well, where it is said: {"nl": "native"}. Only of `languages`.'
    )
    links = ArrayField(models.URLField(max_length=300), default=list, blank=True)
    weekly_hours = models.JSONField(
        default=dict, blank=True, help_text='In the person\'s own time zone: {"mon": [["09:00", "12:30"]], ...}.'
    )
    jobs_done = models.PositiveIntegerField(default=0, editable=False)
    search = models.GeneratedField(
        expression=SearchVector("headline", weight="A", config="english")
        + SearchVector(joined("skill_names"), weight="A", config="english")
        + SearchVector("bio", weight="B", config="english"),
        output_field=SearchVectorField(),
        db_persist=True,
    )
    updated_at = models.DateTimeField(auto_now=True)

    objects = FreelancerProfileQuerySet.as_manager()

    class Meta:
        indexes = [
            GinIndex(fields=["search"], name="accounts_freelancer_search"),
            GinIndex(fields=["skill_names"], name="accounts_freelancer_skills"),
            models.Index(fields=["hourly_rate_minor", "user"], name="accounts_freelancer_rate"),
            models.Index(fields=["category"], name="accounts_freelancer_category"),
            models.Index(
                models.F("rating_average").desc(nulls_last=True), models.F("user_id"), name="accounts_freelancer_rating"
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(hourly_rate_minor__isnull=True) | models.Q(hourly_rate_minor__gt=0),
                name="accounts_freelancer_rate_positive",
            ),
            models.CheckConstraint(
                condition=models.Q(currency__in=sorted(EXPONENTS)), name="accounts_freelancer_currency_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} as freelancer"

    @property
    def hourly_rate(self) -> Money | None:
        return Money(self.hourly_rate_minor, self.currency) if self.hourly_rate_minor else None

    @property
    def spoken(self) -> list[tuple[str, str]]:
        """Each language by name in the reader's language, and how well; "" where that is not said."""
        levels = {code: LanguageLevel(level).label for code, level in self.language_levels.items()}
        return [(language_name(code), str(levels.get(code, ""))) for code in self.languages]


class ProfileEntry(models.Model):
    """A school, a job or a certificate. Years and months only: `started` and `ended` are the first of a month."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="profile_entries")
    kind = models.CharField(max_length=12, choices=EntryKind)
    title = models.CharField(max_length=120, help_text="The degree, the position or the certificate.")
    organisation = models.CharField(max_length=120, help_text="The school, the employer or who issued it.")
    started = models.DateField(null=True, blank=True)
    ended = models.DateField(null=True, blank=True, help_text="Empty while it lasts.")
    description = models.TextField(max_length=1000, blank=True)
    link = models.URLField(max_length=300, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = [models.F("ended").desc(nulls_first=True), models.F("started").desc(nulls_last=True), "-id"]
        verbose_name_plural = "profile entries"
        indexes = [models.Index(fields=["user", "kind"], name="accounts_entry_of_user")]
        constraints = [
            models.CheckConstraint(condition=models.Q(kind__in=EntryKind.values), name="accounts_entry_kind_known"),
            models.CheckConstraint(
                condition=models.Q(started__isnull=True)
                | models.Q(ended__isnull=True)
                | models.Q(ended__gte=models.F("started")),
                name="accounts_entry_ends_after_it_starts",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title}, {self.organisation}"


class ClientProfile(Rated):
    """Who hires."""

    user = models.OneToOneField(User, on_delete=models.CASCADE, related_name="client_profile", primary_key=True)
    company_name = models.CharField(max_length=120, blank=True)
    about = models.TextField(max_length=2000, blank=True)
    website = models.URLField(max_length=300, blank=True)
    updated_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return f"{self.user} as client"

    @property
    def display_name(self) -> str:
        return self.company_name or self.user.get_full_name()
