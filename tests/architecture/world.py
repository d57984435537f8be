"""A small world in which every address names something real: the owner's things, and people who may or may not touch them."""

import pickle
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

import orjson
from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart
from django.utils import timezone

from accounts.models import User
from accounts.rules import SecondFactor
from accounts.signing import sign_export, sign_upload
from accounts.tests.factories import PASSWORD, AuthSessionFactory
from payments.tests.fakes import VISA, FakeProvider, use_provider
from tests.architecture.things import GROUPS, Things

# The columns of access.txt. `unverified` and `suspended` are the owner, before the address was confirmed and while a
# suspension stands; `party` is the freelancer or helper of the owner's contract and gig.
PERSONAS = ("stranger", "owner", "unverified", "suspended", "party", "client", "freelancer", *GROUPS)

HERE = {"lat": 51.0543, "lng": 3.7174}
Body = Callable[["World"], dict[str, Any]]


class World(Things):
    def __init__(self) -> None:
        super().__init__()
        self._bank = kept(self.provider)
        self.cookies = {name: cookie_of(person) for name, person in self.people.items()}

    def ask(self, persona: str, method: str, template: str) -> Any:
        """The answer to the persona. The caller rolls back what it did."""
        self._put_on(persona)
        browser = Client(raise_request_exception=False)
        if persona != "stranger":
            browser.cookies[settings.SESSION_COOKIE_NAME] = self.cookies[
                "owner" if persona in {"unverified", "suspended"} else persona
            ]
        with use_provider(provider_of(self._bank)):
            return browser.generic(method, self.path(template), **self._body(method, template))

    def _put_on(self, persona: str) -> None:
        me = User.objects.filter(pk=self.owner.pk)
        if persona == "unverified":
            me.update(email_verified_at=None)
        elif persona == "suspended":
            me.update(suspended_at=timezone.now())
            self._suspend(self.owner)

    def path(self, template: str) -> str:
        """The address with the owner's things in it."""

        def value(found: re.Match[str]) -> str:
            return str(self._named(template, found[1]))

        return re.sub(r"<(?:\w+:)?(\w+)>", value, template).replace("\\", "")

    def _named(self, template: str, name: str) -> Any:
        start = max((start for start in NAMED if template.startswith(start)), key=len, default="")
        named = NAMED.get(start, {}).get(name)
        assert named, f"Say in NAMED (tests/architecture/world.py) what <{name}> of {template} is."
        return named(self)

    def _body(self, method: str, template: str) -> dict[str, Any]:
        query = {"QUERY_STRING": urlencode(QUERIES.get(template, lambda _: {})(self))}
        if method in {"GET", "DELETE"}:
            return query
        return query | self._encoded(template, BODIES.get(f"{method} {template}", lambda _: {})(self))

    def _encoded(self, template: str, body: dict[str, Any]) -> dict[str, Any]:
        if any(isinstance(value, SimpleUploadedFile) for value in body.values()) or not template.startswith("/api"):
            return {"data": encode_multipart(BOUNDARY, body), "content_type": MULTIPART_CONTENT}
        return {"data": orjson.dumps(body), "content_type": "application/json"}


def cookie_of(person: User) -> str:
    """The cookie of a browser in which the person signed in, staff with a second factor."""
    browser = Client()
    browser.force_login(person)
    key = browser.session.session_key
    factor = SecondFactor.TOTP if person.is_staff else ""
    AuthSessionFactory.create(user=person, session_key=key, refresh_jti="", second_factor=factor)
    return str(key)


def kept(provider: FakeProvider) -> bytes:
    """All that it knows. Nothing rolls the far end back, so each request gets one of its own that is made of this."""
    return pickle.dumps({name: value for name, value in vars(provider).items() if name != "lock"})


def provider_of(known: bytes) -> FakeProvider:
    return FakeProvider(**pickle.loads(known))


