import uuid
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from accounts.errors import NewAccountLimit
from accounts.models import User
from accounts.tests.factories import UploadFactory, UserFactory, set_rules
from chat.errors import ClientIdTaken
from chat.models import Member, Message, Room
from chat.rules import MAX_CONTENT
from chat.services import archive_room, send_direct_message, send_message, set_membership
from chat.tests.factories import MessageFactory, RoomFactory
from core.errors import Forbidden, Invalid, NotFound

pytestmark = pytest.mark.django_db


@pytest.fixture
def pair():
    return UserFactory(), UserFactory()


@pytest.fixture
def room(pair) -> Room:
    return RoomFactory(members=list(pair))


def marks(room: Room, user) -> tuple[int, int]:
    return Member.objects.values_list("read_seq", "delivered_seq").get(room=room, user=user)


def test_messages_are_numbered_from_one(room, pair):
    sent = [send_message(pair[turn % 2], room_id=room.pk, content=f"Line {turn}") for turn in range(4)]
    assert [message.seq for message in sent] == [1, 2, 3, 4]


def test_room_tells_of_its_last_message(room, pair):
    message = send_message(pair[0], room_id=room.pk, content="First\nsailing")
    room.refresh_from_db()
    assert (room.last_seq, room.last_preview, room.last_sender) == (1, "First sailing", pair[0])
    assert room.last_message_at == message.created_at


def test_sender_has_read_everything_the_receiver_nothing(room, pair):
    send_message(pair[0], room_id=room.pk, content="One")
    send_message(pair[0], room_id=room.pk, content="Two")
    assert marks(room, pair[0]) == (2, 2)
    assert marks(room, pair[1]) == (0, 0)


def test_answering_reads_what_was_before(room, pair):
    send_message(pair[0], room_id=room.pk, content="One")
    send_message(pair[1], room_id=room.pk, content="Two")
    assert marks(room, pair[1]) == (2, 2)


def test_same_client_id_is_one_message(room, pair):
    client_id = uuid.uuid4()
    first = send_message(pair[0], room_id=room.pk, content="Once", client_id=client_id)
    again = send_message(pair[0], room_id=room.pk, content="Once, said differently", client_id=client_id)
    assert again == first
    assert again.content == "Once"
    room.refresh_from_db()
    assert room.last_seq == 1


def test_own_client_id_in_another_room_is_refused(room, pair):
    client_id = uuid.uuid4()
    send_message(pair[0], room_id=room.pk, content="Here", client_id=client_id)
    other = RoomFactory(members=list(pair))
    with pytest.raises(ClientIdTaken):
        send_message(pair[0], room_id=other.pk, content="Here", client_id=client_id)
    other.refresh_from_db()
    assert other.last_seq == 0


def test_client_id_of_somebody_else_in_the_room_is_refused(room, pair):
    client_id = uuid.uuid4()
    send_message(pair[0], room_id=room.pk, content="Mine", client_id=client_id)
    with pytest.raises(ClientIdTaken):
        send_message(pair[1], room_id=room.pk, content="Replayed", client_id=client_id)
    assert room.messages.count() == 1


def test_client_id_of_a_stranger_says_nothing_about_them(room, pair):
    elsewhere = MessageFactory()
    message = send_message(pair[0], room_id=room.pk, content="Mine", client_id=elsewhere.client_id)
    assert message.seq == 1


def test_stranger_cannot_send(room):
    with pytest.raises(NotFound):
        send_message(UserFactory(), room_id=room.pk, content="Hello")


def test_somebody_who_left_cannot_send(room, pair):
    set_membership(room_id=room.pk, user=pair[0], present=False)
    with pytest.raises(NotFound):
        send_message(pair[0], room_id=room.pk, content="Hello")


def test_unverified_person_cannot_send():
    person = UserFactory(unverified=True)
    room = RoomFactory(members=[person, UserFactory()])
    with pytest.raises(Forbidden) as refusal:
        send_message(person, room_id=room.pk, content="Hello")
    assert refusal.value.code == "email_not_verified"


@pytest.mark.parametrize("content", ["", " \n\t ", "x" * (MAX_CONTENT + 1), "nul \0 here", "half \ud800 character"])
def test_unusable_content_is_refused_and_nothing_remains(room, pair, content):
    with pytest.raises(Invalid) as refusal:
        send_message(pair[0], room_id=room.pk, content=content)
    assert list(refusal.value.fields) == ["content"]
    room.refresh_from_db()
    assert (room.last_seq, room.messages.count()) == (0, 0)


