"""What one freelancer of the town sent to her bank. Only where Stripe's stand-in is: nobody there fills in the real one's pages."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import partial

from accounts.models import User
from core.money import Money
from marketplace.demo import outside
from marketplace.demo.people import demo_person
from marketplace.demo.stage import Act
from payments import providers
from payments.models import ConnectAccount
from payments.services import refresh_connect_account, refresh_payout, request_payout, send_payout, settle_account

PAYEE, COUNTRY, CURRENCY = "freelancer@example.com", "PL", "PLN"
ELSEWHERE = "http://127.0.0.1:9/"
OPENED_DAYS_AGO = 29
ARRIVED = ((27, "800.00"), (12, "1150.00"))  # days ago, and how much
ASKED_FOR = "420.00"  # an hour ago: sent by the jobs once the site runs


def payouts(now: datetime) -> Iterator[Act]:
    if not outside.stripe_is_here():
        return
    yield Act(now - timedelta(days=OPENED_DAYS_AGO), "payouts: an account", _open_account, calls_provider=True)
    for days_ago, amount in ARRIVED:
        at = now - timedelta(days=days_ago)
        yield Act(at, f"payouts: {amount} asked for", partial(_ask, amount))
        yield Act(at + timedelta(minutes=1), f"payouts: {amount} sent", _send, calls_provider=True)
        yield Act(at + timedelta(days=2), f"payouts: {amount} arrived", _arrive, calls_provider=True)
    yield Act(now - timedelta(hours=1), "payouts: the latest asked for", partial(_ask, ASKED_FOR))


def _payee() -> User:
    return demo_person(PAYEE)


def _open_account() -> None:
    """As the person does on Stripe's page."""
    account, _ = ConnectAccount.objects.get_or_create(user=_payee(), defaults={"country": COUNTRY})
    opened = providers.main().create_account(
        key=f"connect-{account.token}", user_id=account.user_id, email=PAYEE, country=account.country
    )
    settle_account(account.pk, opened)
    link = providers.main().onboarding_link(opened.id, return_url=ELSEWHERE, refresh_url=ELSEWHERE)
    outside.say_who_they_are(link, _payee())
    refresh_connect_account(account.pk)


def _ask(amount: str) -> None:
    request_payout(_payee(), amount=Money.parse(amount, CURRENCY))


def _send() -> None:
    send_payout(_payee().payouts.latest("id").pk)


def _arrive() -> None:
    payout = _payee().payouts.latest("id")
    for outcome in ("in_transit", "paid"):
        outside.move_payout(payout.payout_id, outcome)
    refresh_payout(payout.pk)
