from typing import Any

import pytest
from djstripe import models as stripe_models

from accounts.tests.factories import ClientFactory
from payments.models import PaymentCustomer
from payments.services.mirror import mirror

pytestmark = pytest.mark.django_db


def customer_object(customer_id: str) -> dict[str, object]:
    return {
        "id": customer_id,
        "object": "customer",
        "created": 1_790_000_000,
        "email": "client@example.com",
        "livemode": False,
        "metadata": {},
        "balance": 0,
        "currency": None,
        "delinquent": False,
        "default_source": None,
        "invoice_settings": {"default_payment_method": None},
    }


@pytest.fixture
def stripe_account(settings: Any) -> stripe_models.Account:
    """dj-stripe would ask the provider whose key it has."""
    account = stripe_models.Account.objects.create(id="acct_1", livemode=False)
    stripe_models.APIKey.objects.create(
        type="secret", secret=settings.STRIPE_SECRET_KEY, livemode=False, djstripe_owner_account=account
    )
    return account


@pytest.mark.usefixtures("stripe_account")
def test_a_customer_is_copied_and_tied_to_its_person() -> None:
    customer = PaymentCustomer.objects.create(user=ClientFactory.create(), customer_id="cus_1")
    for _ in range(2):
        mirror(customer_object("cus_1"))
    assert stripe_models.Customer.objects.get().subscriber == customer.user


def test_a_copy_that_fails_stops_nothing() -> None:
    mirror({"id": "cus_1", "object": "customer"})
    mirror({"object": "charge"})
    assert not stripe_models.Charge.objects.exists()


def test_what_is_not_copied_is_ignored() -> None:
    mirror({"id": "x", "object": "product"})
    mirror({})
