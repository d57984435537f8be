"""Frames over open sockets: what each does for members, strangers and people who are gone."""

import asyncio
import uuid
from datetime import timedelta
from typing import Any

import pytest
from channels.exceptions import StopConsumer
from django.db import OperationalError

from accounts import tokens
from accounts.services import end_other_sessions
from accounts.tests.factories import UploadFactory, UserFactory
from chat import hooks, services
from chat.consumers import answers, socket
from chat.consumers.frames import FRAMES
from chat.consumers.socket import SocketConsumer
from chat.models import Message
from chat.rules import FRAME_BURST, MAX_CONTENT, MAX_FRAME_BYTES, SYNC_PAGE
from chat.sign_in import in_thread
from chat.tests.conftest import PATIENCE, Talker, communicator, talking, token_of
from chat.tests.factories import MessageFactory, RoomFactory
from core.realtime import publish, user_group

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("shared_db")]


class Talk:
    """A room of two, a stranger, and a token of each."""

    def __init__(self) -> None:
        self.niamh, self.mateusz, self.stranger = UserFactory.create_batch(3)
        self.room = RoomFactory(members=[self.niamh, self.mateusz])
        self.message = MessageFactory(room=self.room, sender=self.niamh)
        self.tokens = {user.pk: token_of(user) for user in (self.niamh, self.mateusz, self.stranger)}

    def socket_of(self, user: Any, chat_id: int | None = None) -> Any:
        return talking(self.tokens[user.pk], chat_id)

    @property
    def chat_id(self) -> int:
        return int(self.room.pk)


@pytest.fixture
def talk(shared_db) -> Talk:
    return Talk()


# --- Sending ------------------------------------------------------------------------------------


async def test_message_is_stored_before_it_is_acknowledged_and_reaches_both(talk, monkeypatch):
    stored_at_ack: list[bool] = []
    say = SocketConsumer._say

    async def watch(self, frame):
        if frame["type"] == "message_ack":
            stored_at_ack.append(await in_thread(Message.objects.filter(pk=frame["message"]["id"]).exists))
        await say(self, frame)

    monkeypatch.setattr(SocketConsumer, "_say", watch)
    async with (
        talk.socket_of(talk.mateusz) as sender,
        talk.socket_of(talk.niamh, talk.chat_id) as receiver,
    ):
        client_id = str(uuid.uuid4())
        await sender.say("send_message", chat_id=talk.chat_id, content=" Grand. ", client_id=client_id)
        ack = await sender.hear("message_ack")
        heard = await receiver.hear("new_message")
    assert stored_at_ack == [True]
    assert ack["client_id"] == client_id
    assert (ack["message"]["seq"], ack["message"]["content"], ack["message"]["status"]) == (2, "Grand.", "sent")
    assert {name: heard[name] for name in ack["message"]} == ack["message"]
    assert (heard["sender_id"], heard["receiver_id"]) == (talk.mateusz.pk, talk.niamh.pk)


async def test_refused_message_is_neither_stored_nor_told(talk):
    async with (
        talk.socket_of(talk.mateusz) as sender,
        talk.socket_of(talk.niamh, talk.chat_id) as receiver,
    ):
        refusal = await sender.ask("send_message", chat_id=talk.chat_id, content="   ")
        assert (refusal["type"], refusal["error_type"]) == ("error", "validation_error")
        assert refusal["fields"] == {"content": ["Write something, or attach a file."]}
        assert [frame["type"] for frame in await receiver.heard_until_quiet() if frame["type"] == "new_message"] == []
    assert await in_thread(talk.room.messages.count) == 1


async def test_same_client_id_is_one_message_with_one_ack_each_time(talk):
    async with (
        talk.socket_of(talk.mateusz) as sender,
        talk.socket_of(talk.niamh, talk.chat_id) as receiver,
    ):
        client_id = str(uuid.uuid4())
        acks = []
        for _ in range(3):
            await sender.say("send_message", chat_id=talk.chat_id, content="Once", client_id=client_id)
            acks.append(await sender.hear("message_ack"))
        assert len({ack["message"]["id"] for ack in acks}) == 1
        heard = [frame for frame in await receiver.heard_until_quiet() if frame["type"] == "new_message"]
        assert len(heard) == 1


