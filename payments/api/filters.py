"""Filters of lists of money."""

from typing import Any

import django_filters
from django.db.models import QuerySet

from core.filters import OrderingFilter
from core.money import EXPONENTS
from payments.models import Document, Hold, Line, Payment, Payout
from payments.rules import PERSONAL_ACCOUNTS, DocumentKind, HoldStatus, JournalKind, PaymentStatus, PayoutStatus

CURRENCIES = [(code.lower(), code) for code in sorted(EXPONENTS)]


class CurrencyFilter(django_filters.ChoiceFilter):
    """A lower-case ISO code."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(choices=CURRENCIES, **kwargs)

    def filter(self, qs: QuerySet[Any], value: str) -> QuerySet[Any]:
        return super().filter(qs, value.upper() if value else value)


class PaymentFilter(django_filters.FilterSet):
    status = django_filters.ChoiceFilter(choices=PaymentStatus.choices)
    currency = CurrencyFilter()
    ordering = OrderingFilter(fields={"created_at": "created_at", "amount_minor": "amount"})

    class Meta:
        model = Payment
        fields: list[str] = []


class DocumentFilter(django_filters.FilterSet):
    kind = django_filters.ChoiceFilter(choices=DocumentKind.choices)
    currency = CurrencyFilter()

    class Meta:
        model = Document
        fields: list[str] = []


class EntryFilter(django_filters.FilterSet):
    kind = django_filters.ChoiceFilter(field_name="journal__kind", choices=JournalKind.choices)
    account = django_filters.ChoiceFilter(
        field_name="account__kind", choices=[(kind, kind) for kind in PERSONAL_ACCOUNTS]
    )
    currency = CurrencyFilter()

    class Meta:
        model = Line
        fields: list[str] = []


class PayoutFilter(django_filters.FilterSet):
    status = django_filters.ChoiceFilter(choices=PayoutStatus.choices)
    currency = CurrencyFilter()
    ordering = OrderingFilter(fields={"created_at": "created_at", "amount_minor": "amount"})

    class Meta:
        model = Payout
        fields: list[str] = []


class TransactionFilter(django_filters.FilterSet):
    status = django_filters.ChoiceFilter(choices=HoldStatus.choices)
    purpose = django_filters.ChoiceFilter(choices=Hold.Purpose.choices)
    currency = CurrencyFilter()

    class Meta:
        model = Hold
        fields: list[str] = []
