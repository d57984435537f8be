"""Who may open a socket, and from where."""

import pytest
from django.contrib.auth import get_user_model
from django.test import Client

from accounts.models import AuthSession
from accounts.tests.factories import UserFactory
from chat.services.tickets import Credential, issue_ticket, redeem_ticket
from chat.sign_in import in_thread
from chat.tests.conftest import PATIENCE, communicator, token_of

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("shared_db")]

OWN = "http://testserver"
FOREIGN = "https://evil.example"


@pytest.fixture
def person(shared_db):
    return UserFactory()


@pytest.fixture
def cookie(person, settings) -> str:
    client = Client()
    client.force_login(person)
    return f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}"


@pytest.fixture
def token(person) -> str:
    return token_of(person)


async def opened_for(socket) -> int | str:
    """The person's id, the code with which it was closed, or "refused" before it opened."""
    connected, _ = await socket.connect(timeout=PATIENCE)
    if not connected:
        return "refused"
    event = await socket.receive_output(timeout=PATIENCE)
    if event["type"] == "websocket.close":
        return int(event["code"])
    await socket.disconnect(timeout=PATIENCE)
    return "person" if '"connected"' in event["text"] else event["text"]


async def test_nobody_is_closed_as_not_signed_in(person):
    assert await opened_for(communicator()) == 4401


async def test_access_token_opens_and_is_answered(token):
    socket = communicator(subprotocols=["bearer", token])
    connected, subprotocol = await socket.connect(timeout=PATIENCE)
    assert (connected, subprotocol) == (True, "bearer")
    await socket.disconnect()


@pytest.mark.parametrize("broken", ["", "x", "eyJhbGciOiJub25lIn0.e30."])
async def test_wrong_access_token_does_not(person, broken):
    assert await opened_for(communicator(subprotocols=["bearer", broken])) == 4401


async def test_token_of_a_revoked_session_does_not(token):
    await in_thread(AuthSession.objects.update, revoked_at="2026-01-01T00:00Z")
    assert await opened_for(communicator(subprotocols=["bearer", token])) == 4401


async def test_token_of_a_closed_account_does_not(token):
    await in_thread(get_user_model().objects.update, is_active=False)
    assert await opened_for(communicator(subprotocols=["bearer", token])) == 4401


async def test_ticket_opens_once(token):
    ticket = await in_thread(issue_ticket, Credential(access_token=token))
    assert await opened_for(communicator(f"/ws?ticket={ticket}")) == "person"
    assert await opened_for(communicator(f"/ws?ticket={ticket}")) == 4401


async def test_unknown_ticket_is_not_made_good_by_a_cookie(cookie):
    headers = {"origin": OWN, "cookie": cookie}
    assert await opened_for(communicator("/ws?ticket=guess", headers=headers)) == 4401


async def test_cookie_opens_from_the_sites_own_page(cookie):
    assert await opened_for(communicator(headers={"origin": OWN, "cookie": cookie})) == "person"


async def test_cookie_opens_from_the_configured_address(cookie, settings):
    settings.SITE_URL = "https://guildhall.example"
    headers = {"origin": "https://guildhall.example", "cookie": cookie}
    assert await opened_for(communicator(headers=headers)) == "person"


async def test_cookie_counts_for_nothing_without_an_origin(cookie):
    assert await opened_for(communicator(headers={"cookie": cookie})) == 4401


@pytest.mark.parametrize(
    "origin", [FOREIGN, "null", "http://testserver.evil.example", "http://testserver:81", "testserver"]
)
async def test_page_of_another_site_is_refused_whatever_it_shows(cookie, token, origin):
    headers = {"origin": origin, "cookie": cookie}
    assert await opened_for(communicator(headers=headers)) == "refused"
    assert await opened_for(communicator(headers=headers, subprotocols=["bearer", token])) == "refused"


async def test_allowed_client_opens_by_token_but_not_by_cookie(cookie, token, settings):
    settings.CORS_ALLOWED_ORIGINS = ["https://app.example"]
    headers = {"origin": "https://app.example", "cookie": cookie}
    assert await opened_for(communicator(headers=headers, subprotocols=["bearer", token])) == "person"
    assert await opened_for(communicator(headers=headers)) == 4401


async def test_plain_http_page_is_not_ours_where_cookies_are_secure(cookie, settings):
    settings.SESSION_COOKIE_SECURE = True
    assert await opened_for(communicator(headers={"origin": OWN, "cookie": cookie})) == "refused"


async def test_host_that_is_not_ours_is_refused(cookie, settings):
    settings.ALLOWED_HOSTS = ["guildhall.example"]
    assert await opened_for(communicator(headers={"origin": OWN, "cookie": cookie})) == "refused"


async def test_ended_session_does_not_open(cookie, person):
    await in_thread(_change_password, person)
    assert await opened_for(communicator(headers={"origin": OWN, "cookie": cookie})) == 4401


def _change_password(person) -> None:
    person.set_password("another long password")
    person.save()


def test_ticket_is_redeemed_once():
    credential = Credential(session_key="abc")
    ticket = issue_ticket(credential)
    assert redeem_ticket(ticket) == credential
    assert redeem_ticket(ticket) is None
    assert redeem_ticket("never issued") is None
