from datetime import timedelta

import pytest
from django.core import mail
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from accounts.tests.factories import UserFactory
from chat.models import Member, Message
from chat.services import mark_read, notify_unread, presence, send_message, set_membership
from chat.tests.factories import RoomFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def pair():
    return UserFactory(first_name="Niamh", last_name="Ní Dhomhnaill"), UserFactory()


@pytest.fixture
def room(pair):
    return RoomFactory(members=list(pair), subject="Ferry site")


@pytest.fixture
def member(room, pair) -> Member:
    """The receiver, with a message that has been waiting for ten minutes."""
    send_message(pair[0], room_id=room.pk, content="Are you there?")
    age(room, minutes=10)
    ProcrastinateJob.objects.all()
    return Member.objects.get(room=room, user=pair[1])


def age(room, **span) -> None:
    Message.objects.filter(room=room).update(created_at=timezone.now() - timedelta(**span))


def queued() -> int:
    return ProcrastinateJob.objects.filter(task_name="chat.notify_unread", status="todo").count()


def test_waiting_message_is_told_once(member, room, pair, run_jobs):
    notify_unread(member.pk)
    notify_unread(member.pk)
    told = member.user.notifications.get()
    assert (told.kind, told.url, told.title) == ("message_received", room.page, "Niamh Ní Dhomhnaill wrote to you")
    run_jobs()
    (letter,) = mail.outbox
    assert letter.to == [member.user.email]
    assert letter.subject == "Niamh Ní Dhomhnaill wrote to you"
    assert "Are you there?" in letter.body
    assert room.page in letter.body
    assert "Ferry site" in letter.alternatives[0].content


def test_no_second_mail_while_the_first_is_unread(member, room, pair):
    notify_unread(member.pk)
    before = queued()
    send_message(pair[0], room_id=room.pk, content="Hello?")
    assert queued() == before
    age(room, minutes=10)
    notify_unread(member.pk)
    assert member.user.notifications.count() == 1


def test_after_reading_a_new_message_counts_again(member, room, pair):
    notify_unread(member.pk)
    mark_read(pair[1], room_id=room.pk, up_to_seq=1)
    send_message(pair[0], room_id=room.pk, content="One more thing")
    age(room, minutes=10)
    notify_unread(member.pk)
    assert member.user.notifications.count() == 2


def test_message_that_was_read_is_not_told(member, room, pair):
    mark_read(pair[1], room_id=room.pk, up_to_seq=1)
    notify_unread(member.pk)
    assert not member.user.notifications.exists()
    member.refresh_from_db()
    assert member.reminder_due_at is None


def test_deleted_message_is_not_told(member, room):
    Message.objects.filter(room=room).update(deleted_at=timezone.now())
    notify_unread(member.pk)
    assert not member.user.notifications.exists()


def test_young_message_is_looked_at_again(member, room):
    age(room, seconds=20)
    before = queued()
    notify_unread(member.pk)
    assert not member.user.notifications.exists()
    assert queued() == before + 1


def test_somebody_who_is_here_is_not_written_to(member):
    presence.enter(member.user_id, "socket")
    before = queued()
    notify_unread(member.pk)
    assert not member.user.notifications.exists()
    assert queued() == before + 1


def test_somebody_who_never_looks_is_given_up_after_a_day(member, room):
    presence.enter(member.user_id, "socket")
    age(room, days=2)
    before = queued()
    notify_unread(member.pk)
    assert queued() == before


def test_whoever_left_hears_nothing(member, room, pair):
    set_membership(room_id=room.pk, user=pair[1], present=False)
    notify_unread(member.pk)
    assert not member.user.notifications.exists()
