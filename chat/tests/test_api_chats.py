import pytest

from accounts.tests.factories import UserFactory
from chat.models import Member, Room
from chat.rules import RoomKind
from chat.services import mark_read, open_direct_room, send_message
from chat.tests.factories import MessageFactory, RoomFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def pair():
    return UserFactory(first_name="Niamh", last_name="Ní"), UserFactory(first_name="Mateusz", last_name="Wiśniewski")


@pytest.fixture
def room(pair) -> Room:
    return RoomFactory(members=list(pair), subject="Ferry site", url="/contracts/1/")


# --- The list -----------------------------------------------------------------------------------


def test_list_shows_own_chats_newest_message_first(api_as, pair, room):
    quiet = RoomFactory(members=list(pair))
    RoomFactory()
    send_message(pair[0], room_id=room.pk, content="All aboard")
    answer = api_as(pair[1]).get("/api/chats").json()
    assert [chat["id"] for chat in answer["results"]] == [room.pk, quiet.pk]
    assert answer["count"] == 2
    first = answer["results"][0]
    assert (first["subject"], first["kind"], first["url"]) == ("Ferry site", "contract", "/contracts/1/")
    assert first["last_message"] == {
        "seq": 1,
        "sender_id": pair[0].pk,
        "preview": "All aboard",
        "created_at": first["last_message"]["created_at"],
    }
    assert (first["unread_count"], first["archived"]) == (1, False)
    assert [person["name"] for person in first["participants"]] == ["Niamh Ní", "Mateusz Wiśniewski"]
    assert answer["results"][1]["last_message"] is None


def test_list_is_the_same_under_both_paths(api_as, pair, room):
    assert api_as(pair[0]).get("/api/chats").json() == api_as(pair[0]).get("/api/chat/rooms").json()


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("kind=contract", 1),
        ("kind=gig", 0),
        ("unread=true", 1),
        ("unread=false", 0),
        ("archived=true", 0),
        ("search=ferry", 1),
        ("search=wiśn", 1),
        ("search=niamh", 0),
        ("search=boat", 0),
    ],
)
def test_list_is_filtered(api_as, pair, room, query, found):
    MessageFactory(room=room, sender=pair[1])
    assert api_as(pair[0]).get(f"/api/chats?{query}").json()["count"] == found


@pytest.mark.parametrize("query", ["kind=nothing", "page=0", "page=x"])
def test_list_refuses_unknown_filters_and_pages(api_as, pair, query):
    assert api_as(pair[0]).get(f"/api/chats?{query}").status_code in {400, 404}


@pytest.mark.parametrize("rooms", [5, 25])
def test_list_takes_as_many_queries_for_many(api_as, pair, rooms, django_assert_num_queries):
    for _ in range(rooms):
        MessageFactory(room=RoomFactory(members=[pair[0], UserFactory()]))
    client = api_as(pair[0])
    with django_assert_num_queries(3):
        assert len(client.get("/api/chats?page_size=100").json()["results"]) == rooms


# --- One chat -----------------------------------------------------------------------------------


def test_opening_a_chat_twice_is_one_chat(api_as, pair):
    client = api_as(pair[0])
    first = client.post("/api/chats", {"participant_id": pair[1].pk, "subject": "Boats"})
    again = client.post("/api/chats", {"participant_id": pair[1].pk})
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json()["id"] == again.json()["id"]
    assert first.json()["subject"] == "Boats"
    assert Room.objects.get().kind == RoomKind.DIRECT


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"participant_id": "somebody"},
        {"participant_id": 0},
        {"participant_id": 2**63},
        {"participant_id": None},
        {"participant_id": 1, "subject": "x" * 201},
        {"participant_id": 1, "subject": "nul \0"},
    ],
)
def test_opening_with_bad_input_is_400_with_fields(api_as, pair, body):
    answer = api_as(pair[0]).post("/api/chats", body)
    assert answer.status_code == 400
    assert answer.json()["fields"]


def test_opening_with_oneself_or_nobody(api_as, pair):
    assert api_as(pair[0]).post("/api/chats", {"participant_id": pair[0].pk}).json()["fields"]
    assert api_as(pair[0]).post("/api/chats", {"participant_id": 999_999}).status_code == 404


def test_opening_ignores_unknown_keys(api_as, pair):
    body = {"participant_id": pair[1].pk, "kind": "contract", "last_seq": 7, "id": 1}
    answer = api_as(pair[0]).post("/api/chats", body)
    assert (answer.json()["kind"], answer.json()["last_seq"]) == ("direct", 0)


