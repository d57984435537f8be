import uuid

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.template.loader import render_to_string
from django.urls import reverse

from accounts.tests.factories import UploadFactory, UserFactory
from chat import hooks
from chat.hooks import RoomContext
from chat.models import Member, Message, Room
from chat.rules import HISTORY_PAGE
from chat.services import delete_message, open_direct_room, send_message, set_membership
from chat.tests.factories import MessageFactory, RoomFactory
from chat.views import thread_of
from core.money import Money

pytestmark = pytest.mark.django_db


@pytest.fixture
def pair():
    return UserFactory(first_name="Niamh", last_name="Ní"), UserFactory(first_name="Mateusz", last_name="Wiśniewski")


@pytest.fixture
def room(pair) -> Room:
    return RoomFactory(members=list(pair), subject="Ferry site", url="/contracts/1/")


@pytest.fixture
def page(room) -> str:
    return reverse("chat:room", args=[room.pk])


def text_of(response) -> str:
    return " ".join(response.content.decode().split())


# --- The list -----------------------------------------------------------------------------------


def test_list_names_the_others_and_counts_unread(pages_as, pair, room):
    send_message(pair[0], room_id=room.pk, content="All aboard")
    html = text_of(pages_as(pair[1]).get(reverse("chat:list")))
    assert "Niamh Ní" in html
    assert "All aboard" in html
    assert "room--unread" in html


def test_list_says_who_spoke_last(pages_as, pair, room):
    send_message(pair[0], room_id=room.pk, content="All aboard")
    assert "You: All aboard" in text_of(pages_as(pair[0]).get(reverse("chat:list")))


def test_empty_list_says_what_will_be_here(pages_as):
    assert "No conversations yet" in text_of(pages_as(UserFactory()).get(reverse("chat:list")))


def test_list_for_live_updates_is_a_fragment(pages_as, pair, room):
    response = pages_as(pair[0]).get(reverse("chat:list"), {"current": room.pk}, headers={"HX-Request": "true"})
    html = text_of(response)
    assert "<html" not in html
    assert 'aria-current="page"' in html


def test_search_finds_people_and_messages(pages_as, pair, room):
    send_message(pair[0], room_id=room.pk, content="The gloves are packed")
    client = pages_as(pair[1])
    assert "Niamh Ní" in text_of(client.get(reverse("chat:list"), {"q": "niamh"}))
    found = text_of(client.get(reverse("chat:list"), {"q": "gloves"}))
    assert f"{room.page}?before=" in found
    assert "No message says" in text_of(client.get(reverse("chat:list"), {"q": "elephants"}))
    assert client.get(reverse("chat:list"), {"q": "x" * 500}).status_code == 200


@pytest.mark.parametrize("count", [5, 25])
def test_list_takes_as_many_queries_for_many(pages_as, pair, count, django_assert_max_num_queries):
    for _ in range(count):
        MessageFactory(room=RoomFactory(members=[pair[0], UserFactory()]))
    client = pages_as(pair[0])
    with django_assert_max_num_queries(6):  # session, person, counts in the top bar, rooms, people
        client.get(reverse("chat:list"))


# --- A room -------------------------------------------------------------------------------------


def test_room_shows_its_messages_and_reads_them(pages_as, pair, page, room):
    send_message(pair[0], room_id=room.pk, content="Read https://example.com/a?b=1&c=2, <b>please</b>")
    html = text_of(pages_as(pair[1]).get(page))
    assert '<a href="https://example.com/a?b=1&amp;c=2" rel="nofollow noopener ugc" target="_blank">' in html
    assert "&lt;b&gt;please&lt;/b&gt;" in html
    assert Member.objects.get(room=room, user=pair[1]).read_seq == 1


def test_first_unread_message_has_a_line_above_it_once(pages_as, pair, page, room):
    send_message(pair[1], room_id=room.pk, content="Before")
    send_message(pair[0], room_id=room.pk, content="First new one")
    send_message(pair[0], room_id=room.pk, content="Second new one")
    html = text_of(pages_as(pair[1]).get(page))
    assert html.count("chat__day--new") == 1
    assert html.index("Before") < html.index("chat__day--new") < html.index("First new one")
    assert "chat__day--new" not in text_of(pages_as(pair[1]).get(page))