# What the names in an address stand for, by the longest beginning that fits.
NAMED: dict[str, dict[str, Callable[[World], Any]]] = {
    "/api/projects/": {"pk": lambda w: w.project.pk},
    "/api/proposals/": {"pk": lambda w: w.proposal.pk},
    "/api/gigs/": {"pk": lambda w: w.gig.pk},
    "/api/gigs/<int:pk>/status": {"pk": lambda w: w.funded.pk},
    "/api/gigs/<int:pk>/no-show": {"pk": lambda w: w.missed.pk},
    "/api/gigs/<int:pk>/no-show/": {"pk": lambda w: w.reported.pk},
    "/api/transactions/": {"pk": lambda w: w.funded.hold_id},
    "/api/chats/": {"chat_id": lambda w: w.room.pk},
    "/api/chat/rooms/": {"chat_id": lambda w: w.room.pk},
    "/api/messages/": {"message_id": lambda w: w.message.pk, "emoji": lambda w: "👍"},
    "/api/ws/user/": {"user_id": lambda w: w.owner.pk},
    "/api/contracts/": {"pk": lambda w: w.contract.pk, "change_id": lambda w: w.change.pk},
    "/api/contracts/<uuid:pk>/changes/<int:change_id>/withdraw": {
        "pk": lambda w: w.contract.pk,
        "change_id": lambda w: w.own_change.pk,
    },
    "/api/milestones/": {"pk": lambda w: w.milestone.pk},
    "/api/disputes/": {"pk": lambda w: w.dispute.pk, "offer_id": lambda w: w.offer.pk},
    "/api/disputes/<int:pk>/accept": {"pk": lambda w: w.claimed.pk},
    "/api/disputes/<int:pk>/contest": {"pk": lambda w: w.claimed.pk},
    "/api/disputes/<int:pk>/mediation": {"pk": lambda w: w.countered.pk},
    "/api/disputes/<int:pk>/offers/": {"pk": lambda w: w.countered.pk, "offer_id": lambda w: w.offer.pk},
    "/api/disputes/<int:pk>/resolve": {"pk": lambda w: w.mediated.pk},
    "/api/disputes/decisions/": {"decision_id": lambda w: w.decision.pk},
    "/api/milestones/<int:pk>/fund": {"pk": lambda w: w.unfunded.pk},
    "/api/milestones/<int:pk>/refund-requests": {"pk": lambda w: w.overdue.pk},
    "/api/milestones/<int:pk>/refund-requests/": {
        "pk": lambda w: w.refund_request.milestone_id,
        "request_id": lambda w: w.refund_request.pk,
    },
    "/calendar/": {"key": lambda w: w.calendar.key},
    "/api/contracts/<uuid:pk>/weekly-cap": {"pk": lambda w: w.hourly.pk},
    "/api/time-entries/": {"pk": lambda w: w.time_entry.pk},
    "/api/timesheets/": {"pk": lambda w: w.sent_week.pk},
    "/api/timesheets/<int:pk>/fund": {"pk": lambda w: w.unpaid_week.pk},
    "/api/notifications/": {"notification_id": lambda w: w.notification.pk},
    "/api/auth/sessions/": {"session_id": lambda w: w.session.pk},
    "/api/users/": {"user_id": lambda w: w.owner.pk},
    "/api/freelancers/": {"user_id": lambda w: w.party.pk},
    "/api/stripe/customers/": {"customer_id": lambda w: w.owner.payment_customer.customer_id},
    "/api/stripe/payment-intents/": {"intent_id": lambda w: w.open_payment.intent_id},
    "/api/stripe/refunds/": {"refund_id": lambda w: w.refund.refund_id},
    "/api/stripe/subscriptions/": {"subscription_id": lambda w: w.subscription.subscription_id},
    "/api/payments/": {"pk": lambda w: w.payment.pk},
    "/api/wallet/payouts/": {"pk": lambda w: w.payout.pk},
    "/wallet/payouts/": {"pk": lambda w: w.payout.pk},
    "/wallet/debt/": {"currency": lambda w: "usd"},
    "/wallet/payments/": {"pk": lambda w: w.payment.pk},
    "/settings/cards/": {"card_id": lambda w: "pm_kept"},
    "/api/stripe/payment-methods/": {"card_id": lambda w: "pm_kept"},
    "/admin/payments/payout/": {"object_id": lambda w: w.large_payout.pk},
    "/admin/payments/chargeback/": {"object_id": lambda w: w.chargeback.pk},
    "/admin/payments/payment/": {"object_id": lambda w: w.subscription.payments.get().pk},
    "/api/payments/documents/": {"pk": lambda w: w.document_of_payment.pk},
    "/wallet/documents/": {"pk": lambda w: w.document_of_payment.pk},
    "/wallet/movements/": {"pk": lambda w: w.document_of_payment.journal_id},
    "/wallet/holds/": {"pk": lambda w: w.milestone.hold_id},
    "/settings/plan/": {"code": lambda w: w.plan.code, "pk": lambda w: w.subscription.pk},
    "/admin/payments/document/": {
        "pk": lambda w: w.document_of_payment.pk,
        "object_id": lambda w: w.document_of_payment.pk,
    },
    "/api/reviews/user/": {"pk": lambda w: w.owner.pk},
    "/api/users/me/entries/": {"entry_id": lambda w: w.entry.pk},
    "/api/api-keys/": {"key_id": lambda w: w.key.pk},
    "/api/auth/passkeys/": {"passkey_id": lambda w: w.passkey.pk},
    "/api/webhooks/": {"webhook_id": lambda w: w.webhook.pk, "delivery_id": lambda w: w.delivery.pk},
    "/people/": {"user_id": lambda w: w.owner.pk, "handle": lambda w: w.owner.handle},
    "/sitemap-": {"section": lambda w: "pages"},
    "/exports/": {"token": lambda w: sign_export(w.export.pk), "name": lambda w: "data.zip"},
    "/settings/profile/experience/": {"entry_id": lambda w: w.entry.pk, "kind": lambda w: "work"},
    "/settings/api-keys/": {"key_id": lambda w: w.key.pk},
    "/settings/security/passkeys/": {"passkey_id": lambda w: w.passkey.pk},
    "/settings/webhooks/": {"webhook_id": lambda w: w.webhook.pk, "delivery_id": lambda w: w.delivery.pk},
    "/admin/accounts/user/": {"object_id": lambda w: w.newcomer.pk},
    "/admin/accounts/user/<path:object_id>/lift_suspension/": {"object_id": lambda w: w.outcast.pk},
    "/admin/accounts/appeal/": {"object_id": lambda w: w.appeal.pk},
    "/admin/accounts/identitycheck/": {"object_id": lambda w: w.identity_check.pk},
    "/admin/payments/reconciliationexception/": {"object_id": lambda w: w.money_exception.pk},
    "/files/": {"token": lambda w: sign_upload(w.upload.pk), "name": lambda w: w.upload.name},
    "/media/": {"path": lambda w: "nothing-here"},
    "/admin/r/": {
        "content_type_id": lambda w: ContentType.objects.get_for_model(User).pk,
        "object_id": lambda w: w.owner.pk,
    },
    "/notifications/": {"notification_id": lambda w: w.notification.pk},
    "/projects/<int:pk>/": {"pk": lambda w: w.project.pk},
    "/projects/<int:pk>/publish/": {"pk": lambda w: w.draft.pk},
    "/projects/<int:pk>/delete/": {"pk": lambda w: w.draft.pk},
    "/projects/proposals/": {"pk": lambda w: w.proposal.pk},
    "/gigs/<int:pk>/": {"pk": lambda w: w.gig.pk},
    "/gigs/<int:pk>/fund/": {"pk": lambda w: w.taken.pk},
    "/gigs/<int:pk>/start/": {"pk": lambda w: w.funded.pk},
    "/gigs/<int:pk>/complete/": {"pk": lambda w: w.funded.pk},
    "/gigs/<int:pk>/release/": {"pk": lambda w: w.funded.pk},
    "/gigs/<int:pk>/no-show/": {"pk": lambda w: w.missed.pk},
    "/gigs/<int:pk>/no-show/contest/": {"pk": lambda w: w.reported.pk},
    "/gigs/<int:pk>/no-show/withdraw/": {"pk": lambda w: w.reported.pk},
    "/admin/gigs/noshow/": {"object_id": lambda w: w.reported.no_show.pk},
    "/contracts/": {"pk": lambda w: w.contract.pk},
    "/contracts/accept-proposal/": {"pk": lambda w: w.proposal.pk},
    "/contracts/disputes/": {"pk": lambda w: w.dispute.pk},
    "/contracts/disputes/<int:pk>/accept/": {"pk": lambda w: w.claimed.pk},
    "/contracts/disputes/<int:pk>/contest/": {"pk": lambda w: w.claimed.pk},
    "/contracts/disputes/<int:pk>/mediation/": {"pk": lambda w: w.countered.pk},
    "/contracts/disputes/<int:pk>/offers/": {"pk": lambda w: w.countered.pk, "offer_id": lambda w: w.offer.pk},
    "/admin/contracts/dispute/": {"object_id": lambda w: w.mediated.pk},
    "/contracts/milestones/": {"pk": lambda w: w.milestone.pk},
    "/contracts/milestones/<int:pk>/fund/": {"pk": lambda w: w.unfunded.pk},
    "/contracts/milestones/<int:pk>/request-refund/": {"pk": lambda w: w.overdue.pk},
    "/contracts/milestones/<int:pk>/remove/": {"pk": lambda w: w.spare.pk},
    "/contracts/refund-requests/": {"pk": lambda w: w.refund_request.pk},
    "/contracts/changes/": {"pk": lambda w: w.change.pk},
    "/contracts/changes/<int:pk>/withdraw/": {"pk": lambda w: w.own_change.pk},
    "/contracts/bonuses/": {"pk": lambda w: w.bonus.pk},
    "/contracts/<uuid:pk>/start-timer/": {"pk": lambda w: w.hourly.pk},
    "/contracts/<uuid:pk>/add-time/": {"pk": lambda w: w.hourly.pk},
    "/contracts/<uuid:pk>/weekly-cap/": {"pk": lambda w: w.hourly.pk},
    "/contracts/time/": {"pk": lambda w: w.time_entry.pk},
    "/contracts/weeks/": {"pk": lambda w: w.sent_week.pk},
    "/contracts/weeks/<int:pk>/fund/": {"pk": lambda w: w.unpaid_week.pk},
    "/admin/contracts/timesheet/": {"object_id": lambda w: w.sent_week.pk},
    "/messages/": {"room_id": lambda w: w.room.pk},
    "/pay/": {"hold_id": lambda w: w.milestone.hold_id},
    "/pay/approved/": {"token": lambda w: w.open_payment.token},
    "/pay/left/": {"token": lambda w: w.open_payment.token},
}