async def test_replayed_client_id_of_somebody_else_is_refused(talk):
    async with talk.socket_of(talk.mateusz) as thief:
        await thief.say("send_message", chat_id=talk.chat_id, content="Mine now", client_id=str(talk.message.client_id))
        refusal = await thief.next()
    assert refusal["error_type"] == "client_id_conflict"


async def test_message_to_a_person_goes_to_their_direct_chat(talk):
    async with talk.socket_of(talk.stranger) as sender, talk.socket_of(talk.niamh) as receiver:
        ack = await sender.ask("send_message", receiver_id=talk.niamh.pk, content="Hello")
        assert ack["type"] == "message_ack"
        news = await receiver.hear("chat_news")  # a chat that is not open there
        assert (news["chat_id"], news["seq"], news["preview"]) == (ack["message"]["chat_id"], 1, "Hello")


async def test_files_and_quotes_travel_along(talk):
    file = await in_thread(UploadFactory, owner=talk.mateusz)
    async with talk.socket_of(talk.mateusz) as sender:
        ack = await sender.ask(
            "send_message", chat_id=talk.chat_id, content="", attachment_ids=[file.pk], reply_to=talk.message.pk
        )
    assert [attachment["name"] for attachment in ack["message"]["attachments"]] == ["notes.txt"]
    assert ack["message"]["reply_to"]["content"] == talk.message.content


# --- Coming back --------------------------------------------------------------------------------


async def test_joining_after_a_gap_brings_everything_missed_in_order(talk):
    async with talk.socket_of(talk.mateusz) as sender:
        for number in range(3):
            await sender.ask("send_message", chat_id=talk.chat_id, content=f"Missed {number}")
        edited = await sender.ask("send_message", chat_id=talk.chat_id, content="Typo")
        await sender.ask("edit_message", message_id=edited["message"]["id"], content="Fixed")
    async with talk.socket_of(talk.niamh) as back:
        page = await back.ask("join_chat", chat_id=talk.chat_id, after_seq=1, after_change=0)
        assert page["type"] == "sync_page"
        assert [message["content"] for message in page["messages"]] == ["Missed 0", "Missed 1", "Missed 2", "Fixed"]
        assert (page["more"], page["last_seq"], page["changed"]) == (False, 5, [])


async def test_edits_and_deletions_made_while_away_arrive(talk):
    async with talk.socket_of(talk.niamh) as sender:
        second = await sender.ask("send_message", chat_id=talk.chat_id, content="Second")
        await sender.ask("edit_message", message_id=talk.message.pk, content="Changed")
        await sender.ask("delete_message", message_id=second["message"]["id"])
    async with talk.socket_of(talk.mateusz) as back:
        page = await back.ask("sync", chat_id=talk.chat_id, after_seq=2, after_change=0)
    assert [(it["seq"], it["content"], it["deleted"]) for it in page["changed"]] == [
        (1, "Changed", False),
        (2, "", True),
    ]
    assert (page["messages"], page["last_change"]) == ([], 2)


async def test_long_absence_comes_in_pages(talk):
    await in_thread(MessageFactory.create_batch, SYNC_PAGE + 20, room=talk.room, sender=talk.niamh)
    seqs: list[int] = []
    async with talk.socket_of(talk.mateusz) as back:
        more = True
        while more:
            page = await back.ask("sync", chat_id=talk.chat_id, after_seq=seqs[-1] if seqs else 0)
            seqs += [message["seq"] for message in page["messages"]]
            more = page["more"]
    assert seqs == list(range(1, SYNC_PAGE + 22))


async def test_sync_says_how_far_the_others_are(talk):
    await in_thread(services.mark_read, talk.mateusz, room_id=talk.chat_id, up_to_seq=1)
    async with talk.socket_of(talk.niamh) as back:
        page = await back.ask("sync", chat_id=talk.chat_id, after_seq=0)
    assert {"user_id": talk.mateusz.pk, "read_seq": 1, "delivered_seq": 1} in page["members"]
    assert page["messages"][0]["status"] == "read"


