"""The second factor: an authenticator app's codes, and backup codes."""

import base64
from io import BytesIO
from typing import NamedTuple

import qrcode
from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django_otp.plugins.otp_totp.models import TOTPDevice

from accounts.errors import wrong_code
from accounts.models import AuthSession, BackupCode, User
from accounts.rules import BACKUP_CODES, SecondFactor, bare_code, looks_like_backup_code, new_backup_code
from accounts.services import audit
from accounts.services.limits import forgive_codes, limit_codes
from accounts.services.sessions import end_all_sessions, require_confirmed
from core import jobs
from core.errors import Conflict, NotFound


class Setup(NamedTuple):
    """What an authenticator app needs. `qr_code` is a data: address of a PNG; `backup_codes` are shown only now."""

    secret: str
    qr_code: str
    backup_codes: list[str]


def has_second_factor(user: User) -> bool:
    return TOTPDevice.objects.filter(user=user, confirmed=True).exists()


@transaction.atomic
def begin_second_factor(actor: User, session: AuthSession | None) -> Setup:
    """A new secret and new backup codes. Nothing is asked at sign-in before `confirm_second_factor`."""
    require_confirmed(actor, session)
    _locked(actor)
    if has_second_factor(actor):
        raise Conflict("second_factor_on", "The second factor is on already. Turn it off first to use another app.")
    TOTPDevice.objects.filter(user=actor, confirmed=False).delete()
    device = TOTPDevice.objects.create(user=actor, name="Authenticator app", confirmed=False)
    return _setup(device, _new_codes(actor))


def resume_second_factor(actor: User, session: AuthSession | None) -> Setup:
    """The secret of a set-up that was begun and not confirmed, without the backup codes; NotFound if there is none."""
    require_confirmed(actor, session)
    device = TOTPDevice.objects.filter(user=actor, confirmed=False).first()
    if device is None:
        raise NotFound
    return _setup(device, [])


@transaction.atomic
def confirm_second_factor(
    actor: User, session: AuthSession | None, *, code: str, end_others: bool = False, renew_codes: bool = False
) -> list[str]:
    """Turn it on: the app's first code is right. `renew_codes`: make backup codes now and return them."""
    limit_codes(actor.pk)
    _locked(actor)
    device = TOTPDevice.objects.filter(user=actor, confirmed=False).first()
    if device is None:
        raise Conflict("second_factor_not_begun", "Begin with a new secret first.")
    if not _is_right(device, bare_code(code)):
        raise wrong_code()
    forgive_codes(actor.pk)
    device.confirmed = True
    device.save(update_fields=["confirmed"])
    if session:
        session.second_factor = SecondFactor.TOTP
        session.save(update_fields=["second_factor"])
    codes = _new_codes(actor) if renew_codes else []
    _changed(actor, session, "second_factor.enabled", "accounts.send_second_factor_enabled", end_others=end_others)
    return codes


@transaction.atomic
def disable_second_factor(actor: User, session: AuthSession | None, *, end_others: bool = False) -> None:
    """The app and the backup codes count no more. Turning off what is off is fine."""
    require_confirmed(actor, session)
    _locked(actor)
    was_on = has_second_factor(actor)
    TOTPDevice.objects.filter(user=actor).delete()
    BackupCode.objects.filter(user=actor).delete()
    if was_on:
        _changed(
            actor, session, "second_factor.disabled", "accounts.send_second_factor_disabled", end_others=end_others
        )


@transaction.atomic
def renew_backup_codes(actor: User, session: AuthSession | None, *, end_others: bool = False) -> list[str]:
    """Eight new ones; those from before count no more."""
    require_confirmed(actor, session)
    _locked(actor)
    if not has_second_factor(actor):
        raise Conflict("second_factor_off", "Turn on the second factor first.")
    codes = _new_codes(actor)
    _changed(actor, session, "backup_codes.renewed", "accounts.send_backup_codes_renewed", end_others=end_others)
    return codes


def check_code(user: User, code: str) -> SecondFactor:
    """Accept a code of the app or a backup code, once; Invalid otherwise, TooMany after too many wrong ones."""
    limit_codes(user.pk)
    bare = bare_code(code)
    kind = SecondFactor.BACKUP_CODE if looks_like_backup_code(bare) else SecondFactor.TOTP
    right = _use_backup_code(user, bare) if kind == SecondFactor.BACKUP_CODE else _use_app_code(user, bare)
    if not right:
        audit.record(None, "second_factor.failed", user)
        raise wrong_code()
    forgive_codes(user.pk)
    return kind


@transaction.atomic
def _use_app_code(user: User, bare: str) -> bool:
    """Locked: a code belongs to a step of time, and the device must remember the step before another asks."""
    device = TOTPDevice.objects.select_for_update().filter(user=user, confirmed=True).first()
    return bool(device and _is_right(device, bare))


def _is_right(device: TOTPDevice, bare: str) -> bool:
    """Of the present step, the one before or the one after; never of a step that was used, or one before that."""
    return bare.isascii() and bare.isdigit() and bool(device.verify_token(bare))


def _use_backup_code(user: User, bare: str) -> bool:
    if not has_second_factor(user):
        return False
    rows = BackupCode.objects.filter(user=user, digest__in=_digests(user, bare), used_at=None)
    used = rows.update(used_at=timezone.now()) == 1
    if used:
        audit.record(user, "backup_code.used", user)
    return used


def _new_codes(user: User) -> list[str]:
    codes = [new_backup_code() for _ in range(BACKUP_CODES)]
    BackupCode.objects.filter(user=user).delete()
    BackupCode.objects.bulk_create(BackupCode(user=user, digest=_digests(user, bare_code(code))[0]) for code in codes)
    return codes


def _digests(user: User, bare: str) -> list[str]:
    """By the present secret key first, then by those before it."""
    return [
        salted_hmac("accounts.backup_code", f"{user.pk}:{bare}", secret=secret, algorithm="sha256").hexdigest()
        for secret in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    ]


def _setup(device: TOTPDevice, codes: list[str]) -> Setup:
    picture = BytesIO()
    qrcode.make(device.config_url, box_size=6, border=2).save(picture)
    png = base64.b64encode(picture.getvalue()).decode()
    return Setup(base64.b32encode(device.bin_key).decode().rstrip("="), f"data:image/png;base64,{png}", codes)


def _locked(user: User) -> User:
    """One change of a person's second factor after the other."""
    return User.objects.select_for_update(no_key=True).get(pk=user.pk)


def _changed(user: User, session: AuthSession | None, action: str, letter: str, *, end_others: bool) -> None:
    audit.record(user, action, user)
    jobs.enqueue(letter, user_id=user.pk)
    if end_others:
        end_all_sessions(user, reason="second_factor_changed", keep=session)
