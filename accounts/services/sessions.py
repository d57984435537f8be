"""What stands open for a person: sign-ins over the API and on pages."""

import uuid
from datetime import timedelta
from importlib import import_module

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from rest_framework_simplejwt.exceptions import TokenError

from accounts import tokens
from accounts.errors import bad_refresh_token, not_confirmed
from accounts.models import AuthSession, User
from accounts.rules import is_fresh, token_was_just_replaced
from accounts.services import audit
from core import realtime
from core.caller import current_caller
from core.errors import NotFound
from core.queries import get_or_refuse


def open_api_session(user: User, *, second_factor: str = "") -> tokens.Pair:
    session = AuthSession(user=user, second_factor=second_factor, **_caller())
    pair = tokens.issue(session)
    session.save()
    return pair


def open_browser_session(user: User, *, session_key: str, lasts_seconds: int, second_factor: str = "") -> AuthSession:
    """Beside the session of the cookie, so that the person can see and end it."""
    audit.record(user, "person.signed_in", user, by="pages")
    return AuthSession.objects.create(
        user=user,
        session_key=session_key,
        second_factor=second_factor,
        expires_at=timezone.now() + timedelta(seconds=lasts_seconds),
        **_caller(),
    )


def note_use(user: User, *, session_key: str) -> None:
    """That the browser's sign-in is in use now, and from where."""
    rows = AuthSession.objects.visible_to(user).filter(session_key=session_key)
    rows.update(last_used_at=timezone.now(), **_caller())


def refresh(raw: str) -> tokens.Pair:
    """A new pair for a refresh token, which is used up by that.

    A token that was replaced moments ago gets the pair that replaced it: two tabs asked at once. Anything older has
    been copied by somebody, so the whole session ends.
    """
    try:
        claim = tokens.read_refresh_token(raw)
    except TokenError as error:
        raise bad_refresh_token() from error
    pair = _rotate(claim)
    if pair is None:
        raise bad_refresh_token()
    return pair


@transaction.atomic
def _rotate(claim: tokens.RefreshClaim) -> tokens.Pair | None:
    """None when refused; returned, not raised, because a refusal may have to commit the end of the session."""
    session = (
        AuthSession.objects.standing()
        .select_for_update(of=("self",), no_key=True)
        .select_related("user")
        .filter(pk=claim.session_id, user__is_active=True, session_key="")
        .first()
    )
    if session is None:
        return None
    now = timezone.now()
    if claim.jti == session.refresh_jti:
        session.previous_jti = session.refresh_jti
        session.rotated_at = session.last_used_at = now
        session.ip_address, session.user_agent = _caller()["ip_address"], _caller()["user_agent"] or ""
        pair = tokens.issue(session)
        session.save()
        return pair
    if claim.jti == session.previous_jti and token_was_just_replaced((now - session.rotated_at).total_seconds()):
        return tokens.issue_again(session)
    _revoke([session], reason="token_reused")
    audit.record(session.user, "session.token_reused", session)
    return None


def require_confirmed(actor: User, session: AuthSession | None) -> None:
    """Forbidden `reauthentication_required` unless this sign-in of the actor's was proven in the last 15 minutes.

    `session`: of the access token or the cookie; programs with an API key have none, and never pass.
    """
    if not session or session.user_id != actor.pk or not is_fresh(session.confirmed_at, timezone.now()):
        raise not_confirmed()


def end_session_of_token(raw: str) -> None:
    """Sign out by a refresh token. One that is not good any more has nothing left to end."""
    try:
        claim = tokens.read_refresh_token(raw)
    except TokenError:
        return
    session = AuthSession.objects.standing().select_related("user").filter(pk=claim.session_id).first()
    if session:
        end_session(session.user, session_id=str(session.pk), reason="signed_out")


@transaction.atomic
def end_session(actor: User, *, session_id: str, reason: str = "revoked") -> AuthSession:
    session: AuthSession = get_or_refuse(AuthSession.objects.visible_to(actor), pk=_uuid(session_id))
    if session.revoked_at is None:
        _revoke([session], reason=reason)
        audit.record(actor, "session.ended", session, reason=reason)
    return session


def end_browser_session(actor: User, *, session_key: str) -> None:
    session = AuthSession.objects.visible_to(actor).standing().filter(session_key=session_key).first()
    if session and session_key:
        end_session(actor, session_id=str(session.pk), reason="signed_out")


def end_all_sessions(user: User, *, reason: str, keep: AuthSession | None = None, keep_key: str = "") -> None:
    """Every other sign-in dies at once; access tokens too, since each request looks its session up."""
    others = AuthSession.objects.visible_to(user).standing()
    if keep:
        others = others.exclude(pk=keep.pk)
    if keep_key:
        others = others.exclude(session_key=keep_key)
    _revoke(list(others.order_by("pk").select_for_update(no_key=True)), reason=reason)


@transaction.atomic
def end_other_sessions(actor: User, *, keep: AuthSession | None = None, keep_key: str = "") -> None:
    end_all_sessions(actor, reason="revoked", keep=keep, keep_key=keep_key)
    audit.record(actor, "session.ended_others", actor)


@transaction.atomic
def end_every_session(actor: User) -> None:
    """Sign out everywhere, here too."""
    end_all_sessions(actor, reason="revoked")
    audit.record(actor, "session.ended_all", actor)


def move_browser_session(user: User, *, old_key: str, new_key: str) -> None:
    """The cookie's session got a new key, as it does when the password changes."""
    AuthSession.objects.visible_to(user).filter(session_key=old_key).update(session_key=new_key)


def _uuid(text: str) -> uuid.UUID:
    try:
        return uuid.UUID(str(text))
    except ValueError as error:
        raise NotFound from error


def _caller() -> dict[str, str | None]:
    caller = current_caller.get()
    return {"ip_address": caller.address or None, "user_agent": caller.user_agent}


def _revoke(sessions: list[AuthSession], *, reason: str) -> None:
    now = timezone.now()
    AuthSession.objects.filter(pk__in=[session.pk for session in sessions]).update(
        revoked_at=now, revoked_reason=reason
    )
    keys = [session.session_key for session in sessions if session.session_key]
    if keys:
        transaction.on_commit(lambda: _forget_cookies(keys))
    for user_id in {session.user_id for session in sessions}:
        realtime.publish(realtime.user_group(user_id), {"type": "sign_in.changed"})  # open sockets look again
    for session in sessions:
        session.revoked_at, session.revoked_reason = now, reason


def _forget_cookies(keys: list[str]) -> None:
    store = import_module(settings.SESSION_ENGINE).SessionStore
    for key in keys:
        store().delete(key)
