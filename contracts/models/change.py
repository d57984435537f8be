"""Changes that one side proposes and the other agrees to, and every version of the terms that came of them."""

from django.db import models
from django.db.models import Q
from django.utils import timezone

from contracts.models.contract import Contract, Milestone
from contracts.querysets import ChangeQuerySet
from contracts.rules.changes import CHANGE_LIFECYCLE, ChangeKind, ChangeStatus, differences
from contracts.rules.terms import AcceptedBy
from core.lifecycle import Badge, LifecycleEvent


class ChangeRequest(models.Model):
    """`before` and `after` are kept as the API writes a milestone: {"title", "description", "amount", "due_date"}, or {"terms"}.

    A milestone that is to be added exists already, without `agreed_at`; one that was taken away does not any more.
    """

    contract = models.ForeignKey(Contract, on_delete=models.PROTECT, related_name="changes")
    proposer = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="changes_proposed")
    kind = models.CharField(max_length=20, choices=ChangeKind)
    milestone = models.ForeignKey(
        Milestone, null=True, blank=True, on_delete=models.SET_NULL, related_name="changes", editable=False
    )
    before = models.JSONField(default=dict, blank=True)
    after = models.JSONField(default=dict, blank=True)
    note = models.TextField(max_length=2000, blank=True)
    status = models.CharField(max_length=12, choices=ChangeStatus, default=ChangeStatus.PROPOSED, editable=False)
    created_at = models.DateTimeField(default=timezone.now)
    decided_at = models.DateTimeField(null=True, blank=True, editable=False)
    updated_at = models.DateTimeField(default=timezone.now)

    objects = ChangeQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(condition=Q(status__in=ChangeStatus.values), name="contracts_change_status_known"),
            models.CheckConstraint(condition=Q(kind__in=ChangeKind.values), name="contracts_change_kind_known"),
            models.CheckConstraint(
                condition=Q(status="proposed", decided_at__isnull=True)
                | (~Q(status="proposed") & Q(decided_at__isnull=False)),
                name="contracts_change_decided_at_when_decided",
            ),
            models.UniqueConstraint(
                fields=["milestone"], condition=Q(status="proposed"), name="contracts_change_one_open_per_milestone"
            ),
            models.UniqueConstraint(
                fields=["contract"],
                condition=Q(status="proposed", kind="change_scope"),
                name="contracts_change_one_open_scope",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.name}" if self.name else self.get_kind_display()

    @property
    def name(self) -> str:
        """The milestone's title, also when it is gone."""
        return str(self.before.get("title") or self.after.get("title") or "")

    @property
    def differences(self) -> dict[str, tuple[object, object]]:
        return differences(self.before, self.after)

    @property
    def badge(self) -> Badge:
        return CHANGE_LIFECYCLE.badge(self.status)


class ChangeEvent(LifecycleEvent):
    change = models.ForeignKey(ChangeRequest, on_delete=models.CASCADE, related_name="events")


class TermsVersion(models.Model):
    """What was agreed, word for word. The database refuses changes, and keeps `sha256` the fingerprint of `text`."""

    contract = models.ForeignKey(Contract, on_delete=models.PROTECT, related_name="terms_versions")
    number = models.PositiveSmallIntegerField()
    text = models.TextField()
    sha256 = models.CharField(max_length=64)
    change = models.OneToOneField(
        ChangeRequest, null=True, blank=True, on_delete=models.PROTECT, related_name="terms_version"
    )
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["contract", "number"]
        constraints = [
            models.UniqueConstraint(fields=["contract", "number"], name="contracts_terms_number_once"),
        ]

    def __str__(self) -> str:
        return f"Version {self.number} of {self.contract_id}"


class TermsAcceptance(models.Model):
    """One side's agreement to one version, and how and when it was given. Append-only too."""

    terms = models.ForeignKey(TermsVersion, on_delete=models.PROTECT, related_name="acceptances")
    person = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    how = models.CharField(max_length=10, choices=AcceptedBy)
    accepted_at = models.DateTimeField()

    class Meta:
        ordering = ["accepted_at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["terms", "person"], name="contracts_terms_accepted_once"),
            models.CheckConstraint(condition=Q(how__in=AcceptedBy.values), name="contracts_terms_how_known"),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} accepted {self.terms_id}"
