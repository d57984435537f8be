import uuid

import pytest

from accounts.tests.factories import UserFactory
from chat.models import Member, Message, Room
from chat.services import edit_message, mark_read, open_direct_room, send_message
from chat.tests.factories import MessageFactory, RoomFactory
from tests.racing import at_once

pytestmark = pytest.mark.django_db(transaction=True)

AT_ONCE = 20


def test_twenty_senders_leave_no_gap():
    people = UserFactory.create_batch(AT_ONCE)
    room = RoomFactory(members=people)

    def send_five(person) -> None:
        for number in range(5):
            send_message(person, room_id=room.pk, content=f"{number}")

    at_once(*[lambda person=person: send_five(person) for person in people])
    seqs = list(room.messages.order_by("seq").values_list("seq", flat=True))
    assert seqs == list(range(1, 5 * AT_ONCE + 1))
    times = list(room.messages.order_by("seq").values_list("created_at", flat=True))
    assert times == sorted(times)
    room.refresh_from_db()
    assert room.last_seq == 5 * AT_ONCE


def test_same_client_id_twenty_times_is_one_message():
    sender = UserFactory()
    room = RoomFactory(members=[sender, UserFactory()])
    client_id = uuid.uuid4()
    sent = at_once(
        *[lambda: send_message(sender, room_id=room.pk, content="Once", client_id=client_id) for _ in range(AT_ONCE)]
    )
    assert len({message.pk for message in sent}) == 1
    assert Message.objects.count() == 1
    room.refresh_from_db()
    assert room.last_seq == 1


def test_two_people_meet_in_one_direct_room():
    first, second = UserFactory(), UserFactory()
    rooms = at_once(
        *[
            lambda me=me, other=other: open_direct_room(me, other_id=other.pk)
            for me, other in [(first, second), (second, first)] * (AT_ONCE // 2)
        ]
    )
    assert len({room.pk for room in rooms}) == 1
    assert Room.objects.get().members.count() == 2


def test_marks_sent_in_any_order_end_at_the_highest():
    reader = UserFactory()
    room = RoomFactory(members=[UserFactory(), reader])
    MessageFactory.create_batch(AT_ONCE, room=room)
    at_once(*[lambda seq=seq: mark_read(reader, room_id=room.pk, up_to_seq=seq) for seq in range(AT_ONCE, 0, -1)])
    assert Member.objects.get(room=room, user=reader).read_seq == AT_ONCE


def test_changes_at_once_are_numbered_without_gaps():
    sender = UserFactory()
    room = RoomFactory(members=[sender, UserFactory()])
    messages = MessageFactory.create_batch(AT_ONCE, room=room, sender=sender)
    at_once(*[lambda it=it: edit_message(sender, message_id=it.pk, content="Changed") for it in messages])
    assert sorted(room.messages.values_list("change", flat=True)) == list(range(1, AT_ONCE + 1))
