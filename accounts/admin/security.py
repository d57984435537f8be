"""How people get in: sign-ins, passkeys, keys of programs."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django_otp.plugins.otp_totp.models import TOTPDevice

from accounts import services
from accounts.models import ApiKey, ApiKeyUsage, AuthSession, Passkey
from core.admin import ReadOnlyAdmin, ReadOnlyInline, for_each, in_line

if admin.site.is_registered(TOTPDevice):
    admin.site.unregister(TOTPDevice)  # its pages show the secret of somebody's authenticator app


@admin.register(AuthSession)
class AuthSessionAdmin(ReadOnlyAdmin):
    list_display = [
        "user",
        "device",
        "ip_address",
        "second_factor",
        "began",
        "used",
        "revoked_reason",
    ]
    list_filter = ["second_factor", "revoked_reason"]
    search_fields = ["user__email", "ip_address"]
    list_select_related = ["user"]
    exclude = ["refresh_jti", "previous_jti", "session_key"]

    @admin.display(description="Signed in", ordering="created_at")
    def began(self, session: AuthSession) -> str:
        return in_line(session.created_at, "%Y-%m-%d %H:%M")

    @admin.display(description="Last used", ordering="last_used_at")
    def used(self, session: AuthSession) -> str:
        return in_line(session.last_used_at, "%Y-%m-%d %H:%M")


@admin.register(Passkey)
class PasskeyAdmin(ReadOnlyAdmin):
    list_display = ["user", "name", "is_backed_up", "created_at", "last_used_at"]
    search_fields = ["user__email"]
    list_select_related = ["user"]
    exclude = ["credential_id", "public_key", "transports"]
    actions = ["revoke"]

    @admin.action(description="Revoke, and end all sign-ins of the person", permissions=["act"])
    def revoke(self, request: HttpRequest, chosen: QuerySet[Passkey]) -> None:
        def act(passkey: Passkey) -> None:
            services.revoke_passkey_as_staff(request.user, passkey_id=passkey.pk)

        for_each(self, request, chosen.select_related("user"), act, "Revoked")


class ApiKeyUsageInline(ReadOnlyInline):
    model = ApiKeyUsage
    fields = ["day", "requests", "refused", "failed"]
    readonly_fields = fields
    show_change_link = False


@admin.register(ApiKey)
class ApiKeyAdmin(ReadOnlyAdmin):
    list_display = ["name", "prefix", "user", "created_at", "expires_at", "last_used_at", "revoked_at"]
    list_filter = ["revoked_at"]
    search_fields = ["=prefix", "name", "user__email"]
    list_select_related = ["user"]
    exclude = ["digest"]
    inlines = [ApiKeyUsageInline]
    actions = ["revoke"]

    @admin.action(description="Revoke", permissions=["act"])
    def revoke(self, request: HttpRequest, chosen: QuerySet[ApiKey]) -> None:
        def act(key: ApiKey) -> None:
            services.revoke_api_key_as_staff(request.user, key_id=key.pk)

        for_each(self, request, chosen, act, "Revoked")
