from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.db import connection
from django.utils import timezone
from rest_framework_simplejwt.exceptions import TokenError

from accounts import services, tokens
from accounts.errors import NotSignedIn
from accounts.models import AuditEvent, AuthSession, IdempotencyRecord, User
from accounts.services.sessions import open_api_session
from accounts.tests.factories import AuthSessionFactory, UserFactory
from core.errors import NotFound

pytestmark = pytest.mark.django_db


@pytest.fixture
def user() -> User:
    return UserFactory.create()


def works(pair: tokens.Pair) -> bool:
    try:
        tokens.user_of_access_token(pair["access_token"])
    except TokenError:
        return False
    return True


def test_a_refresh_gives_a_new_pair_and_keeps_the_session(user: User) -> None:
    first = open_api_session(user)
    second = services.refresh(first["refresh_token"])
    assert second["refresh_token"] != first["refresh_token"]
    assert works(first)
    assert works(second)
    assert AuthSession.objects.count() == 1


def test_the_token_just_replaced_gives_the_pair_that_replaced_it(user: User) -> None:
    first = open_api_session(user)
    second = services.refresh(first["refresh_token"])
    again = services.refresh(first["refresh_token"])
    assert tokens.RefreshToken(again["refresh_token"])["jti"] == tokens.RefreshToken(second["refresh_token"])["jti"]
    assert tokens.RefreshToken(again["refresh_token"])["exp"] == tokens.RefreshToken(second["refresh_token"])["exp"]
    assert works(again)


def test_after_the_grace_an_old_token_ends_the_whole_session(user: User) -> None:
    first = open_api_session(user)
    second = services.refresh(first["refresh_token"])
    AuthSession.objects.update(rotated_at=timezone.now() - timedelta(seconds=11))
    with pytest.raises(NotSignedIn) as refusal:
        services.refresh(first["refresh_token"])
    assert refusal.value.code == "token_not_valid"
    assert not works(second)
    with pytest.raises(NotSignedIn):
        services.refresh(second["refresh_token"])
    assert AuthSession.objects.get().revoked_reason == "token_reused"
    assert AuditEvent.objects.filter(action="session.token_reused").count() == 1


def test_a_grandparent_ends_the_session_at_once(user: User) -> None:
    first = open_api_session(user)
    third = services.refresh(services.refresh(first["refresh_token"])["refresh_token"])
    with pytest.raises(NotSignedIn):
        services.refresh(first["refresh_token"])
    assert not works(third)


def test_other_sessions_of_the_person_survive_a_replay(user: User) -> None:
    stolen, other = open_api_session(user), open_api_session(user)
    services.refresh(services.refresh(stolen["refresh_token"])["refresh_token"])
    with pytest.raises(NotSignedIn):
        services.refresh(stolen["refresh_token"])
    assert works(other)


def test_an_access_token_does_not_refresh_and_a_refresh_token_does_not_open(user: User) -> None:
    pair = open_api_session(user)
    with pytest.raises(NotSignedIn):
        services.refresh(pair["access_token"])
    with pytest.raises(TokenError):
        tokens.user_of_access_token(pair["refresh_token"])


@pytest.mark.parametrize("raw", ["", "x", "a.b.c"])
def test_rubbish_is_no_token(raw: str) -> None:
    with pytest.raises(NotSignedIn):
        services.refresh(raw)


def test_a_closed_account_and_a_session_run_out_refresh_no_more(user: User) -> None:
    ended, closed = open_api_session(user), open_api_session(user)
    AuthSession.objects.filter(refresh_jti=tokens.RefreshToken(ended["refresh_token"])["jti"]).update(
        expires_at=timezone.now() - timedelta(seconds=1)
    )
    with pytest.raises(NotSignedIn):
        services.refresh(ended["refresh_token"])
    User.objects.update(is_active=False)
    with pytest.raises(NotSignedIn):
        services.refresh(closed["refresh_token"])
    assert not works(closed)


def test_ending_a_session_ends_its_tokens_at_once(user: User) -> None:
    pair = open_api_session(user)
    services.end_session(user, session_id=str(AuthSession.objects.get().pk))
    assert not works(pair)
    with pytest.raises(NotSignedIn):
        services.refresh(pair["refresh_token"])


@pytest.mark.parametrize("session_id", ["", "no uuid", "00000000-0000-4000-8000-000000000000"])
def test_somebody_elses_session_is_not_there(user: User, session_id: str) -> None:
    other = AuthSessionFactory.create()
    for wanted in (session_id, str(other.pk)):
        with pytest.raises(NotFound):
            services.end_session(user, session_id=wanted)
    other.refresh_from_db()
    assert other.revoked_at is None


def test_signing_out_by_a_bad_token_changes_nothing(user: User) -> None:
    pair = open_api_session(user)
    services.end_session_of_token("x")
    assert works(pair)
    services.end_session_of_token(pair["refresh_token"])
    assert not works(pair)


def test_cleaning_up_removes_only_what_is_long_over(user: User) -> None:
    month_ago = timezone.now() - timedelta(days=31)
    kept, gone = AuthSessionFactory.create(user=user), AuthSessionFactory.create(user=user, expires_at=month_ago)
    IdempotencyRecord.objects.create(scope="user:1", key="old", created_at=timezone.now() - timedelta(days=2))
    fresh = IdempotencyRecord.objects.create(scope="user:1", key="fresh")
    services.clean_up()
    assert list(AuthSession.objects.all()) == [kept]
    assert not AuthSession.objects.filter(pk=gone.pk).exists()
    assert list(IdempotencyRecord.objects.all()) == [fresh]


@pytest.mark.django_db(transaction=True)
def test_twenty_refreshes_at_once_rotate_once_and_all_get_tokens_that_work() -> None:
    user = UserFactory.create()
    pair = open_api_session(user)
    start = Barrier(20)

    def refresh() -> tokens.Pair:
        start.wait()
        try:
            return services.refresh(pair["refresh_token"])
        finally:
            connection.close()

    with ThreadPoolExecutor(20) as pool:
        pairs = [future.result() for future in [pool.submit(refresh) for _ in range(20)]]

    assert len({tokens.RefreshToken(pair["refresh_token"])["jti"] for pair in pairs}) == 1
    assert all(works(pair) for pair in pairs)
    assert AuthSession.objects.get().revoked_at is None
