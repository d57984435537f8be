"""Who a person is at the payment provider."""

import hashlib

import structlog

from accounts.models import User
from accounts.services import audit
from core.errors import DomainError, NotFound
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


def list_cards(user: User) -> list[providers.Card]:
    """Cards that the person kept at the provider. Unavailable when it does not answer."""
    customer = PaymentCustomer.objects.filter(user=user).first()
    return providers.main().cards(customer.customer_id) if customer else []


def saved_cards(user: User) -> list[providers.Card]:
    """The same to choose from; none when the provider does not answer, for a new card can be entered."""
    try:
        return list_cards(user)
    except DomainError:
        logger.warning("saved_cards_unavailable", user_id=user.pk)
        return []


def forget_card(actor: User, *, card_id: str) -> None:
    """Take a kept card away, also while suspended. Calls the provider, so not within a transaction."""
    card = next((card for card in list_cards(actor) if card.id == card_id), None)
    if card is None:
        raise NotFound
    providers.main().forget_card(card.id)
    audit.record(actor, "card.forgotten", actor, card=card.label)