# --- What else there is to say ------------------------------------------------------------------


async def test_marks_are_told_to_the_other_side(talk):
    async with talk.socket_of(talk.niamh, talk.chat_id) as sender, talk.socket_of(talk.mateusz) as reader:
        answer = await reader.ask("mark_delivered", chat_id=talk.chat_id, up_to_seq=9)
        assert (answer["type"], answer["up_to_seq"]) == ("message_delivered", 1)
        heard = await sender.hear("message_delivered")
        assert (heard["chat_id"], heard["user_id"], heard["up_to_seq"]) == (talk.chat_id, talk.mateusz.pk, 1)
        await reader.ask("mark_read", chat_id=talk.chat_id, up_to_seq=1)
        assert (await sender.hear("message_read"))["up_to_seq"] == 1


async def test_typing_is_told_to_the_others_only(talk):
    async with talk.socket_of(talk.niamh, talk.chat_id) as writer, talk.socket_of(talk.mateusz, talk.chat_id) as other:
        await writer.say("typing_start", chat_id=talk.chat_id)
        heard = await other.hear("typing")
        assert (heard["chat_id"], heard["user_id"], heard["on"]) == (talk.chat_id, talk.niamh.pk, True)
        await writer.say("typing_stop", chat_id=talk.chat_id)
        assert (await other.hear("typing"))["on"] is False
        assert "typing" not in [frame["type"] for frame in await writer.heard_until_quiet()]


async def test_edit_reaction_and_deletion_are_told(talk):
    async with talk.socket_of(talk.niamh, talk.chat_id) as author, talk.socket_of(talk.mateusz, talk.chat_id) as other:
        await author.say("edit_message", message_id=talk.message.pk, content="Changed")
        heard = await other.hear("message_updated")
        assert (heard["id"], heard["content"], heard["change"]) == (talk.message.pk, "Changed", 1)
        await other.say("react", message_id=talk.message.pk, emoji="⛴️", on=True)
        heard = await author.hear("reaction")
        assert heard["reactions"] == [{"emoji": "⛴️", "user_ids": [talk.mateusz.pk]}]
        assert (heard["message_id"], heard["user_id"], heard["on"]) == (talk.message.pk, talk.mateusz.pk, True)
        await author.say("delete_message", message_id=talk.message.pk)
        heard = await other.hear("message_deleted")
        assert (heard["id"], heard["deleted"], heard["content"]) == (talk.message.pk, True, "")


async def test_after_leaving_a_chat_only_hints_come(talk):
    async with talk.socket_of(talk.niamh, talk.chat_id) as reader, talk.socket_of(talk.mateusz) as sender:
        assert (await reader.ask("leave_chat", chat_id=talk.chat_id))["type"] == "chat_left"
        await sender.ask("send_message", chat_id=talk.chat_id, content="Still there?")
        await sender.ask("edit_message", message_id=talk.message.pk + 1, content="Are you still there?")
        kinds = [frame["type"] for frame in await reader.heard_until_quiet()]
    assert "chat_news" in kinds
    assert not {"new_message", "message_updated"} & set(kinds)


async def test_own_other_devices_hear_of_reading(talk):
    async with talk.socket_of(talk.mateusz) as phone, talk.socket_of(talk.mateusz) as laptop:
        await phone.ask("mark_read", chat_id=talk.chat_id, up_to_seq=1)
        assert (await laptop.hear("chat_news"))["read_seq"] == 1


async def test_project_brings_its_chats(talk, monkeypatch):
    monkeypatch.setattr(hooks, "_project_rooms", [lambda user, project_id: [talk.chat_id] if project_id == 5 else []])
    async with talk.socket_of(talk.niamh) as member, talk.socket_of(talk.stranger) as stranger:
        assert (await member.ask("join_project", project_id=5))["chat_ids"] == [talk.chat_id]
        await in_thread(services.send_message, talk.mateusz, room_id=talk.chat_id, content="Hello")
        await member.hear("new_message")
        assert (await member.ask("leave_project", project_id=5))["chat_ids"] == [talk.chat_id]
        assert (await member.ask("join_project", project_id=6))["error_type"] == "not_found"
        assert (await stranger.ask("join_project", project_id=5))["error_type"] == "not_found"


