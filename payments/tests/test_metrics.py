"""What monitors read about the money."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from payments.models import LedgerCheck, ReconciliationException
from payments.services import check_ledger, reconcile
from payments.tests.fakes import FakeProvider

pytestmark = pytest.mark.django_db


def gauges(client: Client) -> dict[str, float]:
    lines = client.get("/api/health/metrics").content.decode().splitlines()
    return {
        name: float(value) for name, value in (line.rsplit(" ", 1) for line in lines if line.startswith("guildhall"))
    }


def test_before_the_first_run_there_is_no_verdict(client: Client) -> None:
    found = gauges(client)
    assert "guildhall_ledger_right" not in found
    assert found["guildhall_money_exceptions"] == 0


def test_the_verdict_its_age_and_what_is_open(client: Client, provider: FakeProvider) -> None:
    check_ledger()
    reconcile()
    LedgerCheck.objects.update(started_at=timezone.now() - timedelta(minutes=40))
    ReconciliationException.objects.create(kind="payment_stuck", about="payment:1", provider="stripe")
    found = gauges(client)
    assert found["guildhall_ledger_right"] == 1
    assert found["guildhall_ledger_check_age_seconds"] == pytest.approx(2400, abs=60)
    assert found['guildhall_reconciliation_age_seconds{provider="stripe"}'] < 60
    assert found["guildhall_money_exceptions"] == 1
    LedgerCheck.objects.update(is_right=False)
    assert gauges(client)["guildhall_ledger_right"] == 0
