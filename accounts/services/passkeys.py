"""Passkeys (WebAuthn): registering them, and being known by one."""

import json
from ipaddress import ip_address
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import webauthn
from django.conf import settings
from django.core.cache import cache
from django.db import IntegrityError, transaction
from django.utils import timezone
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url, exceptions, parse_client_data_json
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from accounts.errors import bad_passkey
from accounts.models import AuthSession, Passkey, User
from accounts.policies import why_not_revoke_passkey
from accounts.rules import CHALLENGE_LIFETIME, MAX_PASSKEYS
from accounts.services import audit
from accounts.services.sessions import end_all_sessions, require_confirmed
from core import jobs
from core.errors import Conflict, Invalid, require
from core.queries import get_or_refuse

# What the library raises about input that is wrong, or not even of the right shape.
REFUSED = (exceptions.WebAuthnException, ValueError, KeyError, TypeError)
ANYBODY = 0


class Site(NamedTuple):
    """For whom a passkey is made, and from which pages it may be asked for."""

    id: str
    origins: list[str]


def begin_passkey(actor: User, session: AuthSession | None) -> dict[str, Any]:
    """Options for `navigator.credentials.create`. The challenge is kept here, for one answer within five minutes."""
    require_confirmed(actor, session)
    if actor.passkeys.count() >= MAX_PASSKEYS:
        raise Conflict("too_many_passkeys", f"You have {MAX_PASSKEYS} passkeys. Remove one first.")
    options = webauthn.generate_registration_options(
        rp_id=_site().id,
        rp_name=settings.SITE_NAME,
        user_id=_handle(actor),
        user_name=actor.email,
        user_display_name=actor.get_full_name(),
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED, user_verification=UserVerificationRequirement.REQUIRED
        ),
        exclude_credentials=[
            PublicKeyCredentialDescriptor(id=bytes(key.credential_id)) for key in actor.passkeys.all()
        ],
    )
    _remember(options.challenge, actor.pk, "register")
    return _as_json(options)


@transaction.atomic
def add_passkey(actor: User, *, name: str, credential: dict[str, Any]) -> Passkey:
    """Keep what the authenticator made; Invalid when it does not answer our challenge, or is known already."""
    site = _site()
    try:
        checked = webauthn.verify_registration_response(
            credential=credential,
            expected_challenge=_recall(credential, actor.pk, "register"),
            expected_rp_id=site.id,
            expected_origin=site.origins,
            require_user_verification=True,
        )
    except REFUSED as error:
        raise _not_registered() from error
    passkey = Passkey(
        user=actor,
        name=name.strip(),
        credential_id=checked.credential_id,
        public_key=checked.credential_public_key,
        sign_count=checked.sign_count,
        transports=_transports(credential),
        is_backed_up=checked.credential_backed_up,
    )
    try:
        with transaction.atomic():
            passkey.save()
    except IntegrityError as error:
        raise _not_registered() from error
    audit.record(actor, "passkey.added", passkey, name=passkey.name)
    jobs.enqueue("accounts.send_passkey_added", user_id=actor.pk, passkey=passkey.name)
    return passkey


@transaction.atomic
def rename_passkey(actor: User, *, passkey_id: int, name: str) -> Passkey:
    passkey: Passkey = get_or_refuse(actor.passkeys.select_for_update(), pk=passkey_id)
    passkey.name = name.strip()
    passkey.save(update_fields=["name"])
    audit.record(actor, "passkey.renamed", passkey, name=passkey.name)
    return passkey


@transaction.atomic
def remove_passkey(actor: User, session: AuthSession | None, *, passkey_id: int) -> None:
    require_confirmed(actor, session)
    _remove(actor, get_or_refuse(actor.passkeys.select_for_update(), pk=passkey_id))


@transaction.atomic
def revoke_passkey_as_staff(actor: User, *, passkey_id: int) -> None:
    """From the console: a device in the wrong hands. Whoever holds it may be signed in, so all sign-ins end as well."""
    passkey: Passkey = get_or_refuse(
        Passkey.objects.select_for_update(of=("self",)).select_related("user"), pk=passkey_id
    )
    require(why_not_revoke_passkey(actor, passkey.user))
    end_all_sessions(passkey.user, reason="passkey_revoked")
    _remove(actor, passkey)