async def test_notification_is_passed_on(talk):
    async with talk.socket_of(talk.niamh) as reader:
        event = {"type": "notification", "title": "Released", "message": "£5", "data": {}}
        await in_thread(publish, user_group(talk.niamh.pk), event)
        assert (await reader.hear("notification"))["title"] == "Released"


async def test_ping_is_answered(talk):
    async with talk.socket_of(talk.niamh) as anyone:
        assert (await anyone.ask("ping"))["type"] == "pong"


# --- Rights -------------------------------------------------------------------------------------

VALUES: dict[str, dict[str, Any]] = {
    "join_chat": {},
    "join_project": {"project_id": 1},
    "leave_project": {"project_id": 1},
    "send_message": {"content": "Hello"},
    "typing_start": {},
    "typing_stop": {},
    "mark_read": {"up_to_seq": 1},
    "mark_delivered": {"up_to_seq": 1},
    "sync": {"after_seq": 0},
    "edit_message": {"content": "x"},
    "delete_message": {},
    "react": {"emoji": "👍", "on": True},
}


async def test_stranger_gets_nothing_by_any_frame(talk):
    assert set(VALUES) == set(FRAMES) - {"ping", "leave_chat"}
    async with talk.socket_of(talk.stranger) as stranger:
        for kind, values in VALUES.items():
            about = {"message_id": talk.message.pk} if "message" in kind or kind == "react" else {}
            about = {} if kind == "send_message" else about
            answer = await stranger.ask(kind, **({"chat_id": talk.chat_id} | about | values))
            assert (answer["type"], answer["error_type"]) == ("error", "not_found"), kind
        await in_thread(services.send_message, talk.niamh, room_id=talk.chat_id, content="Private")
        assert await stranger.heard_until_quiet() == []
    assert await in_thread(talk.room.messages.count) == 2


async def test_removed_member_receives_and_sends_nothing_from_then_on(talk):
    async with (
        talk.socket_of(talk.mateusz, talk.chat_id) as removed,
        talk.socket_of(talk.niamh, talk.chat_id) as left_behind,
    ):
        await in_thread(services.set_membership, room_id=talk.chat_id, user=talk.mateusz, present=False)
        assert (await removed.hear("chat_left"))["chat_id"] == talk.chat_id
        await left_behind.ask("send_message", chat_id=talk.chat_id, content="Alone now")
        await left_behind.ask("edit_message", message_id=talk.message.pk, content="Alone")
        await left_behind.say("typing_start", chat_id=talk.chat_id)
        assert await removed.heard_until_quiet() == []
        assert (await removed.ask("send_message", chat_id=talk.chat_id, content="Hm"))["error_type"] == "not_found"
        assert (await removed.ask("sync", chat_id=talk.chat_id, after_seq=0))["error_type"] == "not_found"


async def test_unverified_person_reads_but_does_not_write(talk):
    person = await in_thread(UserFactory, unverified=True)
    room = await in_thread(RoomFactory, members=[talk.niamh, person])
    async with talking(await in_thread(token_of, person)) as reader:
        assert (await reader.ask("join_chat", chat_id=room.pk))["type"] == "chat_joined"
        refusal = await reader.ask("send_message", chat_id=room.pk, content="Hello")
    assert refusal["error_type"] == "email_not_verified"


async def test_somebody_elses_message_is_theirs(talk):
    async with talk.socket_of(talk.mateusz) as other:
        for kind, values in (("edit_message", {"content": "Taken"}), ("delete_message", {})):
            answer = await other.ask(kind, message_id=talk.message.pk, **values)
            assert answer["error_type"] == "not_your_message"


# --- Malformed frames ---------------------------------------------------------------------------