LABELS = {
    "title": "Labels for a bakery",
    "description": "Three labels and a bag.",
    "category": "print-packaging",
    "budget_type": "fixed",
    "budget_min": "100.00",
    "budget_max": "900.00",
    "currency": "USD",
    "experience_level": "expert",
}
BOXES = {
    "title": "Carry eleven boxes",
    "description": "The stairs turn twice.",
    "duration_hours": 1.5,
    "budget": "45.00",
    "currency": "EUR",
    "location": HERE,
    "address": "Vrijdagmarkt 14",
}
BOXES_ON_A_PAGE = {
    "title": "Carry eleven boxes",
    "description": "The stairs turn twice.",
    "starts_at": "",
    "duration_minutes": "60",
    "budget": "45.00",
    "currency": "EUR",
    "address": "Vrijdagmarkt 14",
    **HERE,
}
OFFER = {"cover_letter": "I draw labels.", "bid_amount": "500.00", "estimated_days": 9}
PERSON = {"first_name": "Ada", "last_name": "Fox", "user_type": "both"}
CLAIM = {"reason": "late", "explanation": "It came too late.", "amount": "100.00"}
CREDIT = {"amount": 50_00, "currency": "usd"}
REASON = {"reason": "Holiday"}
JOB = {"kind": "work", "title": "Joiner", "organisation": "Claes & Zoon", "started": "2019-09-01"}
HOOK = {"url": "https://hooks.example/new"}
KEY = {"name": "Shop sync", "scopes": ["gigs:read"]}


