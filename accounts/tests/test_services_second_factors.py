from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.db import connection
from django.utils import timezone
from django_otp.plugins.otp_totp.models import TOTPDevice

from accounts import services
from accounts.errors import NotSignedIn
from accounts.models import AuditEvent, AuthSession, BackupCode, User
from accounts.rules import SecondFactor
from accounts.services.second_factors import check_code
from accounts.tests.authenticators import app_code
from accounts.tests.factories import PASSWORD, AuthSessionFactory
from core.errors import Conflict, DomainError, Forbidden, Invalid, NotFound, TooMany

pytestmark = pytest.mark.django_db


@pytest.fixture
def session() -> AuthSession:
    return AuthSessionFactory.create()


def turn_on(session: AuthSession) -> list[str]:
    """The backup codes of somebody whose second factor is on, with the app's code of this moment used."""
    codes = services.begin_second_factor(session.user, session).backup_codes
    services.confirm_second_factor(session.user, session, code=app_code(session.user))
    return codes


def begin_sign_in(user: User) -> str:
    return services.begin_sign_in(email=user.email, password=PASSWORD).two_factor_token


def test_nothing_is_asked_before_the_first_code_was_right(session: AuthSession) -> None:
    setup = services.begin_second_factor(session.user, session)
    assert len(setup.backup_codes) == len(set(setup.backup_codes)) == 8
    assert setup.qr_code.startswith("data:image/png;base64,")
    assert begin_sign_in(session.user) == ""
    with pytest.raises(Invalid):
        services.confirm_second_factor(session.user, session, code="000000")
    assert begin_sign_in(session.user) == ""
    services.confirm_second_factor(session.user, session, code=app_code(session.user))
    assert begin_sign_in(session.user)
    session.refresh_from_db()
    assert session.second_factor == SecondFactor.TOTP


def test_beginning_again_makes_a_new_secret_and_codes(session: AuthSession) -> None:
    first = services.begin_second_factor(session.user, session)
    second = services.begin_second_factor(session.user, session)
    assert first.secret != second.secret
    assert TOTPDevice.objects.count() == 1
    assert BackupCode.objects.count() == 8
    assert services.resume_second_factor(session.user, session).secret == second.secret


def test_what_does_not_fit_the_state_is_refused(session: AuthSession) -> None:
    with pytest.raises(Conflict):
        services.confirm_second_factor(session.user, session, code="123456")
    with pytest.raises(Conflict):
        services.renew_backup_codes(session.user, session)
    with pytest.raises(NotFound):
        services.resume_second_factor(session.user, session)
    services.disable_second_factor(session.user, session)
    assert not AuditEvent.objects.filter(action="second_factor.disabled").exists()
    turn_on(session)
    with pytest.raises(Conflict):
        services.begin_second_factor(session.user, session)


def test_both_steps_sign_in_and_the_token_of_the_first_works_once(session: AuthSession) -> None:
    first, second, *_rest = turn_on(session)
    token = begin_sign_in(session.user)
    with pytest.raises(Invalid):
        services.finish_sign_in(two_factor_token=token, code="aaaaa-aaaaa")
    signed_in = services.finish_sign_in(two_factor_token=token, code=first)
    assert (signed_in.user, signed_in.second_factor) == (session.user, SecondFactor.BACKUP_CODE)
    with pytest.raises(NotSignedIn):
        services.finish_sign_in(two_factor_token=token, code=second)
    with pytest.raises(NotSignedIn):
        services.finish_sign_in(two_factor_token="rubbish", code=second)


def test_a_closed_account_gets_no_further_than_the_first_step(session: AuthSession) -> None:
    [code, *_rest] = turn_on(session)
    token = begin_sign_in(session.user)
    User.objects.update(is_active=False)
    with pytest.raises(NotSignedIn):
        services.finish_sign_in(two_factor_token=token, code=code)


