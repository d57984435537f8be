"""Named filters of rooms and messages."""

from typing import TYPE_CHECKING, Any, Self

from django.db import models
from django.db.models import F, FilteredRelation, Prefetch, Q
from django.db.models.functions import Coalesce, Greatest

if TYPE_CHECKING:
    from accounts.models import User


class RoomQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: "User") -> Self:
        return self.filter(members__user=user, members__left_at__isnull=True)

    def with_unread(self, user: "User") -> Self:
        """Adds `.my_read_seq`, `.my_archived_at` and `.unread`: how many messages came after what the person has read."""
        mine = FilteredRelation("members", condition=Q(members__user=user))
        return self.annotate(mine=mine).annotate(
            my_read_seq=Coalesce(F("mine__read_seq"), 0),
            my_archived_at=F("mine__archived_at"),
            unread=Greatest(F("last_seq") - Coalesce(F("mine__read_seq"), 0), 0),
        )

    def about(self, words: str, *, reader: "User") -> Self:
        """Rooms with these words in the subject or in the name of somebody else in them."""
        from chat.models import Member

        named = Q(user__first_name__icontains=words) | Q(user__last_name__icontains=words)
        people = Member.objects.filter(named, left_at=None).exclude(user=reader)
        return self.filter(Q(subject__icontains=words) | Q(pk__in=people.values("room_id")))

    def with_people(self) -> Self:
        """Adds `.present`: the memberships of everybody in the room, each with its user."""
        from chat.models import Member

        present = (
            Member.objects.filter(left_at=None)
            .select_related("user")
            .defer("user__location", "user__public_location")
            .order_by("id")
        )
        return self.prefetch_related(Prefetch("members", queryset=present, to_attr="present"))


class MessageQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: "User") -> Self:
        return self.filter(room__members__user=user, room__members__left_at__isnull=True)

    def saying(self, words: str) -> Self:
        """Messages that contain these words as they stand, in any case and any script."""
        return self.filter(content__icontains=words, deleted_at=None)
