"""Beginning a plan, leaving it, and what becomes of one that is not paid.

As with payments, the row is committed before the provider is called, and the call's key is made of the row.
"""

import hashlib
from uuid import UUID, uuid4

import structlog
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from accounts.policies import why_not_act
from accounts.services import audit
from core.clock import database_now
from core.errors import Conflict, DomainError, require
from core.queries import get_or_refuse
from payments import providers
from payments.errors import ProviderRefused, SettlementMismatch
from payments.models import Plan, Subscription
from payments.rules import REMIND_BEFORE_END, SUBSCRIPTION_LIFECYCLE, SubscriptionStatus
from payments.services.billing import settle_subscription, tell_overdue
from payments.services.customers import ensure_customer
from payments.services.paid_back import paid_back
from payments.services.payments import limit_paying

logger = structlog.get_logger(__name__)

WAITING = frozenset({SubscriptionStatus.CREATED, SubscriptionStatus.INCOMPLETE})


def subscribe(actor: User, *, plan: str, payment_method: str = "", token: UUID | None = None) -> Subscription:
    """Begin a plan: one that waits for its first payment, however often this is called.

    Repeating a `token` gives the subscription that it made, paid or not.

    With a `payment_method` it is paid at once; look at `status` and `failure_message`. Without, the person confirms by
    the `client_secret`. Conflict: `already_subscribed`, `other_plan_waits`. Unavailable when the provider did not answer.
    """
    limit_paying(actor)
    subscription = _begin(actor, plan, token)
    if subscription.subscription_id:  # of an earlier try, which may have paid it since we last knew
        subscription = refresh_subscription(subscription.pk)
    else:
        subscription = _ensure_at_provider(subscription)
    if payment_method and subscription.status == SubscriptionStatus.INCOMPLETE:
        return _pay_invoice(subscription, payment_method)
    return subscription


def pay_subscription(actor: User, *, subscription: Subscription, payment_method: str) -> Subscription:
    """Pay what is open with this card, which later periods are then paid with. Conflict `nothing_to_pay`."""
    require(why_not_act(actor))
    limit_paying(actor)
    subscription = refresh_subscription(subscription.pk)
    if not subscription.intent_id:
        raise Conflict("nothing_to_pay", "Everything is paid.")
    return _pay_invoice(subscription, payment_method)


def cancel_subscription(actor: User, *, subscription: Subscription) -> Subscription:
    """Let it end with the period that is paid for; one that is not paid ends now. Repeating it is harmless."""
    if subscription.status != SubscriptionStatus.ACTIVE:  # it may have been paid, or have ended, since we last knew
        subscription = refresh_subscription(subscription.pk)
    if subscription.status == SubscriptionStatus.ENDED or subscription.cancel_at_period_end:
        return subscription
    assert subscription.subscription_id is not None
    asked_at = database_now()
    if subscription.status == SubscriptionStatus.ACTIVE:
        key = f"cancel-{subscription.token}-{asked_at:%Y%m%d%H%M%S}"
        state = providers.main().end_with_period(subscription.subscription_id, key=key, wanted=True)
    else:
        state = providers.main().end_subscription(subscription.subscription_id, key=f"end-{subscription.token}")
    audit.record(actor, "subscription.cancelled", subscription, plan=subscription.plan.code)
    return settle_subscription(subscription.pk, state, asked_at=asked_at)


def resume_subscription(actor: User, *, subscription: Subscription) -> Subscription:
    """Go on after all, while the period that was paid for lasts. Conflict `subscription_ended`."""
    require(why_not_act(actor))
    if subscription.status == SubscriptionStatus.ENDED or subscription.subscription_id is None:
        raise Conflict("subscription_ended", "This plan has ended. You can begin it again.")
    if not subscription.cancel_at_period_end:
        return subscription
    asked_at = database_now()
    key = f"resume-{subscription.token}-{asked_at:%Y%m%d%H%M%S}"
    state = providers.main().end_with_period(subscription.subscription_id, key=key, wanted=False)
    audit.record(actor, "subscription.resumed", subscription, plan=subscription.plan.code)
    return settle_subscription(subscription.pk, state, asked_at=asked_at)


def refresh_subscription(pk: int) -> Subscription:
    """Ask the provider how a subscription stands."""
    subscription: Subscription = Subscription.objects.select_related("plan", "user").get(pk=pk)
    if subscription.status == SubscriptionStatus.ENDED:
        return subscription
    subscription = _ensure_at_provider(subscription)
    if subscription.subscription_id is None:
        return subscription
    asked_at = database_now()
    state = providers.main().retrieve_subscription(subscription.subscription_id)
    return settle_subscription(subscription.pk, state, asked_at=asked_at)


def follow_overdue() -> dict[str, int]:
    """Remind those whose plan ends soon because it is not paid, and end the plans whose time is over.

    One that the provider does not end now is tried again the next time, and keeps no other waiting.
    """
    now = timezone.now()
    overdue = Subscription.objects.filter(status=SubscriptionStatus.PAST_DUE)
    soon = overdue.filter(grace_ends_at__lte=now + REMIND_BEFORE_END, grace_ends_at__gt=now, reminded_at=None)
    reminded = sum(_remind(pk) for pk in list(soon.values_list("pk", flat=True)))
    over = list(overdue.filter(grace_ends_at__lte=now).values_list("pk", flat=True))
    return {"reminded": reminded, "ended": sum(_end_unpaid(pk) for pk in over)}


