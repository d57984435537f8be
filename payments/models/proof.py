"""What the proof of the books found, each time it ran."""

from datetime import timedelta
from typing import Any

from django.db import models
from django.utils import timezone


class LedgerCheck(models.Model):
    """One run of every check. `findings` keeps, as JSON, the checks with their offenders and the figures of the books."""

    started_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField()
    is_right = models.BooleanField()
    findings = models.JSONField()

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["started_at"], name="payments_check_started")]

    def __str__(self) -> str:
        return "Right" if self.is_right else f"Wrong: {', '.join(self.broken)}"

    @property
    def took(self) -> timedelta:
        return self.finished_at - self.started_at

    @property
    def checks(self) -> list[dict[str, Any]]:
        """Each with `name`, `truth`, `proves`, `offenders`, `examples` and `seconds`."""
        return self.findings["checks"]

    @property
    def broken(self) -> list[str]:
        return [check["name"] for check in self.checks if check["offenders"]]
