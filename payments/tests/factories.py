"""Money for tests. It always goes through the real services; only the provider at the far end is a fake."""

from datetime import timedelta

from django.utils import timezone

from accounts.models import User
from accounts.tests.factories import ClientFactory, FreelancerFactory
from core.money import Money
from payments.models import ConnectAccount, Hold, Payment, Plan, Subscription
from payments.rules import Audience
from payments.services import create_payment, open_hold, pay_hold, release_hold, settle_account, subscribe
from payments.tests.fakes import VISA, FakeProvider, use_provider

NO_HOOKS = "test"
"""A purpose that no app has hooks for."""


def usd(minor: int) -> Money:
    return Money(minor, "USD")


def make_hold(
    amount: Money | None = None,
    *,
    payer: User | None = None,
    payee: User | None = None,
    fee_bps: int = 1000,
    purpose: str = NO_HOOKS,
    title: str = "Label drawings",
    url: str = "/contracts/",
) -> Hold:
    """A hold that is not paid yet."""
    return open_hold(
        payer=payer or ClientFactory.create(),
        payee=payee or FreelancerFactory.create(),
        amount=amount or Money(600_00, "USD"),
        fee_bps=fee_bps,
        purpose=purpose,
        title=title,
        url=url,
    )


def pay(hold: Hold, provider: FakeProvider | None = None) -> Payment:
    """Pay a hold in by card, whatever its purpose: its app's hooks run."""
    with use_provider(provider or FakeProvider()):
        payment = pay_hold(hold.payer, hold_id=hold.pk, payment_method=VISA)
    hold.refresh_from_db()
    return payment


def funded_hold(
    amount: Money | None = None,
    *,
    payer: User | None = None,
    payee: User | None = None,
    fee_bps: int = 1000,
    purpose: str = NO_HOOKS,
    title: str = "Label drawings",
    provider: FakeProvider | None = None,
) -> Hold:
    """A hold whose money is held."""
    hold = make_hold(amount, payer=payer, payee=payee, fee_bps=fee_bps, purpose=purpose, title=title)
    pay(hold, provider)
    return hold


def add_credit(payer: User, amount: Money, provider: FakeProvider | None = None) -> Payment:
    """Money that the person paid in for no work yet."""
    with use_provider(provider or FakeProvider()):
        return create_payment(payer, amount=amount, description="Credit", payment_method=VISA)


def earn(payee: User, amount: Money, provider: FakeProvider | None = None, *, payer: User | None = None) -> Hold:
    """`amount` is released to them, without a fee."""
    hold = funded_hold(amount, payer=payer, payee=payee, fee_bps=0, provider=provider)
    release_hold(hold.payer, hold=hold, cause=f"test:{hold.pk}")
    return hold


def payable(user: User, provider: FakeProvider, *, currency: str = "USD", country: str = "US") -> ConnectAccount:
    """They have been here long enough, and the provider pays out to their bank."""
    User.objects.filter(pk=user.pk).update(date_joined=timezone.now() - timedelta(days=30))
    user.refresh_from_db(fields=["date_joined"])
    account = ConnectAccount.objects.create(user=user, country=country)
    opened = provider.create_account(key=f"connect-{account.token}", user_id=user.pk, email=user.email, country=country)
    return settle_account(account.pk, provider.onboard(opened.id, currency=currency, bank=f"ba_{user.pk}"))


def make_plan(audience: str = Audience.FREELANCER, **more: object) -> Plan:
    """The plan of that side as it is on offer, if no test has emptied the tables; else one like it."""
    code = {Audience.CLIENT: "plus", Audience.FREELANCER: "pro"}[Audience(audience)]
    defaults = {"name": code.title(), "audience": audience, "price_minor": 15_00, "currency": "USD", "fee_bps": 800}
    plan, _ = Plan.objects.update_or_create(code=code, defaults=defaults | more)
    return plan


def on_plan(person: User, plan: Plan | None = None, provider: FakeProvider | None = None) -> Subscription:
    """The person's subscription, its first month paid."""
    with use_provider(provider or FakeProvider()):
        return subscribe(person, plan=(plan or make_plan()).code, payment_method=VISA)
