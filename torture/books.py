"""Looking at the books: the truths about money, and what the payment provider has on its own record."""

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any
from uuid import UUID

import httpx
from django.db.models import Q, Sum

from accounts.models import User
from payments import providers
from payments.models import Payment, Refund
from payments.providers import PAYMENT_KEY
from payments.rules import PaymentStatus, ProviderName, RefundStatus
from payments.selectors import prove
from payments.tests.fakes import DECLINED, THREE_D_SECURE, VISA
from standins.tests.process import SECRET_KEY

PAGE = 100
INVOICED = {"Subscription creation", "Subscription update"}
Json = Mapping[str, Any]


def violated() -> list[str]:
    """The truths that do not hold, each with examples."""
    return [f"{one.check.name}: {', '.join(one.examples)}" for one in prove() if one.offenders]


def forget_providers() -> None:
    """Those of this process, with their connections: what they talk to has changed, or is another process's."""
    providers.main.cache_clear()
    providers.paypal_provider.cache_clear()


class Bank:
    """Stripe's stand-in and its own record of what it moved, which the site cannot change. `paypal` is the other one."""

    def __init__(self, address: str, paypal: str = "") -> None:
        self.paypal = PayPal(paypal)
        self._http = httpx.Client(
            base_url=address, headers={"Authorization": f"Bearer {SECRET_KEY}"}, timeout=30, trust_env=False
        )

    def newest(self, count: int = 10) -> list[Json]:
        return self._get("/v1/payment_intents", limit=count)["data"]

    def last(self) -> str:
        """The id of the newest intent, "" when there is none."""
        return str(next((intent["id"] for intent in self.newest(1)), ""))

    def since(self, last: str) -> list[Json]:
        """Intents made after that one."""
        after = {"ending_before": last} if last else {}
        newer: list[Json] = self._get("/v1/payment_intents", limit=PAGE, **after)["data"]
        return newer

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

    def events(self, intent_id: str | None, *types: str, account: str = "") -> list[Json]:
        """What the bank tells of the intent, its charge and refunds, newest first. Of a plan and its invoices likewise."""
        newest = self._get("/v1/events", limit=PAGE, account=account)["data"]
        about = [event for event in newest if intent_id in _names(event["data"]["object"])]
        return [event for event in about if not types or event["type"] in types]

    def news_of(self, about: str | None, type: str, *, account: str = "") -> Json:
        """The newest event of this type about what has the id, or belongs to it."""
        newest = self._get("/v1/events", limit=PAGE, type=type, account=account)["data"]
        return next(event for event in newest if about in _names(event["data"]["object"]))

    # Money that leaves

    def onboard(self, account: str) -> None:
        """The person says on the provider's page who they are, and gives a good bank account."""
        pages = {"return_url": "http://127.0.0.1:9/back", "refresh_url": "http://127.0.0.1:9/again"}
        link = self._post("/v1/account_links", data={"account": account, "type": "account_onboarding", **pages})["url"]
        action = self._http.get(link).text.split('action="')[1].split('"')[0]
        person = {"first_name": "Ada", "last_name": "Fox", "born": "1980-02-01", "account_number": "000123456789"}
        assert self._http.post(action, data={"outcome": "submit", **person}).is_redirect

    def make_available(self) -> None:
        """Days pass: what was paid in can be passed on."""
        self._post("/standin/balance/settle")

    def settle_payout(self, payout_id: str | None, outcome: str) -> None:
        """A payout leaves (`in_transit`), the bank takes it (`paid`), or sends it back (`failed`)."""
        self._post(f"/standin/payouts/{payout_id}/settle", json={"outcome": outcome})

    def decided_payout(self, account: str, payout_id: str | None, outcome: str) -> Json:
        """The event that tells of its outcome."""
        self.settle_payout(payout_id, outcome)
        return self.news_of(payout_id, f"payout.{outcome}", account=account)

    def payouts_of(self, account: str) -> list[str]:
        return [one["id"] for one in self._get("/v1/payouts", limit=PAGE, account=account)["data"]]

    def paid_out(self, account: str) -> tuple[list[tuple[int, int]], list[tuple[int, str]]]:
        """(amount, taken back) of the transfers to the account, (amount, status) of the payouts from there."""
        transfers = self._get("/v1/transfers", destination=account, limit=PAGE)["data"]
        payouts = self._get("/v1/payouts", limit=PAGE, account=account)["data"]
        return (
            [(one["amount"], one["amount_reversed"]) for one in transfers],
            [(one["amount"], one["status"]) for one in payouts],
        )

    # Chargebacks

    def dispute(self, intent_id: str | None, amount: int | None = None) -> str:
        """The payer's bank takes a payment back, or part of it; the dispute's id."""
        charge = self._get(f"/v1/payment_intents/{intent_id}")["latest_charge"]
        dispute_id: str = self._post(f"/standin/charges/{charge}/dispute", json={"amount": amount})["id"]
        return dispute_id

    def answer_dispute(self, dispute_id: str) -> None:
        """Somebody does so on the provider's own pages."""
        self._post(f"/v1/disputes/{dispute_id}", data={"evidence[uncategorized_text]": "It came.", "submit": "true"})

    def decided_dispute(self, dispute_id: str, outcome: str) -> Json:
        self._post(f"/standin/disputes/{dispute_id}/decide", json={"outcome": outcome})
        return self.news_of(dispute_id, "charge.dispute.closed")

    def times_answered(self, dispute_id: str) -> int:
        times: int = self._get(f"/v1/disputes/{dispute_id}")["evidence_details"]["submission_count"]
        return times

    # Plans

    def renew(self, subscription_id: str | None, *, card: str = "") -> None:
        """The next month begins. `card` is the one that pays from now on."""
        path = f"/v1/subscriptions/{subscription_id}"
        if card:
            customer = self._get(path)["customer"]
            method = self._post(f"/v1/payment_methods/{card}/attach", data={"customer": customer})["id"]
            self._post(path, data={"default_payment_method": method})
        self._post(f"/standin/subscriptions/{subscription_id}/advance", json={"to": "renew"})

    def invoiced(self, subscription_ids: Iterable[str | None]) -> list[int]:
        """What was paid by invoices."""
        invoices = [
            invoice
            for subscription_id in subscription_ids
            for invoice in self._get("/v1/invoices", subscription=subscription_id, limit=PAGE)["data"]
        ]
        return [invoice["amount_paid"] for invoice in invoices if invoice["status"] == "paid"]

    def differences(self, intents: Iterable[Json]) -> list[str]:
        """Where the site's books say something else of these intents than the bank."""
        return [difference for intent in intents for difference in self._of_one(intent)]

    def totals(self) -> list[str]:
        """The same for everything that was ever paid or sent back, and for what was paid for plans."""
        intents = list(self.all())
        found = self.differences(intents)
        payments = Payment.objects.filter(status=PaymentStatus.SUCCEEDED, provider=ProviderName.STRIPE)
        for is_of_invoice in (False, True):
            booked = _sum(payments.filter(subscription__isnull=not is_of_invoice), "received_minor")
            took = sum(one["amount_received"] for one in intents if _is_of_invoice(one) == is_of_invoice)
            if took != booked:
                found.append(f"the bank took {took}, the books have {booked}")
        return found

    def _of_one(self, intent: Json) -> Iterator[str]:
        name = intent["id"]
        payment = Payment.objects.filter(Q(token=intent["metadata"].get(PAYMENT_KEY)) | Q(intent_id=name)).first()
        if payment is None:
            if not _is_of_invoice(intent):
                yield f"{name} belongs to no payment"
            return
        if payment.received_minor != intent["amount_received"]:
            yield f"{name} took {intent['amount_received']}, the books have {payment.received_minor}"
        back = sum(refund["amount"] for refund in self.refunds(name)) if intent["amount_received"] else 0
        booked = _sum(Refund.objects.filter(payment=payment, status=RefundStatus.SUCCEEDED), "amount_minor")
        if back != booked:
            yield f"of {name} {back} went back, the books have {booked}"

    def _get(self, path: str, *, account: str = "", **params: Any) -> Any:
        headers = {"Stripe-Account": account} if account else {}
        return self._http.get(path, params=params, headers=headers).raise_for_status().json()

    def _post(self, path: str, **body: Any) -> Any:
        return self._http.post(path, **body).raise_for_status().json()


