"""What staff do for people who are locked out, or whose keys are in the wrong hands; and to whom they may not."""

from collections.abc import Callable

import pytest
from django.core import mail
from django.test import Client
from django_otp.plugins.otp_totp.models import TOTPDevice
from rest_framework.test import APIClient

from accounts import services
from accounts.models import ApiKey, AuditEvent, AuthSession, BackupCode, Passkey, User
from accounts.tests.authenticators import app_code
from accounts.tests.factories import PASSWORD, ApiKeyFactory, AuthSessionFactory, UserFactory, staff_of
from core.errors import Conflict, Forbidden, Invalid, NotFound

pytestmark = pytest.mark.django_db
REASON = "Called back at the number on file."


def locked_out(user: User) -> User:
    """Somebody with an app, backup codes, a passkey and an open sign-in, who has none of them at hand."""
    session = AuthSessionFactory.create(user=user)
    services.begin_second_factor(user, session)
    services.confirm_second_factor(user, session, code=app_code(user))
    Passkey.objects.create(user=user, name="Phone", credential_id=f"phone-{user.pk}".encode(), public_key=b"1")
    return user


def reset(actor: User, user: User, reason: str = REASON) -> None:
    services.reset_second_factor(actor, user_id=user.pk, reason=reason)


@pytest.fixture
def person() -> User:
    return locked_out(UserFactory.create())


@pytest.mark.parametrize("group", ["support", "administrator"])
def test_after_a_reset_the_password_alone_signs_in(person: User, group: str) -> None:
    assert services.begin_sign_in(email=person.email, password=PASSWORD).two_factor_token
    reset(staff_of(group), person)
    assert not services.begin_sign_in(email=person.email, password=PASSWORD).two_factor_token
    for model in (TOTPDevice, BackupCode, Passkey):
        assert not model.objects.filter(user=person).exists()


def test_all_sign_ins_end(person: User, api: APIClient) -> None:
    api.credentials(HTTP_AUTHORIZATION=f"Bearer {services.open_api(person)['access_token']}")
    assert api.get("/api/auth/me").status_code == 200
    reset(staff_of("support"), person)
    assert api.get("/api/auth/me").status_code == 401
    assert {session.revoked_reason for session in AuthSession.objects.filter(user=person)} == {"second_factor_reset"}


def test_the_others_keep_theirs(person: User) -> None:
    other = locked_out(UserFactory.create())
    reset(staff_of("support"), person)
    assert services.has_second_factor(other)
    assert other.passkeys.exists()
    assert AuthSession.objects.filter(user=other).standing().exists()


def test_a_passkey_alone_is_reset_too() -> None:
    person = UserFactory.create()
    Passkey.objects.create(user=person, name="Phone", credential_id=b"1", public_key=b"1")
    reset(staff_of("support"), person)
    assert not person.passkeys.exists()


def test_the_log_says_who_and_why_and_the_person_reads_it(person: User, api_as: Callable[[User], APIClient]) -> None:
    actor = staff_of("support")
    reset(actor, person, f"  {REASON} ")
    event = AuditEvent.objects.get(action="second_factor.reset")
    assert (event.actor, event.person, event.data) == (actor, person, {"reason": REASON, "passkeys": 1})
    [newest, *_] = api_as(person).get("/api/account/security-events").json()["results"]
    assert (newest["title"], newest["by_you"]) == ("Guildhall staff removed your second factor", False)


def test_a_letter_tells_the_person(person: User, run_jobs: Callable[[], list[str]]) -> None:
    run_jobs()
    mail.outbox.clear()
    reset(staff_of("support"), person)
    assert run_jobs() == ["accounts.send_second_factor_reset"]
    [letter] = mail.outbox
    assert letter.to == [person.email]
    assert "If you did not ask for this" in letter.body
    assert REASON not in letter.body


def test_wrong_codes_of_the_lost_app_do_not_stand_in_the_way(person: User, limits: None) -> None:
    for _ in range(5):
        with pytest.raises(Invalid):
            services.finish_sign_in(
                two_factor_token=services.begin_sign_in(email=person.email, password=PASSWORD).two_factor_token,
                code="000000",
            )
    reset(staff_of("support"), person)
    session = AuthSessionFactory.create(user=person)
    services.begin_second_factor(person, session)
    services.confirm_second_factor(person, session, code=app_code(person))
    assert services.has_second_factor(person)


@pytest.mark.parametrize("reason", ["", "  \n"])
def test_a_reset_needs_a_reason(person: User, reason: str) -> None:
    with pytest.raises(Invalid) as refusal:
        reset(staff_of("support"), person, reason)
    assert list(refusal.value.fields) == ["reason"]
    assert services.has_second_factor(person)


def test_there_must_be_something_to_reset(person: User) -> None:
    actor = staff_of("support")
    reset(actor, person)
    with pytest.raises(Conflict) as refusal:
        reset(actor, person)
    assert refusal.value.code == "second_factor_off"


@pytest.mark.parametrize("group", ["moderator", "finance", "analyst", ""])
def test_other_groups_reset_nothing(person: User, group: str) -> None:
    with pytest.raises(Forbidden) as refusal:
        reset(staff_of(group) if group else UserFactory.create(), person)
    assert refusal.value.code == "not_permitted"
    assert services.has_second_factor(person)


