"""How far people have received and read. Watermarks only rise, and never above the newest message."""

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Greatest

from accounts.models import User
from chat.models import Member, Room
from chat.selectors import Watermarks, members_seen_by
from chat.services.news import tell


@transaction.atomic
def mark_read(actor: User, *, room_id: int, up_to_seq: int) -> Watermarks:
    """Everything up to that number is read, and so delivered too."""
    return _raise_mark(actor, room_id, up_to_seq, "read_seq", "message_read")


@transaction.atomic
def mark_delivered(actor: User, *, room_id: int, up_to_seq: int) -> Watermarks:
    """Everything up to that number has reached a device of this person."""
    return _raise_mark(actor, room_id, up_to_seq, "delivered_seq", "message_delivered")


def _raise_mark(actor: User, room_id: int, up_to_seq: int, column: str, frame_type: str) -> Watermarks:
    members = members_seen_by(actor, room_id)
    last_seq = Room.objects.values_list("last_seq", flat=True).get(pk=room_id)
    mark = min(up_to_seq, last_seq)
    mine = Member.objects.filter(room_id=room_id, user=actor)
    raised = mine.filter(**{f"{column}__lt": mark}).update(
        **{column: mark} | {"delivered_seq": Greatest(F("delivered_seq"), mark)}
    )
    if raised:
        frame = {
            "type": frame_type,
            "chat_id": room_id,
            "user_id": actor.pk,
            "up_to_seq": mark,
        }
        tell([member.user_id for member in members], frame)
    return Watermarks(*mine.values_list("user_id", "read_seq", "delivered_seq").get())
