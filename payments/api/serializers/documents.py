"""Receipts, invoices and credit notes."""

from typing import Any

from rest_framework import serializers

from core.formats import iso
from payments.models import Document
from payments.rules import DocumentKind


class DocumentLineSerializer(serializers.Serializer[Any]):
    text = serializers.CharField()
    amount = serializers.IntegerField()


class DocumentTaxSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    country = serializers.CharField()
    rate_bps = serializers.IntegerField()
    amount = serializers.IntegerField()


class DocumentSerializer(serializers.Serializer[Any]):
    """A receipt, invoice or credit note of yours. net + tax = total."""

    id = serializers.IntegerField()
    kind = serializers.ChoiceField(DocumentKind.choices)
    number = serializers.CharField(help_text="Such as I-2026-000012; without gaps in each year and kind.")
    title = serializers.CharField()
    net = serializers.IntegerField()
    tax = serializers.IntegerField()
    total = serializers.IntegerField()
    currency = serializers.CharField()
    lines = DocumentLineSerializer(many=True)
    taxes = DocumentTaxSerializer(many=True)
    payment_id = serializers.IntegerField(allow_null=True)
    corrects_id = serializers.IntegerField(
        allow_null=True,
        help_text="Of a credit note: the document that it takes back, or a part of it. Of an invoice that is paid after "
        "all: the credit note that it takes back.",
    )
    created_at = serializers.DateTimeField()

    def to_representation(self, document: Document) -> dict[str, Any]:
        payload = document.payload
        return {
            "id": document.pk,
            "kind": document.kind,
            "number": document.reference,
            "title": document.title,
            "net": document.net_minor,
            "tax": document.tax_minor,
            "total": document.total_minor,
            "currency": document.currency.lower(),
            "lines": [{"text": line["text"], "amount": line["amount_minor"]} for line in payload["lines"]],
            "taxes": [
                {
                    "name": tax["name"],
                    "country": tax["country"],
                    "rate_bps": tax["bps"],
                    "amount": tax["amount_minor"],
                }
                for tax in payload["taxes"]
            ],
            "payment_id": None if document.subscription_id else document.payment_id,
            "corrects_id": document.corrects and document.corrects["id"],
            "created_at": iso(document.created_at),
        }
