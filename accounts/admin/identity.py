"""Identity documents, and other files of people."""

from typing import Any

from django.contrib import admin
from django.db.models import F
from django.http import HttpRequest
from django.utils.html import format_html_join

from accounts import services
from accounts.admin.forms import ReasonForm
from accounts.models import DataExport, IdentityCheck, Upload, User
from core.admin import ReadOnlyAdmin
from core.admin.dialogs import in_dialog


@admin.register(IdentityCheck)
class IdentityCheckAdmin(ReadOnlyAdmin):
    """The queue: those that wait come first, the oldest on top."""

    records_views = True
    list_display = ["user", "document", "submitted_at", "is_approved", "decided_by", "decided_at"]
    list_filter = [("decided_at", admin.EmptyFieldListFilter), "document", "is_approved"]
    search_fields = ["user__email", "=user__id"]
    list_select_related = ["user", "decided_by"]
    ordering = [F("decided_at").desc(nulls_first=True), "submitted_at"]
    fields = [
        "user", "document", "pictures", "submitted_at", "is_approved", "reason", "decided_by", "decided_at",
    ]  # fmt: skip
    readonly_fields = ["pictures"]
    actions_detail = ["approve", "refuse"]

    def get_actions_detail(self, request: HttpRequest, object_id: int) -> list[Any]:
        """None once it is decided."""
        waits = IdentityCheck.objects.filter(pk=object_id, decided_at=None).exists()
        return super().get_actions_detail(request, object_id) if waits else []

    @admin.display(description="Pictures")
    def pictures(self, check: IdentityCheck) -> str:
        """By links that end after ten minutes, for staff only."""
        found = [(upload.url, number) for number, upload in enumerate(check.files.all(), start=1)]
        return format_html_join(
            " ",
            '<a class="inline-block align-top" href="{0}" target="_blank" rel="noopener">'
            '<img class="rounded-default border" src="{0}" alt="Picture {1}, in full size" width="320"></a>',
            found,
        ) or "Deleted"  # fmt: skip

    @in_dialog(
        "Approve",
        title="This is the person",
        description="The name on the document is the name of the account, and nothing looks altered.",
        submit="Approve",
        done="Approved. The person was told.",
    )
    def approve(self, actor: User, check_id: int) -> None:
        services.decide_identity(actor, check_id=check_id, approve=True)

    @in_dialog(
        "Refuse",
        title="Refuse the document",
        description="Say what is wrong, so that the person can send something better.",
        form=ReasonForm,
        submit="Refuse",
        done="Refused. The person was told.",
    )
    def refuse(self, actor: User, check_id: int, reason: str) -> None:
        services.decide_identity(actor, check_id=check_id, approve=False, reason=reason)


@admin.register(Upload)
class UploadAdmin(ReadOnlyAdmin):
    list_display = ["name", "kind", "owner", "content_type", "size", "created_at"]
    list_filter = ["kind", "content_type"]
    search_fields = ["name", "owner__email"]
    list_select_related = ["owner"]
    exclude = ["file"]
    records_views = True


@admin.register(DataExport)
class DataExportAdmin(ReadOnlyAdmin):
    """That a copy was made; never the copy."""

    list_display = ["user", "requested_at", "finished_at", "expires_at", "size"]
    search_fields = ["user__email"]
    list_select_related = ["user"]
    exclude = ["file"]
