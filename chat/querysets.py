from typing import TYPE_CHECKING, Any, Self

from django.db import models
from django.db.models import F, OuterRef, Subquery
from django.db.models.functions import Coalesce, Greatest

if TYPE_CHECKING:
    from accounts.models import User


class RoomQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: "User") -> Self:
        return self.filter(members__user=user, members__left_at__isnull=True)

    def with_unread(self, user: "User") -> Self:
        """Adds `.my_read_seq` and `.unread` (messages after it, one's own included in what is read by sending)."""
        from chat.models import Member

        mine = Member.objects.filter(room=OuterRef("pk"), user=user).values("read_seq")
        return self.annotate(my_read_seq=Coalesce(Subquery(mine), 0)).annotate(
            unread=Greatest(F("last_seq") - F("my_read_seq"), 0)
        )
