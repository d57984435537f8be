"""Which news."""

from typing import Any

import django_filters

from core.filters import BooleanFilter
from notifications.models import Notification


class NotificationFilter(django_filters.FilterSet):
    unread = BooleanFilter(method="by_unread")

    class Meta:
        model = Notification
        fields: list[str] = []

    def by_unread(self, queryset: Any, name: str, value: bool) -> Any:
        return queryset.unread() if value else queryset.read()
