"""What a person has, and how it came to be so."""

from typing import Any

from rest_framework import serializers

from core.formats import iso
from payments.models import Hold, Line
from payments.rules import AccountKind, HoldStatus, JournalKind
from payments.selectors import Balance


class BalanceSerializer(serializers.Serializer[Any]):
    """One currency of a wallet.

    `available` can be paid out, `pending` is on its way to the bank, `held` is funded for the person's work (before the
    fee), `paid_out` has arrived. `credit` was paid in for no work yet; `committed` is held for work the person ordered;
    `debt` is owed after a chargeback. The lines behind a figure: `/api/wallet/entries?account=…`.
    """

    currency = serializers.CharField()
    available = serializers.IntegerField()
    pending = serializers.IntegerField()
    held = serializers.IntegerField()
    paid_out = serializers.IntegerField()
    credit = serializers.IntegerField()
    committed = serializers.IntegerField()
    debt = serializers.IntegerField()

    def to_representation(self, balance: Balance) -> dict[str, Any]:
        return {
            "currency": balance.currency.lower(),
            "available": balance.available.minor,
            "pending": balance.pending.minor,
            "held": balance.held.minor,
            "paid_out": balance.paid_out.minor,
            "credit": balance.credit.minor,
            "committed": balance.committed.minor,
            "debt": balance.debt.minor,
        }


class WalletSerializer(serializers.Serializer[Any]):
    balances = BalanceSerializer(many=True)


class EntrySerializer(serializers.Serializer[Any]):
    """A line of the person's statement. `balance` is that of `account` after it; the lines re-add to it."""

    id = serializers.IntegerField()
    kind = serializers.ChoiceField(JournalKind.choices)
    account = serializers.ChoiceField(AccountKind.choices)
    title = serializers.CharField()
    url = serializers.CharField()
    gross = serializers.IntegerField(allow_null=True, help_text="For a release: before the fee.")
    fee = serializers.IntegerField(allow_null=True)
    amount = serializers.IntegerField(help_text="What it changed; negative takes away.")
    balance = serializers.IntegerField()
    currency = serializers.CharField()
    transaction = serializers.IntegerField(allow_null=True)
    created_at = serializers.DateTimeField()

    def to_representation(self, line: Line) -> dict[str, Any]:
        journal, figures = line.journal, line.figures
        return {
            "id": line.pk,
            "kind": journal.kind,
            "account": line.account.kind,
            "title": line.title,
            "url": journal.hold.url if journal.hold else "",
            "gross": figures.gross.minor if figures else None,
            "fee": figures.fee.minor if figures else None,
            "amount": line.amount_minor,
            "balance": line.balance_after_minor,
            "currency": line.currency.lower(),
            "transaction": journal.hold_id,
            "created_at": iso(journal.created_at),
        }


class TransactionSerializer(serializers.Serializer[Any]):
    """Money held for one milestone or gig, and what became of it: funded = released + fee + refunded + held."""

    id = serializers.IntegerField()
    purpose = serializers.ChoiceField(Hold.Purpose.choices)
    title = serializers.CharField()
    url = serializers.CharField()
    status = serializers.ChoiceField(HoldStatus.choices)
    role = serializers.ChoiceField(["payer", "payee"], help_text="Which side you are.")
    payer_id = serializers.IntegerField()
    payee_id = serializers.IntegerField()
    amount = serializers.IntegerField()
    funded = serializers.IntegerField()
    released = serializers.IntegerField(help_text="Net, to the payee.")
    fee = serializers.IntegerField()
    refunded = serializers.IntegerField()
    held = serializers.IntegerField()
    fee_bps = serializers.IntegerField()
    currency = serializers.CharField()
    funded_at = serializers.DateTimeField(allow_null=True)
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()

    def to_representation(self, hold: Hold) -> dict[str, Any]:
        viewer = self.context["request"].user
        return {
            "id": hold.pk,
            "purpose": hold.purpose,
            "title": hold.title,
            "url": hold.url,
            "status": hold.status,
            "role": "payer" if hold.payer_id == viewer.pk else "payee",
            "payer_id": hold.payer_id,
            "payee_id": hold.payee_id,
            "amount": hold.amount_minor,
            "funded": hold.funded_minor,
            "released": hold.released_minor,
            "fee": hold.fee_minor,
            "refunded": hold.refunded_minor,
            "held": hold.held_minor,
            "fee_bps": hold.fee_bps,
            "currency": hold.currency.lower(),
            "funded_at": iso(hold.funded_at),
            "created_at": iso(hold.created_at),
            "updated_at": iso(hold.updated_at),
        }
