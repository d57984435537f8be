import pytest

from accounts.tests.factories import UserFactory
from chat.models import Room
from chat.rules import MAX_EMOJIS_PER_MESSAGE
from chat.selectors import changes, members_of, message_json
from chat.services import delete_message, edit_message, react, send_message
from chat.tests.factories import RoomFactory
from core.errors import Conflict, Forbidden, Invalid, NotFound

pytestmark = pytest.mark.django_db


@pytest.fixture
def pair():
    return UserFactory(), UserFactory()


@pytest.fixture
def room(pair) -> Room:
    return RoomFactory(members=list(pair))


@pytest.fixture
def message(room, pair):
    return send_message(pair[0], room_id=room.pk, content="Frist")


def shown(message) -> dict:
    message.refresh_from_db()
    return message_json(message, members_of(message.room_id))


def test_edit_shows_in_message_and_list(room, pair, message):
    edit_message(pair[0], message_id=message.pk, content="First")
    assert shown(message)["content"] == "First"
    assert shown(message)["edited_at"]
    room.refresh_from_db()
    assert room.last_preview == "First"


def test_edit_of_an_older_message_leaves_the_list(room, pair, message):
    send_message(pair[1], room_id=room.pk, content="Second")
    edit_message(pair[0], message_id=message.pk, content="First")
    room.refresh_from_db()
    assert room.last_preview == "Second"


def test_edit_to_the_same_text_changes_nothing(pair, message):
    edit_message(pair[0], message_id=message.pk, content="Frist")
    assert shown(message)["edited_at"] is None
    assert shown(message)["change"] == 0


def test_edit_to_nothing_is_refused(pair, message):
    with pytest.raises(Invalid):
        edit_message(pair[0], message_id=message.pk, content="  ")


def test_deleted_message_keeps_its_place_and_loses_its_content(room, pair, message):
    react(pair[1], message_id=message.pk, emoji="👍", on=True)
    delete_message(pair[0], message_id=message.pk)
    gone = shown(message)
    assert (gone["seq"], gone["deleted"], gone["content"], gone["reactions"]) == (1, True, "", [])
    room.refresh_from_db()
    assert (room.last_seq, room.last_preview) == (1, "")


def test_deleting_twice_is_one_change(room, pair, message):
    delete_message(pair[0], message_id=message.pk)
    delete_message(pair[0], message_id=message.pk)
    room.refresh_from_db()
    assert room.last_change == 1


def test_deleted_message_can_not_be_changed(pair, message):
    delete_message(pair[0], message_id=message.pk)
    with pytest.raises(Conflict):
        edit_message(pair[0], message_id=message.pk, content="Back")
    with pytest.raises(Conflict):
        react(pair[1], message_id=message.pk, emoji="👍", on=True)


def test_quote_of_a_deleted_message_is_empty(room, pair, message):
    answer = send_message(pair[1], room_id=room.pk, content="Re", reply_to_id=message.pk)
    delete_message(pair[0], message_id=message.pk)
    assert shown(answer)["reply_to"]["content"] == ""


@pytest.mark.parametrize("change", [edit_message, delete_message])
def test_messages_of_others_are_theirs(pair, message, change):
    words = {"content": "Taken over"} if change is edit_message else {}
    with pytest.raises(Forbidden) as refusal:
        change(pair[1], message_id=message.pk, **words)
    assert refusal.value.code == "not_your_message"


@pytest.mark.parametrize("change", [edit_message, delete_message, react])
def test_strangers_see_no_message(message, change):
    words = {edit_message: {"content": "x"}, delete_message: {}, react: {"emoji": "👍", "on": True}}[change]
    with pytest.raises(NotFound):
        change(UserFactory(), message_id=message.pk, **words)


def test_reactions_count_each_person_once(pair, message):
    for person in (*pair, pair[0]):
        react(person, message_id=message.pk, emoji="⛴️", on=True)
    assert shown(message)["reactions"] == [{"emoji": "⛴️", "user_ids": [pair[0].pk, pair[1].pk]}]
    react(pair[0], message_id=message.pk, emoji="⛴️", on=False)
    assert shown(message)["reactions"] == [{"emoji": "⛴️", "user_ids": [pair[1].pk]}]


def test_words_are_no_reaction(pair, message):
    with pytest.raises(Invalid):
        react(pair[1], message_id=message.pk, emoji="ok", on=True)


def test_different_emojis_are_limited(pair, message):
    emojis = [chr(0x1F400 + number) for number in range(MAX_EMOJIS_PER_MESSAGE)]
    for emoji in emojis:
        react(pair[0], message_id=message.pk, emoji=emoji, on=True)
    with pytest.raises(Conflict):
        react(pair[1], message_id=message.pk, emoji="👍", on=True)
    react(pair[1], message_id=message.pk, emoji=emojis[0], on=True)


def test_whoever_was_away_gets_the_changes_in_order(room, pair):
    sent = [send_message(pair[0], room_id=room.pk, content=f"Line {number}") for number in range(4)]
    edit_message(pair[0], message_id=sent[2].pk, content="Edited")
    react(pair[1], message_id=sent[0].pk, emoji="👍", on=True)
    delete_message(pair[0], message_id=sent[1].pk)
    page, last = changes(room.pk, members_of(room.pk), after_change=1, up_to_seq=4, limit=10)
    assert [message["seq"] for message in page.messages] == [1, 2]
    assert (page.more, last) == (False, 3)
    page, last = changes(room.pk, members_of(room.pk), after_change=0, up_to_seq=4, limit=2)
    assert [message["seq"] for message in page.messages] == [3, 1]
    assert (page.more, last) == (True, 2)