def test_lines_of_one_breath_belong_together(pair, room):
    for content in ("One", "Two"):
        send_message(pair[0], room_id=room.pk, content=content)
    send_message(pair[1], room_id=room.pk, content="Three")
    lines = thread_of(pair[1], room.pk).lines
    assert [line.follows for line in lines] == [False, True, False]
    assert [line.is_last_of_group for line in lines] == [False, True, True]
    assert [line.day is not None for line in lines] == [True, False, False]
    assert [line.is_mine for line in lines] == [False, False, True]


def test_earlier_messages_are_a_link_away(pages_as, pair, page, room):
    MessageFactory.create_batch(HISTORY_PAGE + 5, room=room, sender=pair[0], content="Old")
    client = pages_as(pair[1])
    assert f"?before={6}" in text_of(client.get(page))
    earlier = client.get(page, {"before": 6})
    assert [line.message["seq"] for line in earlier.context["thread"].lines] == [1, 2, 3, 4, 5]
    assert earlier.context["thread"].older_before is None
    assert client.get(page, {"before": "x"}).status_code == 200


def test_deleted_message_is_said_to_be(pages_as, pair, page, room):
    message = send_message(pair[0], room_id=room.pk, content="Secret")
    delete_message(pair[0], message_id=message.pk)
    html = text_of(pages_as(pair[1]).get(page))
    assert "This message was deleted" in html
    assert "Secret" not in html


def test_room_without_messages_says_so(pages_as, pair, page):
    assert "Nothing written yet" in text_of(pages_as(pair[0]).get(page))


def test_side_tells_what_the_room_is_about(pages_as, pair, page, room, monkeypatch):
    about = RoomContext(title="Ferry site, second phase", facts=[("Held", Money(3_250_00, "GBP")), ("Where", "<Pier>")])
    monkeypatch.setattr(hooks, "_describers", {"contract": lambda user, room: about})
    html = text_of(pages_as(pair[0]).get(page))
    assert "Ferry site, second phase" in html
    assert "£3,250.00" in html
    assert "&lt;Pier&gt;" in html
    assert 'href="/contracts/1/"' in html


def test_side_lists_files(pages_as, pair, page, room):
    file = UploadFactory(owner=pair[0], name="crew list.txt")
    send_message(pair[0], room_id=room.pk, content="", attachment_ids=[file.pk])
    assert text_of(pages_as(pair[1]).get(page)).count("crew list.txt") >= 2


def test_conversation_stands_inside_another_page(pair, room):
    send_message(pair[0], room_id=room.pk, content="All aboard")
    html = render_to_string(
        "chat/_thread.html", {"thread": thread_of(pair[1], room.pk), "embedded": True, "csrf_token": "t"}
    )
    assert "All aboard" in html
    assert "chat__head" not in html


@pytest.mark.parametrize("count", [5, HISTORY_PAGE])
def test_room_takes_as_many_queries_for_many(pages_as, pair, page, room, count, django_assert_max_num_queries):
    for _ in range(count):
        file = UploadFactory(owner=pair[0])
        send_message(pair[0], room_id=room.pk, content="x", attachment_ids=[file.pk])
    client = pages_as(pair[1])
    client.get(page)
    with django_assert_max_num_queries(12):
        client.get(page)


# --- Writing ------------------------------------------------------------------------------------


def test_plain_form_sends_and_comes_back(pages_as, pair, page, room):
    response = pages_as(pair[0]).post(page, {"content": "One\r\nTwo"})
    assert response.status_code == 302
    assert response.url == f"{page}#m1"
    assert room.messages.get().content == "One\nTwo"


def test_form_sent_twice_is_one_message(pages_as, pair, page, room):
    body = {"content": "Once", "client_id": str(uuid.uuid4())}
    for _ in range(2):
        assert pages_as(pair[0]).post(page, body).status_code == 302
    assert room.messages.count() == 1