@pytest.mark.parametrize("group", ["support", "administrator"])
def test_nobody_resets_their_own(group: str) -> None:
    actor = locked_out(staff_of(group))
    with pytest.raises(Forbidden) as refusal:
        reset(actor, actor)
    assert refusal.value.code == "own_account"


STAFF: dict[str, Callable[[], User]] = {
    "support": lambda: staff_of("support"),
    "moderator": lambda: staff_of("moderator"),
    "administrator": lambda: staff_of("administrator"),
    "owner": lambda: UserFactory.create(staff=True),
}


@pytest.mark.parametrize("kind", STAFF)
def test_of_staff_administrators_reset_and_support_does_not(kind: str) -> None:
    member = locked_out(STAFF[kind]())
    with pytest.raises(Forbidden) as refusal:
        reset(staff_of("support"), member)
    assert refusal.value.code == "staff_account"
    assert services.has_second_factor(member)
    reset(staff_of("administrator"), member)
    assert not services.has_second_factor(member)


def test_nobody_is_reset_who_is_not_there_or_was_deleted(person: User) -> None:
    with pytest.raises(NotFound):
        services.reset_second_factor(staff_of("support"), user_id=0, reason=REASON)
    User.objects.filter(pk=person.pk).update(is_active=False, erased_at=person.date_joined)
    with pytest.raises(Forbidden) as refusal:
        reset(staff_of("support"), person)
    assert refusal.value.code == "account_deleted"


def test_it_is_reset_in_the_console(person: User, console_as: Callable[[User], Client]) -> None:
    page = f"/admin/accounts/user/{person.pk}/reset_second_factor/"
    client = console_as(staff_of("support"))
    assert "Reset the second factor" in client.get(f"/admin/accounts/user/{person.pk}/change/").content.decode()
    assert "HX-Redirect" not in client.post(page, {"_form_submitted": "True", "reason": ""})
    assert services.has_second_factor(person)
    assert client.post(page, {"_form_submitted": "True", "reason": REASON})["HX-Redirect"]
    assert not services.has_second_factor(person)
    assert console_as(staff_of("moderator")).get(page).status_code == 403


# --- Keys in the wrong hands --------------------------------------------------------------------


def test_support_revokes_a_key_in_the_console_and_deletes_none(console_as: Callable[[User], Client]) -> None:
    key, actor = ApiKeyFactory.create(), staff_of("support")
    client = console_as(actor)
    assert client.get(f"/admin/accounts/apikey/{key.pk}/change/").status_code == 200
    assert client.post(f"/admin/accounts/apikey/{key.pk}/delete/", {"post": "yes"}).status_code == 403
    client.post("/admin/accounts/apikey/", {"action": "delete_selected", "_selected_action": [key.pk], "post": "yes"})
    assert ApiKey.objects.get(pk=key.pk).revoked_at is None
    client.post("/admin/accounts/apikey/", {"action": "revoke", "_selected_action": [key.pk]})
    assert ApiKey.objects.get(pk=key.pk).revoked_at
    event = AuditEvent.objects.get(action="api_key.revoked")
    assert (event.actor, event.person) == (actor, key.user)


def test_support_revokes_a_passkey_in_the_console_and_its_owner_is_told(
    person: User, console_as: Callable[[User], Client], run_jobs: Callable[[], list[str]]
) -> None:
    run_jobs()
    passkey, actor = person.passkeys.get(), staff_of("support")
    client = console_as(actor)
    page = client.get(f"/admin/accounts/passkey/{passkey.pk}/change/")
    assert page.status_code == 200
    assert client.post(f"/admin/accounts/passkey/{passkey.pk}/delete/", {"post": "yes"}).status_code == 403
    assert person.passkeys.exists()
    client.post("/admin/accounts/passkey/", {"action": "revoke", "_selected_action": [passkey.pk]})
    assert not person.passkeys.exists()
    assert not AuthSession.objects.filter(user=person).standing().exists()
    assert services.has_second_factor(person), "the app stays"
    event = AuditEvent.objects.get(action="passkey.removed")
    assert (event.actor, event.person, event.data["name"]) == (actor, person, "Phone")
    assert run_jobs() == ["accounts.send_passkey_removed"]
    assert mail.outbox[-1].to == [person.email]


@pytest.mark.parametrize("group", ["moderator", "finance", "analyst", ""])
def test_other_groups_revoke_nothing(person: User, group: str) -> None:
    actor, key = staff_of(group) if group else UserFactory.create(), ApiKeyFactory.create()
    with pytest.raises(Forbidden):
        services.revoke_api_key_as_staff(actor, key_id=key.pk)
    with pytest.raises(Forbidden):
        services.revoke_passkey_as_staff(actor, passkey_id=person.passkeys.get().pk)
    assert ApiKey.objects.get(pk=key.pk).revoked_at is None
    assert person.passkeys.exists()


def test_passkeys_of_staff_are_revoked_by_administrators_and_ones_own_in_the_settings() -> None:
    actor, member = locked_out(staff_of("support")), locked_out(staff_of("administrator"))
    for owner, code in ((member, "staff_account"), (actor, "own_account")):
        with pytest.raises(Forbidden) as refusal:
            services.revoke_passkey_as_staff(actor, passkey_id=owner.passkeys.get().pk)
        assert refusal.value.code == code
    services.revoke_passkey_as_staff(staff_of("administrator"), passkey_id=member.passkeys.get().pk)
    assert not member.passkeys.exists()
