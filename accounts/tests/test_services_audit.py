"""What the audit log keeps, for how long it can be trusted, and how it is searched."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.db import connection, transaction
from django.db.models import QuerySet
from django.db.utils import IntegrityError
from django.test import Client
from rest_framework.test import APIClient

from accounts import services
from accounts.errors import NotSignedIn
from accounts.models import AuditEvent, User
from accounts.rules import SECURITY_EVENTS, network_of
from accounts.services import audit
from accounts.tests.factories import PASSWORD, AuthSessionFactory, UserFactory
from core.caller import NOBODY, Caller, current_caller

pytestmark = pytest.mark.django_db

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


@pytest.fixture
def caller() -> Iterator[Caller]:
    here = Caller("203.0.113.77", "request-0001", FIREFOX)
    token = current_caller.set(here)
    yield here
    current_caller.reset(token)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE accounts_auditevent SET action = 'nothing'",
        "DELETE FROM accounts_auditevent",
    ],
)
def test_the_database_refuses_to_change_it(statement: str) -> None:
    audit.record(None, "thing.happened")
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        connection.cursor().execute(statement)
    assert AuditEvent.objects.filter(action="thing.happened").count() == 1


@pytest.mark.parametrize("how", ["", "CASCADE"])
def test_the_database_refuses_to_empty_it_at_once(how: str) -> None:
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        connection.cursor().execute(f"TRUNCATE accounts_auditevent {how}")


def test_it_knows_who_from_where_and_in_which_request(caller: Caller) -> None:
    person = UserFactory.create()
    event = audit.record(person, "password.changed", person)
    assert (event.actor, event.person, event.ip_address, event.request_id, event.device) == (
        person,
        person,
        caller.address,
        caller.request_id,
        "Firefox on Linux",
    )


def test_the_person_is_whose_account_it_is_whoever_did_it() -> None:
    person, staff = UserFactory.create(), UserFactory.create(staff=True)
    session = AuthSessionFactory.create(user=person)
    assert audit.record(staff, "console.changed", person).person == person
    assert audit.record(None, "session.token_reused", session).person == person
    assert audit.record(person, "gig.released", person).person is None, "no matter of security"


@pytest.mark.parametrize("knock", ["api", "pages"])
def test_signing_in_is_kept(knock: str) -> None:
    person = UserFactory.create()
    if knock == "api":
        APIClient().post("/api/auth/login", {"email": person.email, "password": PASSWORD})
    else:
        Client().post("/sign-in/", {"email": person.email, "password": PASSWORD})
    event = AuditEvent.objects.get(action="person.signed_in", actor=person)
    assert (event.data["by"], event.ip_address) == (knock, "127.0.0.1")
    assert event.request_id


@pytest.mark.parametrize("knock", ["api", "pages"])
def test_a_wrong_password_is_kept_with_the_person_it_was_tried_on(knock: str) -> None:
    person = UserFactory.create()
    wrong = {"email": person.email, "password": "not-this-one"}
    if knock == "api":
        APIClient().post("/api/auth/login", wrong)
    else:
        Client().post("/sign-in/", wrong)
    event = AuditEvent.objects.get(action="person.failed_sign_in")
    assert (event.actor, event.person, event.subject_id) == (None, person, str(person.pk))
    assert person.email not in str(event.data)


def test_of_a_stranger_only_a_digest_and_the_network_are_kept(caller: Caller) -> None:
    with pytest.raises(NotSignedIn):
        services.check_credentials(email="Nobody@Example.com", password="whatever-it-is")
    event = AuditEvent.objects.get(action="person.failed_sign_in")
    assert event.data == {"address_digest": audit.address_digest("nobody@example.com")}
    assert (event.person, event.ip_address) == (None, "203.0.113.0")
    assert audit.address_digest("nobody@example.com") != audit.address_digest("somebody@example.com")


@pytest.mark.parametrize(
    ("address", "network"),
    [("203.0.113.77", "203.0.113.0"), ("2001:db8:1:2::9", "2001:db8:1::"), ("", ""), ("nonsense", "")],
)
def test_network_of_an_address(address: str, network: str) -> None:
    assert network_of(address) == network


def test_without_a_request_nothing_is_made_up() -> None:
    current_caller.set(NOBODY)
    event = audit.record(None, "thing.happened")
    assert (event.ip_address, event.request_id, event.data) == (None, "", {})


# --- Searching ----------------------------------------------------------------------------------


def test_search_reads_each_word_for_what_it_looks_like(caller: Caller) -> None:
    person, other = UserFactory.create_batch(2)
    by_person = audit.record(person, "gig.released", other)
    about_person = audit.record(other, "console.viewed", person)
    current_caller.set(NOBODY)
    audit.record(other, "gig.cancelled")

    def found(text: str) -> set[AuditEvent]:
        return set(AuditEvent.objects.matching(text))

    assert found(person.email.upper()) == {by_person, about_person}
    assert found("gig.released") == {by_person}
    assert found(f"user:{person.pk}") == found(f"accounts.user:{person.pk}") == {about_person}
    assert found(str(person.pk)) >= {about_person}
    assert found(caller.address) == found(caller.request_id) == {by_person, about_person}
    assert found(f"{person.email} {caller.address} gig.released") == {by_person}
    assert found("unknown@example.com") == found("nothing-like-it") == set()


SEARCHES = {
    "person": lambda person: AuditEvent.objects.matching(person.email),
    "action": lambda person: AuditEvent.objects.matching("thing.n7"),
    "subject": lambda person: AuditEvent.objects.matching("gig:12345"),
    "address": lambda person: AuditEvent.objects.matching("10.0.0.7"),
    "request": lambda person: AuditEvent.objects.matching("request-12345"),
    "history": lambda person: AuditEvent.objects.security_of(person),
    "newest": lambda person: AuditEvent.objects.all(),
    "time": lambda person: AuditEvent.objects.filter(
        created_at__range=("2020-01-02T00:00Z", "2020-01-02T01:00Z")
    ).order_by("-created_at", "-id"),
}


@pytest.mark.parametrize("search", SEARCHES)
def test_every_search_of_a_large_log_uses_an_index(search: str) -> None:
    person = UserFactory.create()
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO accounts_auditevent (actor_id, person_id, action, subject_type, subject_id, data, ip_address,"
            " request_id, created_at) SELECT CASE WHEN n %% 5000 = 0 THEN %s END, CASE WHEN n %% 5000 = 0 THEN %s END,"
            " 'thing.n' || n %% 50, 'gigs.gig', n, '{}', ('10.0.' || n %% 200 || '.7')::inet, 'request-' || n,"
            " '2020-01-01'::timestamptz + n * interval '1 minute' FROM generate_series(1, 30000) AS n",
            [person.pk, person.pk],
        )
        cursor.execute("ANALYZE accounts_auditevent")
    rows: QuerySet[AuditEvent] = SEARCHES[search](person)
    plan = rows[:50].explain()
    assert "Seq Scan on accounts_auditevent" not in plan, plan


# --- One's own history --------------------------------------------------------------------------


@pytest.fixture
def person_with_history(caller: Caller) -> User:
    person, stranger = UserFactory.create_batch(2)
    audit.record(person, "person.signed_in", person, by="api")
    audit.record(None, "person.failed_sign_in", person)
    audit.record(UserFactory.create(staff=True), "console.changed", person, changes={"city": ["Gent", "Genk"]})
    audit.record(person, "gig.accepted", person)
    audit.record(stranger, "password.changed", stranger)
    return person


def test_api_tells_the_person_what_concerns_them_and_nothing_else(
    person_with_history: User, api_as: Callable[[User], APIClient]
) -> None:
    answer = api_as(person_with_history).get("/api/account/security-events").json()
    assert [(row["action"], row["by_you"], row["ip_address"], row["device"]) for row in answer["results"]] == [
        ("console.changed", False, None, ""),
        ("person.failed_sign_in", False, "203.0.113.77", "Firefox on Linux"),
        ("person.signed_in", True, "203.0.113.77", "Firefox on Linux"),
    ]
    assert answer["results"][2]["title"] == "You signed in"


def test_api_pages_by_a_cursor(person_with_history: User, api_as: Callable[[User], APIClient]) -> None:
    client = api_as(person_with_history)
    first = client.get("/api/account/security-events", {"page_size": 2}).json()
    second = client.get(first["next"]).json()
    assert [len(page["results"]) for page in (first, second)] == [2, 1]
    assert second["next"] is None


def test_page_says_it_in_plain_words_and_what_to_do(
    person_with_history: User, pages_as: Callable[[User], Client]
) -> None:
    page = pages_as(person_with_history).get("/settings/security-history/").content.decode()
    assert "Guildhall staff changed your account" in page
    assert "Firefox on Linux" in page
    assert "gig.accepted" not in page
    assert '<a class="btn btn-primary" href="/settings/account/#password">' in page
    assert 'action="/settings/sessions/"' in page


def test_page_goes_back_in_time_without_counting(client: Client) -> None:
    person = UserFactory.create()
    events = [audit.record(person, "person.signed_in", person) for _ in range(33)]
    client.force_login(person)
    first = client.get("/settings/security-history/").context
    assert [event.pk for event in first["events"]] == [event.pk for event in reversed(events[3:])]
    second = client.get("/settings/security-history/", {"before": first["older"]}).context
    assert [event.pk for event in second["events"]] == [event.pk for event in reversed(events[:3])]
    assert second["older"] is None
    for nonsense in ("x", "-1", "9" * 40, "²"):
        assert client.get("/settings/security-history/", {"before": nonsense}).status_code == 200


def test_page_without_history_says_what_will_be_there(client: Client) -> None:
    client.force_login(UserFactory.create())
    page = client.get("/settings/security-history/").content.decode()
    assert "Nothing here yet" in page


def test_every_event_of_the_history_has_words_and_an_icon_that_exists() -> None:
    drawn = Path(finders.find("vendor/bootstrap-icons/sprite.svg")).read_text()
    for action, words in SECURITY_EVENTS.items():
        assert words.title, action
        assert f'id="{words.icon}"' in drawn, f"{action}: no icon {words.icon}"
