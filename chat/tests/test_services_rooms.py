import pytest
from django.db import IntegrityError, transaction

from accounts.tests.factories import UserFactory
from chat.models import Member, Room
from chat.rules import RoomKind
from chat.services import archive_room, open_direct_room, open_room, rename_room, set_membership
from chat.tests.factories import MessageFactory, RoomFactory
from core.errors import Forbidden, Invalid, NotFound

pytestmark = pytest.mark.django_db


@pytest.fixture
def pair():
    return UserFactory(), UserFactory()


def test_room_of_a_contract_has_its_people_and_page(pair):
    room = open_room(kind=RoomKind.CONTRACT, members=pair, subject="Ferry site", url="/contracts/1/")
    assert [member.user for member in room.members.all()] == list(pair)
    assert (room.subject, room.url, room.last_seq) == ("Ferry site", "/contracts/1/", 0)


def test_long_subject_is_cut(pair):
    assert len(open_room(kind=RoomKind.GIG, members=pair, subject="x" * 500).subject) == 200


def test_two_people_have_one_direct_room(pair):
    assert open_direct_room(pair[0], other_id=pair[1].pk) == open_direct_room(pair[1], other_id=pair[0].pk)
    assert Room.objects.count() == 1


def test_database_refuses_a_second_direct_room(pair):
    room = open_direct_room(pair[0], other_id=pair[1].pk)
    with pytest.raises(IntegrityError), transaction.atomic():
        Room.objects.create(kind=RoomKind.DIRECT, direct_key=room.direct_key)


@pytest.mark.parametrize("stranger", [{"is_active": False}, {"unverified": True}])
def test_nobody_writes_to_people_without_a_profile(pair, stranger):
    with pytest.raises(NotFound):
        open_direct_room(pair[0], other_id=UserFactory(**stranger).pk)


def test_nobody_writes_to_themselves(pair):
    with pytest.raises(Invalid):
        open_direct_room(pair[0], other_id=pair[0].pk)


def test_unverified_person_opens_nothing(pair):
    with pytest.raises(Forbidden):
        open_direct_room(UserFactory(unverified=True), other_id=pair[0].pk)


def test_whoever_left_no_longer_sees_the_room(pair):
    room = RoomFactory(members=list(pair))
    set_membership(room_id=room.pk, user=pair[0], present=False)
    assert not Room.objects.visible_to(pair[0]).exists()
    set_membership(room_id=room.pk, user=pair[0], present=True)
    assert Room.objects.visible_to(pair[0]).get() == room
    assert room.members.count() == 2


def test_newcomer_is_let_in(pair):
    room = RoomFactory(members=list(pair))
    third = UserFactory()
    set_membership(room_id=room.pk, user=third, present=True)
    assert Room.objects.visible_to(third).get() == room


def test_direct_room_is_renamed_by_both_a_contracts_room_by_nobody(pair):
    direct = open_direct_room(pair[0], other_id=pair[1].pk, subject="Hello")
    assert rename_room(pair[1], room_id=direct.pk, subject="Boats").subject == "Boats"
    with pytest.raises(Forbidden) as refusal:
        rename_room(pair[0], room_id=RoomFactory(members=list(pair)).pk, subject="Mine")
    assert refusal.value.code == "subject_fixed"


def test_archive_is_of_one_person_alone(pair):
    room = RoomFactory(members=list(pair))
    archive_room(pair[0], room_id=room.pk, archived=True)
    assert Room.objects.visible_to(pair[0]).with_unread(pair[0]).get().my_archived_at
    assert Room.objects.visible_to(pair[1]).with_unread(pair[1]).get().my_archived_at is None
    archive_room(pair[0], room_id=room.pk, archived=False)
    assert Room.objects.visible_to(pair[0]).with_unread(pair[0]).get().my_archived_at is None


@pytest.mark.parametrize("act", [rename_room, archive_room])
def test_strangers_see_no_room(act):
    words = {"subject": "x"} if act is rename_room else {"archived": True}
    with pytest.raises(NotFound):
        act(UserFactory(), room_id=RoomFactory().pk, **words)


def test_unread_counts_what_came_after_the_mark(pair):
    room = RoomFactory(members=list(pair))
    MessageFactory.create_batch(3, room=room, sender=pair[0])
    Member.objects.filter(room=room, user=pair[1]).update(read_seq=1, delivered_seq=1)
    assert Room.objects.visible_to(pair[1]).with_unread(pair[1]).get().unread == 2
    assert not Room.objects.visible_to(UserFactory()).exists()


def test_watermarks_cannot_contradict_each_other(pair):
    room = RoomFactory(members=list(pair))
    with pytest.raises(IntegrityError), transaction.atomic():
        Member.objects.filter(room=room).update(read_seq=2, delivered_seq=1)
