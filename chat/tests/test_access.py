"""Who gets how far with every kind of frame."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import Suspension, User
from accounts.rules import EvidenceClass, SuspensionRule
from accounts.services import end_every_session
from accounts.tests.factories import UserFactory
from chat import hooks
from chat.consumers.frames import FRAMES
from chat.models import Member
from chat.sign_in import in_thread
from chat.tests.conftest import PATIENCE, communicator, talking, token_of
from chat.tests.factories import MessageFactory, RoomFactory

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("shared_db")]

PROJECT = 77
# ok: done. not_found: not there, as far as this person can tell. Any other word is the code of the refusal.
# `removed` became so after the socket was open; `unverified` and `suspended` before.
TABLE = """
frame           author  member            stranger   removed    unverified          suspended
join_chat       ok      ok                not_found  not_found  ok                  ok
leave_chat      ok      ok                ok         ok         ok                  ok
join_project    ok      ok                not_found  not_found  ok                  ok
leave_project   ok      ok                not_found  not_found  ok                  ok
send_message    ok      ok                not_found  not_found  email_not_verified  account_suspended
typing_start    ok      ok                not_found  not_found  ok                  ok
typing_stop     ok      ok                not_found  not_found  ok                  ok
mark_read       ok      ok                not_found  not_found  ok                  ok
mark_delivered  ok      ok                not_found  not_found  ok                  ok
sync            ok      ok                not_found  not_found  ok                  ok
edit_message    ok      not_your_message  not_found  not_found  not_your_message    not_your_message
delete_message  ok      not_your_message  not_found  not_found  not_your_message    not_your_message
react           ok      ok                not_found  not_found  email_not_verified  account_suspended
ping            ok      ok                ok         ok         ok                  ok
"""
HEAD, *ROWS = [line.split() for line in TABLE.strip().splitlines()]
CASES = [(row[0], persona, word) for row in ROWS for persona, word in zip(HEAD[1:], row[1:], strict=True)]


class Scene:
    """A room with a message, and the persona with a token."""

    def __init__(self, persona: str) -> None:
        self.author, self.member, self.other = UserFactory.create_batch(3)
        self.room = RoomFactory.create(members=[self.author, self.member])
        self.message = MessageFactory.create(room=self.room, sender=self.author)
        self.me: User = {"author": self.author, "stranger": self.other}.get(persona, self.member)
        self.token = token_of(self.me)
        if persona == "unverified":
            User.objects.filter(pk=self.me.pk).update(email_verified_at=None)
        elif persona == "suspended":
            User.objects.filter(pk=self.me.pk).update(suspended_at=timezone.now())
            Suspension.objects.create(
                user=self.me,
                rule=SuspensionRule.ABUSE,
                evidence=EvidenceClass.MESSAGES,
                reason="Insulting messages.",
                imposed_by=self.other,
                appeal_until=timezone.now() + timedelta(days=14),
            )

    def remove(self) -> None:
        Member.objects.filter(room=self.room, user=self.me).update(left_at=timezone.now())

    def values(self, frame: str) -> dict[str, Any]:
        known = {
            "chat_id": self.room.pk,
            "project_id": PROJECT,
            "message_id": self.message.pk,
            "content": "Hello",
            "up_to_seq": 1,
            "after_seq": 0,
            "emoji": "👍",
            "on": True,
        }
        return {field.name: known[field.name] for field in FRAMES[frame] if field.name in known}


def test_every_frame_has_its_line() -> None:
    assert [row[0] for row in ROWS] == list(FRAMES), "add the missing frame to TABLE, with how far each person gets"


@pytest.mark.parametrize(("frame", "persona", "word"), CASES)
async def test_everybody_gets_as_far_as_the_table_says(
    frame: str, persona: str, word: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    scene = await in_thread(Scene, persona)
    monkeypatch.setattr(hooks, "rooms_of_project", lambda user, project_id: [scene.room.pk])
    async with talking(scene.token) as socket:
        if persona == "removed":
            await in_thread(scene.remove)
        await socket.say(frame, **scene.values(frame))
        answers = [answer for answer in await socket.heard_until_quiet() if answer["type"] == "error"]
    assert [answer["error_type"] for answer in answers] == ([] if word == "ok" else [word])


@pytest.mark.parametrize("frame", FRAMES)
async def test_nobody_says_anything_after_signing_out(frame: str) -> None:
    scene = await in_thread(Scene, "member")
    async with talking(scene.token) as socket:
        await in_thread(end_every_session, scene.me)
        await socket.say(frame, **scene.values(frame))
        assert await socket.close_code() == 4401
    closed = communicator("/ws", subprotocols=["bearer", scene.token])
    await closed.connect(timeout=PATIENCE)
    assert (await closed.receive_output(timeout=PATIENCE))["code"] == 4401
