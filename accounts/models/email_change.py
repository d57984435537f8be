"""An address on its way to another."""

from django.db import models
from django.utils import timezone

from accounts.models.user import User


class EmailChange(models.Model):
    """Waits for a link opened in either mailbox; the address changes when both were. A new request replaces it."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="email_changes")
    old_email = models.EmailField(max_length=254)
    new_email = models.EmailField(max_length=254)
    requested_at = models.DateTimeField(default=timezone.now)
    old_confirmed_at = models.DateTimeField(null=True, blank=True, help_text="Set at once for an unproven address.")
    new_confirmed_at = models.DateTimeField(null=True, blank=True)
    completed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["user"], condition=models.Q(completed_at__isnull=True), name="accounts_email_change_one_waits"
            ),
            models.CheckConstraint(
                condition=models.Q(completed_at__isnull=True)
                | models.Q(old_confirmed_at__isnull=False, new_confirmed_at__isnull=False),
                name="accounts_email_change_both_agreed",
            ),
        ]

    def __str__(self) -> str:
        return f"Change of address of {self.user_id}"
