import uuid

import pytest

from accounts.tests.factories import UploadFactory, UserFactory
from chat.api.serializers import ChatSerializer, MessagePageSerializer, MessageSerializer
from chat.models import Message, Room
from chat.rules import MAX_CONTENT
from chat.services import delete_message, edit_message, mark_delivered, mark_read, react, send_message
from chat.tests.factories import MessageFactory, RoomFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def pair():
    return UserFactory(), UserFactory()


@pytest.fixture
def room(pair) -> Room:
    return RoomFactory(members=list(pair))


@pytest.fixture
def url(room) -> str:
    return f"/api/chats/{room.pk}/messages"


# --- History ------------------------------------------------------------------------------------


def test_history_is_newest_first_and_paged_by_number(api_as, pair, room, url):
    MessageFactory.create_batch(7, room=room, sender=pair[0])
    client = api_as(pair[1])
    seen, page = [], client.get(f"{url}?page_size=3").json()
    assert page["previous"] is None
    while True:
        seen += [message["seq"] for message in page["results"]]
        if not page["next"]:
            break
        page = client.get(page["next"]).json()
    assert seen == [7, 6, 5, 4, 3, 2, 1]


def test_history_leads_back_to_newer_messages(api_as, pair, room, url):
    MessageFactory.create_batch(7, room=room, sender=pair[0])
    client = api_as(pair[1])
    oldest = client.get(f"{url}?before_seq=4&page_size=3").json()
    assert [message["seq"] for message in oldest["results"]] == [3, 2, 1]
    assert oldest["next"] is None
    newer = client.get(oldest["previous"]).json()
    assert [message["seq"] for message in newer["results"]] == [6, 5, 4]
    newest = client.get(newer["previous"]).json()
    assert ([message["seq"] for message in newest["results"]], newest["previous"]) == ([7], None)


def test_history_after_a_number_is_what_was_missed(api_as, pair, room, url):
    MessageFactory.create_batch(4, room=room, sender=pair[0])
    assert [it["seq"] for it in api_as(pair[1]).get(f"{url}?after_seq=2").json()["results"]] == [4, 3]
    assert api_as(pair[1]).get(f"{url}?after_seq=4").json() == {"next": None, "previous": None, "results": []}


def test_history_shows_everything_of_a_message(api_as, pair, room, url):
    question = send_message(pair[1], room_id=room.pk, content="Question")
    file = UploadFactory(owner=pair[0])
    answer = send_message(pair[0], room_id=room.pk, content="Answer", attachment_ids=[file.pk], reply_to_id=question.pk)
    edit_message(pair[0], message_id=answer.pk, content="Better answer")
    react(pair[1], message_id=answer.pk, emoji="👍", on=True)
    newest = api_as(pair[1]).get(url).json()["results"][0]
    assert newest["content"] == "Better answer"
    assert newest["edited_at"] > newest["created_at"]
    assert newest["created_at"].endswith("Z")
    assert newest["reply_to"] == {"id": question.pk, "seq": 1, "sender_id": pair[1].pk, "content": "Question"}
    assert newest["reactions"] == [{"emoji": "👍", "user_ids": [pair[1].pk]}]
    assert [it["name"] for it in newest["attachments"]] == ["notes.txt"]


def test_status_goes_from_sent_over_delivered_to_read(api_as, pair, room, url):
    send_message(pair[0], room_id=room.pk, content="Hello")
    client = api_as(pair[0])
    statuses = [client.get(url).json()["results"][0]["status"]]
    for mark in (mark_delivered, mark_read):
        mark(pair[1], room_id=room.pk, up_to_seq=1)
        statuses.append(client.get(url).json()["results"][0]["status"])
    assert statuses == ["sent", "delivered", "read"]


def test_in_a_bigger_room_the_slowest_reader_counts(api_as, pair, url):
    room = RoomFactory(members=[*pair, UserFactory()])
    send_message(pair[0], room_id=room.pk, content="Hello")
    mark_read(pair[1], room_id=room.pk, up_to_seq=1)
    assert api_as(pair[0]).get(f"/api/chats/{room.pk}/messages").json()["results"][0]["status"] == "sent"


