"""What stands between a person and the marketplace, or speaks for them: suspensions, appeals, identity checks."""

from django.db import models
from django.urls import reverse
from django.utils import timezone

from accounts.models.upload import Upload
from accounts.models.user import User
from accounts.querysets import AppealQuerySet, DataExportQuerySet, IdentityCheckQuerySet, SuspensionQuerySet
from accounts.rules import EvidenceClass, IdentityDocument, StrikeRule, SuspensionRule


class Suspension(models.Model):
    """States the rule and the class of evidence. It never takes earned money or the export away."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="suspensions")
    rule = models.CharField(max_length=24, choices=SuspensionRule)
    evidence = models.CharField(max_length=24, choices=EvidenceClass)
    reason = models.TextField(max_length=2000, help_text="Shown to the person.")
    imposed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    imposed_at = models.DateTimeField(default=timezone.now)
    appeal_until = models.DateTimeField()
    lifted_at = models.DateTimeField(null=True, blank=True)
    lifted_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    lifted_reason = models.TextField(max_length=2000, blank=True)

    objects = SuspensionQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["user"], condition=models.Q(lifted_at__isnull=True), name="accounts_suspension_one_stands"
            ),
            models.CheckConstraint(
                condition=models.Q(lifted_at__isnull=True, lifted_by__isnull=True)
                | models.Q(lifted_at__isnull=False, lifted_by__isnull=False),
                name="accounts_suspension_lifted_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.get_rule_display()}"


class Strike(models.Model):
    """Something that a person did against a rule. The database refuses changes; no suspension follows by itself.

    `subject_type` and `subject_id` name the row that it is about, as the audit log does; `about` and `url` show it.
    """

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="strikes")
    rule = models.CharField(max_length=24, choices=StrikeRule)
    subject_type = models.CharField(max_length=80)
    subject_id = models.CharField(max_length=64)
    about = models.CharField(max_length=200)
    url = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(condition=models.Q(rule__in=StrikeRule.values), name="accounts_strike_rule_known"),
            models.UniqueConstraint(fields=["user", "subject_type", "subject_id"], name="accounts_strike_once"),
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.get_rule_display()}"


class Appeal(models.Model):
    """The person's answer to a suspension: one, decided by other staff than those who imposed it."""

    suspension = models.OneToOneField(Suspension, on_delete=models.PROTECT, related_name="appeal")
    text = models.TextField(max_length=5000)
    created_at = models.DateTimeField(default=timezone.now)
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    is_upheld = models.BooleanField(null=True, help_text="True: the suspension was lifted.")
    answer = models.TextField(max_length=5000, blank=True)

    objects = AppealQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(decided_at__isnull=True, decided_by__isnull=True, is_upheld__isnull=True)
                | models.Q(decided_at__isnull=False, decided_by__isnull=False, is_upheld__isnull=False),
                name="accounts_appeal_decided_whole",
            )
        ]

    def __str__(self) -> str:
        return f"Appeal of {self.suspension}"


class IdentityCheck(models.Model):
    """Documents that somebody sent to prove who they are, and what staff made of them."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="identity_checks")
    document = models.CharField(max_length=24, choices=IdentityDocument)
    files = models.ManyToManyField(Upload, related_name="identity_checks")
    submitted_at = models.DateTimeField(default=timezone.now)
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    is_approved = models.BooleanField(null=True)
    reason = models.TextField(max_length=1000, blank=True, help_text="Shown to the person when refused.")

    objects = IdentityCheckQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["user"], condition=models.Q(decided_at__isnull=True), name="accounts_identity_one_waits"
            ),
            models.CheckConstraint(
                condition=models.Q(decided_at__isnull=True, decided_by__isnull=True, is_approved__isnull=True)
                | models.Q(decided_at__isnull=False, decided_by__isnull=False, is_approved__isnull=False),
                name="accounts_identity_decided_whole",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_document_display()} of {self.user}"


class DataExport(models.Model):
    """A copy of everything about a person, made by a job and kept for a few days."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="exports")
    file = models.FileField(upload_to="private/exports", max_length=200, blank=True)
    size = models.PositiveBigIntegerField(default=0, help_text="Bytes.")
    requested_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True)

    objects = DataExportQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["user"], condition=models.Q(finished_at__isnull=True), name="accounts_export_one_in_the_making"
            ),
        ]

    def __str__(self) -> str:
        return f"Export of {self.user}, {self.requested_at:%Y-%m-%d}"

    @property
    def name(self) -> str:
        return f"guildhall-{self.requested_at:%Y-%m-%d}.zip"

    @property
    def url(self) -> str:
        """A signed link that ends after a day; empty while it is made."""
        if self.finished_at is None:
            return ""
        from accounts.signing import sign_export

        return reverse("export-file", args=[sign_export(self.pk), self.name])
