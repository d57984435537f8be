"""What the ledger and the payments say about one person."""

from collections.abc import Iterable

from django.db.models import F
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
    payments = Payment.objects.filter(payer=user).order_by("id")
    yield Exported(
        "payments",
        payments.values(
            "id", "amount_minor", "currency", "description", "status", "method_label", "refunded_minor", "created_at"
        ).iterator(),
    )
    yield Exported(
        "refunds",
        Refund.objects.visible_to(user)
        .order_by("id")
        .values("id", "payment_id", "amount_minor", "currency", "status", "reason", "created_at")
        .iterator(),
    )
    yield Exported(
        "holds",
        Hold.objects.visible_to(user)
        .order_by("id")
        .values(
            "id", "title", "amount_minor", "currency", "status", "released_minor", "fee_minor", "refunded_minor",
            "held_minor", "created_at", "payer_id", "payee_id",
        )
        .iterator(),
    )  # fmt: skip
    yield Exported(
        "payout_account",
        ConnectAccount.objects.filter(user=user)
        .values("country", "bank_label", "currencies", "payouts_enabled", "created_at")
        .iterator(),
    )
    yield Exported(
        "payouts",
        Payout.objects.visible_to(user)
        .order_by("id")
        .values("id", "amount_minor", "currency", "status", "bank_label", "failure_message", "created_at")
        .iterator(),
    )
    yield Exported(
        "chargebacks",
        Chargeback.objects.visible_to(user)
        .order_by("id")
        .values("id", "payment_id", "amount_minor", "currency", "status", "reason", "created_at")
        .iterator(),
    )
    yield Exported(
        "documents",
        Document.objects.visible_to(user)
        .order_by("id")
        .values(
            "id",
            "kind",
            "year",
            "number",
            "title",
            "net_minor",
            "tax_minor",
            "total_minor",
            "currency",
            "payload",
            "created_at",
        )
        .iterator(),
    )
    yield Exported(
        "subscriptions",
        Subscription.objects.visible_to(user)
        .order_by("id")
        .values(
            "id", "price_minor", "currency", "status", "current_period_end", "cancel_at_period_end", "ended_at",
            "created_at", plan_code=F("plan__code"),
        )
        .iterator(),
    )  # fmt: skip
    lines = Line.objects.visible_to(user).order_by("id")
    yield Exported(
        "wallet",
        lines.values(
            "id",
            "amount_minor",
            "currency",
            "balance_after_minor",
            account_kind=F("account__kind"),
            journal_kind=F("journal__kind"),
            memo=F("journal__memo"),
            created_at=F("journal__created_at"),
        ).iterator(),
    )