@pytest.mark.parametrize("query", ["after_seq=-1", "before_seq=0", "before_seq=x", "page_size=0", "page_size=101"])
def test_history_refuses_bad_numbers(api_as, pair, url, query):
    answer = api_as(pair[0]).get(f"{url}?{query}")
    assert answer.status_code == 400
    assert list(answer.json()["fields"]) == [query.split("=")[0]]


@pytest.mark.parametrize("count", [5, 50])
def test_history_takes_as_many_queries_for_many(api_as, pair, room, url, count, django_assert_num_queries):
    for _ in range(count // 5):
        MessageFactory.create_batch(4, room=room, sender=pair[0])
        sent = send_message(pair[0], room_id=room.pk, content="", attachment_ids=[UploadFactory(owner=pair[0]).pk])
        react(pair[1], message_id=sent.pk, emoji="👍", on=True)
    client = api_as(pair[1])
    with django_assert_num_queries(4):  # members, messages, files, reactions
        assert len(client.get(url).json()["results"]) == count


def test_plain_history_takes_two_queries(api_as, pair, room, url, django_assert_num_queries):
    MessageFactory.create_batch(50, room=room, sender=pair[0])
    client = api_as(pair[1])
    with django_assert_num_queries(2):
        client.get(url)


# --- Sending ------------------------------------------------------------------------------------


def test_sent_message_is_answered_whole(api_as, pair, room, url):
    client_id = str(uuid.uuid4())
    answer = api_as(pair[0]).post(url, {"content": "Hello", "client_id": client_id})
    assert answer.status_code == 201
    message = answer.json()
    assert (message["seq"], message["content"], message["client_id"]) == (1, "Hello", client_id)
    assert (message["chat_id"], message["sender_id"], message["status"]) == (room.pk, pair[0].pk, "sent")


def test_same_client_id_is_answered_with_the_first(api_as, pair, url):
    body = {"content": "Hello", "client_id": str(uuid.uuid4())}
    first, again = (api_as(pair[0]).post(url, body).json() for _ in range(2))
    assert first == again
    assert Message.objects.count() == 1


def test_same_idempotency_key_is_one_message(api_as, pair, url):
    client = api_as(pair[0])
    answers = [client.post(url, {"content": "Hello"}, headers={"Idempotency-Key": "k1"}) for _ in range(2)]
    assert answers[0].json() == answers[1].json()
    other = client.post(url, {"content": "Other"}, headers={"Idempotency-Key": "k1"})
    assert (other.status_code, other.json()["error_type"]) == (409, "idempotency_conflict")
    assert Message.objects.count() == 1


def test_message_by_person_or_by_chat(api_as, pair, room):
    client = api_as(pair[0])
    direct = client.post("/api/messages", {"receiver_id": pair[1].pk, "content": "Hello"}).json()
    assert Room.objects.get(pk=direct["chat_id"]).kind == "direct"
    assert client.post("/api/messages", {"chat_id": room.pk, "content": "Hello"}).json()["chat_id"] == room.pk


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"content": ""}, "content"),
        ({}, "content"),
        ({"content": "x" * (MAX_CONTENT + 1)}, "content"),
        ({"content": ["x"]}, "content"),
        ({"content": "nul \0"}, "content"),
        ({"content": "x", "client_id": "abc"}, "client_id"),
        ({"content": "x", "attachment_ids": ["a"]}, "attachment_ids.0"),
        ({"content": "x", "attachment_ids": list(range(1, 12))}, "attachment_ids"),
        ({"content": "x", "attachment_ids": [999_999]}, "attachment_ids"),
        ({"content": "x", "reply_to": "first"}, "reply_to"),
    ],
)
def test_bad_input_is_400_at_its_field_and_stores_nothing(api_as, pair, url, body, field):
    answer = api_as(pair[0]).post(url, body)
    assert answer.status_code == 400
    assert list(answer.json()["fields"]) == [field]
    assert not Message.objects.exists()


@pytest.mark.parametrize("address", [{}, {"chat_id": 1, "receiver_id": 1}, {"receiver_id": "x"}, {"chat_id": 0}])
def test_message_without_one_address_is_400(api_as, pair, address):
    assert api_as(pair[0]).post("/api/messages", {"content": "x"} | address).status_code == 400


# --- One message --------------------------------------------------------------------------------


