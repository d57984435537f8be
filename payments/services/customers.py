"""Who a person is at the payment provider."""

import hashlib

import structlog

from accounts.models import User
from core.errors import DomainError
from payments import providers
from payments.models import PaymentCustomer

logger = structlog.get_logger(__name__)


def ensure_customer(user: User) -> PaymentCustomer:
    """The person's customer, made at the provider on first use. Calls the provider, so not within a transaction."""
    known = PaymentCustomer.objects.filter(user=user).first()
    if known:
        return known
    name = user.get_full_name()
    details = hashlib.sha256(f"{user.email}|{name}".encode()).hexdigest()[:12]
    customer_id = providers.main().create_customer(
        key=f"customer-{user.pk}-{details}", user_id=user.pk, email=user.email, name=name
    )
    customer, _ = PaymentCustomer.objects.get_or_create(user=user, defaults={"customer_id": customer_id})
    return customer


def saved_cards(user: User) -> list[providers.Card]:
    """Cards that the person kept at the provider; none when it does not answer, for a new card can be entered."""
    customer = PaymentCustomer.objects.filter(user=user).first()
    if customer is None:
        return []
    try:
        return providers.main().cards(customer.customer_id)
    except DomainError:
        logger.warning("saved_cards_unavailable", user_id=user.pk)
        return []
