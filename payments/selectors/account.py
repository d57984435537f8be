"""What the ledger and the payments say about one person."""

from collections.abc import Iterable, Iterator
from typing import Any

from django.db.models import F, Q, QuerySet
from django.urls import reverse

from accounts.hooks import Exported, Tie
from accounts.models import User
from payments.models import (
    Account,
    Chargeback,
    ConnectAccount,
    Document,
    Hold,
    Line,
    Payment,
    Payout,
    Refund,
    Subscription,
)
from payments.rules import OPEN_PAYMENTS, AccountKind, HoldStatus, PaymentStatus, RefundStatus

UNDER_WAY = (PaymentStatus.REQUIRES_ACTION, PaymentStatus.PROCESSING, PaymentStatus.AUTHORISED)


def ties(user: User) -> Iterable[Tie]:
    """Money that is held, left or on its way."""
    wallet = reverse("wallet")
    if Hold.objects.visible_to(user).filter(status=HoldStatus.HELD).exists():
        yield Tie("money_held", "Money is held for work of yours.", wallet)
    for account in Account.objects.filter(owner=user, balance_minor__gt=0):
        text = f"There is {account.balance} in your wallet ({account.get_kind_display().lower()})."
        yield Tie("wallet_not_empty", text, wallet, only_deletion=True)
    for account in Account.objects.filter(owner=user, kind=AccountKind.DEBT, balance_minor__lt=0):
        yield Tie("debt_open", f"You owe {-account.balance} after a chargeback.", wallet)
    for subscription in (
        Subscription.objects.visible_to(user).live().filter(cancel_at_period_end=False).select_related("plan")
    ):
        yield Tie("plan_goes_on", f"Your {subscription.plan} plan is charged every month.", reverse("plan"))
    asked = Q(status__in=OPEN_PAYMENTS, unheard_since__isnull=False)  # the provider may have taken it
    moving = Payment.objects.filter(asked | Q(status__in=UNDER_WAY), payer=user).exists()
    if moving or Refund.objects.visible_to(user).filter(status=RefundStatus.PENDING).exists():
        yield Tie("money_moving", "A payment or a refund of yours is on its way.", wallet, only_deletion=True)


MONEY = ("id", "amount_minor", "currency", "status", "created_at")


def export(user: User) -> Iterable[Exported]:
    yield from _paid_in(user)
    yield from _paid_out(user)
    yield from _papers(user)
    yield from _books(user)


def _paid_in(user: User) -> Iterable[Exported]:
    yield Exported(
        "payments",
        _rows(Payment.objects.filter(payer=user), *MONEY, "description", "method_label", "refunded_minor"),
    )
    yield Exported("refunds", _rows(Refund.objects.visible_to(user), *MONEY, "payment_id", "reason"))
    yield Exported("chargebacks", _rows(Chargeback.objects.visible_to(user), *MONEY, "payment_id", "reason"))


def _paid_out(user: User) -> Iterable[Exported]:
    yield Exported(
        "payout_account",
        _rows(
            ConnectAccount.objects.filter(user=user),
            *("country", "bank_label", "currencies", "payouts_enabled", "created_at"),
        ),
    )
    yield Exported("payouts", _rows(Payout.objects.visible_to(user), *MONEY, "bank_label", "failure_message"))


def _papers(user: User) -> Iterable[Exported]:
    yield Exported(
        "documents",
        _rows(
            Document.objects.visible_to(user),
            *("id", "kind", "year", "number", "title", "created_at"),
            *("net_minor", "tax_minor", "total_minor", "currency", "payload"),
        ),
    )
    yield Exported(
        "subscriptions",
        _rows(
            Subscription.objects.visible_to(user),
            *("id", "price_minor", "currency", "status", "created_at"),
            *("current_period_end", "cancel_at_period_end", "ended_at"),
            plan_code=F("plan__code"),
        ),
    )


def _books(user: User) -> Iterable[Exported]:
    yield Exported(
        "holds",
        _rows(
            Hold.objects.visible_to(user),
            *(*MONEY, "title", "payer_id", "payee_id"),
            *("released_minor", "fee_minor", "refunded_minor", "held_minor"),
        ),
    )
    yield Exported(
        "wallet",
        _rows(
            Line.objects.visible_to(user),
            *("id", "amount_minor", "currency", "balance_after_minor"),
            account_kind=F("account__kind"),
            journal_kind=F("journal__kind"),
            memo=F("journal__memo"),
            created_at=F("journal__created_at"),
        ),
    )


def _rows(rows: QuerySet[Any], *columns: str, **renamed: F) -> Iterator[dict[str, Any]]:
    return rows.order_by("id").values(*columns, **renamed).iterator()