def test_own_message_is_changed_and_taken_back(api_as, pair, room):
    message = send_message(pair[0], room_id=room.pk, content="Frist")
    client = api_as(pair[0])
    path = f"/api/messages/{message.pk}"
    assert client.patch(path, {"content": "First"}).json()["content"] == "First"
    assert client.patch(path, {"content": ""}).status_code == 400
    assert client.patch(path, {}).status_code == 400
    assert client.delete(path).status_code == 204
    gone = client.get(path).json()
    assert (gone["deleted"], gone["content"]) == (True, "")
    assert client.patch(path, {"content": "Back"}).json()["error_type"] == "message_deleted"


def test_message_of_the_other_is_read_not_changed(api_as, pair, room):
    message = send_message(pair[0], room_id=room.pk, content="Mine")
    client = api_as(pair[1])
    assert client.get(f"/api/messages/{message.pk}").status_code == 200
    assert client.patch(f"/api/messages/{message.pk}", {"content": "x"}).status_code == 403
    assert client.delete(f"/api/messages/{message.pk}").status_code == 403


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("get", "", None),
        ("patch", "", {"content": "x"}),
        ("delete", "", None),
        ("put", "/reactions/👍", None),
        ("delete", "/reactions/👍", None),
    ],
)
def test_strangers_find_no_message(api, api_as, room, pair, method, path, body):
    url = f"/api/messages/{MessageFactory(room=room).pk}{path}"
    assert getattr(api_as(UserFactory()), method)(url, body).status_code == 404
    assert getattr(api, method)(url, body).status_code == 401


def test_reaction_is_put_and_taken_away(api_as, pair, room):
    path = f"/api/messages/{MessageFactory(room=room).pk}/reactions/⛴️"
    client = api_as(pair[1])
    for _ in range(2):
        assert client.put(path).json()["reactions"] == [{"emoji": "⛴️", "user_ids": [pair[1].pk]}]
    for _ in range(2):
        assert client.delete(path).status_code == 204
    refusal = client.put(path.replace("⛴️", "ok"))
    assert list(refusal.json()["fields"]) == ["emoji"]


# --- Search -------------------------------------------------------------------------------------


def test_search_finds_words_of_own_chats_in_any_script(api_as, pair, room):
    texts = ["The Ferry leaves at 06:40", "أرسلت لك الصور", "時刻表は完璧です", "50% off, honestly"]
    messages = {text: send_message(pair[0], room_id=room.pk, content=text) for text in texts}
    MessageFactory(content="A ferry of others")
    delete_message(pair[0], message_id=send_message(pair[0], room_id=room.pk, content="A deleted ferry").pk)
    client = api_as(pair[1])
    found = {
        words: [it["id"] for it in client.get("/api/messages/search", {"q": words}).json()["results"]]
        for words in ("ferry", "الصور", "時刻", "50%", "%%", "elephant")
    }
    assert found == {
        "ferry": [messages[texts[0]].pk],
        "الصور": [messages[texts[1]].pk],
        "時刻": [messages[texts[2]].pk],
        "50%": [messages[texts[3]].pk],
        "%%": [],
        "elephant": [],
    }


def test_search_is_paged_newest_first_with_constant_queries(api_as, pair, room, django_assert_num_queries):
    MessageFactory.create_batch(30, room=room, content="ferry")
    client = api_as(pair[1])
    with django_assert_num_queries(2):
        first = client.get("/api/messages/search?q=ferry").json()
    second = client.get(first["next"]).json()
    seqs = [message["seq"] for message in first["results"] + second["results"]]
    assert seqs == list(range(30, 0, -1))


@pytest.mark.parametrize("query", ["", "?q=", "?q=x", f"?q={'x' * 101}"])
def test_search_needs_some_words(api_as, pair, query):
    assert list(api_as(pair[0]).get(f"/api/messages/search{query}").json()["fields"]) == ["q"]


# --- Shapes -------------------------------------------------------------------------------------


def test_answers_have_the_fields_that_the_schema_describes(api_as, pair, room, url):
    send_message(pair[0], room_id=room.pk, content="Hello")
    client = api_as(pair[1])
    page = client.get(url).json()
    assert set(page) == set(MessagePageSerializer().fields)
    assert set(page["results"][0]) == set(MessageSerializer().fields)
    assert set(client.get(f"/api/chats/{room.pk}").json()) == set(ChatSerializer().fields)