@pytest.mark.parametrize(
    "content", ["x" * MAX_CONTENT, "شكرًا 👩‍💻\u200f", "<script>alert(1)</script>", "'; DROP TABLE--"]
)
def test_any_other_text_is_kept_as_it_is(room, pair, content):
    assert Message.objects.get(pk=send_message(pair[0], room_id=room.pk, content=content).pk).content == content


def test_files_may_stand_alone_in_their_order(room, pair):
    files = [UploadFactory(owner=pair[0], name=name) for name in ("b.txt", "a.txt")]
    message = send_message(pair[0], room_id=room.pk, content="", attachment_ids=[file.pk for file in files])
    assert list(message.attachments.order_by("pk")) == files
    room.refresh_from_db()
    assert room.last_preview == "b.txt, a.txt"


def test_files_of_others_are_refused(room, pair):
    foreign = UploadFactory()
    with pytest.raises(Invalid) as refusal:
        send_message(pair[0], room_id=room.pk, content="Look", attachment_ids=[foreign.pk])
    assert list(refusal.value.fields) == ["attachment_ids"]
    assert not room.messages.exists()


def test_only_messages_of_the_same_room_are_quoted(room, pair):
    foreign = MessageFactory()
    with pytest.raises(NotFound):
        send_message(pair[0], room_id=room.pk, content="Re", reply_to_id=foreign.pk)
    own = send_message(pair[1], room_id=room.pk, content="Question")
    assert send_message(pair[0], room_id=room.pk, content="Re", reply_to_id=own.pk).reply_to == own


def test_room_comes_back_from_the_archive(room, pair):
    archive_room(pair[1], room_id=room.pk, archived=True)
    send_message(pair[0], room_id=room.pk, content="News")
    assert Member.objects.get(room=room, user=pair[1]).archived_at is None


def test_direct_message_opens_the_room_of_the_two(pair):
    first = send_direct_message(pair[0], receiver_id=pair[1].pk, content="Hello")
    answer = send_direct_message(pair[1], receiver_id=pair[0].pk, content="Hello to you")
    assert first.room_id == answer.room_id
    assert answer.seq == 2


def test_direct_message_to_nobody_opens_nothing(pair):
    with pytest.raises(NotFound):
        send_direct_message(pair[0], receiver_id=999_999, content="Hello")
    with pytest.raises(Invalid):
        send_direct_message(pair[0], receiver_id=pair[0].pk, content="Hello")
    assert not Room.objects.exists()


def test_refused_direct_message_opens_no_room(pair):
    with pytest.raises(Invalid):
        send_direct_message(pair[0], receiver_id=pair[1].pk, content="")
    assert not Room.objects.exists()


def test_reminder_is_queued_once_for_the_receiver(room, pair):
    for turn in range(3):
        send_message(pair[0], room_id=room.pk, content=f"Line {turn}")
    jobs = ProcrastinateJob.objects.filter(task_name="chat.notify_unread")
    assert [job.args["member_id"] for job in jobs] == [Member.objects.get(room=room, user=pair[1]).pk]


def test_sending_takes_few_queries(room, pair, django_assert_max_num_queries):
    send_message(pair[0], room_id=room.pk, content="Warm")
    with django_assert_max_num_queries(8):  # two of them are the savepoint
        send_message(pair[0], room_id=room.pk, content="Again")
    assert connection.in_atomic_block


def test_a_new_account_writes_to_strangers_only_so_often(room, pair, settings):
    settings.RATE_LIMIT_FACTOR = 1
    set_rules(new_account_messages=2)
    newcomer, stranger = pair
    User.objects.filter(pk=stranger.pk).update(date_joined=timezone.now() - timedelta(days=8))
    stranger.refresh_from_db()
    client_id = uuid.uuid4()
    for _ in range(3):  # one message, sent three times
        send_direct_message(newcomer, receiver_id=stranger.pk, content="First.", client_id=client_id)
    send_direct_message(newcomer, receiver_id=stranger.pk, content="Second.")
    with pytest.raises(NewAccountLimit) as refusal:
        send_direct_message(newcomer, receiver_id=UserFactory.create().pk, content="Third.")
    assert refusal.value.message.startswith("Your account is new, so messages are limited to 2 an hour. Try again in ")
    assert 0 < refusal.value.wait <= 3600
    for text in ("One.", "Two.", "Three."):
        send_direct_message(stranger, receiver_id=newcomer.pk, content=text)
    assert send_message(newcomer, room_id=room.pk, content="About our contract.").seq == 1
    assert Message.objects.filter(sender=newcomer).count() == 3