def test_subject_of_a_direct_chat_changes_that_of_a_contract_does_not(api_as, pair, room):
    direct = open_direct_room(pair[0], other_id=pair[1].pk)
    client = api_as(pair[1])
    for method in (client.put, client.patch):
        assert method(f"/api/chats/{direct.pk}", {"subject": "Boats"}).json()["subject"] == "Boats"
    refusal = client.patch(f"/api/chats/{room.pk}", {"subject": "Mine"})
    assert (refusal.status_code, refusal.json()["error_type"]) == (403, "subject_fixed")
    assert client.put(f"/api/chats/{direct.pk}", {}).status_code == 400


def test_archive_and_back(api_as, pair, room):
    client = api_as(pair[0])
    assert client.patch(f"/api/chats/{room.pk}/archive").json()["archived"] is True
    assert client.get("/api/chats").json()["count"] == 0
    assert client.get("/api/chats?archived=true").json()["count"] == 1
    assert client.patch(f"/api/chats/{room.pk}/archive", {"archived": False}).json()["archived"] is False
    assert client.patch(f"/api/chats/{room.pk}/archive", {"archived": "perhaps"}).status_code == 400
    assert api_as(pair[1]).get("/api/chats").json()["count"] == 1


def test_reading_up_to_a_number_and_everything(api_as, pair, room):
    MessageFactory.create_batch(4, room=room, sender=pair[0])
    client = api_as(pair[1])
    read = client.put(f"/api/chats/{room.pk}/read", {"up_to_seq": 3})
    assert read.json() == {"chat_id": room.pk, "read_seq": 3, "unread_count": 1}
    assert client.put(f"/api/chats/{room.pk}/read", {"up_to_seq": 1}).json()["read_seq"] == 3
    assert client.put(f"/api/chats/{room.pk}/read").json()["unread_count"] == 0
    assert client.put(f"/api/chats/{room.pk}/read", {"up_to_seq": -1}).status_code == 400


def test_numbers_of_ones_own(api_as, pair, room):
    other = RoomFactory(members=[pair[0], UserFactory()])
    send_message(pair[0], room_id=room.pk, content="One")
    send_message(pair[1], room_id=room.pk, content="Two")
    send_message(pair[1], room_id=room.pk, content="Three")
    Member.objects.filter(room=other, user=pair[0]).update(archived_at="2026-01-01T00:00Z")
    stats = api_as(pair[0]).get("/api/chats/stats").json()
    assert stats.pop("last_message_at")
    assert stats == {
        "chats": 2,
        "archived": 1,
        "unread_chats": 1,
        "unread_messages": 2,
        "messages_sent": 1,
        "messages_received": 2,
    }


def test_numbers_of_somebody_new(api_as):
    stats = api_as(UserFactory()).get("/api/chats/stats").json()
    assert (stats["chats"], stats["unread_messages"], stats["last_message_at"]) == (0, 0, None)


def test_unread_per_chat(api_as, pair, room):
    MessageFactory.create_batch(3, room=room, sender=pair[0])
    mark_read(pair[1], room_id=room.pk, up_to_seq=1)
    assert api_as(pair[1]).get("/api/messages/unread").json() == {
        "unread_chats": 1,
        "unread_messages": 2,
        "chats": [{"chat_id": room.pk, "unread_count": 2}],
    }


# --- Access -------------------------------------------------------------------------------------

OF_A_CHAT = [
    ("get", "", None),
    ("put", "", {"subject": "x"}),
    ("patch", "", {"subject": "x"}),
    ("patch", "/archive", {}),
    ("get", "/messages", None),
    ("post", "/messages", {"content": "x"}),
    ("put", "/read", {}),
]


@pytest.mark.parametrize("prefix", ["/api/chats", "/api/chat/rooms"])
@pytest.mark.parametrize(("method", "path", "body"), OF_A_CHAT)
def test_strangers_find_no_chat(api, api_as, room, prefix, method, path, body):
    url = f"{prefix}/{room.pk}{path}"
    assert getattr(api_as(UserFactory()), method)(url, body).status_code == 404
    assert getattr(api_as(UserFactory(staff=True)), method)(url, body).status_code == 404
    assert getattr(api, method)(url, body).status_code == 401


@pytest.mark.parametrize(
    "path", ["/api/chats", "/api/chats/stats", "/api/messages/unread", "/api/messages/search?q=xx"]
)
def test_nobody_signed_in_is_told_so(api, path):
    assert api.get(path).status_code == 401


def test_unverified_person_opens_no_chat(api_as, pair):
    refusal = api_as(UserFactory(unverified=True)).post("/api/chats", {"participant_id": pair[0].pk})
    assert (refusal.status_code, refusal.json()["error_type"]) == (403, "email_not_verified")