def _remove(actor: User, passkey: Passkey) -> None:
    audit.record(actor, "passkey.removed", passkey, name=passkey.name)
    jobs.enqueue("accounts.send_passkey_removed", user_id=passkey.user_id, passkey=passkey.name)
    passkey.delete()


def ask_for_passkey() -> dict[str, Any]:
    """Options for `navigator.credentials.get`: any passkey of this site, so that nothing tells who has one."""
    options = webauthn.generate_authentication_options(
        rp_id=_site().id, user_verification=UserVerificationRequirement.REQUIRED
    )
    _remember(options.challenge, ANYBODY, "sign-in")
    return _as_json(options)


@transaction.atomic
def check_passkey(credential: dict[str, Any]) -> Passkey:
    """The passkey, with its active person, that answered our challenge; NotSignedIn otherwise.

    A counter that does not go up means that the key was copied, and is refused too.
    """
    site = _site()
    try:
        challenge = _recall(credential, ANYBODY, "sign-in")
        passkey = (
            Passkey.objects.select_for_update(of=("self",))
            .select_related("user")
            .filter(credential_id=base64url_to_bytes(credential["id"]), user__is_active=True)
            .first()
        )
        if passkey is None or not _is_handle_of(passkey.user, credential):
            raise bad_passkey()
        checked = webauthn.verify_authentication_response(
            credential=credential,
            expected_challenge=challenge,
            expected_rp_id=site.id,
            expected_origin=site.origins,
            credential_public_key=bytes(passkey.public_key),
            credential_current_sign_count=passkey.sign_count,
            require_user_verification=True,
        )
    except REFUSED as error:
        raise bad_passkey() from error
    passkey.sign_count, passkey.last_used_at = checked.new_sign_count, timezone.now()
    passkey.is_backed_up = checked.credential_backed_up
    passkey.save(update_fields=["sign_count", "last_used_at", "is_backed_up"])
    return passkey


def _site() -> Site:
    """By SITE_URL. Browsers know no passkeys for bare numbers, so a site on 127.0.0.1 has them as localhost."""
    url = urlsplit(settings.SITE_URL)
    host, origin = url.hostname or "", f"{url.scheme}://{url.netloc}"
    if not _is_loopback(host):
        return Site(host, [origin])
    return Site("localhost", [f"{url.scheme}://localhost{f':{url.port}' if url.port else ''}"])


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _handle(user: User) -> bytes:
    return f"person-{user.pk}".encode()


def _is_handle_of(user: User, credential: dict[str, Any]) -> bool:
    given = credential["response"].get("userHandle")
    return not given or base64url_to_bytes(given) == _handle(user)


def _remember(challenge: bytes, user_id: int, purpose: str) -> None:
    cache.set(_key(challenge), (user_id, purpose), timeout=CHALLENGE_LIFETIME.total_seconds())


def _recall(credential: dict[str, Any], user_id: int, purpose: str) -> bytes:
    """The challenge that this answers, used up by that; ValueError unless it was put to this person for this purpose."""
    answered = parse_client_data_json(base64url_to_bytes(credential["response"]["clientDataJSON"])).challenge
    known = cache.get(_key(answered)) == (user_id, purpose)
    if not (known and cache.delete(_key(answered))):  # of two that read it at once, only one deletes it
        raise ValueError("not a challenge of ours")
    return answered


def _key(challenge: bytes) -> str:
    return f"passkey-challenge:{bytes_to_base64url(challenge)}"


def _as_json(options: Any) -> dict[str, Any]:
    values: dict[str, Any] = json.loads(webauthn.options_to_json(options))
    return values


def _transports(credential: dict[str, Any]) -> list[str]:
    given = credential["response"].get("transports")
    return [str(name)[:20] for name in given[:8]] if isinstance(given, list) else []


def _not_registered() -> Invalid:
    reason = "This passkey could not be added. Try again."
    return Invalid("passkey_refused", reason, fields={"credential": [reason]})