MALFORMED: list[tuple[str, str]] = [
    (" ", "invalid_frame"),
    ("{", "invalid_frame"),
    ("null", "invalid_frame"),
    ("[]", "invalid_frame"),
    ('"join_chat"', "invalid_frame"),
    ('{"type": "ping", "x": NaN}', "invalid_frame"),
    ('{"type": "ping", "x": "\\ud800"}', "invalid_frame"),
    ("[" * 5000, "invalid_frame"),
    ("{}", "unknown_type"),
    ('{"type": 1}', "unknown_type"),
    ('{"type": ["ping"]}', "unknown_type"),
    ('{"type": "connect"}', "unknown_type"),
    ('{"type": "__init__"}', "unknown_type"),
    ('{"type": "join_chat"}', "validation_error"),
    ('{"type": "join_chat", "chat_id": "1"}', "validation_error"),
    ('{"type": "join_chat", "chat_id": true}', "validation_error"),
    ('{"type": "join_chat", "chat_id": 1.0}', "validation_error"),
    ('{"type": "join_chat", "chat_id": 0}', "validation_error"),
    ('{"type": "join_chat", "chat_id": -1}', "validation_error"),
    ('{"type": "join_chat", "chat_id": 9223372036854775808}', "validation_error"),
    ('{"type": "join_chat", "chat_id": {"gt": 0}}', "validation_error"),
    ('{"type": "sync", "chat_id": 1, "after_seq": -1}', "validation_error"),
    ('{"type": "mark_read", "chat_id": 1}', "validation_error"),
    ('{"type": "send_message", "content": "x"}', "validation_error"),
    ('{"type": "send_message", "chat_id": 1, "receiver_id": 1, "content": "x"}', "validation_error"),
    ('{"type": "send_message", "chat_id": 1, "content": 5}', "validation_error"),
    ('{"type": "send_message", "chat_id": 1, "content": "x", "client_id": "not a uuid"}', "validation_error"),
    ('{"type": "send_message", "chat_id": 1, "content": "x", "client_id": 5}', "validation_error"),
    ('{"type": "send_message", "chat_id": 1, "content": "x", "attachment_ids": "1"}', "validation_error"),
    ('{"type": "send_message", "chat_id": 1, "content": "x", "attachment_ids": ["1"]}', "validation_error"),
    ('{"type": "send_message", "chat_id": 1, "attachment_ids": [1,1,1,1,1,1,1,1,1,1,1]}', "validation_error"),
    ('{"type": "react", "message_id": 1, "emoji": "👍", "on": 1}', "validation_error"),
    ('{"type": "react", "message_id": 1, "emoji": "' + "👍" * 17 + '", "on": true}', "validation_error"),
    ('{"type": "send_message", "chat_id": 1, "content": "' + "x" * (MAX_CONTENT + 1) + '"}', "validation_error"),
    ('{"type": "ping", "x": "' + "é" * (MAX_FRAME_BYTES // 2) + '"}', "frame_too_large"),
]


async def test_malformed_frames_are_answered_and_the_socket_goes_on(talk, settings):
    settings.RATE_LIMIT_FACTOR = 1000
    async with talk.socket_of(talk.niamh) as clumsy:
        for text, code in MALFORMED:
            await clumsy.communicator.send_to(text_data=text)
            refusal = await clumsy.next()
            assert (refusal["type"], refusal["error_type"]) == ("error", code), text[:80]
            assert refusal["detail"]
        await clumsy.communicator.send_to(bytes_data=b"\x00\x01")
        assert (await clumsy.next())["error_type"] == "invalid_frame"
        assert (await clumsy.ask("ping"))["type"] == "pong"


async def test_error_repeats_the_client_id(talk):
    async with talk.socket_of(talk.niamh) as clumsy:
        await clumsy.say("dance", client_id="abc")
        assert (await clumsy.next())["client_id"] == "abc"


async def test_bug_is_answered_without_its_trace(talk, monkeypatch):
    def fail(*args: Any, **kwargs: Any) -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr(answers, "joined", fail)
    async with talk.socket_of(talk.niamh) as anyone:
        answer = await anyone.ask("join_chat", chat_id=talk.chat_id)
        assert answer["error_type"] == "server_error"
        assert "secret" not in str(answer)
        assert (await anyone.ask("ping"))["type"] == "pong"


async def test_busy_database_is_worth_another_try(talk, monkeypatch):
    def fail(*args: Any, **kwargs: Any) -> None:
        raise OperationalError("deadlock detected")

    monkeypatch.setattr(answers, "joined", fail)
    async with talk.socket_of(talk.niamh) as anyone:
        answer = await anyone.ask("join_chat", chat_id=talk.chat_id)
        assert (answer["type"], answer["error_type"]) == ("error", "unavailable")
        assert "deadlock" not in str(answer)


async def test_flood_is_cut_off(talk, settings):
    settings.RATE_LIMIT_FACTOR = 1
    async with talk.socket_of(talk.niamh) as flooder:
        for _ in range(FRAME_BURST + 5):
            await flooder.say("ping")
        assert await flooder.close_code() == 4429


# --- Opening and closing ------------------------------------------------------------------------


async def test_chat_address_joins_at_once(talk):
    socket = communicator(f"/ws/chat/{talk.chat_id}", subprotocols=["bearer", talk.tokens[talk.niamh.pk]])
    await socket.connect(timeout=PATIENCE)
    joined = await Talker(socket).hear("chat_joined")
    await socket.disconnect(timeout=PATIENCE)
    assert (joined["chat_id"], joined["last_seq"]) == (talk.chat_id, 1)


@pytest.mark.parametrize("exists", [True, False])
async def test_chat_address_of_others_is_closed(talk, exists):
    path = f"/ws/chat/{talk.chat_id if exists else 999_999}"
    socket = communicator(path, subprotocols=["bearer", talk.tokens[talk.stranger.pk]])
    await socket.connect(timeout=PATIENCE)
    assert await Talker(socket).close_code() == 4403
    await socket.disconnect(timeout=PATIENCE)


async def test_unknown_address_is_refused(talk):
    connected, _ = await communicator("/ws/elsewhere", subprotocols=["bearer", talk.tokens[talk.niamh.pk]]).connect()
    assert not connected


async def test_ended_session_closes_its_sockets_and_no_others(talk):
    kept_token = await in_thread(token_of, talk.niamh)
    async with talk.socket_of(talk.niamh) as ended, talking(kept_token) as kept:
        kept_session, _ = await in_thread(tokens.session_of_access_token, kept_token)
        await in_thread(end_other_sessions, talk.niamh, keep=kept_session)
        assert await ended.close_code() == 4401
        assert (await kept.ask("ping"))["type"] == "pong"


async def test_token_warns_and_then_ends(talk, settings, monkeypatch):
    settings.SIMPLE_JWT = settings.SIMPLE_JWT | {"ACCESS_TOKEN_LIFETIME": timedelta(seconds=2)}
    monkeypatch.setattr("rest_framework_simplejwt.tokens.AccessToken.lifetime", timedelta(seconds=2))
    async with talking(await in_thread(token_of, talk.niamh)) as short:
        assert (await short.hear("token_expiring"))["expires_at"]
        assert await short.close_code() == 4401


async def test_slow_reader_is_cut_off(talk, monkeypatch):
    monkeypatch.setattr(socket, "SLOW_READER", timedelta(milliseconds=20))
    consumer = SocketConsumer()

    async def never(*args: Any, **kwargs: Any) -> None:
        await asyncio.sleep(PATIENCE)

    consumer.send = never
    with pytest.raises(StopConsumer):
        await consumer._say({"type": "pong"})
    assert consumer.closing


async def test_presence_is_told_to_people_of_shared_chats_only(talk, monkeypatch):
    monkeypatch.setattr(socket, "PRESENCE_GRACE", timedelta())
    monkeypatch.setattr("chat.services.presence.PRESENCE_GRACE", timedelta())
    async with talk.socket_of(talk.niamh) as contact, talk.socket_of(talk.stranger) as stranger:
        async with talk.socket_of(talk.mateusz):
            assert (await contact.hear("user_online"))["user_id"] == talk.mateusz.pk
        assert (await contact.hear("user_offline"))["user_id"] == talk.mateusz.pk
        assert await stranger.heard_until_quiet() == []
