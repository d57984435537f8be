"""Stripe's side of paying people out, and of what their banks dispute."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from core.money import Money
from payments.errors import NotYet, ProviderRefused
from payments.providers.base import (
    PAYOUT_KEY,
    Connected,
    DisputeMove,
    ProviderDispute,
    ProviderPayout,
    Transfer,
)
from payments.providers.stripe_calls import StripeCalls

SHORT_OF_MONEY = "balance_insufficient"
REVERSED = "transfer_already_reversed"
ACCOUNT_KEY = "guildhall_user"
LOOKED_THROUGH = 100


class ConnectCalls(StripeCalls):
    """The part of payments.providers.stripe.StripeProvider that pays people out and answers their banks."""

    # --- Accounts -------------------------------------------------------------------------------

    def create_account(self, *, key: str, user_id: int, email: str, country: str) -> Connected:
        with self._translated():
            account = self._client.v1.accounts.create(
                {
                    "type": "express",
                    "country": country,
                    "email": email,
                    "capabilities": {"transfers": {"requested": True}},
                    "settings": {"payouts": {"schedule": {"interval": "manual"}}},
                    "metadata": {ACCOUNT_KEY: str(user_id)},
                },
                {"idempotency_key": key},
            )
        return read_account(account.to_dict())

    def retrieve_account(self, account_id: str) -> Connected:
        with self._translated():
            account = self._client.v1.accounts.retrieve(account_id)
        return read_account(account.to_dict())

    def onboarding_link(self, account_id: str, *, return_url: str, refresh_url: str) -> str:
        with self._translated():
            link = self._client.v1.account_links.create(
                {
                    "account": account_id,
                    "type": "account_onboarding",
                    "return_url": return_url,
                    "refresh_url": refresh_url,
                }
            )
        return link.url

    def dashboard_link(self, account_id: str) -> str:
        with self._translated():
            link = self._client.v1.accounts.login_links.create(account_id)
        return link.url

    # --- Money out ------------------------------------------------------------------------------

    def create_transfer(self, *, key: str, account_id: str, amount: Money, reference: str) -> Transfer:
        with self._patiently():
            transfer = self._client.v1.transfers.create(
                {
                    "amount": amount.minor,
                    "currency": amount.currency.lower(),
                    "destination": account_id,
                    "transfer_group": reference,
                    "metadata": {PAYOUT_KEY: reference},
                },
                {"idempotency_key": key},
            )
        return read_transfer(transfer.to_dict())

    def retrieve_transfer(self, transfer_id: str) -> Transfer:
        with self._translated():
            transfer = self._client.v1.transfers.retrieve(transfer_id)
        return read_transfer(transfer.to_dict())

    def find_transfer(self, account_id: str, *, reference: str) -> Transfer | None:
        with self._translated():
            found = self._client.v1.transfers.list({"destination": account_id, "transfer_group": reference, "limit": 1})
        return next((read_transfer(transfer.to_dict()) for transfer in found.data), None)

    def reverse_transfer(self, transfer_id: str, *, key: str) -> Transfer:
        with self._patiently(but=REVERSED):
            self._client.v1.transfers.reversals.create(transfer_id, {}, {"idempotency_key": key})
        return self.retrieve_transfer(transfer_id)

    def create_payout(self, *, key: str, account_id: str, amount: Money, reference: str) -> ProviderPayout:
        with self._patiently():
            payout = self._client.v1.payouts.create(
                {"amount": amount.minor, "currency": amount.currency.lower(), "metadata": {PAYOUT_KEY: reference}},
                {"idempotency_key": key, "stripe_account": account_id},
            )
        return read_payout(payout.to_dict())

    def retrieve_payout(self, account_id: str, payout_id: str) -> ProviderPayout:
        with self._translated():
            payout = self._client.v1.payouts.retrieve(payout_id, {}, {"stripe_account": account_id})
        return read_payout(payout.to_dict())

    def find_payout(self, account_id: str, *, reference: str) -> ProviderPayout | None:
        with self._translated():
            found = self._client.v1.payouts.list({"limit": LOOKED_THROUGH}, {"stripe_account": account_id})
            payouts = (read_payout(payout.to_dict()) for payout in found.auto_paging_iter())
            return next((payout for payout in payouts if payout.metadata.get(PAYOUT_KEY) == reference), None)

    # --- Disputes -------------------------------------------------------------------------------

    def retrieve_dispute(self, dispute_id: str) -> ProviderDispute:
        with self._translated():
            dispute = self._client.v1.disputes.retrieve(dispute_id)
        return read_dispute(dispute.to_dict())

    def send_evidence(self, dispute_id: str, *, key: str, evidence: Mapping[str, str]) -> ProviderDispute:
        params: dict[str, Any] = {"evidence": dict(evidence), "submit": True}
        try:
            with self._translated():
                dispute = self._client.v1.disputes.update(dispute_id, params, {"idempotency_key": key})  # type: ignore[arg-type]
        except ProviderRefused:
            current = self.retrieve_dispute(dispute_id)
            if current.status in {"needs_response", "warning_needs_response"} and not current.answered:
                raise
            return current
        return read_dispute(dispute.to_dict())

    def accept_dispute(self, dispute_id: str, *, key: str) -> ProviderDispute:
        try:
            with self._translated():
                dispute = self._client.v1.disputes.close(dispute_id, {}, {"idempotency_key": key})
        except ProviderRefused:
            current = self.retrieve_dispute(dispute_id)
            if current.status == "needs_response":
                raise
            return current
        return read_dispute(dispute.to_dict())

    @contextmanager
    def _patiently(self, *, but: str = "") -> Iterator[None]:
        """NotYet when there is too little money at the moment. A refusal with the code `but` is as good as done."""
        try:
            with self._translated():
                yield
        except ProviderRefused as refusal:
            cause = refusal.__cause__
            code = cause.code if isinstance(cause, self._stripe.StripeError) else ""
            if code == SHORT_OF_MONEY:
                raise NotYet from refusal
            if not but or code != but:
                raise


def read_account(data: Mapping[str, Any]) -> Connected:
    """A Stripe Account object. A bank of the account is shown by its last four digits only."""
    needs = data.get("requirements") or {}
    banks = (data.get("external_accounts") or {}).get("data") or []
    return Connected(
        id=data["id"],
        details_submitted=bool(data.get("details_submitted")),
        payouts_enabled=bool(data.get("payouts_enabled")),
        missing=tuple(dict.fromkeys([*(needs.get("past_due") or []), *(needs.get("currently_due") or [])])),
        disabled_reason=needs.get("disabled_reason") or "",
        currencies=tuple(dict.fromkeys(bank["currency"].upper() for bank in banks)),
        bank_label=_bank_label(banks[0]) if banks else "",
        bank_ids=tuple(bank["id"] for bank in banks),
    )


def read_transfer(data: Mapping[str, Any]) -> Transfer:
    """A Stripe Transfer object, from the API or an event."""
    return Transfer(
        id=data["id"],
        account_id=data["destination"],
        amount_minor=int(data["amount"]),
        currency=data["currency"].upper(),
        reversed_minor=int(data.get("amount_reversed") or 0),
        metadata=data.get("metadata") or {},
    )


def read_payout(data: Mapping[str, Any]) -> ProviderPayout:
    """A Stripe Payout object, from the API or an event."""
    return ProviderPayout(
        id=data["id"],
        status=data["status"],
        amount_minor=int(data["amount"]),
        currency=data["currency"].upper(),
        arrives_at=_moment(data.get("arrival_date")),
        metadata=data.get("metadata") or {},
        failure_code=data.get("failure_code") or "",
        failure_message=data.get("failure_message") or "",
    )


def read_dispute(data: Mapping[str, Any]) -> ProviderDispute:
    """A Stripe Dispute object."""
    details = data.get("evidence_details") or {}
    return ProviderDispute(
        id=data["id"],
        status=data["status"],
        amount_minor=int(data["amount"]),
        currency=data["currency"].upper(),
        intent_id=data.get("payment_intent") or "",
        reason=data.get("reason") or "",
        answer_by=_moment(details.get("due_by")),
        answered=bool(details.get("submission_count")),
        moves=tuple(
            DisputeMove(booked["id"], int(booked["amount"]), int(booked["fee"]), booked["currency"].upper())
            for booked in data.get("balance_transactions") or []
        ),
    )


def _bank_label(bank: Mapping[str, Any]) -> str:
    name = bank.get("bank_name") or bank.get("brand") or "Bank account"
    return f"{name} ending {bank['last4']}"


def _moment(seconds: int | None) -> datetime | None:
    return datetime.fromtimestamp(seconds, UTC) if seconds else None
