"""What the ledger and the payments say about one person."""

from collections.abc import Iterable, Iterator
from typing import Any

from django.db.models import F, QuerySet
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
from payments.rules import AccountKind, HoldStatus, PaymentStatus, RefundStatus

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
    moving = Payment.objects.filter(payer=user, status__in=UNDER_WAY).exists()
    if moving or Refund.objects.visible_to(user).filter(status=RefundStatus.PENDING).exists():
        yield Tie("money_moving", "A payment or a refund of yours is on its way.", wallet, only_deletion=True)


def export(user: User) -> Iterable[Exported]:
    def rows_of(rows: QuerySet[Any], *columns: str, **renamed: F) -> Iterator[dict[str, Any]]:
        return rows.order_by("id").values(*columns, **renamed).iterator()

    money = ("id", "amount_minor", "currency", "status", "created_at")
    yield Exported(
        "payments",
        rows_of(Payment.objects.filter(payer=user), *money, "description", "method_label", "refunded_minor"),
    )
    yield Exported("refunds", rows_of(Refund.objects.visible_to(user), *money, "payment_id", "reason"))
    yield Exported(
        "holds",
        rows_of(
            Hold.objects.visible_to(user),
            *(*money, "title", "payer_id", "payee_id"),
            *("released_minor", "fee_minor", "refunded_minor", "held_minor"),
        ),
    )
    yield Exported(
        "payout_account",
        rows_of(
            ConnectAccount.objects.filter(user=user),
            *("country", "bank_label", "currencies", "payouts_enabled", "created_at"),
        ),
    )
    yield Exported("payouts", rows_of(Payout.objects.visible_to(user), *money, "bank_label", "failure_message"))
    yield Exported("chargebacks", rows_of(Chargeback.objects.visible_to(user), *money, "payment_id", "reason"))
    yield Exported(
        "documents",
        rows_of(
            Document.objects.visible_to(user),
            *("id", "kind", "year", "number", "title", "created_at"),
            *("net_minor", "tax_minor", "total_minor", "currency", "payload"),
        ),
    )
    yield Exported(
        "subscriptions",
        rows_of(
            Subscription.objects.visible_to(user),
            *("id", "price_minor", "currency", "status", "created_at"),
            *("current_period_end", "cancel_at_period_end", "ended_at"),
            plan_code=F("plan__code"),
        ),
    )
    yield Exported(
        "wallet",
        rows_of(
            Line.objects.visible_to(user),
            *("id", "amount_minor", "currency", "balance_after_minor"),
            account_kind=F("account__kind"),
            journal_kind=F("journal__kind"),
            memo=F("journal__memo"),
            created_at=F("journal__created_at"),
        ),
    )