@pytest.mark.parametrize("steps", [0, -1])
def test_a_code_of_a_step_that_was_used_or_passed_by_is_refused(session: AuthSession, steps: int) -> None:
    turn_on(session)
    with pytest.raises(Invalid):
        check_code(session.user, app_code(session.user, later=steps))
    assert check_code(session.user, app_code(session.user, later=1)) == SecondFactor.TOTP


def test_the_next_step_passes_and_then_only_the_one_after_it(session: AuthSession) -> None:
    turn_on(session)
    with time_machine.travel(timezone.now() + timedelta(seconds=31), tick=False):
        code = app_code(session.user)
        assert check_code(session.user, f" {code[:3]} {code[3:]} ") == SecondFactor.TOTP
        with pytest.raises(Invalid):
            check_code(session.user, code)


@pytest.mark.parametrize("code", ["", " ", "12345", "1234567", "abcdef", "\u0660" * 6, "-12345", "1" * 20, "\0"])
def test_what_is_no_code_is_refused(session: AuthSession, code: str) -> None:
    turn_on(session)
    with pytest.raises(Invalid):
        check_code(session.user, code)


def test_a_backup_code_works_once_however_it_is_typed(session: AuthSession) -> None:
    codes = turn_on(session)
    assert check_code(session.user, codes[0].upper().replace("-", " ")) == SecondFactor.BACKUP_CODE
    with pytest.raises(Invalid):
        check_code(session.user, codes[0])
    assert check_code(session.user, codes[1]) == SecondFactor.BACKUP_CODE
    assert session.user.backup_codes.filter(used_at=None).count() == 6
    assert not BackupCode.objects.filter(digest__in=codes).exists()


def test_a_backup_code_of_somebody_else_is_refused(session: AuthSession) -> None:
    codes = turn_on(session)
    other = AuthSessionFactory.create()
    turn_on(other)
    with pytest.raises(Invalid):
        check_code(other.user, codes[0])


def test_backup_codes_survive_a_new_secret_key(session: AuthSession, settings: Any) -> None:
    first, second, *_rest = turn_on(session)
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "n" * 50, [settings.SECRET_KEY]
    assert check_code(session.user, first)
    settings.SECRET_KEY_FALLBACKS = []
    with pytest.raises(Invalid):
        check_code(session.user, second)


def test_new_backup_codes_replace_the_old(session: AuthSession) -> None:
    old = turn_on(session)
    new = services.renew_backup_codes(session.user, session)
    with pytest.raises(Invalid):
        check_code(session.user, old[0])
    assert check_code(session.user, new[0])


def test_turning_it_off_ends_all_codes(session: AuthSession) -> None:
    [code, *_rest] = turn_on(session)
    services.disable_second_factor(session.user, session)
    assert begin_sign_in(session.user) == ""
    assert not BackupCode.objects.exists()
    with pytest.raises(Invalid):
        check_code(session.user, code)


@pytest.mark.usefixtures("limits")
def test_after_five_wrong_codes_even_a_right_one_waits(session: AuthSession) -> None:
    codes = turn_on(session)
    for code in codes:
        check_code(session.user, code)  # right ones do not count
    [code, *_rest] = services.renew_backup_codes(session.user, session)
    for _ in range(5):
        with pytest.raises(Invalid):
            check_code(session.user, "000000")
    with pytest.raises(TooMany):
        check_code(session.user, code)


@pytest.mark.usefixtures("limits")
def test_twenty_wrong_codes_in_an_hour_are_the_end_of_it(session: AuthSession) -> None:
    turn_on(session)
    start = timezone.now().replace(minute=0, second=1)
    for minutes in (0, 6, 12, 18):
        with time_machine.travel(start + timedelta(minutes=minutes), tick=False):
            for _ in range(5):
                with pytest.raises(Invalid):
                    check_code(session.user, "000000")
    with time_machine.travel(start + timedelta(minutes=30), tick=False), pytest.raises(TooMany) as refusal:
        check_code(session.user, "000000")
    assert refusal.value.wait > 20 * 60


