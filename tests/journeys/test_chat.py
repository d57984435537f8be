"""Chat over the socket and over HTTP: stored first, numbered without gaps, and nothing missed after a break."""

import uuid
from contextlib import suppress

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus

from tests.fixtures.served_site import ServedSite
from tests.journeys.conftest import Join
from tests.journeys.outside import Json, Person, Socket


@pytest.fixture(scope="module")
def ada(join: Join) -> Person:
    return join("Ada")


@pytest.fixture(scope="module")
def ben(join: Join) -> Person:
    return join("Ben")


@pytest.fixture
def chat_id(join: Join, ada: Person) -> int:
    """A fresh chat of Ada with somebody whom she has not written to."""
    return int(ada.post("/api/chats", {"participant_id": join("Once").id, "subject": "Labels"}, 201)["id"])


@pytest.fixture(scope="module")
def shared(ada: Person, ben: Person) -> int:
    """The one chat of Ada and Ben."""
    return int(ada.post("/api/chats", {"participant_id": ben.id, "subject": "Labels"}, 201)["id"])


def messages(person: Person, chat_id: int) -> list[Json]:
    """Oldest first."""
    return list(reversed(person.get(f"/api/chats/{chat_id}/messages", page_size=100)["results"]))


class TestSigningIn:
    def test_by_a_ticket_which_works_once(self, ada: Person) -> None:
        address = f"{ada.sockets_url}?ticket={ada.ticket()}"
        with Socket(address) as socket:
            connected = socket.wait_for("connected")
            assert connected["user_id"] == ada.id and connected["server_time"].endswith("Z")
        with Socket(address) as again:
            assert again.close_code() == 4401

    def test_by_the_bearer_subprotocol(self, ada: Person) -> None:
        with ada.socket(subprotocols=["bearer", ada.access_token]) as socket:
            assert socket.connection.subprotocol == "bearer"
            assert socket.wait_for("connected")["user_id"] == ada.id

    def test_with_a_wrong_token(self, ada: Person) -> None:
        with ada.socket(subprotocols=["bearer", f"{ada.access_token[:-4]}AAAA"]) as socket:
            assert socket.close_code() == 4401

    def test_not_at_all(self, served_site: ServedSite) -> None:
        with Socket(served_site.sockets_url) as socket:
            assert socket.close_code() == 4401

    def test_not_from_the_page_of_another_site(self, ada: Person) -> None:
        with pytest.raises(InvalidStatus) as refused, ada.socket(origin="https://elsewhere.example"):
            pass
        assert refused.value.response.status_code == 403

    def test_ends_with_its_session(self, join: Join) -> None:
        leaving = join("Leaver")
        with leaving.socket(subprotocols=["bearer", leaving.access_token]) as socket:
            socket.wait_for("connected")
            leaving.post("/api/auth/logout", status=204)
            assert socket.close_code() == 4401