def _chat(prefix: str) -> dict[str, Body]:
    return {
        f"POST {prefix}": lambda w: {"participant_id": w.party.pk, "subject": "Labels"},
        f"PUT {prefix}/<int:chat_id>": lambda w: {"subject": "Labels"},
        f"PATCH {prefix}/<int:chat_id>": lambda w: {"subject": "Labels"},
        f"POST {prefix}/<int:chat_id>/messages": lambda w: {"content": "Hello"},
    }


def _file() -> SimpleUploadedFile:
    return SimpleUploadedFile("notes.txt", b"Notes", "text/plain")


# What follows the question mark, by address.
QUERIES: dict[str, Body] = {
    "/api/messages/search": lambda w: {"q": "labels"},
    "/api/users/nearby": lambda w: HERE,
    "/reviews/new/": lambda w: {"contract": w.contract.pk},
}

# What is sent, by method and address; nothing where it is not listed. It is right as far as it goes, so that the answer
# tells who may do it rather than that a field was missing.
BODIES: dict[str, Body] = {
    "POST /api/projects": lambda w: LABELS,
    "PUT /api/projects/<int:pk>": lambda w: LABELS,
    "PATCH /api/projects/<int:pk>": lambda w: {"title": "Labels for two bakeries"},
    "POST /api/proposals": lambda w: OFFER | {"project_id": w.project.pk},
    "PUT /api/proposals/<int:pk>": lambda w: OFFER,
    "PATCH /api/proposals/<int:pk>": lambda w: {"estimated_days": 10},
    "POST /api/gigs": lambda w: BOXES,
    "PUT /api/gigs/<int:pk>": lambda w: BOXES,
    "PATCH /api/gigs/<int:pk>": lambda w: {"title": "Carry twelve boxes"},
    "PUT /api/gigs/<int:pk>/status": lambda w: {"status": "in_progress"},
    "POST /api/gigs/<int:pk>/no-show/contest": lambda w: {"answer": "I was there."},
    "POST /gigs/<int:pk>/no-show/contest/": lambda w: {"answer": "I was there."},
    "POST /api/transactions/escrow": lambda w: {"gig_id": w.taken.pk, "payment_method": VISA},
    "POST /api/transactions/fee": lambda w: CREDIT,
    **_chat("/api/chats"),
    **_chat("/api/chat/rooms"),
    "POST /api/messages": lambda w: {"receiver_id": w.party.pk, "content": "Hello"},
    "PATCH /api/messages/<int:message_id>": lambda w: {"content": "Hello yourself"},
    "POST /api/ws/send-notification": lambda w: {"user_id": w.owner.pk, "title": "Maintenance"},
    "POST /api/contracts": lambda w: {"proposal_id": w.proposal.pk},
    "POST /api/contracts/<uuid:pk>/milestones": lambda w: {"title": "A bag", "amount": "80.00"},
    "POST /api/contracts/<uuid:pk>/changes": lambda w: {"kind": "add_milestone", "title": "A bag", "amount": "80.00"},
    "POST /api/contracts/<uuid:pk>/bonus": lambda w: {"amount": "50.00", "payment_method": VISA},
    "PUT /api/contracts/<uuid:pk>": lambda w: {"terms": "Two bags and a box"},
    "PATCH /api/milestones/<int:pk>": lambda w: {"title": "Three labels"},
    "POST /api/milestones/<int:pk>/refund-requests/<int:request_id>/refuse": lambda w: {"answer": "Nearly done."},
    "PUT /api/contracts/<uuid:pk>/weekly-cap": lambda w: {"weekly_cap_minutes": 900},
    "POST /api/time-entries": lambda w: {"contract_id": str(w.idle.pk)},
    "PATCH /api/time-entries/<int:pk>": lambda w: {"memo": "Labels in blue"},
    "POST /api/timesheets/<int:pk>/reject": lambda w: {
        "entries": [{"id": w.sent_week.entries.get().pk, "reason": "Too long."}]
    },
    "POST /api/disputes": lambda w: CLAIM | {"milestone_id": w.milestone.pk},
    "POST /api/disputes/<int:pk>/contest": lambda w: {"text": "As agreed."},
    "POST /api/disputes/<int:pk>/offers": lambda w: {"to_freelancer": "100.00"},
    "POST /api/disputes/<int:pk>/evidence": lambda w: {"text": "See the letter."},
    "POST /api/disputes/<int:pk>/resolve": lambda w: {"to_freelancer": "100.00", "reasons": "As agreed."},
    "POST /api/disputes/decisions/<int:decision_id>/refuse": lambda w: {"refusal": "Look at the letter."},
    "POST /contracts/milestones/<int:pk>/dispute/": lambda w: CLAIM,
    "POST /contracts/weeks/<int:pk>/dispute/": lambda w: CLAIM | {"reason": "other", "amount": "1.00"},
    "POST /contracts/disputes/<int:pk>/contest/": lambda w: {"text": "As agreed."},
    "POST /contracts/disputes/<int:pk>/offer/": lambda w: {"to_freelancer": "100.00"},
    "POST /contracts/disputes/<int:pk>/evidence/": lambda w: {"text": "See the letter."},
    "POST /admin/contracts/dispute/<int:object_id>/record/": lambda w: {
        "act": "decide",
        "to_freelancer": "100.00",
        "reasons": "As agreed.",
    },
    "POST /api/milestones/<int:pk>/submit": lambda w: {"note": "Here it is."},
    "POST /api/milestones/<int:pk>/request-revision": lambda w: {"note": "In blue."},
    "PATCH /api/notifications/<int:notification_id>": lambda w: {"read": True},
    "PATCH /api/auth/me": lambda w: {"first_name": "Ada"},
    "PUT /api/auth/me": lambda w: PERSON,
    "PUT /api/users/me": lambda w: PERSON,
    "POST /api/users": lambda w: PERSON | {"email": "added@example.com", "password": "a-long-enough-phrase"},
    "PUT /api/users/location": lambda w: {**HERE, "city": "Gent", "country": "BE", "travel_radius_km": 10},
    "PUT /api/users/availability": lambda w: {"is_available": True},
    "POST /api/uploads": lambda w: {"file": _file(), "kind": "attachment"},
    "POST /api/stripe/payment-intents": lambda w: CREDIT,
    "POST /api/stripe/payment-intents/<str:intent_id>/confirm": lambda w: {"payment_method": VISA},
    "POST /api/stripe/refunds": lambda w: {"payment_intent": w.payment.intent_id, "amount": 1_00},
    "POST /api/payments": lambda w: CREDIT,
    "POST /api/wallet/payouts": lambda w: CREDIT,
    "POST /api/wallet/payout-account": lambda w: {"country": "US"},
    "POST /api/wallet/debt": lambda w: {"currency": "usd"},
    "POST /wallet/payouts/new/": lambda w: {"amount": "20.00"},
    "POST /wallet/payments/<int:pk>/send-back/": lambda w: {"amount": "5.00", "token": str(uuid4())},
    "POST /settings/payouts/open/": lambda w: {"country": "US"},
    "POST /api/stripe/subscriptions": lambda w: {"plan": w.plan.code},
    "POST /api/reviews": lambda w: {"contract_id": str(w.contract.pk), "rating": 5},
    "POST /api/users/me/entries": lambda w: JOB,
    "PUT /api/users/me/entries/<int:entry_id>": lambda w: JOB,
    "PATCH /api/users/me/entries/<int:entry_id>": lambda w: {"title": "Carpenter"},
    "POST /api/api-keys": lambda w: KEY,
    "POST /api/webhooks": lambda w: HOOK,
    "PATCH /api/webhooks/<int:webhook_id>": lambda w: {"description": "The shop"},
    "PATCH /api/auth/passkeys/<int:passkey_id>": lambda w: {"name": "An old phone"},
    "POST /api/auth/change-email": lambda w: {"new_email": "new@example.com", "password": PASSWORD},
    "POST /api/auth/confirm": lambda w: {"password": PASSWORD},
    "POST /api/account/appeal": lambda w: {"text": "It was a joke between friends."},
    "POST /api/account/identity": lambda w: {"document": "passport", "file_ids": [w.document.pk]},
    "POST /api/account/erase": lambda w: {"email": w.owner.email},
    "POST /settings/profile/experience/add/<slug:kind>/": lambda w: JOB | {"started": "2019-09"},
    "POST /settings/profile/experience/<int:entry_id>/": lambda w: JOB | {"started": "2019-09"},
    "POST /settings/profile/address/": lambda w: {"handle": "ada-the-fox"},
    "POST /settings/api-keys/new/": lambda w: KEY | {"expires_in": 90},
    "POST /settings/standing/": lambda w: {"text": "It was a joke between friends."},
    "POST /settings/delete/": lambda w: {"typed_email": w.owner.email},
    "POST /settings/identity/": lambda w: {"document": "passport", "file_ids": w.document.pk},
    "POST /settings/profile/hours/": lambda w: {"mon": "09:00-12:30"},
    "POST /settings/security/passkeys/<int:passkey_id>/": lambda w: {"name": "An old phone"},
    "POST /settings/webhooks/add/": lambda w: HOOK,
    "POST /settings/webhooks/<int:webhook_id>/change/": lambda w: HOOK,
    "POST /settings/webhooks/<int:webhook_id>/do/": lambda w: {"do": "remove"},
    "POST /confirm/": lambda w: {"password": PASSWORD},
    "POST /projects/new/": lambda w: LABELS,
    "POST /projects/<int:pk>/edit/": lambda w: LABELS,
    "POST /projects/<int:pk>/propose/": lambda w: OFFER,
    "POST /projects/proposals/<int:pk>/edit/": lambda w: OFFER,
    "POST /gigs/new/": lambda w: BOXES_ON_A_PAGE,
    "POST /gigs/<int:pk>/edit/": lambda w: BOXES_ON_A_PAGE,
    "POST /contracts/milestones/<int:pk>/submit/": lambda w: {"note": "Here it is."},
    "POST /contracts/milestones/<int:pk>/request-revision/": lambda w: {"note": "In blue."},
    "POST /contracts/<uuid:pk>/add-milestone/": lambda w: {"title": "A bag", "amount": "80.00"},
    "POST /contracts/<uuid:pk>/weekly-cap/": lambda w: {"hours": "12"},
    "POST /contracts/time/<int:pk>/edit/": lambda w: {"memo": "Labels in blue"},
    "POST /contracts/weeks/<int:pk>/send-back/": lambda w: {f"reason_{w.sent_week.entries.get().pk}": "Too long."},
    "POST /contracts/<uuid:pk>/pause/": lambda w: REASON,
    "POST /contracts/<uuid:pk>/end/": lambda w: REASON,
    "POST /contracts/milestones/<int:pk>/request-refund/": lambda w: REASON,
    "POST /contracts/<uuid:pk>/change-scope/": lambda w: {"terms": "Five labels."},
    "POST /contracts/<uuid:pk>/bonus/": lambda w: {"amount": "50"},
    "POST /contracts/milestones/<int:pk>/change/": lambda w: {"title": "Three labels", "amount": "400"},
    "POST /contracts/milestones/<int:pk>/release-part/": lambda w: {"amount": "200", "remainder": "hold"},
    "POST /contracts/refund-requests/<int:pk>/": lambda w: {"answer": "Nearly done."},
    "POST /settings/calendar/switch/": lambda w: {"do": "on"},
    "POST /messages/start/": lambda w: {"person": w.party.pk},
    "POST /reviews/new/": lambda w: {"rating": 5},
}
