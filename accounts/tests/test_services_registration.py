from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from django.contrib.auth.hashers import MD5PasswordHasher
from django.core import mail
from django.utils import timezone

from accounts import services
from accounts.models import AuditEvent, User
from accounts.services.registration import TAKEN
from accounts.signing import sign_address, sign_upload
from accounts.tests.factories import PASSWORD, UserFactory
from core.caller import NOBODY, Caller, current_caller
from core.errors import Conflict, Forbidden, Invalid, TooMany

pytestmark = pytest.mark.django_db

VALID = {"password": "four words make one", "first_name": "Nora", "last_name": "Veld", "user_type": "client"}


def register(email: str = "nora@example.com", **changes: str) -> User:
    return services.register(email=email, **(VALID | changes))


def test_a_new_person_has_both_profiles_and_is_neither_verified_nor_staff() -> None:
    user = register("  Nora@Example.COM ")
    assert user.email == "nora@example.com"
    assert user.client_profile
    assert user.freelancer_profile
    assert not user.has_verified_email
    assert not user.is_staff
    assert user.check_password(VALID["password"])
    assert AuditEvent.objects.filter(action="person.registered", actor=user).exists()


def test_a_taken_address_in_any_case_changes_nothing_and_its_owner_gets_a_letter(
    run_jobs: Callable[[], list[str]],
) -> None:
    owner = UserFactory.create(email="nora@example.com")
    register("NORA@example.com", first_name="Mallory")
    assert User.objects.get().first_name == owner.first_name
    assert User.objects.get().check_password(PASSWORD)
    assert run_jobs() == ["accounts.send_registration_attempt"]
    assert mail.outbox[0].to == ["nora@example.com"]
    assert "Mallory" not in mail.outbox[0].body


def test_who_joins_twice_before_confirming_gets_the_link_again(run_jobs: Callable[[], list[str]]) -> None:
    for _ in range(2):
        register()
    run_jobs()
    assert [letter.subject for letter in mail.outbox] == ["Confirm your e-mail for Guildhall"] * 2


def test_a_taken_address_costs_as_many_hashes_as_a_new_one(monkeypatch: pytest.MonkeyPatch) -> None:
    hashes: list[str] = []
    encode = MD5PasswordHasher.encode
    monkeypatch.setattr(
        MD5PasswordHasher,
        "encode",
        lambda self, password, salt: hashes.append(password) or encode(self, password, salt),
    )
    register()
    once = len(hashes)
    register()
    assert once > 0
    assert len(hashes) == 2 * once


def test_staff_is_told_that_an_address_is_taken() -> None:
    owner = UserFactory.create()
    with pytest.raises(Invalid) as refusal:
        services.add_person(UserFactory.create(staff=True), email=owner.email, **VALID)
    assert refusal.value.fields == {"email": [TAKEN]}


@pytest.mark.parametrize("password", ["short", "password12345", "8274619503", "nora@example.com", "x" * 129])
def test_weak_and_absurd_passwords_are_refused_at_their_field(password: str) -> None:
    with pytest.raises(Invalid) as refusal:
        register(password=password)
    assert list(refusal.value.fields) == ["password"]
    assert not User.objects.exists()


def test_the_letter_holds_a_link_that_verifies(run_jobs: Callable[[], list[str]]) -> None:
    user = register()
    assert run_jobs() == ["accounts.send_verification"]
    assert mail.outbox[0].to == ["nora@example.com"]
    token = mail.outbox[0].body.split("token=")[1].split()[0]
    services.verify_email(token=token)
    user.refresh_from_db()
    assert user.has_verified_email
    assert run_jobs() == ["accounts.send_welcome"]


def test_opening_the_link_again_is_fine_and_welcomes_once(run_jobs: Callable[[], list[str]]) -> None:
    user = UserFactory.create(unverified=True)
    token = sign_address(user, user.email)
    first = services.verify_email(token=token).email_verified_at
    assert services.verify_email(token=token).email_verified_at == first
    assert run_jobs() == ["accounts.send_welcome"]


