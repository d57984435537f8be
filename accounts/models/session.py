"""One sign-in, over the API or on pages."""

import uuid

from django.db import models
from django.utils import timezone

from accounts.models.user import User
from accounts.querysets import AuthSessionQuerySet
from accounts.rules import SecondFactor, device_name
from core.addresses import country_of
from core.regions import country_name


class AuthSession(models.Model):
    """Revoking it ends everything that came from this sign-in at once.

    Over the API it is one family of tokens: all name their session, and `refresh_jti` is the only refresh token that
    may be used next; anything older is a replay. On pages it stands beside the cookie's session (`session_key`).
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="auth_sessions")
    refresh_jti = models.CharField(max_length=64, blank=True)
    previous_jti = models.CharField(max_length=64, blank=True)
    session_key = models.CharField(max_length=40, blank=True)
    rotated_at = models.DateTimeField(default=timezone.now)
    ip_address = models.GenericIPAddressField(null=True, blank=True, help_text="Of the last use.")
    user_agent = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    last_used_at = models.DateTimeField(default=timezone.now)
    second_factor = models.CharField(
        max_length=12, choices=SecondFactor, blank=True, help_text="What was shown besides the password."
    )
    confirmed_at = models.DateTimeField(
        default=timezone.now, help_text="When the person last proved who they are; security changes ask for it again."
    )
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    revoked_reason = models.CharField(max_length=40, blank=True)

    objects = AuthSessionQuerySet.as_manager()

    class Meta:
        ordering = ["-last_used_at"]

    def __str__(self) -> str:
        return f"{self.user} since {self.created_at:%Y-%m-%d}"

    @property
    def is_browser(self) -> bool:
        return bool(self.session_key)

    @property
    def device(self) -> str:
        return device_name(self.user_agent)

    @property
    def country(self) -> str:
        """ISO 3166 code of where the address of the last use is registered; empty when it is nowhere's."""
        return country_of(self.ip_address or "")

    @property
    def place(self) -> str:
        return country_name(self.country) if self.country else ""
