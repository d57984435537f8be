"""Receipts, invoices and credit notes over the API."""

from typing import Any

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import generics
from rest_framework.request import Request
from rest_framework.views import APIView

from core.errors import Conflict
from core.pagination import StreamPagination
from core.queries import get_or_refuse
from payments import selectors
from payments.api.filters import DocumentFilter
from payments.api.serializers.documents import DocumentSerializer
from payments.models import Document, Payment
from payments.rules import DocumentKind


class Receipt(APIView):
    @extend_schema(operation_id="payments_receipt", responses={(200, "application/pdf"): OpenApiTypes.BINARY})
    def get(self, request: Request, pk: int) -> HttpResponse:
        """The receipt as PDF. Conflict `payment_not_received` while the money has not come."""
        payment = get_or_refuse(Payment.objects.visible_to(request.user), pk=pk)
        receipt = payment.documents.filter(kind=DocumentKind.RECEIPT).first()
        if receipt is None:
            raise Conflict("payment_not_received", "There is a receipt once the money has come.")
        return _pdf(receipt)


class Documents(generics.ListAPIView[Document]):
    """The person's receipts, invoices and credit notes, newest first."""

    queryset = Document.objects.none()  # names the model to the schema
    serializer_class = DocumentSerializer
    pagination_class = StreamPagination
    filterset_class = DocumentFilter

    def get_queryset(self) -> Any:
        return Document.objects.visible_to(self.request.user)


class DocumentPdf(APIView):
    @extend_schema(operation_id="documents_pdf", responses={(200, "application/pdf"): OpenApiTypes.BINARY})
    def get(self, request: Request, pk: int) -> HttpResponse:
        """A document as PDF."""
        return _pdf(get_or_refuse(Document.objects.visible_to(request.user), pk=pk))


def _pdf(document: Document) -> HttpResponse:
    response = HttpResponse(selectors.document_pdf(document), content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="{document.reference}.pdf"'
    return response
