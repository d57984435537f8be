"""The part of the provider in memory that pays people out."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from core.money import Money
from payments.errors import NotYet, ProviderRefused
from payments.providers import PAYOUT_KEY, Connected, ProviderPayout, Transfer


class FakeConnect:
    """Transfers go to accounts, and from there to banks by payouts."""

    stamp: str
    accounts: dict[str, Connected]
    transfers: dict[str, Transfer]
    payouts: dict[str, ProviderPayout]
    short_of_money: bool
    refuse_transfers: bool
    refuse_payouts: bool
    calls: list[str]
    _once: Callable[..., Any]
    _call: Callable[..., Any]

    def create_account(self, *, key: str, user_id: int, email: str, country: str) -> Connected:
        return self._once("create_account", key, lambda: self._account(Connected(f"acct_{user_id}_{self.stamp}")))

    def retrieve_account(self, account_id: str) -> Connected:
        return self._call("retrieve_account", lambda: self.accounts[account_id])

    def onboarding_link(self, account_id: str, *, return_url: str, refresh_url: str) -> str:
        return self._call("onboarding_link", lambda: f"https://connect.test/setup/{account_id}")

    def dashboard_link(self, account_id: str) -> str:
        return self._call("dashboard_link", lambda: f"https://connect.test/express/{account_id}")

    def create_transfer(self, *, key: str, account_id: str, amount: Money, reference: str) -> Transfer:
        def act() -> Transfer:
            if self.refuse_transfers:
                raise ProviderRefused(message="The account cannot take transfers.")
            transfer = Transfer(
                f"tr_{len(self.transfers)}_{self.stamp}",
                account_id,
                amount.minor,
                amount.currency,
                metadata={PAYOUT_KEY: reference},
            )
            self.transfers[transfer.id] = transfer
            return transfer

        if self.short_of_money:
            self.calls.append("create_transfer")
            raise NotYet
        return self._once("create_transfer", key, act)

    def retrieve_transfer(self, transfer_id: str) -> Transfer:
        return self._call("retrieve_transfer", lambda: self.transfers[transfer_id])

    def find_transfer(self, account_id: str, *, reference: str) -> Transfer | None:
        def act() -> Transfer | None:
            return next((one for one in self.transfers.values() if one.metadata[PAYOUT_KEY] == reference), None)

        return self._call("find_transfer", act)

    def reverse_transfer(self, transfer_id: str, *, key: str) -> Transfer:
        def act() -> Transfer:
            transfer = self.transfers[transfer_id]
            self.transfers[transfer_id] = replace(transfer, reversed_minor=transfer.amount_minor)
            return self.transfers[transfer_id]

        return self._call("reverse_transfer", act)

    def create_payout(self, *, key: str, account_id: str, amount: Money, reference: str) -> ProviderPayout:
        def act() -> ProviderPayout:
            if self.refuse_payouts:
                raise ProviderRefused(message="Payouts of this account are stopped.")
            payout = ProviderPayout(
                f"po_{len(self.payouts)}_{self.stamp}",
                "pending",
                amount.minor,
                amount.currency,
                metadata={PAYOUT_KEY: reference},
            )
            self.payouts[payout.id] = payout
            return payout

        return self._once("create_payout", key, act)

    def retrieve_payout(self, account_id: str, payout_id: str) -> ProviderPayout:
        return self._call("retrieve_payout", lambda: self.payouts[payout_id])

    def find_payout(self, account_id: str, *, reference: str) -> ProviderPayout | None:
        def act() -> ProviderPayout | None:
            return next((one for one in self.payouts.values() if one.metadata[PAYOUT_KEY] == reference), None)

        return self._call("find_payout", act)

    # What happens at the provider without us.

    def onboard(self, account_id: str, *, currency: str = "USD", bank: str = "ba_1") -> Connected:
        """The person says who they are, and gives a bank account."""
        return self._account(
            Connected(
                account_id,
                details_submitted=True,
                payouts_enabled=True,
                currencies=(currency,),
                bank_label="Test bank ending 6789",
                bank_ids=(bank,),
            )
        )

    def move_payout(self, payout_id: str, status: str) -> ProviderPayout:
        why = "The bank account has been closed." if status == "failed" else ""
        code = "account_closed" if status == "failed" else ""
        self.payouts[payout_id] = replace(
            self.payouts[payout_id], status=status, failure_code=code, failure_message=why
        )
        return self.payouts[payout_id]

    def _account(self, account: Connected) -> Connected:
        self.accounts[account.id] = account
        return account
