import pytest

from accounts.tests.factories import UserFactory
from chat.rules import PRESENCE_GRACE, PRESENCE_LIFETIME
from chat.selectors import contacts_of
from chat.services import presence, set_membership
from chat.tests.factories import RoomFactory


@pytest.fixture
def clock(monkeypatch):
    """Seconds that can be moved on."""

    class Clock:
        now = 1_000_000.0

        def time(self) -> float:
            return self.now

    clock = Clock()
    monkeypatch.setattr(presence, "time", clock)
    return clock


def test_first_socket_brings_a_person_online_others_keep_them():
    assert presence.enter(7, "phone")
    assert not presence.enter(7, "laptop")
    assert presence.is_online(7)
    assert presence.open_sockets(7) == 2
    assert presence.online_among([6, 7, 8]) == {7}


def test_page_change_is_not_leaving(clock):
    presence.enter(7, "first page")
    presence.leave(7, "first page")
    assert presence.is_online(7)
    assert not presence.enter(7, "second page")


def test_after_the_grace_a_person_is_gone(clock):
    presence.enter(7, "page")
    presence.leave(7, "page")
    clock.now += PRESENCE_GRACE.total_seconds() + 1
    assert not presence.is_online(7)
    assert presence.enter(7, "page again")


def test_crashed_process_leaves_nobody_online(clock):
    presence.enter(7, "page")
    clock.now += PRESENCE_LIFETIME.total_seconds() + 1
    assert not presence.is_online(7)


def test_leaving_twice_does_not_bring_back(clock):
    presence.leave(7, "never seen")
    assert not presence.is_online(7)


@pytest.mark.django_db
def test_contacts_share_a_room_now():
    me, friend, former = UserFactory.create_batch(3)
    RoomFactory(members=[me, friend])
    room = RoomFactory(members=[me, former])
    set_membership(room_id=room.pk, user=former, present=False)
    RoomFactory()
    assert contacts_of(me.pk) == {friend.pk}
    assert contacts_of(former.pk) == set()
