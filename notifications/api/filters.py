"""Which news."""

from typing import Any

import django_filters

from notifications.models import Notification


class NotificationFilter(django_filters.FilterSet):
    unread = django_filters.BooleanFilter(method="by_unread")

    class Meta:
        model = Notification
        fields: list[str] = []

    def by_unread(self, queryset: Any, name: str, value: bool) -> Any:
        return queryset.unread() if value else queryset.read()
