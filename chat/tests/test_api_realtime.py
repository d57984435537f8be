import pytest
from rest_framework.test import APIClient

from accounts.models import AuditEvent
from accounts.tests.factories import PASSWORD, UserFactory
from chat.services import presence
from chat.services.tickets import redeem_ticket, standing_of
from chat.tests.conftest import token_of
from chat.tests.factories import RoomFactory

pytestmark = pytest.mark.django_db


def test_ticket_stands_for_the_token_it_was_made_with():
    person = UserFactory()
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {token_of(person)}")
    answer = client.post("/api/ws/ticket")
    assert (answer.status_code, answer.json()["expires_in"]) == (201, 30)
    credential = redeem_ticket(answer.json()["ticket"])
    standing = standing_of(credential)
    assert standing.user == person
    assert standing.expires_at is not None


def test_ticket_stands_for_the_session_it_was_made_in():
    person = UserFactory()
    client = APIClient()
    assert client.login(email=person.email, password=PASSWORD)
    credential = redeem_ticket(client.post("/api/ws/ticket").json()["ticket"])
    assert standing_of(credential).user == person
    client.logout()
    assert standing_of(credential) is None


def test_nobody_gets_no_ticket(api):
    assert api.post("/api/ws/ticket").status_code == 401


def test_status_counts_own_sockets(api_as):
    person = UserFactory()
    assert api_as(person).get("/api/ws/status").json()["online"] is False
    presence.enter(person.pk, "a")
    presence.enter(person.pk, "b")
    status = api_as(person).get("/api/ws/status").json()
    assert (status["online"], status["open_sockets"]) == (True, 2)


def test_presence_is_of_people_one_shares_a_chat_with(api_as):
    me, friend, stranger = UserFactory.create_batch(3)
    RoomFactory(members=[me, friend])
    client = api_as(me)
    assert client.get("/api/ws/online-users").json()["count"] == 0
    for person in (friend, stranger):
        presence.enter(person.pk, "socket")
    online = client.get("/api/ws/online-users").json()
    assert (online["count"], [person["id"] for person in online["results"]]) == (1, [friend.pk])
    assert client.get(f"/api/ws/user/{friend.pk}/online").json() == {"user_id": friend.pk, "online": True}
    assert client.get(f"/api/ws/user/{me.pk}/online").json()["online"] is False
    assert client.get(f"/api/ws/user/{stranger.pk}/online").status_code == 404


def test_staff_tell_one_person_something(api_as):
    person, staff = UserFactory(), UserFactory(staff=True)
    body = {"user_id": person.pk, "title": "Your ticket is solved", "message": "All good.", "url": "/settings/"}
    answer = api_as(staff).post("/api/ws/send-notification", body)
    assert answer.status_code == 201
    told = person.notifications.get()
    assert (told.title, told.message, told.url, told.kind) == (
        "Your ticket is solved",
        "All good.",
        "/settings/",
        "announcement",
    )
    assert AuditEvent.objects.get(actor=staff).action == "notification.sent"


def test_only_staff_may(api, api_as):
    body = {"user_id": UserFactory().pk, "title": "Hello"}
    assert api_as(UserFactory()).post("/api/ws/send-notification", body).status_code == 403
    assert api.post("/api/ws/send-notification", body).status_code == 401


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"title": ""}, 400),
        ({"title": "x" * 161}, 400),
        ({"message": "x" * 401}, 400),
        ({"url": "https://evil.example/"}, 400),
        ({"url": "//evil.example/"}, 400),
        ({"url": "javascript:alert(1)"}, 400),
        ({"data": "x"}, 400),
        ({"user_id": 999_999}, 404),
        ({"user_id": "x"}, 400),
    ],
)
def test_bad_notifications_are_refused(api_as, change, status):
    body = {"user_id": UserFactory().pk, "title": "Hello"} | change
    assert api_as(UserFactory(staff=True)).post("/api/ws/send-notification", body).status_code == status


@pytest.mark.parametrize(
    ("method", "path"),
    [("get", "/api/ws/status"), ("get", "/api/ws/online-users"), ("get", "/api/ws/user/1/online")],
)
def test_nobody_signed_in_is_told_so(api, method, path):
    assert getattr(api, method)(path).status_code == 401
