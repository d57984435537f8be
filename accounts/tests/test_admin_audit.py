"""What staff do in the console is in the audit log; and the log there."""

import csv
import io
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.admin.audit import EXPORTED_AT_ONCE
from accounts.models import AuditEvent, Category, User
from accounts.services import audit
from accounts.tests.factories import CategoryFactory, UploadFactory, UserFactory
from core.admin import HIDDEN, MOST_ROWS_NAMED, _changes
from core.pagination import CappedPaginator

pytestmark = pytest.mark.django_db


@pytest.fixture
def staff() -> User:
    return UserFactory.create(staff=True)


@pytest.fixture
def console(staff: User, console_as: Callable[[User], Client]) -> Client:
    return console_as(staff)


def only_event(action: str) -> AuditEvent:
    return AuditEvent.objects.get(action=action)


def test_adding_changing_and_deleting_are_kept_with_the_values(console: Client, staff: User) -> None:
    values = {"name": "Bookbinding", "slug": "bookbinding", "kind": "remote", "position": 3, "icon": ""}
    console.post("/admin/accounts/category/add/", values)
    category = Category.objects.get(slug="bookbinding")
    added = only_event("console.added")
    assert (added.actor, added.subject_type, added.subject_id) == (staff, "accounts.category", str(category.pk))
    assert added.data["changes"]["name"] == [None, "Bookbinding"]
    assert added.request_id and added.ip_address

    console.post(f"/admin/accounts/category/{category.pk}/change/", values | {"position": 4})
    assert only_event("console.changed").data["changes"] == {"position": [3, 4]}

    console.post(f"/admin/accounts/category/{category.pk}/delete/", {"post": "yes"})
    deleted = only_event("console.deleted")
    assert (deleted.subject_id, deleted.data["before"]["position"]) == (str(category.pk), 4)


def test_saving_without_a_change_leaves_no_trace(console: Client) -> None:
    category = CategoryFactory.create(position=0)
    values = {"name": category.name, "slug": category.slug, "kind": category.kind, "position": 0, "icon": category.icon}
    answer = console.post(f"/admin/accounts/category/{category.pk}/change/", values)
    assert answer.status_code == 302
    assert not AuditEvent.objects.filter(action="console.changed").exists()


def test_deleting_chosen_rows_keeps_each_of_them(console: Client) -> None:
    chosen = CategoryFactory.create_batch(2)
    ids = [category.pk for category in chosen]
    console.post("/admin/accounts/category/", {"action": "delete_selected", "_selected_action": ids, "post": "yes"})
    kept = AuditEvent.objects.filter(action="console.deleted").values_list("subject_id", flat=True)
    assert set(kept) == {str(pk) for pk in ids}


def test_an_action_on_chosen_rows_is_kept_with_their_ids(console: Client, staff: User) -> None:
    first, second = (audit.record(None, "thing.happened") for _ in range(2))
    console.post("/admin/accounts/auditevent/", {"action": "export", "_selected_action": [first.pk, second.pk]})
    event = only_event("console.ran")
    assert event.actor == staff
    assert event.data == {"run": "export", "on": "accounts.auditevent", "ids": [str(first.pk), str(second.pk)]}
    assert MOST_ROWS_NAMED < EXPORTED_AT_ONCE


def test_looking_at_somebodys_file_is_kept_and_listing_is_not(console: Client, staff: User) -> None:
    file = UploadFactory.create()
    console.get("/admin/accounts/upload/")
    assert not AuditEvent.objects.filter(action="console.viewed").exists()
    console.get(f"/admin/accounts/upload/{file.pk}/change/")
    event = only_event("console.viewed")
    assert (event.actor, event.subject_type, event.subject_id) == (staff, "accounts.upload", str(file.pk))


def test_secrets_are_never_kept() -> None:
    class Form:
        changed_data = ["password", "client_secret", "city", "not_a_field"]
        fields = {"password": object(), "client_secret": object(), "city": object()}
        cleaned_data = {"password": "new-one", "client_secret": "", "city": "Gent"}

        def get_initial_for_field(self, field: object, name: str) -> str:
            return {"password": "old-one", "client_secret": "shh", "city": ""}[name]

    assert _changes(Form()) == {"password": [HIDDEN, HIDDEN], "client_secret": [HIDDEN, ""], "city": ["", "Gent"]}


# --- The log in the console ---------------------------------------------------------------------


def test_the_log_is_searched_by_what_is_typed(console: Client) -> None:
    person = UserFactory.create()
    mine = audit.record(person, "thing.happened")
    audit.record(None, "other.happened")
    page = console.get("/admin/accounts/auditevent/", {"q": person.email})
    assert list(page.context["cl"].result_list) == [mine]


def test_the_log_is_narrowed_to_a_time_and_sorted_by_it(console: Client) -> None:
    audit.record(None, "thing.happened")
    yesterday = timezone.now() - timedelta(days=1)
    old = AuditEvent.objects.create(action="old.happened", created_at=yesterday)
    day = yesterday.strftime("%Y-%m-%d")
    page = console.get("/admin/accounts/auditevent/", {"created_at_from": day, "created_at_to": day})
    assert list(page.context["cl"].result_list) == [old]
    assert 'ORDER BY "accounts_auditevent"."created_at" DESC' in str(page.context["cl"].queryset.query)
    everything = console.get("/admin/accounts/auditevent/", {"created_at_from": "nonsense"})
    assert len(everything.context["cl"].result_list) >= 2


def test_the_log_is_never_counted_to_the_end(console: Client) -> None:
    audit.record(None, "thing.happened")
    with CaptureQueriesContext(connection) as queries:
        console.get("/admin/accounts/auditevent/")
    counts = [query["sql"] for query in queries if "COUNT(" in query["sql"] and "accounts_auditevent" in query["sql"]]
    assert counts
    assert all(f"LIMIT {CappedPaginator.MOST}" in sql for sql in counts), counts


def test_an_exported_log_holds_no_formula(console: Client) -> None:
    event = audit.record(UserFactory.create(email="=cmd@example.com"), "thing.happened", reason="=1+1")
    answer = console.post("/admin/accounts/auditevent/", {"action": "export", "_selected_action": [event.pk]})
    lines = list(csv.reader(io.StringIO(b"".join(answer.streaming_content).decode())))
    assert answer["Content-Disposition"] == 'attachment; filename="audit.csv"'
    assert lines[0][:4] == ["id", "time", "actor", "action"]
    assert lines[1][0] == str(event.pk)
    assert lines[1][2] == "'=cmd@example.com"


def test_nobody_changes_the_log_in_the_console(console: Client) -> None:
    event = audit.record(None, "thing.happened")
    assert console.get("/admin/accounts/auditevent/add/").status_code == 403
    assert console.post(f"/admin/accounts/auditevent/{event.pk}/delete/", {"post": "yes"}).status_code == 403
    assert console.post(f"/admin/accounts/auditevent/{event.pk}/change/", {"action": "x"}).status_code == 403