class TestTalking:
    def test_a_message_is_stored_acknowledged_and_heard(self, ada: Person, ben: Person, shared: int) -> None:
        with ada.socket(f"/chat/{shared}") as here, ben.socket(f"/chat/{shared}") as there:
            here.wait_for("chat_joined", chat_id=shared)
            there.wait_for("chat_joined", chat_id=shared)
            client_id = str(uuid.uuid4())

            sent = here.send_message(shared, "Shall we start?", client_id)

            # Acknowledged means stored: another request sees it at once.
            assert messages(ben, shared)[-1]["id"] == sent["id"]
            heard = there.wait_for("new_message", chat_id=shared)
            expected = {"seq": sent["seq"], "content": "Shall we start?", "sender_id": ada.id, "client_id": client_id}
            assert expected.items() <= heard.items()

    def test_the_same_client_id_is_one_message_and_an_acknowledgement_each_time(
        self, ada: Person, ben: Person, shared: int
    ) -> None:
        before = len(messages(ada, shared))
        client_id = str(uuid.uuid4())
        with ada.socket(f"/chat/{shared}") as here, ben.socket(f"/chat/{shared}") as there:
            there.wait_for("chat_joined")
            first = here.send_message(shared, "Once", client_id)
            second = here.send_message(shared, "Once", client_id)
            assert first["id"] == second["id"]
            assert len(messages(ada, shared)) == before + 1
            heard = [frame for frame in there.rest() if frame["type"] == "new_message"]
            assert [frame["client_id"] for frame in heard] == [client_id]

    def test_typing_and_reading_reach_the_other_side(self, ada: Person, ben: Person, shared: int) -> None:
        with ada.socket(f"/chat/{shared}") as here, ben.socket(f"/chat/{shared}") as there:
            here.wait_for("chat_joined")
            there.wait_for("chat_joined")
            there.say("typing_start", chat_id=shared)
            here.wait_for("typing", chat_id=shared, user_id=ben.id, on=True)
            there.say("typing_stop", chat_id=shared)
            here.wait_for("typing", chat_id=shared, user_id=ben.id, on=False)
            seq = here.send_message(shared, "Have you seen this?")["seq"]
            there.wait_for("new_message", seq=seq)
            there.say("mark_delivered", chat_id=shared, up_to_seq=seq)
            here.wait_for("message_delivered", user_id=ben.id, up_to_seq=seq)
            there.say("mark_read", chat_id=shared, up_to_seq=seq)
            here.wait_for("message_read", user_id=ben.id, up_to_seq=seq)
        assert messages(ada, shared)[-1]["status"] == "read"
        assert ben.get("/api/messages/unread")["unread_messages"] == 0

    def test_a_message_by_http_arrives_on_the_socket(self, ada: Person, ben: Person, shared: int) -> None:
        with ben.socket(f"/chat/{shared}") as there:
            there.wait_for("chat_joined")
            sent = ada.post(f"/api/chats/{shared}/messages", {"content": "From the fallback"}, 201)
            heard = there.wait_for("new_message", chat_id=shared)
            assert (heard["id"], heard["content"]) == (sent["id"], "From the fallback")

    def test_edits_deletions_and_reactions(self, ada: Person, ben: Person, shared: int) -> None:
        with ada.socket(f"/chat/{shared}") as here, ben.socket(f"/chat/{shared}") as there:
            there.wait_for("chat_joined")
            message_id = here.send_message(shared, "At nin")["id"]
            here.say("edit_message", message_id=message_id, content="At nine")
            assert there.wait_for("message_updated")["content"] == "At nine"
            there.say("react", message_id=message_id, emoji="👍", on=True)
            assert here.wait_for("reaction", user_id=ben.id)["emoji"] == "👍"
            here.say("delete_message", message_id=message_id)
            there.wait_for("message_deleted")
        last = messages(ben, shared)[-1]
        assert (last["id"], last["deleted"], last["content"]) == (message_id, True, "")


class TestBreaks:
    def test_what_was_missed_comes_by_sync_in_order(self, ada: Person, ben: Person, shared: int) -> None:
        with ada.socket(f"/chat/{shared}") as here:
            here.wait_for("chat_joined")
            with ben.socket(f"/chat/{shared}") as there:
                there.wait_for("chat_joined")
                seen = here.send_message(shared, "Before the tunnel")["seq"]
                there.wait_for("new_message", seq=seen)
                there.lose()
            missed = [here.send_message(shared, f"In the tunnel {number}")["seq"] for number in range(5)]
            assert missed == list(range(seen + 1, seen + 6))

            with ben.socket() as back:
                back.say("join_chat", chat_id=shared, after_seq=seen)
                page = back.wait_for("sync_page", chat_id=shared)
                assert [message["seq"] for message in page["messages"]] == missed and page["more"] is False
                after = here.send_message(shared, "After it")["seq"]
                assert back.wait_for("new_message", chat_id=shared)["seq"] == after == missed[-1] + 1
                back.say("sync", chat_id=shared, after_seq=missed[2])
                assert [m["seq"] for m in back.wait_for("sync_page")["messages"]] == [*missed[3:], after]
        numbers = [message["seq"] for message in messages(ada, shared)]
        assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))

    def test_an_unanswered_message_is_sent_again_and_stays_one(self, ada: Person, chat_id: int) -> None:
        client_id = str(uuid.uuid4())
        with ada.socket(f"/chat/{chat_id}") as lost:
            lost.wait_for("chat_joined")
            lost.say("send_message", chat_id=chat_id, content="Did you get this?", client_id=client_id)
            lost.lose()
        with ada.socket() as back:
            sent = back.send_message(chat_id, "Did you get this?", client_id)
        assert [message["id"] for message in messages(ada, chat_id)] == [sent["id"]]
        assert sent["seq"] == 1