def test_every_change_is_mailed_and_recorded(session: AuthSession, run_jobs: Callable[[], list[str]]) -> None:
    turn_on(session)
    services.renew_backup_codes(session.user, session)
    services.disable_second_factor(session.user, session)
    run_jobs()
    assert [(letter.to, letter.subject) for letter in mail.outbox] == [
        ([session.user.email], "The second factor is on"),
        ([session.user.email], "You have new backup codes"),
        ([session.user.email], "The second factor is off"),
    ]
    actions = AuditEvent.objects.filter(actor=session.user).order_by("id").values_list("action", flat=True)
    assert list(actions) == ["second_factor.enabled", "backup_codes.renewed", "second_factor.disabled"]


def change(act: str, session: AuthSession, **options: Any) -> None:
    if act == "confirm":
        services.begin_second_factor(session.user, session)
        services.confirm_second_factor(session.user, session, code=app_code(session.user), **options)
        return
    turn_on(session)
    getattr(services, {"renew": "renew_backup_codes", "disable": "disable_second_factor"}[act])(
        session.user, session, **options
    )


@pytest.mark.parametrize("act", ["confirm", "renew", "disable"])
@pytest.mark.parametrize("end_others", [True, False])
def test_other_sessions_end_with_a_change_when_asked(session: AuthSession, act: str, end_others: bool) -> None:
    other = AuthSessionFactory.create(user=session.user)
    change(act, session, end_others=end_others)
    for one in (session, other):
        one.refresh_from_db()
    assert session.revoked_at is None
    assert (other.revoked_reason == "second_factor_changed") is end_others


@pytest.mark.parametrize("kind", ["old", "of somebody else", "none"])
def test_changes_need_a_fresh_proof(session: AuthSession, kind: str) -> None:
    user = session.user
    turn_on(session)
    if kind == "old":
        session.confirmed_at = timezone.now() - timedelta(minutes=15, seconds=1)
    shown = {"old": session, "of somebody else": AuthSessionFactory.create(), "none": None}[kind]
    for act in (
        services.require_confirmed,
        services.begin_second_factor,
        services.resume_second_factor,
        services.renew_backup_codes,
        services.disable_second_factor,
        services.begin_passkey,
    ):
        with pytest.raises(Forbidden) as refusal:
            act(user, shown)
        assert refusal.value.code == "reauthentication_required"


@pytest.mark.parametrize("proof", ["password", "code"])
def test_a_proof_is_good_for_fifteen_minutes(session: AuthSession, proof: str) -> None:
    [code, *_rest] = turn_on(session)
    given = {"password": {"password": PASSWORD}, "code": {"code": code}}[proof]
    with time_machine.travel(timezone.now() + timedelta(hours=1), tick=False):
        services.confirm(session.user, session, **given)
        services.require_confirmed(session.user, session)
    with time_machine.travel(timezone.now() + timedelta(hours=1, minutes=16), tick=False), pytest.raises(Forbidden):
        services.require_confirmed(session.user, AuthSession.objects.get())


@pytest.mark.parametrize("given", [{"password": "wrong"}, {"code": "000000"}, {}])
def test_a_wrong_proof_proves_nothing(session: AuthSession, given: dict[str, str]) -> None:
    turn_on(session)
    AuthSession.objects.update(confirmed_at=timezone.now() - timedelta(hours=1))
    session.refresh_from_db()
    with pytest.raises(Invalid):
        services.confirm(session.user, session, **given)
    with pytest.raises(Forbidden):
        services.require_confirmed(session.user, AuthSession.objects.get())


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("kind", ["app", "backup"])
def test_of_many_who_show_the_same_code_at_once_one_gets_in(kind: str) -> None:
    session = AuthSessionFactory.create()
    [backup, *_rest] = turn_on(session)
    code = app_code(session.user, later=1) if kind == "app" else backup
    start = Barrier(8)

    def show() -> bool:
        try:
            start.wait()
            check_code(session.user, code)
        except DomainError:
            return False
        else:
            return True
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as crowd:
        results = [crowd.submit(show) for _ in range(8)]
        assert sum(result.result() for result in results) == 1
