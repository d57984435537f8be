"""Keys for programs: made, shown once, checked at every request, revoked."""

import hashlib
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from hmac import compare_digest

from django.db import transaction
from django.utils import timezone

from accounts import emails
from accounts.models import ApiKey, AuthSession, User
from accounts.policies import why_not_act, why_not_staff
from accounts.rules import MAX_API_KEY_DAYS, MAX_API_KEYS
from accounts.scopes import SCOPES
from accounts.services import audit
from accounts.services.sessions import require_confirmed
from core import jobs
from core.errors import Conflict, Invalid, require
from core.queries import get_or_refuse

MARK = "gh"
PREFIX_LETTERS = "abcdefghijkmnpqrstuvwxyz23456789"  # none that look alike
PREFIX_LENGTH = 8
SECRET_BYTES = 32
LAST_USE_EVERY = timedelta(minutes=1)


@transaction.atomic
def create_api_key(
    actor: User,
    *,
    name: str,
    scopes: Sequence[str],
    expires_at: datetime | None = None,
    session: AuthSession | None,
) -> tuple[ApiKey, str]:
    """The row, and the key itself, which nobody can read again. `session`: the sign-in that asks for it."""
    require(why_not_act(actor))
    require_confirmed(actor, session)
    _check(scopes, expires_at)
    User.objects.select_for_update(no_key=True).get(pk=actor.pk)  # of two at once, the second counts the first
    if ApiKey.objects.of(actor).standing().count() >= MAX_API_KEYS:
        raise Conflict("too_many_api_keys", f"You have {MAX_API_KEYS} keys. Revoke one that you no longer use.")
    prefix = "".join(secrets.choice(PREFIX_LETTERS) for _ in range(PREFIX_LENGTH))
    raw = f"{MARK}_{prefix}_{secrets.token_urlsafe(SECRET_BYTES)}"
    key = ApiKey.objects.create(
        user=actor,
        name=name,
        prefix=prefix,
        digest=_digest(raw),
        scopes=sorted(set(scopes)),
        expires_at=expires_at,
    )
    audit.record(actor, "api_key.created", key, prefix=prefix, scopes=key.scopes)
    jobs.enqueue("accounts.send_api_key_created", key_id=key.pk)
    return key, raw


@transaction.atomic
def revoke_api_key(actor: User, *, key_id: int, session: AuthSession | None) -> ApiKey:
    """It is refused from now on. Doing it again is fine. Whoever has lost a key may always do this."""
    key = get_or_refuse(ApiKey.objects.of(actor).select_for_update(no_key=True), pk=key_id)
    require_confirmed(actor, session)
    return _revoke(actor, key)


@transaction.atomic
def revoke_api_key_as_staff(actor: User, *, key_id: int) -> ApiKey:
    """From the console: a key that was seen where it should not be, whoever has it."""
    require(why_not_staff(actor, "accounts.change_apikey"))
    return _revoke(actor, get_or_refuse(ApiKey.objects.select_for_update(no_key=True), pk=key_id))


def _revoke(actor: User, key: ApiKey) -> ApiKey:
    if key.revoked_at is None:
        key.revoked_at = timezone.now()
        key.save(update_fields=["revoked_at"])
        audit.record(actor, "api_key.revoked", key, prefix=key.prefix)
    return key


def find_api_key(raw: str) -> ApiKey | None:
    """The standing key with its owner, in one query; None when it is wrong, revoked, over, or its owner may not act."""
    mark, _, rest = raw.partition("_")
    prefix, _, secret = rest.partition("_")
    if mark != MARK or len(prefix) != PREFIX_LENGTH or not secret or not raw.isascii():
        return None
    key = ApiKey.objects.select_related("user").filter(prefix=prefix).first()
    if key is None or not compare_digest(key.digest, _digest(raw)):
        return None
    owner = key.user
    if not key.is_standing or not owner.is_active or owner.suspended_at is not None:
        return None
    return key


def note_use(key: ApiKey) -> None:
    """Writes the time of use, at most once a minute for a key."""
    now = timezone.now()
    if key.last_used_at is None or now - key.last_used_at >= LAST_USE_EVERY:
        ApiKey.objects.filter(pk=key.pk).update(last_used_at=now)


def send_api_key_created(*, key_id: int) -> None:
    """From a job."""
    emails.api_key_created(ApiKey.objects.select_related("user").get(pk=key_id)).send()


def _check(scopes: Sequence[str], expires_at: datetime | None) -> None:
    unknown = sorted(set(scopes) - SCOPES.keys())
    if unknown:
        raise Invalid(fields={"scopes": [f"We do not know this scope: {unknown[0]}."]})
    if not scopes:
        raise Invalid(fields={"scopes": ["Choose at least one thing that the key may do."]})
    if expires_at is None:
        return
    now = timezone.now()
    if expires_at <= now:
        raise Invalid(fields={"expires_at": ["Choose a time that is still to come."]})
    if expires_at > now + timedelta(days=MAX_API_KEY_DAYS):
        raise Invalid(fields={"expires_at": [f"A key lasts at most {MAX_API_KEY_DAYS} days, or until it is revoked."]})


def _digest(raw: str) -> str:
    """Plain SHA-256: the secret has 256 random bits, so there is nothing to guess that a slow hash would protect."""
    return hashlib.sha256(raw.encode()).hexdigest()
