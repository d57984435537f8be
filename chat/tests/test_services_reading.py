import pytest

from accounts.tests.factories import UserFactory
from chat.services import mark_delivered, mark_read
from chat.tests.factories import MessageFactory, RoomFactory
from core.errors import NotFound

pytestmark = pytest.mark.django_db


@pytest.fixture
def reader():
    return UserFactory()


@pytest.fixture
def room(reader):
    """Five messages of the other one."""
    room = RoomFactory(members=[UserFactory(), reader])
    MessageFactory.create_batch(5, room=room)
    return room


@pytest.mark.parametrize(
    ("marks", "reached"), [([3], 3), ([3, 1], 3), ([0], 0), ([99], 5), ([2**63 - 1], 5), ([2, 4], 4), ([5, 5], 5)]
)
@pytest.mark.parametrize("mark", [mark_read, mark_delivered])
def test_marks_only_rise_and_never_above_the_newest(reader, room, mark, marks, reached):
    for up_to in marks:
        after = mark(reader, room_id=room.pk, up_to_seq=up_to)
    assert after.delivered_seq == reached
    assert after.read_seq == (reached if mark is mark_read else 0)


def test_reading_delivers(reader, room):
    mark_delivered(reader, room_id=room.pk, up_to_seq=2)
    after = mark_read(reader, room_id=room.pk, up_to_seq=4)
    assert (after.read_seq, after.delivered_seq) == (4, 4)


def test_delivery_beyond_the_read_mark_stays(reader, room):
    mark_delivered(reader, room_id=room.pk, up_to_seq=5)
    after = mark_read(reader, room_id=room.pk, up_to_seq=2)
    assert (after.read_seq, after.delivered_seq) == (2, 5)


@pytest.mark.parametrize("mark", [mark_read, mark_delivered])
def test_strangers_mark_nothing(room, mark):
    with pytest.raises(NotFound):
        mark(UserFactory(), room_id=room.pk, up_to_seq=1)
