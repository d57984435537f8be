import statistics
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import bcrypt
import pytest
import time_machine
from django.contrib.auth.hashers import MD5PasswordHasher, make_password
from django.core import mail
from django.utils import timezone

from accounts import services
from accounts.errors import NotSignedIn
from accounts.models import AuditEvent, User
from accounts.services.passwords import reset_token
from accounts.tests.factories import PASSWORD, AuthSessionFactory, UserFactory
from core.errors import Invalid, TooMany

pytestmark = pytest.mark.django_db

NEW = "a better set of words"
HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.BCryptSHA256PasswordHasher",
    "django.contrib.auth.hashers.BCryptPasswordHasher",
]


def test_a_forgotten_password_is_replaced_by_a_mailed_link(run_jobs: Callable[[], list[str]]) -> None:
    user = UserFactory.create()
    services.forgot_password(email=user.email.upper())
    assert run_jobs() == ["accounts.send_password_reset"]
    token = mail.outbox[0].body.split("token=")[1].split()[0]
    services.reset_password(token=token, new_password=NEW)
    user.refresh_from_db()
    assert user.check_password(NEW)
    assert run_jobs() == ["accounts.send_password_changed"]
    assert AuditEvent.objects.filter(action="password.reset", actor=user).exists()


def test_an_unknown_address_costs_the_same_work_and_gets_no_letter(run_jobs: Callable[[], list[str]]) -> None:
    closed = UserFactory.create(is_active=False)
    for email in ("nobody@example.com", closed.email):
        services.forgot_password(email=email)
    assert run_jobs() == ["accounts.send_password_reset"] * 2
    assert not mail.outbox


def test_a_link_works_once() -> None:
    token = reset_token(UserFactory.create())
    services.reset_password(token=token, new_password=NEW)
    with pytest.raises(Invalid) as refusal:
        services.reset_password(token=token, new_password="and another one then")
    assert list(refusal.value.fields) == ["token"]


def test_a_link_ends_after_an_hour() -> None:
    user = UserFactory.create()
    with time_machine.travel(timezone.now() - timedelta(hours=1, minutes=1)):
        token = reset_token(user)
    with pytest.raises(Invalid):
        services.reset_password(token=token, new_password=NEW)


@pytest.mark.parametrize("token", ["", "x", "1.x", "zzzzzzzzzzzzzzzzzz.x", "-1.a-b", "\u0661.a"])
def test_forged_links_change_nothing(token: str) -> None:
    with pytest.raises(Invalid):
        services.reset_password(token=token, new_password=NEW)


def test_a_link_of_one_person_is_no_good_for_another() -> None:
    mine, other = UserFactory.create(), UserFactory.create()
    secret = reset_token(mine).split(".")[1]
    with pytest.raises(Invalid):
        services.reset_password(token=f"{reset_token(other).split('.')[0]}.{secret}", new_password=NEW)


def test_a_weak_new_password_leaves_the_link_usable() -> None:
    user = UserFactory.create()
    token = reset_token(user)
    with pytest.raises(Invalid) as refusal:
        services.reset_password(token=token, new_password="short")
    assert list(refusal.value.fields) == ["new_password"]
    services.reset_password(token=token, new_password=NEW)


def test_a_reset_ends_every_session_and_proves_the_address() -> None:
    user = UserFactory.create(unverified=True)
    session = AuthSessionFactory.create(user=user)
    services.reset_password(token=reset_token(user), new_password=NEW)
    session.refresh_from_db()
    user.refresh_from_db()
    assert session.revoked_reason == "password_reset"
    assert user.has_verified_email


def test_changing_the_password_ends_all_sessions_but_this_one() -> None:
    user = UserFactory.create()
    here, there = AuthSessionFactory.create(user=user), AuthSessionFactory.create(user=user)
    stranger = AuthSessionFactory.create()
    services.change_password(user, old_password=PASSWORD, new_password=NEW, keep=here)
    for session in (here, there, stranger):
        session.refresh_from_db()
    assert [here.revoked_at, bool(there.revoked_at), stranger.revoked_at] == [None, True, None]


