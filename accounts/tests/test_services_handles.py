from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import IntegrityError, connection, transaction

from accounts import services
from accounts.models import AuditEvent, ProfileEntry, User
from accounts.rules import MAX_ENTRIES, EntryKind
from accounts.selectors import free_handle
from accounts.tests.factories import ProfileEntryFactory, UserFactory
from core.errors import Invalid, NotFound

AT_ONCE = 8


@pytest.mark.django_db
def test_an_address_is_taken_in_lower_case_and_given_up_again() -> None:
    user = UserFactory.create()
    assert services.change_handle(user, handle=" Nora-Veld ").handle == "nora-veld"
    assert User.objects.get(pk=user.pk).get_absolute_url() == "/people/nora-veld/"
    event = AuditEvent.objects.get(action="person.changed_address")
    assert event.data == {"before": None, "after": "nora-veld"}
    services.change_handle(user, handle=None)
    assert User.objects.get(pk=user.pk).get_absolute_url() == f"/people/{user.pk}/"


@pytest.mark.django_db
def test_keeping_the_same_address_is_no_change() -> None:
    user = UserFactory.create(handle="nora")
    services.change_handle(user, handle="nora")
    assert not AuditEvent.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize("handle", ["taken", "TAKEN", "admin", "x", "nora veld"])
def test_an_address_that_cannot_be_had_is_refused_at_its_field(handle: str) -> None:
    UserFactory.create(handle="taken")
    user = UserFactory.create(handle="before")
    with pytest.raises(Invalid) as refusal:
        services.update_person(user, person={"first_name": "Lost", "handle": handle})
    assert list(refusal.value.fields) == ["handle"]
    user.refresh_from_db()
    assert (user.handle, user.first_name == "Lost") == ("before", False)


@pytest.mark.django_db
def test_an_address_given_up_is_free_at_once() -> None:
    first, second = UserFactory.create_batch(2)
    services.change_handle(first, handle="nora")
    services.change_handle(first, handle="nora-veld")
    assert services.change_handle(second, handle="nora").handle == "nora"


@pytest.mark.django_db
@pytest.mark.parametrize("handle", ["Nora", "no", "nora_", "-nora"])
def test_the_database_keeps_addresses_readable(handle: str) -> None:
    user = UserFactory.create()
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.filter(pk=user.pk).update(handle=handle)


@pytest.mark.django_db
def test_staff_take_an_address_away_and_it_stays_in_the_log() -> None:
    user, staff = UserFactory.create(handle="pretender"), UserFactory.create(staff=True)
    services.take_handle_away(staff, user_id=user.pk)
    assert User.objects.get(pk=user.pk).handle is None
    event = AuditEvent.objects.get(action="person.lost_address")
    assert (event.actor, event.subject_id, event.data) == (staff, str(user.pk), {"before": "pretender"})
    with pytest.raises(NotFound):
        services.take_handle_away(staff, user_id=user.pk)


@pytest.mark.django_db
def test_a_free_address_like_the_name_is_proposed() -> None:
    user = UserFactory.create(first_name="Nora", last_name="Veld")
    assert free_handle(user) == "nora-veld"
    UserFactory.create(handle="nora-veld")
    assert free_handle(user) == "veld-nora"


@pytest.mark.django_db(transaction=True)
def test_of_many_who_want_one_address_at_once_one_gets_it() -> None:
    people = UserFactory.create_batch(AT_ONCE)

    def want(user: User) -> str:
        services.change_handle(user, handle="nora")
        return "had"

    results = at_once(want, people)
    assert sorted(results) == ["had", *["refused"] * (AT_ONCE - 1)]
    assert User.objects.filter(handle="nora").count() == 1


@pytest.mark.django_db(transaction=True)
def test_entries_added_at_once_stay_within_the_limit() -> None:
    user = UserFactory.create()
    most = MAX_ENTRIES[EntryKind.WORK]
    ProfileEntryFactory.create_batch(most - 1, user=user, kind="work")

    def add(user: User) -> str:
        services.add_entry(user, values={"kind": "work", "title": "Joiner", "organisation": "Claes"})
        return "had"

    results = at_once(add, [User.objects.get(pk=user.pk) for _ in range(AT_ONCE)])
    assert results.count("had") == 1
    assert ProfileEntry.objects.count() == most


def at_once(act, people: list[User]) -> list[str]:
    """What each got, from connections of their own, started together."""
    barrier = Barrier(len(people))

    def run(user: User) -> str:
        try:
            barrier.wait(timeout=60)
            return act(user)
        except Invalid:
            return "refused"
        finally:
            connection.close()

    with ThreadPoolExecutor(len(people)) as pool:
        return list(pool.map(run, people))
