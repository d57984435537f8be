"""PayPal in memory."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from core.money import Money
from payments.errors import IntentGone
from payments.providers import APPROVED, PAYMENT_KEY, Intent
from payments.tests.fakes import FakeProvider


@dataclass
class FakePayPal(FakeProvider):
    """Keeps PayPal's rules: the payer approves on its page, then it is taken by us; orders cannot be cancelled.

    `declines` is what the next taking of an approved order is refused with.
    """

    approved_elsewhere = True
    knows_customers = False

    declines: str = ""
    captures_stay_pending: bool = False

    def create_intent(
        self,
        *,
        key: str,
        amount: Money,
        customer_id: str,
        manual_capture: bool,
        description: str,
        metadata: Mapping[str, str],
    ) -> Intent:
        assert customer_id == ""

        def act() -> Intent:
            order_id = f"ORDER{len(self.intents) + 1}X{self.stamp}"
            if manual_capture:
                self.manual.add(order_id)
            page = f"https://paypal.test/checkoutnow?token={order_id}"
            return self._keep(
                Intent(
                    order_id,
                    "requires_action",
                    amount.minor,
                    amount.currency,
                    metadata={PAYMENT_KEY: metadata[PAYMENT_KEY]},
                    approval_url=page,
                )
            )

        return self._once("create_intent", key, act)

    def retrieve_intent(self, intent_id: str) -> Intent:
        def act() -> Intent:
            if intent_id not in self.intents:
                raise IntentGone
            return self.intents[intent_id]

        return self._call("retrieve_intent", act)

    def confirm_intent(self, intent_id: str, *, key: str, payment_method: str) -> Intent:
        def act() -> Intent:
            intent = self.intents[intent_id]
            if intent.status == "requires_action":
                return replace(intent, status="requires_payment_method", failure_code="order_not_approved")
            if intent.status != APPROVED:
                return intent
            if self.declines:
                message, self.declines = self.declines, ""
                self._keep(replace(intent, status="requires_action"))
                return replace(
                    intent,
                    status="requires_payment_method",
                    failure_code="instrument_declined",
                    failure_message=message,
                )
            if self.captures_stay_pending:
                return self._keep(replace(intent, status="processing"))
            return self.pay(intent_id)

        return self._once("confirm_intent", key, act)

    def cancel_intent(self, intent_id: str, *, key: str) -> Intent:
        def act() -> Intent:
            intent = self.intents[intent_id]
            return self._keep(replace(intent, status="canceled")) if intent.status == "requires_capture" else intent

        return self._once("cancel_intent", key, act)

    # What happens at PayPal without us.

    def approve(self, intent_id: str) -> Intent:
        return self._keep(replace(self.intents[intent_id], status=APPROVED))

    def pay(self, intent_id: str) -> Intent:
        return self._keep(replace(super().pay(intent_id), method_label="PayPal buyer@example.com", receipt_url=""))
