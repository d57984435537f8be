"""The double-entry ledger: the truth about money. Its rules live in the database (see migration 0002)."""

from django.db import models
from django.utils import timezone

from core.money import EXPONENTS, Money
from payments.querysets import JournalQuerySet, LineQuerySet
from payments.rules import MAY_BE_NEGATIVE, PERSONAL_ACCOUNTS, AccountKind, JournalKind, Quote


class Account(models.Model):
    """A bucket of money in one currency. `balance_minor` repeats the sum of its lines, kept by a database trigger.

    `owner` for a person's accounts, `hold` for the held account of one hold, neither for the platform's own.
    """

    kind = models.CharField(max_length=13, choices=AccountKind)
    owner = models.ForeignKey(
        "accounts.User", null=True, blank=True, on_delete=models.PROTECT, related_name="ledger_accounts"
    )
    hold = models.OneToOneField(
        "payments.Hold", null=True, blank=True, on_delete=models.PROTECT, related_name="ledger_account"
    )
    currency = models.CharField(max_length=3)
    balance_minor = models.BigIntegerField(default=0, editable=False)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "owner", "hold", "currency"], name="payments_account_once", nulls_distinct=False
            ),
            models.UniqueConstraint(fields=["id", "currency"], name="payments_account_currency"),
            models.CheckConstraint(condition=models.Q(kind__in=AccountKind.values), name="payments_account_kind_known"),
            models.CheckConstraint(
                condition=models.Q(currency__in=sorted(EXPONENTS)), name="payments_account_currency_known"
            ),
            models.CheckConstraint(
                condition=models.Q(balance_minor__gte=0) | models.Q(kind__in=MAY_BE_NEGATIVE),
                name="payments_account_not_negative",
            ),
            models.CheckConstraint(
                condition=models.Q(balance_minor__lte=0) | ~models.Q(kind=AccountKind.DEBT),
                name="payments_account_debt_not_positive",
            ),
            models.CheckConstraint(
                condition=models.Q(kind=AccountKind.HELD, hold__isnull=False, owner__isnull=True)
                | models.Q(kind__in=PERSONAL_ACCOUNTS, owner__isnull=False, hold__isnull=True)
                | (
                    ~models.Q(kind__in=[AccountKind.HELD, *PERSONAL_ACCOUNTS])
                    & models.Q(owner__isnull=True, hold__isnull=True)
                ),
                name="payments_account_belongs",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} ({self.currency})"

    @property
    def balance(self) -> Money:
        return Money(self.balance_minor, self.currency)


class Journal(models.Model):
    """One movement of money: two or more lines that sum to zero. Never changed; (kind, cause) happens once."""

    kind = models.CharField(max_length=14, choices=JournalKind)
    cause = models.CharField(max_length=80, help_text='What made it, such as "payment:12" or "release:7:1".')
    memo = models.CharField(max_length=200, blank=True)
    hold = models.ForeignKey("payments.Hold", null=True, blank=True, on_delete=models.PROTECT, related_name="journals")
    actor = models.ForeignKey("accounts.User", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    posted_in = models.BigIntegerField(
        default=0, editable=False, help_text="The database transaction; no line can be added in a later one."
    )
    created_at = models.DateTimeField(default=timezone.now)

    objects = JournalQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [models.UniqueConstraint(fields=["kind", "cause"], name="payments_journal_one_per_cause")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} ({self.cause})"

    @property
    def title(self) -> str:
        """What it was for, as a person reads it."""
        return self.hold.title if self.hold else self.memo or self.get_kind_display()


class Line(models.Model):
    """A change of one account by one journal: positive adds to it, negative takes away.

    The database writes `balance_after_minor` and gives ids under the account's lock, so that the lines of an account
    in id order are its statement.
    """

    journal = models.ForeignKey(Journal, on_delete=models.PROTECT, related_name="lines")
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="lines")
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    balance_after_minor = models.BigIntegerField(default=0, editable=False)

    objects = LineQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["account", "-id"], name="payments_line_account")]
        constraints = [models.CheckConstraint(condition=~models.Q(amount_minor=0), name="payments_line_not_zero")]

    def __str__(self) -> str:
        return f"{self.amount} on {self.account_id}"

    @property
    def amount(self) -> Money:
        return Money(self.amount_minor, self.currency)

    @property
    def title(self) -> str:
        """What a person reads on their statement."""
        return self.journal.title

    @property
    def figures(self) -> Quote | None:
        """Gross, fee and net of the release that this line is the net of. Prefetch `journal__lines__account`."""
        if self.journal.kind != JournalKind.RELEASE:
            return None
        moved = {line.account.kind: line.amount for line in self.journal.lines.all()}
        return Quote(-moved[AccountKind.HELD], moved.get(AccountKind.FEES, Money(0, self.currency)), self.amount)

    @property
    def balance_after(self) -> Money:
        return Money(self.balance_after_minor, self.currency)
