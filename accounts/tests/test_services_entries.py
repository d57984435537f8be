from datetime import date
from typing import Any

import pytest

from accounts import services
from accounts.models import AuditEvent, ProfileEntry, User
from accounts.rules import MAX_ENTRIES, EntryKind
from accounts.tests.factories import ProfileEntryFactory, UserFactory
from core.errors import Invalid, NotFound

pytestmark = pytest.mark.django_db

WORK: dict[str, Any] = {
    "kind": "work",
    "title": " Joiner ",
    "organisation": "Claes & Zoon",
    "started": date(2019, 9, 17),
}


@pytest.fixture
def user() -> User:
    return UserFactory.create()


def test_an_entry_is_added_and_counts_as_its_months(user: User) -> None:
    entry = services.add_entry(user, values=WORK)
    entry.refresh_from_db()
    assert (entry.title, entry.started, entry.ended) == ("Joiner", date(2019, 9, 1), None)
    assert AuditEvent.objects.get(action="profile_entry.added").subject_id == str(entry.pk)


def test_entries_stand_by_time_with_what_lasts_first(user: User) -> None:
    for title, started, ended in [
        ("school", date(2000, 1, 1), date(2004, 1, 1)),
        ("now", date(2015, 1, 1), None),
        ("long now", date(2010, 1, 1), None),
        ("before", date(2005, 1, 1), date(2014, 1, 1)),
    ]:
        ProfileEntryFactory.create(user=user, title=title, started=started, ended=ended)
    expected = ["now", "long now", "before", "school"]
    assert [entry.title for entry in user.profile_entries.all()] == expected
    annotated = User.objects.with_entries().get(pk=user.pk).entries
    assert [entry["title"] for entry in annotated] == expected


def test_an_entry_changes_where_given_and_keeps_its_kind(user: User) -> None:
    entry = services.add_entry(user, values=WORK)
    services.change_entry(user, entry_id=entry.pk, values={"kind": "education", "ended": date(2024, 2, 29)})
    entry.refresh_from_db()
    assert (entry.kind, entry.title, entry.ended) == ("work", "Joiner", date(2024, 2, 1))


def test_an_entry_is_removed(user: User) -> None:
    entry = services.add_entry(user, values=WORK)
    services.remove_entry(user, entry_id=entry.pk)
    assert not ProfileEntry.objects.exists()
    assert AuditEvent.objects.filter(action="profile_entry.removed", subject_id=str(entry.pk)).exists()


def test_months_that_cannot_be_are_refused_and_nothing_changes(user: User) -> None:
    entry = services.add_entry(user, values=WORK)
    with pytest.raises(Invalid) as refusal:
        services.change_entry(user, entry_id=entry.pk, values={"title": "Lost", "ended": date(2018, 1, 1)})
    assert list(refusal.value.fields) == ["ended"]
    entry.refresh_from_db()
    assert entry.title == "Joiner"


@pytest.mark.parametrize("kind", EntryKind.values)
def test_there_is_a_limit_for_each_kind(user: User, kind: str) -> None:
    ProfileEntryFactory.create_batch(MAX_ENTRIES[EntryKind(kind)], user=user, kind=kind)
    with pytest.raises(Invalid):
        services.add_entry(user, values=WORK | {"kind": kind})
    other = next(name for name in EntryKind.values if name != kind)
    services.add_entry(user, values=WORK | {"kind": other})


def test_staff_take_an_entry_off_and_it_stays_in_the_log(user: User) -> None:
    entry, staff = ProfileEntryFactory.create(user=user), UserFactory.create(staff=True)
    services.take_entry_off(staff, entry_id=entry.pk)
    assert not ProfileEntry.objects.exists()
    event = AuditEvent.objects.get(action="profile_entry.taken_off")
    assert (event.actor, event.data) == (staff, {"person": user.pk, "title": "Joiner"})


def test_somebody_elses_entry_is_not_there(user: User) -> None:
    entry = ProfileEntryFactory.create()
    with pytest.raises(NotFound):
        services.change_entry(user, entry_id=entry.pk, values={"title": "Mine"})
    with pytest.raises(NotFound):
        services.remove_entry(user, entry_id=entry.pk)
    assert ProfileEntry.objects.filter(pk=entry.pk, title=entry.title).exists()
