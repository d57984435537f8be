"""Runs of the proof over time, and who is told when something is wrong."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from accounts.models import AuditEvent, User
from accounts.tests.factories import staff_of
from notifications.models import Notification
from payments.models import LedgerCheck, ReconciliationRun
from payments.services import ask_for_check, check_ledger, reconcile, watch_checks
from payments.services.proving import thin_out_checks
from payments.tests.factories import funded_hold
from payments.tests.fakes import FakeProvider
from payments.tests.planting import planted

pytestmark = pytest.mark.django_db
BROKEN = "UPDATE payments_hold SET refunded_minor = refunded_minor + 1"


@pytest.fixture
def finance() -> Iterator[User]:
    staff_of("moderator")
    return staff_of("finance")


def make_run(age: timedelta, *, is_right: bool = True) -> LedgerCheck:
    then = timezone.now() - age
    return LedgerCheck.objects.create(started_at=then, finished_at=then, is_right=is_right, findings={"checks": []})


def test_right_books_alarm_nobody(finance: User) -> None:
    funded_hold()
    assert check_ledger().is_right
    assert not Notification.objects.filter(kind="money_alert").exists()


def test_wrong_books_alarm_those_who_watch_over_money_once(finance: User) -> None:
    funded_hold()
    with planted(BROKEN):
        check_ledger()
        check_ledger()
        told = Notification.objects.get(kind="money_alert")
        assert told.user == finance
        assert "holds_add_up" in told.message
        assert AuditEvent.objects.filter(action="ledger.alarm").count() == 2


def test_a_recent_run_is_enough(finance: User) -> None:
    make_run(timedelta(minutes=20))
    assert watch_checks()
    assert not Notification.objects.filter(kind="money_alert").exists()


@pytest.mark.parametrize("age", [None, timedelta(minutes=31)])
def test_books_that_nobody_checks_are_told(finance: User, age: timedelta | None) -> None:
    if age:
        make_run(age)
    assert not watch_checks()
    assert Notification.objects.get(kind="money_alert").title == "The books were not checked"


def test_a_provider_that_was_not_compared_with_for_hours_is_told(finance: User, provider: FakeProvider) -> None:
    make_run(timedelta(minutes=1))
    reconcile()
    watch_checks()
    assert not Notification.objects.filter(kind="money_alert").exists()
    ReconciliationRun.objects.update(started_at=timezone.now() - timedelta(hours=4))
    watch_checks()
    assert "may not answer" in Notification.objects.get(kind="money_alert").message


def test_each_provider_is_watched_by_itself(finance: User, provider: FakeProvider, settings: Any) -> None:
    settings.PAYPAL_CLIENT_ID = "id"
    make_run(timedelta(minutes=1))
    reconcile()
    ReconciliationRun.objects.update(provider="paypal", started_at=timezone.now() - timedelta(hours=4))
    reconcile()
    watch_checks()
    assert Notification.objects.get(kind="money_alert").title == "PayPal was not compared with"


def test_old_runs_are_thinned_to_one_a_day_and_those_that_found_something() -> None:
    day = timezone.now().replace(hour=12) - timedelta(days=9)
    ages = [timezone.now() - day - timedelta(minutes=10 * place) for place in range(3)]
    *dropped, kept = [make_run(age) for age in ages]
    red = make_run(ages[0], is_right=False)
    recent = [make_run(timedelta(days=1)), make_run(timedelta(days=1))]
    thin_out_checks()
    left = set(LedgerCheck.objects.values_list("pk", flat=True))
    assert left >= {red.pk, *(run.pk for run in recent)}
    assert not left & {run.pk for run in dropped}
    assert left & {kept.pk, red.pk}


def test_staff_ask_for_a_run_once(finance: User) -> None:
    ask_for_check(finance)
    ask_for_check(finance)
    assert ProcrastinateJob.objects.filter(task_name="payments.check_ledger").count() == 1
    assert AuditEvent.objects.filter(action="ledger.check_asked", actor=finance).count() == 2
