"""The part of the provider in memory that banks dispute payments at."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from core.money import Money
from payments.providers import DisputeMove, Intent, ProviderDispute


class FakeDisputes:
    stamp: str
    intents: dict[str, Intent]
    disputes: dict[str, ProviderDispute]
    _once: Callable[..., Any]
    _call: Callable[..., Any]

    def retrieve_dispute(self, dispute_id: str) -> ProviderDispute:
        return self._call("retrieve_dispute", lambda: self.disputes[dispute_id])

    def send_evidence(self, dispute_id: str, *, key: str, evidence: Mapping[str, str]) -> ProviderDispute:
        def act() -> ProviderDispute:
            status = self.disputes[dispute_id].status.replace("needs_response", "under_review")
            return self._dispute(replace(self.disputes[dispute_id], status=status, answered=True))

        return self._once("send_evidence", key, act)

    def accept_dispute(self, dispute_id: str, *, key: str) -> ProviderDispute:
        return self._once("accept_dispute", key, lambda: self.decide_dispute(dispute_id, "lost"))

    # What happens at the provider without us.

    def dispute(self, intent_id: str, amount: Money | None = None, *, fee: int = 15_00) -> ProviderDispute:
        """The payer's bank takes the money back."""
        intent = self.intents[intent_id]
        taken = intent.received_minor if amount is None else amount.minor
        dispute_id = f"du_{len(self.disputes)}_{self.stamp}"
        moved = DisputeMove(f"txn_{dispute_id}", -taken, fee, intent.currency)
        return self._dispute(
            ProviderDispute(
                dispute_id, "needs_response", taken, intent.currency, intent_id, "fraudulent", moves=(moved,)
            )
        )

    def inquire(self, intent_id: str) -> ProviderDispute:
        """The bank only asks."""
        intent = self.intents[intent_id]
        dispute_id = f"du_{len(self.disputes)}_{self.stamp}"
        return self._dispute(
            ProviderDispute(dispute_id, "warning_needs_response", intent.received_minor, intent.currency, intent_id)
        )

    def decide_dispute(self, dispute_id: str, status: str) -> ProviderDispute:
        dispute = self.disputes[dispute_id]
        back = (DisputeMove(f"txn_back_{dispute_id}", dispute.amount_minor, 0, dispute.currency),)
        return self._dispute(replace(dispute, status=status, moves=dispute.moves + (back if status == "won" else ())))

    def _dispute(self, dispute: ProviderDispute) -> ProviderDispute:
        self.disputes[dispute.id] = dispute
        return dispute
