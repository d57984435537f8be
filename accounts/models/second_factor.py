"""What a person shows besides, or instead of, a password. Authenticator apps are django-otp's TOTPDevice."""

from django.db import models
from django.utils import timezone

from accounts.models.user import User


class BackupCode(models.Model):
    """One of eight. Only its keyed digest is kept; each works once."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="backup_codes")
    digest = models.CharField(max_length=64)
    created_at = models.DateTimeField(default=timezone.now)
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "digest"], name="accounts_backup_code_once")]

    def __str__(self) -> str:
        return f"Backup code of {self.user}"


class Passkey(models.Model):
    """A WebAuthn credential: a second factor, and a sign-in without a password."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="passkeys")
    name = models.CharField(max_length=60)
    credential_id = models.BinaryField(unique=True, max_length=1023)
    public_key = models.BinaryField()
    sign_count = models.PositiveBigIntegerField(default=0)
    transports = models.JSONField(default=list, blank=True)
    is_backed_up = models.BooleanField(default=False, help_text="Kept by a service that copies it to other devices.")
    created_at = models.DateTimeField(default=timezone.now)
    last_used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.name} of {self.user}"
