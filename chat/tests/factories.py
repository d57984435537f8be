"""Rooms, people in them and messages, for tests."""

import uuid
from typing import Any

import factory

from accounts.models import User
from accounts.tests.factories import UserFactory
from chat.models import Member, Message, Room
from chat.rules import RoomKind, preview_of


class RoomFactory(factory.django.DjangoModelFactory[Room]):
    """A contract's room, or what `kind` says, of the people in `members` (two new ones by default)."""

    class Meta:
        model = Room
        skip_postgeneration_save = True

    kind = RoomKind.CONTRACT
    subject = factory.Sequence(lambda n: f"Booking site {n}")

    @factory.post_generation
    def members(room, create: bool, members: list[User] | None, **kwargs: Any) -> None:
        if create:
            people = [UserFactory(), UserFactory()] if members is None else members
            Member.objects.bulk_create(Member(room=room, user=user) for user in people)


class MessageFactory(factory.django.DjangoModelFactory[Message]):
    """The room's next message; nobody is told and no watermark moves."""

    class Meta:
        model = Message

    room = factory.SubFactory(RoomFactory)
    sender = factory.LazyAttribute(lambda message: message.room.members.first().user)
    client_id = factory.LazyFunction(uuid.uuid4)
    content = factory.Sequence(lambda n: f"Message {n}")
    seq = factory.LazyAttribute(
        lambda message: Room.objects.values_list("last_seq", flat=True).get(pk=message.room.pk) + 1
    )

    @classmethod
    def _create(cls, model_class: type[Message], *args: Any, **kwargs: Any) -> Message:
        message = super()._create(model_class, *args, **kwargs)
        room = message.room
        room.last_seq = message.seq
        room.last_message_at = message.created_at
        room.last_preview = preview_of(message.content)
        room.last_sender = message.sender
        room.save()
        return message
