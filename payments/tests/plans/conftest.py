from typing import Any

import pytest

from accounts.models import User
from accounts.tests.factories import FreelancerFactory, staff_of
from payments.models import Payment, Subscription
from payments.tests.factories import on_plan
from payments.tests.fakes import FakeProvider


@pytest.fixture(autouse=True)
def _taxed(settings: Any) -> None:
    settings.TAX_RATE_BPS = {"DE": 1900}


@pytest.fixture
def person() -> User:
    return FreelancerFactory.create(country="DE")


@pytest.fixture
def plan(person: User, provider: FakeProvider) -> Subscription:
    """Its first month is paid: $15.00, of which $2.39 are tax."""
    return on_plan(person, provider=provider)


@pytest.fixture
def payment(plan: Subscription) -> Payment:
    return plan.payments.get()


@pytest.fixture
def staff() -> User:
    return staff_of("finance")