def test_every_page_has_its_own_client_id(pages_as, pair, page):
    forms = [pages_as(pair[0]).get(page).context["thread"].form for _ in range(2)]
    assert forms[0]["client_id"].value() != forms[1]["client_id"].value()


def test_files_go_along_with_the_plain_form(pages_as, pair, page, room):
    files = [SimpleUploadedFile(f"{name}.txt", b"text") for name in ("one", "two")]
    before = UploadFactory(owner=pair[0], name="before.txt")
    pages_as(pair[0]).post(page, {"content": "", "files": files, "attachment_ids": [before.pk]})
    names = room.messages.get().attachments.order_by("id").values_list("name", flat=True)
    assert list(names) == ["before.txt", "one.txt", "two.txt"]


@pytest.mark.parametrize(
    "body", [{"content": "  "}, {"content": "x" * 10_001}, {"content": "x", "attachment_ids": ["9", "x"]}]
)
def test_refused_message_stays_in_the_form(pages_as, pair, page, room, body):
    response = pages_as(pair[0]).post(page, body)
    assert response.status_code == 400
    assert "field__error" in text_of(response)
    assert not room.messages.exists()


def test_refused_file_is_said_beside_the_form(pages_as, pair, page):
    evil = SimpleUploadedFile("page.html", b"<html><script>alert(1)</script></html>")
    response = pages_as(pair[0]).post(page, {"content": "Look", "files": [evil]})
    assert response.status_code == 400
    assert "Send a picture, a PDF" in text_of(response)
    assert not Message.objects.exists()


def test_unverified_person_is_told_why(pages_as, pair):
    person = UserFactory(unverified=True)
    room = RoomFactory(members=[person, pair[0]])
    response = pages_as(person).post(room.page, {"content": "Hello"})
    assert response.status_code == 400
    assert "Confirm your e-mail address first" in text_of(response)


# --- Starting, archiving, access ----------------------------------------------------------------


def test_writing_to_a_person_leads_to_their_room(pages_as, pair):
    response = pages_as(pair[0]).post(reverse("chat:start"), {"person": pair[1].pk})
    assert response.url == Room.objects.get().page
    assert pages_as(pair[1]).post(reverse("chat:start"), {"person": pair[0].pk}).url == response.url


@pytest.mark.parametrize("person", ["", "x", "999999"])
def test_writing_to_nobody_is_not_found(pages_as, pair, person):
    assert pages_as(pair[0]).post(reverse("chat:start"), {"person": person}).status_code == 404


def test_archive_and_back(pages_as, pair, room):
    client = pages_as(pair[0])
    url = reverse("chat:archive", args=[room.pk])
    assert client.post(url).url == reverse("chat:list")
    assert "Ferry site" not in text_of(client.get(reverse("chat:list")))
    assert client.post(url, {"archived": "no"}).url == room.page
    assert "Ferry site" in text_of(client.get(reverse("chat:list")))


def test_strangers_find_no_room(client, pages_as, pair, page, room):
    archive = reverse("chat:archive", args=[room.pk])
    for person in (UserFactory(), UserFactory(staff=True)):
        stranger = pages_as(person)
        for method, url in (("get", page), ("post", page), ("post", archive)):
            assert getattr(stranger, method)(url, {"content": "x"}).status_code == 404
    for method, url in (("get", page), ("post", page), ("post", archive), ("get", reverse("chat:list"))):
        assert "sign-in" in getattr(client, method)(url).url


def test_whoever_left_finds_no_room(pages_as, pair, page, room):
    set_membership(room_id=room.pk, user=pair[0], present=False)
    assert pages_as(pair[0]).get(page).status_code == 404


def test_direct_room_links_to_the_profile(pages_as, pair):
    room = open_direct_room(pair[0], other_id=pair[1].pk)
    assert reverse("people:detail", args=[pair[1].pk]) in text_of(pages_as(pair[0]).get(room.page))
