"""Registration, tokens, passwords, sessions."""

from typing import Any

from rest_framework import serializers

from accounts.models import AuthSession
from accounts.rules import MAX_PASSWORD, UserType
from core.formats import iso


class PasswordField(serializers.CharField):
    """Kept exactly as typed: spaces at the ends belong to it."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=MAX_PASSWORD, trim_whitespace=False, write_only=True, **kwargs)


class RegisterInput(serializers.Serializer[Any]):
    email = serializers.EmailField(max_length=254)
    password = PasswordField()
    first_name = serializers.CharField(max_length=80)
    last_name = serializers.CharField(max_length=80, allow_blank=True)
    user_type = serializers.ChoiceField(choices=UserType.choices)


class LoginInput(serializers.Serializer[Any]):
    """`reactivate`: open the account again that you had closed."""

    email = serializers.EmailField(max_length=254)
    password = PasswordField()
    reactivate = serializers.BooleanField(default=False)


class RefreshInput(serializers.Serializer[Any]):
    refresh_token = serializers.CharField(max_length=2000)


class LogoutInput(serializers.Serializer[Any]):
    """Without a refresh token, the session of the access token (or of the cookie) ends."""

    refresh_token = serializers.CharField(max_length=2000, required=False)


class EmailInput(serializers.Serializer[Any]):
    email = serializers.EmailField(max_length=254)


class TokenInput(serializers.Serializer[Any]):
    token = serializers.CharField(max_length=1000)


class ResetPasswordInput(TokenInput):
    new_password = PasswordField()


class ChangePasswordInput(serializers.Serializer[Any]):
    old_password = PasswordField()
    new_password = PasswordField()


class PairSerializer(serializers.Serializer[Any]):
    access_token = serializers.CharField()
    refresh_token = serializers.CharField()
    token_type = serializers.CharField()


class LoginSerializer(serializers.Serializer[Any]):
    """With `requires_2fa` there is a `two_factor_token` instead of the two others."""

    access_token = serializers.CharField(allow_null=True)
    refresh_token = serializers.CharField(allow_null=True)
    token_type = serializers.CharField()
    requires_2fa = serializers.BooleanField()
    two_factor_token = serializers.CharField(required=False)


class DetailSerializer(serializers.Serializer[Any]):
    """One sentence."""

    detail = serializers.CharField()


class SessionSerializer(serializers.Serializer[AuthSession]):
    """A sign-in that stands. `kind`: "browser" or "api". `current`: the one that asks. `country`: ISO code or empty."""

    id = serializers.UUIDField()
    kind = serializers.CharField()
    current = serializers.BooleanField()
    ip_address = serializers.CharField(allow_null=True)
    country = serializers.CharField()
    device = serializers.CharField()
    second_factor = serializers.CharField()
    user_agent = serializers.CharField()
    created_at = serializers.DateTimeField()
    last_used_at = serializers.DateTimeField()
    expires_at = serializers.DateTimeField()

    def to_representation(self, instance: AuthSession) -> dict[str, Any]:
        request = self.context["request"]
        current = request.auth == instance
        if instance.is_browser:
            current = request.auth is None and request.session.session_key == instance.session_key
        return {
            "id": str(instance.pk),
            "kind": "browser" if instance.is_browser else "api",
            "current": current,
            "ip_address": instance.ip_address,
            "country": instance.country,
            "device": instance.device,
            "second_factor": instance.second_factor,
            "user_agent": instance.user_agent,
            "created_at": iso(instance.created_at),
            "last_used_at": iso(instance.last_used_at),
            "expires_at": iso(instance.expires_at),
        }