def test_forged_tokens_and_those_for_another_purpose_verify_nobody() -> None:
    for token in ("", "nonsense", sign_upload(1)):
        with pytest.raises(Invalid) as refusal:
            services.verify_email(token=token)
        assert list(refusal.value.fields) == ["token"]


def test_a_link_ends_after_three_days() -> None:
    user = UserFactory.create(unverified=True)
    with time_machine.travel(timezone.now() - timedelta(days=3, minutes=1)):
        token = sign_address(user, user.email)
    with pytest.raises(Invalid):
        services.verify_email(token=token)


def test_a_link_to_an_address_that_the_person_no_longer_has_is_void() -> None:
    user = UserFactory.create(unverified=True)
    token = sign_address(user, user.email)
    User.objects.filter(pk=user.pk).update(email="other@example.com")
    with pytest.raises(Invalid):
        services.verify_email(token=token)


def test_resending_writes_only_to_those_who_need_it(run_jobs: Callable[[], list[str]]) -> None:
    waiting, done = UserFactory.create(unverified=True), UserFactory.create()
    for email in (waiting.email, done.email, "nobody@example.com"):
        services.resend_verification(email=email)
    assert run_jobs() == ["accounts.resend_verification"] * 3
    assert [letter.to for letter in mail.outbox] == [[waiting.email]]


def test_staff_enters_people_and_others_do_not() -> None:
    staff = UserFactory.create(staff=True)
    user = services.add_person(staff, email="nora@example.com", **VALID)
    assert not user.is_staff
    assert AuditEvent.objects.get(action="person.registered").actor == staff
    with pytest.raises(Forbidden):
        services.add_person(user, email="other@example.com", **VALID)


def test_a_new_address_holds_once_its_mailbox_answered(run_jobs: Callable[[], list[str]]) -> None:
    user = UserFactory.create(email="old@example.com")
    services.request_email_change(user, new_email="New@Example.com", password=PASSWORD)
    run_jobs()
    user.refresh_from_db()
    assert user.email == "old@example.com"
    assert mail.outbox[0].to == ["new@example.com"]

    services.verify_email(token=mail.outbox[0].body.split("token=")[1].split()[0])
    user.refresh_from_db()
    assert user.email == "new@example.com"
    assert run_jobs() == ["accounts.send_email_changed"]
    assert mail.outbox[1].to == ["old@example.com"]


def test_nothing_is_sent_to_an_address_that_has_an_account(run_jobs: Callable[[], list[str]]) -> None:
    user, other = UserFactory.create(), UserFactory.create()
    services.request_email_change(user, new_email=other.email, password=PASSWORD)
    run_jobs()
    assert not mail.outbox


def test_an_address_taken_in_the_meantime_stays_with_its_new_owner() -> None:
    user = UserFactory.create()
    token = sign_address(user, "new@example.com")
    UserFactory.create(email="new@example.com")
    with pytest.raises(Conflict) as refusal:
        services.verify_email(token=token)
    assert refusal.value.code == "email_taken"


@pytest.mark.parametrize(("changes", "field"), [({"password": "wrong"}, "password"), ({"new_email": ""}, "new_email")])
def test_changing_the_address_needs_the_password_and_another_address(changes: dict[str, str], field: str) -> None:
    user = UserFactory.create()
    given = {"new_email": "new@example.com", "password": PASSWORD} | changes
    with pytest.raises(Invalid) as refusal:
        services.request_email_change(
            user, new_email=given["new_email"] or user.email.upper(), password=given["password"]
        )
    assert list(refusal.value.fields) == [field]


def test_one_address_makes_ten_accounts_an_hour(settings: object) -> None:
    settings.RATE_LIMIT_FACTOR = 1  # type: ignore[attr-defined]
    caller = current_caller.set(Caller("198.51.100.7"))
    try:
        for number in range(10):
            register(f"person{number}@example.com")
        with pytest.raises(TooMany) as refusal:
            register("eleventh@example.com")
        assert refusal.value.wait > 0
        current_caller.set(Caller("198.51.100.8"))
        register("elsewhere@example.com")
        current_caller.set(NOBODY)
        register("command@example.com")
    finally:
        current_caller.reset(caller)
