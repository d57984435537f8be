"""Numbers of documents, made at the same time with real connections."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connections, transaction
from django.utils import timezone

from accounts.tests.factories import ClientFactory
from core.money import Money
from payments.models import Document, DocumentCounter
from payments.providers import Intent
from payments.services import create_payment, settle_payment
from payments.tests.fakes import FakeProvider

pytestmark = pytest.mark.django_db(transaction=True)
MAKERS = 20


class _ChangedMind(Exception):
    pass


def test_20_makers_leave_no_gap_and_no_double(provider: FakeProvider) -> None:
    """Every third rolls back after it took a number, and another takes that."""
    started = [create_payment(ClientFactory.create(), amount=Money(5_00, "USD")) for _ in range(MAKERS)]
    paid = {payment.pk: provider.pay(payment.intent_id or "") for payment in started}
    barrier = Barrier(MAKERS)

    def settle(index: int, pk: int, intent: Intent) -> None:
        try:
            barrier.wait(timeout=60)
            with transaction.atomic():
                settle_payment(pk, intent)
                if index % 3 == 0:
                    raise _ChangedMind
        except _ChangedMind:
            pass
        finally:
            connections.close_all()

    with ThreadPoolExecutor(MAKERS) as pool:
        list(pool.map(settle, range(MAKERS), paid, paid.values()))
    kept = MAKERS - len(range(0, MAKERS, 3))
    receipts = Document.objects.filter(kind="receipt", year=timezone.now().year)
    assert sorted(receipts.values_list("number", flat=True)) == list(range(1, kept + 1))
    assert DocumentCounter.objects.get(kind="receipt").last == kept
    for pk, intent in paid.items():
        settle_payment(pk, intent)
    assert sorted(receipts.values_list("number", flat=True)) == list(range(1, MAKERS + 1))
