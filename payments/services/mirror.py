"""Copies of the provider's objects for staff, kept by dj-stripe. Nothing about money depends on them."""

from collections.abc import Mapping
from typing import Any

import structlog
from djstripe import models as stripe_models

from payments.models import PaymentCustomer

logger = structlog.get_logger(__name__)

MIRRORED = {
    "customer": stripe_models.Customer,
    "payment_method": stripe_models.PaymentMethod,
    "payment_intent": stripe_models.PaymentIntent,
    "charge": stripe_models.Charge,
    "refund": stripe_models.Refund,
}


def mirror(about: Mapping[str, Any]) -> None:
    """Copy one Stripe object. dj-stripe fetches what it refers to, so this may call the provider."""
    model = MIRRORED.get(about.get("object", ""))
    if model is None:
        return
    try:
        copy = model.sync_from_stripe_data(dict(about))
        if isinstance(copy, stripe_models.Customer):
            _name_subscriber(copy)
    except Exception as error:  # whatever goes wrong with a copy must not stop the money
        logger.warning("mirror_failed", object=about.get("object"), id=about.get("id"), error=repr(error)[:300])


def _name_subscriber(copy: stripe_models.Customer) -> None:
    customer = PaymentCustomer.objects.filter(customer_id=copy.id).select_related("user").first()
    if customer and copy.subscriber_id != customer.user_id:
        copy.subscriber = customer.user
        copy.save(update_fields=["subscriber"])
