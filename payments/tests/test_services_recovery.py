from datetime import timedelta

import pytest
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from accounts.tests.factories import ClientFactory
from core.money import Money
from payments.models import Payment, ProviderEvent, Refund
from payments.services import create_payment, recover, refund_hold
from payments.tests.factories import funded_hold
from payments.tests.fakes import FakeProvider

pytestmark = pytest.mark.django_db
TEN = Money(10_00, "USD")
NOTHING = {"payments": 0, "refunds": 0, "events": 0}


def minutes_later(minutes: int) -> None:
    then = timezone.now() - timedelta(minutes=minutes)
    Payment.objects.update(updated_at=then)
    Refund.objects.update(updated_at=then)
    ProviderEvent.objects.update(received_at=then)


def half_done(provider: FakeProvider) -> None:
    create_payment(ClientFactory.create(), amount=TEN)
    hold = funded_hold(TEN, provider=provider)
    refund_hold(None, hold=hold, reason="", cause="test")
    ProviderEvent.objects.create(event_id="evt_1", type="customer.created", payload={"data": {"object": {}}})


def test_nothing_to_do() -> None:
    assert recover() == NOTHING


def test_what_is_half_done_is_left_alone_for_a_minute(provider: FakeProvider) -> None:
    half_done(provider)
    assert recover() == NOTHING


def test_what_is_half_done_is_taken_up(provider: FakeProvider) -> None:
    half_done(provider)
    minutes_later(2)
    before = ProcrastinateJob.objects.count()
    assert recover() == {"payments": 1, "refunds": 1, "events": 1}
    assert ProcrastinateJob.objects.count() == before + 3
    recover()  # the jobs still wait: no second ones
    assert ProcrastinateJob.objects.count() == before + 3


def test_an_event_that_fails_for_ever_is_left_to_staff(provider: FakeProvider) -> None:
    half_done(provider)
    minutes_later(2)
    ProviderEvent.objects.update(attempts=50)
    assert recover()["events"] == 0