def end_paid_back(subscription_id: int) -> None:
    """End a plan now whose money went back: see `paid_back`. Safe to repeat; not within a transaction."""
    if paid_back().filter(pk=subscription_id).exists():
        _end_now(refresh_subscription(subscription_id))


@transaction.atomic
def _remind(pk: int) -> bool:
    claimed = Subscription.objects.filter(pk=pk, status=SubscriptionStatus.PAST_DUE, reminded_at=None)
    if not claimed.update(reminded_at=timezone.now()):
        return False
    tell_overdue(Subscription.objects.select_related("plan", "user").get(pk=pk))
    return True


def _end_unpaid(pk: int) -> bool:
    """Unless it was paid meanwhile."""
    try:
        subscription = refresh_subscription(pk)
        if subscription.status != SubscriptionStatus.PAST_DUE:
            return False
        _end_now(subscription)
    except (DomainError, SettlementMismatch):
        logger.exception("overdue_plan_not_ended", subscription_id=pk)
        return False
    return True


def _end_now(subscription: Subscription) -> None:
    if subscription.status == SubscriptionStatus.ENDED or subscription.subscription_id is None:
        return
    asked_at = database_now()
    state = providers.main().end_subscription(subscription.subscription_id, key=f"end-{subscription.token}")
    settle_subscription(subscription.pk, state, asked_at=asked_at)


@transaction.atomic(durable=True)
def _begin(actor: User, code: str, token: UUID | None) -> Subscription:
    """The person's lock lets only one be made."""
    require(why_not_act(actor))
    plan = get_or_refuse(Plan.objects.filter(is_offered=True), code=code)
    User.objects.select_for_update(no_key=True).get(pk=actor.pk)
    made: Subscription | None = (
        Subscription.objects.filter(user=actor, token=token).select_related("plan", "user").first() if token else None
    )
    if made:
        return made
    live: Subscription | None = (
        Subscription.objects.filter(user=actor, audience=plan.audience).live().select_related("plan", "user").first()
    )
    if live and live.status not in WAITING:
        raise Conflict("already_subscribed", f"You are on the {live.plan} plan already.")
    if live and live.plan_id != plan.pk:
        raise Conflict("other_plan_waits", f"The {live.plan} plan waits for its payment. Pay or cancel it first.")
    if live:
        return live
    subscription: Subscription = Subscription.objects.create(
        token=token or uuid4(),
        user=actor,
        plan=plan,
        audience=plan.audience,
        price_minor=plan.price_minor,
        currency=plan.currency,
    )
    subscription.events.create(move="begin", to_status=subscription.status, actor=actor)
    price = plan.price.as_string()
    audit.record(actor, "subscription.begun", subscription, plan=plan.code, price=price, currency=plan.currency)
    return subscription


def _ensure_at_provider(subscription: Subscription) -> Subscription:
    """The subscription with the provider's id. Repeating the call after an unknown outcome finds the same one."""
    if subscription.subscription_id or subscription.status == SubscriptionStatus.ENDED:
        return subscription
    customer_id = ensure_customer(subscription.user).customer_id
    reference = str(subscription.token)
    asked_at = database_now()
    state = None
    if subscription.created_at < asked_at - providers.KEYS_ARE_REMEMBERED:
        state = providers.main().find_subscription(customer_id, reference=reference)
    if state is None:
        try:
            state = providers.main().create_subscription(
                key=f"subscription-{reference}",
                customer_id=customer_id,
                price_id=_ensure_price(subscription),
                metadata={providers.SUBSCRIPTION_KEY: reference},
            )
        except ProviderRefused:
            _give_up(subscription)
            raise
    return settle_subscription(subscription.pk, state, asked_at=asked_at)


def _ensure_price(subscription: Subscription) -> str:
    """At the price that the subscription began with, though the plan's may have changed since."""
    plan, price = subscription.plan, subscription.price
    if plan.price_id and plan.price == price:
        return plan.price_id
    name = hashlib.sha256(plan.name.encode()).hexdigest()[:12]  # the same key with another name is refused
    key = f"plan-{plan.code}-{price.minor}-{price.currency}-{name}"
    price_id = providers.main().create_price(key=key, name=plan.name, price=price, reference=plan.code)
    Plan.objects.filter(pk=plan.pk, price_minor=price.minor, currency=price.currency).update(price_id=price_id)
    return price_id


@transaction.atomic
def _give_up(subscription: Subscription) -> None:
    """The provider would not even start it."""
    SUBSCRIPTION_LIFECYCLE.perform(
        subscription, "end", reason="Refused by the payment provider.", ended_at=timezone.now()
    )


def _pay_invoice(subscription: Subscription, payment_method: str) -> Subscription:
    """Confirm the payment of the open invoice. A declined card is noted, and the invoice stays open."""
    asked_at = database_now()
    key = f"subscription-{subscription.token}-{subscription.intent_id}-{asked_at:%Y%m%d%H%M%S%f}"
    intent = providers.main().confirm_intent(subscription.intent_id, key=key, payment_method=payment_method)
    message = intent.failure_message if intent.status == "requires_payment_method" else ""
    Subscription.objects.filter(pk=subscription.pk).update(failure_message=message[:300])
    return refresh_subscription(subscription.pk)


def refuse_declined_subscription(subscription: Subscription) -> None:
    """Conflict `card_declined`, for who answers by a refusal rather than by a status."""
    if subscription.failure_message and not subscription.gives_benefits:
        raise Conflict("card_declined", subscription.failure_message)
