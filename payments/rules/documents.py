"""Kinds of documents, and how their numbers begin."""

from django.db.models import TextChoices


class DocumentKind(TextChoices):
    RECEIPT = "receipt", "Receipt"
    INVOICE = "invoice", "Invoice"
    CREDIT_NOTE = "credit_note", "Credit note"


DOCUMENT_PREFIXES = {DocumentKind.RECEIPT: "R", DocumentKind.INVOICE: "I", DocumentKind.CREDIT_NOTE: "C"}