def test_changing_needs_the_present_password() -> None:
    user = UserFactory.create()
    with pytest.raises(Invalid) as refusal:
        services.change_password(user, old_password="not this one", new_password=NEW)
    assert list(refusal.value.fields) == ["old_password"]


@pytest.mark.usefixtures("limits")
def test_guessing_the_present_password_is_limited() -> None:
    user = UserFactory.create()
    for _ in range(10):
        with pytest.raises(Invalid):
            services.change_password(user, old_password="not this one", new_password=NEW)
    with pytest.raises(TooMany):
        services.change_password(user, old_password=PASSWORD, new_password=NEW)


@pytest.mark.usefixtures("limits")
def test_nobody_can_have_a_mailbox_flooded() -> None:
    for _ in range(5):
        services.forgot_password(email="nora@example.com")
    with pytest.raises(TooMany):
        services.forgot_password(email="nora@example.com")


@pytest.mark.parametrize("known", [True, False])
@pytest.mark.usefixtures("limits")
def test_after_ten_failures_even_the_right_password_waits(known: bool) -> None:
    email = UserFactory.create().email if known else "nobody@example.com"
    for _ in range(10):
        with pytest.raises(NotSignedIn):
            services.check_credentials(email=email, password="wrong")
    with pytest.raises(TooMany):
        services.check_credentials(email=email, password=PASSWORD)


@pytest.mark.usefixtures("limits")
def test_successes_do_not_count_against_the_limit() -> None:
    user = UserFactory.create()
    for _ in range(12):
        services.check_credentials(email=user.email, password=PASSWORD)


def test_a_hash_of_bcrypt_is_accepted_and_renewed_at_sign_in(settings: Any) -> None:
    settings.PASSWORD_HASHERS = HASHERS
    user = UserFactory.create()
    foreign = bcrypt.hashpw(PASSWORD.encode(), bcrypt.gensalt(rounds=4)).decode()
    for older in (f"bcrypt${foreign}", make_password(PASSWORD, hasher="bcrypt_sha256")):
        User.objects.filter(pk=user.pk).update(password=older)
        with pytest.raises(NotSignedIn):
            services.check_credentials(email=user.email, password="wrong")
        services.check_credentials(email=user.email, password=PASSWORD)
        user.refresh_from_db()
        assert user.password.startswith("argon2$argon2id$")
        services.check_credentials(email=user.email, password=PASSWORD)


def test_signing_in_hashes_as_often_whoever_asks(monkeypatch: pytest.MonkeyPatch) -> None:
    hashes: list[str] = []
    encode = MD5PasswordHasher.encode
    monkeypatch.setattr(
        MD5PasswordHasher,
        "encode",
        lambda self, password, salt: hashes.append(password) or encode(self, password, salt),
    )
    people = [UserFactory.create(), UserFactory.create(unverified=True), UserFactory.create(is_active=False)]
    for email in [*(person.email for person in people), "nobody@example.com"]:
        hashes.clear()
        with pytest.raises(NotSignedIn):
            services.check_credentials(email=email, password="wrong")
        assert hashes == ["wrong"], email


def test_signing_in_takes_as_long_whether_or_not_somebody_is_there(settings: Any) -> None:
    """Loosely: an address without a hash to compare would take a twentieth of the time."""
    settings.PASSWORD_HASHERS = HASHERS
    known = UserFactory.create(password=PASSWORD).email
    spent: dict[str, list[float]] = {known: [], "nobody@example.com": []}
    for _ in range(7):
        for email, times in spent.items():
            start = time.process_time()
            with pytest.raises(NotSignedIn):
                services.check_credentials(email=email, password="wrong")
            times.append(time.process_time() - start)
    there, not_there = (statistics.median(times) for times in spent.values())
    assert 1 / 3 < there / not_there < 3
