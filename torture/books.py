"""Looking at the books: the truths about money, and what the payment provider has on its own record."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import httpx
from django.db.models import Sum

from accounts.models import User
from payments.models import Payment, Refund
from payments.providers import PAYMENT_KEY
from payments.rules import PaymentStatus, RefundStatus
from payments.selectors import prove
from payments.tests.fakes import DECLINED, THREE_D_SECURE, VISA
from standins.tests.process import SECRET_KEY

PAGE = 100
Json = Mapping[str, Any]


def violated() -> list[str]:
    """The truths that do not hold, each with examples."""
    return [f"{one.check.name}: {', '.join(one.examples)}" for one in prove() if one.offenders]


class Bank:
    """The stand-in's own record of charges and refunds, which the site cannot change."""

    def __init__(self, address: str) -> None:
        self._http = httpx.Client(
            base_url=address, headers={"Authorization": f"Bearer {SECRET_KEY}"}, timeout=30, trust_env=False
        )

    def newest(self, count: int = 10) -> list[Json]:
        return self._get("/v1/payment_intents", limit=count)["data"]

    def all(self) -> Iterator[Json]:
        after: dict[str, str] = {}
        while True:
            page = self._get("/v1/payment_intents", limit=PAGE, **after)
            yield from page["data"]
            if not page["has_more"]:
                return
            after = {"starting_after": page["data"][-1]["id"]}

    def refunds(self, intent_id: str) -> list[Json]:
        """Those that went through. The part of an authorisation that was never taken shows as one that moved nothing."""
        found = self._get("/v1/refunds", payment_intent=intent_id, limit=PAGE)["data"]
        return [refund for refund in found if refund["status"] == "succeeded" and refund["balance_transaction"]]

    def took(self, payer: User) -> tuple[list[int], list[int]]:
        """What was charged to the person and what was sent back, in minor units."""
        tokens = {str(token) for token in payer.payments.values_list("token", flat=True)}
        own = [intent for intent in self.newest() if intent["metadata"].get(PAYMENT_KEY) in tokens]
        charged = [intent["amount_received"] for intent in own if intent["amount_received"]]
        back = [refund["amount"] for intent in own for refund in self.refunds(intent["id"])]
        return sorted(charged), sorted(back)

    def paid_by_the_page(self, intent_id: str | None, card: str = VISA) -> Json:
        """The person pays without us, as the card field of a page does; the event that tells of it."""
        path = f"/v1/payment_intents/{intent_id}/confirm"
        self._post(path, data={"payment_method": card})
        if card == THREE_D_SECURE:
            self._post(f"/standin/authentications/{intent_id}", json={"outcome": "complete"})
        return self.events(intent_id, "payment_intent.succeeded")[0]

    def declined_by_the_page(self, intent_id: str) -> None:
        """The person tries a card that is not good."""
        self._http.post(f"/v1/payment_intents/{intent_id}/confirm", data={"payment_method": DECLINED})

    def settle_refund(self, refund_id: str, outcome: str) -> None:
        """The card holder's bank takes a refund that was on its way (`succeeded`), or sends it back (`failed`)."""
        self._post(f"/standin/refunds/{refund_id}/settle", json={"outcome": outcome})

    def events(self, intent_id: str | None, *types: str) -> list[Json]:
        """What the bank tells of the intent, its charge and refunds, newest first."""
        newest = self._get("/v1/events", limit=PAGE)["data"]
        about = [event for event in newest if intent_id in _names(event["data"]["object"])]
        return [event for event in about if not types or event["type"] in types]

    def differences(self, intents: Iterable[Json]) -> list[str]:
        """Where the site's books say something else of these intents than the bank."""
        return [difference for intent in intents for difference in self._of_one(intent)]

    def totals(self) -> list[str]:
        """The same for everything that was ever paid or sent back."""
        intents = list(self.all())
        received = sum(intent["amount_received"] for intent in intents)
        booked = _sum(Payment.objects.filter(status=PaymentStatus.SUCCEEDED), "received_minor")
        found = self.differences(intents)
        return found if received == booked else [*found, f"the bank took {received}, the books have {booked}"]

    def _of_one(self, intent: Json) -> Iterator[str]:
        payment = Payment.objects.filter(token=intent["metadata"].get(PAYMENT_KEY)).first()
        name = intent["id"]
        if payment is None:
            yield f"{name} belongs to no payment"
            return
        if payment.received_minor != intent["amount_received"]:
            yield f"{name} took {intent['amount_received']}, the books have {payment.received_minor}"
        back = sum(refund["amount"] for refund in self.refunds(name)) if intent["amount_received"] else 0
        booked = _sum(Refund.objects.filter(payment=payment, status=RefundStatus.SUCCEEDED), "amount_minor")
        if back != booked:
            yield f"of {name} {back} went back, the books have {booked}"

    def _get(self, path: str, **params: Any) -> Any:
        return self._http.get(path, params=params).raise_for_status().json()

    def _post(self, path: str, **body: Any) -> None:
        self._http.post(path, **body).raise_for_status()


def _names(about: Json) -> set[str | None]:
    return {about["id"], about.get("payment_intent")}


def _sum(rows: Any, column: str) -> int:
    return rows.aggregate(total=Sum(column))["total"] or 0
