"""A copy of everything about one person, from every app."""

import io
import json
import zipfile
from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from django.core import mail
from django.core.files.storage import default_storage
from django.test import Client
from django.utils import timezone

from accounts import hooks, services
from accounts.models import DataExport, User
from accounts.tests.factories import AuthSessionFactory, FreelancerFactory, UploadFactory, UserFactory
from chat.tests.factories import MessageFactory, RoomFactory
from contracts.tests.factories import make_contract
from core.errors import Conflict, Forbidden
from gigs.tests.factories import make_gig
from projects.tests.factories import ProposalFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("provider")]


@pytest.fixture
def user() -> User:
    return FreelancerFactory.create(user_type="both", placed=True)


def ask(user: User) -> DataExport:
    return services.request_export(user, session=AuthSessionFactory.create(user=user))


def unpack(export: DataExport) -> dict[str, bytes]:
    export.refresh_from_db()
    with zipfile.ZipFile(io.BytesIO(export.file.read())) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def rows(pack: dict[str, bytes], name: str) -> list[dict[str, object]]:
    found: list[dict[str, object]] = json.loads(pack[f"{name}.json"])
    return found


def test_it_holds_what_is_the_persons_own_and_nothing_of_others(user: User, run_jobs: Callable[[], list[str]]) -> None:
    other = UserFactory.create(email="somebody.else@example.com")
    upload = UploadFactory.create(owner=user, name="notes.txt")
    UploadFactory.create(owner=other, name="theirs.txt")
    MessageFactory.create(room=RoomFactory.create(members=[user, other]), sender=other, content="Hello there")
    ProposalFactory.create(freelancer=user, cover_letter="I draw labels.")
    make_gig(seeker=user, address="Vrijdagmarkt 14")
    make_gig(seeker=other, address="Elsewhere 1")
    export = ask(user)
    run_jobs()
    pack = unpack(export)
    assert rows(pack, "account/person")[0]["email"] == user.email
    assert rows(pack, "chat/messages")[0]["content"] == "Hello there"
    assert rows(pack, "projects/proposals")[0]["cover_letter"] == "I draw labels."
    assert [row["address"] for row in rows(pack, "gigs/posted")] == ["Vrijdagmarkt 14"]
    assert pack[f"files/{upload.pk}-notes.txt"] == b"Notes"
    everything = b"".join(pack.values())
    assert b"somebody.else@example.com" not in everything
    assert b"Elsewhere" not in everything
    assert user.password.encode() not in everything


def test_every_app_has_its_part(user: User) -> None:
    apps = {app for app, _ in hooks.exported(user)}
    assert apps == {
        "account", "notifications", "payments", "chat", "projects", "gigs", "contracts", "reviews",
    }  # fmt: skip


def test_contracts_are_in_the_copies_of_both_sides(run_jobs: Callable[[], list[str]]) -> None:
    contract = make_contract()
    for person in (contract.client, contract.freelancer):
        export = ask(person)
        run_jobs()
        assert [row["id"] for row in rows(unpack(export), "contracts/contracts")] == [str(contract.pk)]


def test_one_is_made_at_a_time(user: User, run_jobs: Callable[[], list[str]]) -> None:
    ask(user)
    with pytest.raises(Conflict) as refusal:
        ask(user)
    assert refusal.value.code == "export_in_the_making"
    run_jobs()
    assert ask(user)


def test_it_needs_a_fresh_proof(user: User) -> None:
    stale = AuthSessionFactory.create(user=user, confirmed_at=timezone.now() - timedelta(hours=1))
    with pytest.raises(Forbidden):
        services.request_export(user, session=stale)


def test_a_repeated_job_makes_one_file_and_sends_one_letter(user: User, run_jobs: Callable[[], list[str]]) -> None:
    export = ask(user)
    services.make_export(export_id=export.pk)
    export.refresh_from_db()
    first = export.file.name
    DataExport.objects.filter(pk=export.pk).update(finished_at=None)  # as after a crash before the end
    services.make_export(export_id=export.pk)
    services.make_export(export_id=export.pk)
    export.refresh_from_db()
    assert export.file.name == first
    assert export.size == default_storage.size(first)


def test_the_letter_leads_to_a_page_and_not_to_the_file(user: User, run_jobs: Callable[[], list[str]]) -> None:
    export = ask(user)
    assert run_jobs() == ["accounts.make_export", "accounts.send_export_ready"]
    export.refresh_from_db()
    assert "/settings/export/" in mail.outbox[-1].body
    assert "/exports/" not in mail.outbox[-1].body


def test_the_link_lasts_a_day_and_the_file_a_week(
    user: User, run_jobs: Callable[[], list[str]], pages_as: Callable[[User], Client]
) -> None:
    export = ask(user)
    run_jobs()
    export.refresh_from_db()
    link, name = export.url, export.file.name
    browser = pages_as(user)
    answer = browser.get(link)
    assert answer["Content-Type"] == "application/zip"
    assert b"".join(answer.streaming_content)[:2] == b"PK"
    assert browser.get(link.replace("/exports/", "/exports/x")).status_code == 404
    with time_machine.travel(timezone.now() + timedelta(days=1, minutes=1)):
        assert browser.get(link).status_code == 404
        services.clean_up()
        assert default_storage.exists(name)
    with time_machine.travel(timezone.now() + timedelta(days=7, minutes=1)):
        services.clean_up()
    assert not default_storage.exists(name)
    assert not DataExport.objects.exists()


def test_one_that_never_ended_is_given_up_after_a_day(user: User) -> None:
    ask(user)
    with time_machine.travel(timezone.now() + timedelta(days=1, minutes=1)):
        services.clean_up()
    assert ask(user)