class TestStrangers:
    def test_get_errors_and_nothing_else(self, join: Join, ada: Person, shared: int) -> None:
        stranger = join("Nosy")
        with stranger.socket() as outside, ada.socket(f"/chat/{shared}") as here:
            here.wait_for("chat_joined")
            outside.wait_for("connected")
            count = len(messages(ada, shared))
            attempts = {
                "join_chat": {"chat_id": shared},
                "send_message": {"chat_id": shared, "content": "Hello?"},
                "typing_start": {"chat_id": shared},
                "mark_read": {"chat_id": shared, "up_to_seq": 1},
                "mark_delivered": {"chat_id": shared, "up_to_seq": 1},
                "sync": {"chat_id": shared, "after_seq": 0},
                "edit_message": {"message_id": messages(ada, shared)[0]["id"], "content": "Mine now"},
                "delete_message": {"message_id": messages(ada, shared)[0]["id"]},
                "react": {"message_id": messages(ada, shared)[0]["id"], "emoji": "👍", "on": True},
            }
            for kind, values in attempts.items():
                client_id = str(uuid.uuid4())
                outside.say(kind, **values, client_id=client_id)
                assert outside.wait_for("error", client_id=client_id)["error_type"] == "not_found", kind
            here.send_message(shared, "Between us")
            assert outside.rest() == []
            assert [frame["type"] for frame in here.rest() if frame.get("user_id") == stranger.id] == []
        assert len(messages(ada, shared)) == count + 1
        stranger.get(f"/api/chats/{shared}/messages", 404)
        stranger.post(f"/api/chats/{shared}/messages", {"content": "Hello?"}, 404)

    def test_cannot_open_the_chat_by_its_address(self, join: Join, shared: int) -> None:
        with join("Nosy").socket(f"/chat/{shared}") as outside:
            assert outside.close_code() == 4403


MALFORMED = {
    "not JSON": ("{", "invalid_frame"),
    "a list": ("[]", "invalid_frame"),
    "without a type": ("{}", "unknown_type"),
    "an unknown type": ('{"type": "shout"}', "unknown_type"),
    "a type that is a list": ('{"type": ["ping"]}', "unknown_type"),
    "text for a number": ('{"type": "join_chat", "chat_id": "1"}', "validation_error"),
    "a number too large": ('{"type": "join_chat", "chat_id": 1e400}', "invalid_frame"),
    "a negative number": ('{"type": "sync", "chat_id": 1, "after_seq": -1}', "validation_error"),
    "no receiver": ('{"type": "send_message", "content": "x"}', "validation_error"),
    "too long": ('{"type": "send_message", "chat_id": 1, "content": "%s"}' % ("x" * 10_001), "validation_error"),
    "bytes": (b"\x00\x01", "invalid_frame"),
}


@pytest.mark.parametrize(("frame", "error_type"), MALFORMED.values(), ids=MALFORMED)
def test_a_malformed_frame_is_answered_and_the_socket_goes_on(ada: Person, frame: str | bytes, error_type: str) -> None:
    with ada.socket() as socket:
        socket.wait_for("connected")
        socket.connection.send(frame)
        assert socket.wait_for("error")["error_type"] == error_type
        socket.say("ping")
        socket.wait_for("pong")


def test_a_frame_over_64_kib_is_refused(ada: Person) -> None:
    with ada.socket() as socket:
        socket.wait_for("connected")
        socket.connection.send("x" * 70_000)
        assert socket.wait_for("error")["error_type"] == "frame_too_large"
        socket.say("ping")
        socket.wait_for("pong")


def test_a_huge_frame_ends_the_socket(ada: Person) -> None:
    with ada.socket() as socket:
        socket.wait_for("connected")
        with suppress(ConnectionClosed):  # it may end before all of it is sent
            socket.connection.send("x" * 1_000_000)
        assert socket.close_code() in {1009, None}  # what is still on its way may make the network drop the code
