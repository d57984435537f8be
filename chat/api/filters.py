"""Filters of lists of chats."""

from django_filters import rest_framework as filters

from chat.models import Room
from chat.querysets import RoomQuerySet
from chat.rules import RoomKind
from core.filters import BooleanFilter


class ChatFilter(filters.FilterSet):
    """Archived chats are left out unless asked for."""

    kind = filters.ChoiceFilter(choices=RoomKind.choices)
    archived = BooleanFilter(method="by_archived", label="Those you archived; false by default.")
    unread = BooleanFilter(method="by_unread", label="Those with unread messages.")
    search = filters.CharFilter(method="by_words", max_length=100, label="In the subject and the names of people.")

    class Meta:
        model = Room
        fields: list[str] = []

    def filter_queryset(self, queryset: RoomQuerySet) -> RoomQuerySet:
        if self.form.cleaned_data.get("archived") is None:
            queryset = queryset.filter(my_archived_at=None)
        return super().filter_queryset(queryset)

    def by_archived(self, queryset: RoomQuerySet, name: str, value: bool) -> RoomQuerySet:
        return queryset.filter(my_archived_at__isnull=not value)

    def by_unread(self, queryset: RoomQuerySet, name: str, value: bool) -> RoomQuerySet:
        return queryset.filter(unread__gt=0) if value else queryset.filter(unread=0)

    def by_words(self, queryset: RoomQuerySet, name: str, value: str) -> RoomQuerySet:
        return queryset.about(value, reader=self.request.user)