class PayPal:
    """PayPal's stand-in and its own record."""

    def __init__(self, address: str) -> None:
        self._http = httpx.Client(base_url=address, timeout=30, trust_env=False)

    def approve(self, order_id: str | None) -> None:
        """The person agrees on PayPal's page, without us."""
        self._http.post(f"/standin/orders/{order_id}/approve", json={}).raise_for_status()

    def took(self, payer: User) -> tuple[list[int], list[int]]:
        """What was charged to the person and what was sent back, in minor units of dollars."""
        tokens = {str(token) for token in payer.payments.values_list("token", flat=True)}
        taken = [one for one in self._told("PAYMENT.CAPTURE.COMPLETED") if _mark(one) in tokens]
        captures = {one["id"] for one in taken}
        back = [one for one in self._told("PAYMENT.CAPTURE.REFUNDED") if _capture_of(one) in captures]
        return sorted(map(_minor, taken)), sorted(map(_minor, back))

    def news_of(self, token: UUID, type: str) -> Json:
        return next(event for event in self._events(type) if _mark(event["resource"]) == str(token))

    def _told(self, type: str) -> list[Json]:
        return [event["resource"] for event in self._events(type)]

    def _events(self, type: str) -> list[Json]:
        events = self._http.get("/standin/events").raise_for_status().json()["data"]
        return [event for event in events if event["event_type"] == type]


def _minor(moved: Json) -> int:
    return int(Decimal(moved["amount"]["value"]) * 100)


def _capture_of(refund: Json) -> str:
    return str(refund["links"][0]["href"]).rsplit("/", 1)[1]


def _mark(resource: Json) -> str:
    units = resource.get("purchase_units") or [resource]
    return str(units[0].get("custom_id", ""))


def _is_of_invoice(intent: Json) -> bool:
    """Made by the provider itself for a plan; every other carries our mark."""
    return intent["description"] in INVOICED


def _names(about: Json) -> set[str | None]:
    parent = (about.get("parent") or {}).get("subscription_details") or {}
    return {about["id"], about.get("payment_intent"), parent.get("subscription")}


def _sum(rows: Any, column: str) -> int:
    return rows.aggregate(total=Sum(column))["total"] or 0
