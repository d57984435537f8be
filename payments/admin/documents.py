"""Receipts, invoices and credit notes."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import path, reverse
from django.utils.html import format_html

from core import hooks
from core.admin import ReadOnlyAdmin
from payments.models import Document
from payments.selectors import document_pdf


@admin.register(Document)
class DocumentAdmin(ReadOnlyAdmin):
    """Who looked at one, or printed it, is recorded."""

    records_views = True
    list_display = ["reference", "kind", "recipient", "title", "tax", "total", "created"]
    list_filter = ["kind", "year", "currency"]
    search_fields = ["=number", "title", "recipient__email"]
    list_select_related = ["recipient"]
    fields = [
        *("reference", "kind", "recipient", "title", "net", "tax", "total", "as_pdf"),
        *("journal", "payment", "subscription", "payload", "created_at"),
    ]
    readonly_fields = fields

    def get_urls(self) -> list[Any]:
        printing = self.admin_site.admin_view(self.show_pdf)
        return [path("<int:pk>/pdf/", printing, name="payments_document_pdf"), *super().get_urls()]

    @admin.display(description="PDF")
    def as_pdf(self, document: Document) -> str:
        return format_html('<a href="{}">Open</a>', reverse("admin:payments_document_pdf", args=[document.pk]))

    def show_pdf(self, request: HttpRequest, pk: int) -> HttpResponse:
        document = get_object_or_404(Document, pk=pk)
        if not self.has_view_permission(request, document):
            raise PermissionDenied
        hooks.staff_acted(request.user, "console.printed", document)
        response = HttpResponse(document_pdf(document), content_type="application/pdf")
        response["Content-Disposition"] = f'inline; filename="{document.reference}.pdf"'
        return response
