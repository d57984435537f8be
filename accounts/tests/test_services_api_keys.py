from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.utils import timezone

from accounts import services
from accounts.models import ApiKey, AuditEvent, AuthSession, User
from accounts.rules import MAX_API_KEYS
from accounts.services.api_keys import find_api_key, note_use
from accounts.tests.factories import ApiKeyFactory, AuthSessionFactory, UserFactory
from core.errors import Conflict, Forbidden, Invalid, NotFound

pytestmark = pytest.mark.django_db


@pytest.fixture
def session() -> AuthSession:
    return AuthSessionFactory.create()


def make(session: AuthSession, **others: Any) -> tuple[ApiKey, str]:
    values = {"name": "Shop", "scopes": ["gigs:read"]} | others
    return services.create_api_key(session.user, **values, session=session)


def test_a_key_is_kept_as_a_digest_and_found_again_in_one_query(
    session: AuthSession, django_assert_num_queries: Any
) -> None:
    key, raw = make(session)
    assert raw.startswith(f"gh_{key.prefix}_")
    assert raw not in str(ApiKey.objects.values().get())
    with django_assert_num_queries(1):
        found = find_api_key(raw)
    assert found == key
    assert found.user == session.user


@pytest.mark.parametrize("spoil", [lambda raw: raw[:-1] + "~", lambda raw: "xx" + raw[2:], lambda raw: raw[:12]])
def test_a_key_that_is_a_little_different_is_not_found(session: AuthSession, spoil: Any) -> None:
    _, raw = make(session)
    assert find_api_key(spoil(raw)) is None


@pytest.mark.parametrize("raw", ["", "gh", "gh__", "gh_abcdefgh_", "gh_abcdefgh_é", "\x00"])
def test_nonsense_is_no_key(raw: str) -> None:
    assert find_api_key(raw) is None


def test_a_key_of_another_persons_prefix_is_not_found(session: AuthSession) -> None:
    _, raw = make(session)
    other, _ = make(AuthSessionFactory.create())
    mark, _, secret = raw.split("_", 2)
    assert find_api_key(f"{mark}_{other.prefix}_{secret}") is None


def test_whoever_lost_a_key_may_always_revoke_it(session: AuthSession) -> None:
    session.user.suspended_at = timezone.now()
    session.user.save()
    key = ApiKeyFactory.create(user=session.user)
    assert services.revoke_api_key(session.user, key_id=key.pk, session=session).revoked_at


@pytest.mark.parametrize(
    ("of", "change"),
    [
        (ApiKey, {"revoked_at": timezone.now()}),
        (ApiKey, {"expires_at": timezone.now() - timedelta(seconds=1)}),
        (User, {"is_active": False}),
        (User, {"suspended_at": timezone.now()}),
    ],
    ids=["revoked", "expired", "inactive owner", "suspended owner"],
)
def test_a_key_stops_with(session: AuthSession, of: Any, change: dict[str, Any]) -> None:
    _, raw = make(session)
    of.objects.update(**change)
    assert find_api_key(raw) is None


def test_making_one_is_recorded_and_mailed(session: AuthSession, run_jobs: Any) -> None:
    key, raw = make(session, scopes=["gigs:write", "gigs:read", "gigs:read"])
    event = AuditEvent.objects.get(action="api_key.created")
    assert (event.actor, event.subject_id) == (session.user, str(key.pk))
    assert event.data == {"prefix": key.prefix, "scopes": ["gigs:read", "gigs:write"]}
    run_jobs()
    [letter] = mail.outbox
    assert letter.to == [session.user.email]
    assert key.prefix in letter.body and raw not in letter.body


def test_it_needs_a_fresh_proof(session: AuthSession) -> None:
    session.confirmed_at = timezone.now() - timedelta(minutes=16)
    for stale in (session, None, AuthSessionFactory.create()):
        with pytest.raises(Forbidden, match="reauthentication_required"):
            services.create_api_key(session.user, name="Shop", scopes=["gigs:read"], session=stale)
    key = ApiKeyFactory.create(user=session.user)
    with pytest.raises(Forbidden, match="reauthentication_required"):
        services.revoke_api_key(session.user, key_id=key.pk, session=session)


def test_it_needs_a_confirmed_address() -> None:
    with pytest.raises(Forbidden, match="email_not_verified"):
        make(AuthSessionFactory.create(user=UserFactory.create(unverified=True)))


@pytest.mark.parametrize(
    ("field", "values"),
    [
        ("scopes", {"scopes": []}),
        ("scopes", {"scopes": ["gigs:everything"]}),
        ("expires_at", {"expires_at": timezone.now() - timedelta(days=1)}),
        ("expires_at", {"expires_at": timezone.now() + timedelta(days=800)}),
    ],
)
def test_it_refuses(session: AuthSession, field: str, values: dict[str, Any]) -> None:
    with pytest.raises(Invalid) as refused:
        make(session, **values)
    assert list(refused.value.fields) == [field]


def test_twenty_stand_at_most_and_revoked_ones_do_not_count(session: AuthSession) -> None:
    keys = ApiKeyFactory.create_batch(MAX_API_KEYS, user=session.user)
    with pytest.raises(Conflict, match="too_many_api_keys"):
        make(session)
    services.revoke_api_key(session.user, key_id=keys[0].pk, session=session)
    make(session)


def test_revoking_again_changes_nothing(session: AuthSession) -> None:
    key, _ = make(session)
    first = services.revoke_api_key(session.user, key_id=key.pk, session=session)
    assert services.revoke_api_key(session.user, key_id=key.pk, session=session).revoked_at == first.revoked_at
    assert AuditEvent.objects.filter(action="api_key.revoked").count() == 1


def test_nobody_revokes_the_key_of_another(session: AuthSession) -> None:
    with pytest.raises(NotFound):
        services.revoke_api_key(session.user, key_id=ApiKeyFactory.create().pk, session=session)


def test_the_last_use_is_written_once_a_minute(session: AuthSession, django_assert_num_queries: Any) -> None:
    key, _ = make(session)
    note_use(key)
    key.refresh_from_db()
    with django_assert_num_queries(0):
        note_use(key)
    key.last_used_at -= timedelta(minutes=1)
    with django_assert_num_queries(1):
        note_use(key)
