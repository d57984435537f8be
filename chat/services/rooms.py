"""Opening rooms and who is in them."""

from collections.abc import Iterable

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from chat.models import Member, Room
from chat.policies import why_not_rename, why_not_send
from chat.rules import RoomKind, direct_key
from chat.services.news import tell
from core.errors import Invalid, require
from core.queries import get_or_refuse


@transaction.atomic(savepoint=False)
def open_room(*, kind: str, members: Iterable[User], subject: str, url: str = "") -> Room:
    """A new room of a contract or gig, for those people; `url` is the path of the page it belongs to."""
    room = Room.objects.create(kind=kind, subject=subject[:200], url=url)
    Member.objects.bulk_create(Member(room=room, user=user) for user in members)
    return room


@transaction.atomic
def open_direct_room(actor: User, *, other_id: int, subject: str = "") -> Room:
    """The one direct room of two people, made when they have none yet."""
    require(why_not_send(actor))
    if other_id == actor.pk:
        raise Invalid(fields={"participant_id": ["You cannot write to yourself."]})
    other = get_or_refuse(User.objects.visible(), pk=other_id)
    room, opened = Room.objects.get_or_create(
        direct_key=direct_key(actor.pk, other.pk),
        defaults={"kind": RoomKind.DIRECT, "subject": subject},
    )
    if opened:
        Member.objects.bulk_create(Member(room=room, user=user) for user in (actor, other))
    return room


@transaction.atomic
def set_membership(*, room_id: int, user: User, present: bool) -> Member:
    """Let somebody into a room, or out of it. Whoever leaves receives nothing more from that moment on."""
    member, _ = Member.objects.select_for_update(no_key=True).get_or_create(room_id=room_id, user=user)
    if present != (member.left_at is None):
        member.left_at = None if present else timezone.now()
        member.save(update_fields=["left_at"])
        tell(
            [user.pk],
            {"type": "chat_joined" if present else "chat_left", "chat_id": room_id},
        )
    return member


@transaction.atomic
def rename_room(actor: User, *, room_id: int, subject: str) -> Room:
    room: Room = get_or_refuse(Room.objects.visible_to(actor), pk=room_id)
    require(why_not_rename(actor, room))
    room.subject = subject
    room.save(update_fields=["subject"])
    return room


@transaction.atomic
def archive_room(actor: User, *, room_id: int, archived: bool) -> Room:
    """Out of the actor's list, for the actor alone, until the next message; or back into it."""
    room: Room = get_or_refuse(Room.objects.visible_to(actor), pk=room_id)
    room.members.filter(user=actor).update(archived_at=timezone.now() if archived else None)
    return room
