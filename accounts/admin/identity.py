"""Identity documents, and other files of people."""

from typing import Any

from django.contrib import admin
from django.db.models import F
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html_join
from unfold.decorators import action
from unfold.forms import BaseDialogForm

from accounts import services
from accounts.admin.dialogs import ReasonForm, answers, member_of_staff
from accounts.models import DataExport, IdentityCheck, Upload
from core.admin import ReadOnlyAdmin, from_dialog


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

    def has_decide_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return member_of_staff(request).has_perm("accounts.change_identitycheck")

    @admin.display(description="Pictures")
    def pictures(self, check: IdentityCheck) -> str:
        """By links that end after ten minutes, for staff only."""
        found = [(upload.url, upload.name) for upload in check.files.all()]
        return format_html_join(
            " ", '<a class="text-primary-600 underline" href="{}" target="_blank" rel="noopener">{}</a>', found
        ) or "Deleted"  # fmt: skip

    @action(
        description="Approve",
        permissions=["decide"],
        dialog={
            "title": "This is the person",
            "description": "The name on the document is the name of the account, and nothing looks altered.",
            "form_class": None,
            "form_submit_text": "Approve",
        },
    )
    def approve(self, request: HttpRequest, form: BaseDialogForm, object_id: int) -> HttpResponse:
        def act() -> None:
            services.decide_identity(member_of_staff(request), check_id=object_id, approve=True)

        return from_dialog(self, request, form, act, "Approved. The person was told.")

    @action(
        description="Refuse",
        permissions=["decide"],
        dialog={
            "title": "Refuse the document",
            "description": "Say what is wrong, so that the person can send something better.",
            "form_class": ReasonForm,
            "form_submit_text": "Refuse",
        },
    )
    def refuse(self, request: HttpRequest, form: ReasonForm, object_id: int) -> HttpResponse:
        def act() -> None:
            services.decide_identity(member_of_staff(request), check_id=object_id, approve=False, **answers(form))

        return from_dialog(self, request, form, act, "Refused. The person was told.")


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
