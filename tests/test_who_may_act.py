"""People who have not confirmed their address, and suspended ones, look around: nothing of theirs reaches others."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import User
from accounts.tests.factories import UserFactory
from chat.models import Member, Message, Room
from chat.services import open_direct_room
from chat.tests.factories import MessageFactory, RoomFactory
from contracts.models import Contract, Milestone, Timesheet
from contracts.services import accept_proposal
from contracts.tests.factories import first_step, funded_step, make_contract, make_hourly, submitted_step, week
from core.errors import Conflict
from core.money import Money
from gigs.models import Gig
from gigs.services import accept_gig
from gigs.tests.factories import accepted_gig, make_gig
from payments.models import Payment
from payments.services import create_payment
from payments.tests.factories import make_plan
from payments.tests.fakes import VISA
from projects.models import Project, Proposal
from projects.tests.factories import ProjectFactory, ProposalFactory
from tests.architecture.walks.cast import BOXES, LABELS

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("provider")]

OFFER = {"cover_letter": "Me", "bid_amount": "500.00", "estimated_days": 9}
CREDIT = {"amount": 50_00, "currency": "usd"}
INTENTS = "/api/stripe/payment-intents"
REASONS = {"unconfirmed": "email_not_verified", "suspended": "account_suspended"}


@pytest.fixture(params=REASONS)
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def hinder(user: User, kind: str) -> User:
    changes: dict[str, Any] = {"email_verified_at": None} if kind == "unconfirmed" else {"suspended_at": timezone.now()}
    User.objects.filter(pk=user.pk).update(**changes)
    return User.objects.get(pk=user.pk)


def direct_room(user: User) -> Room:
    return open_direct_room(user, other_id=UserFactory.create().pk)


def agreed_gig(helper: User) -> Gig:
    return accept_gig(helper, gig_id=make_gig().pk)


def room_of(user: User) -> Room:
    return RoomFactory.create(members=[user, UserFactory.create()])


def own_message(user: User) -> Message:
    return MessageFactory.create(room=room_of(user), sender=user)


def credit(user: User, **how: Any) -> Payment:
    return create_payment(user, amount=Money(50_00, "USD"), **how)


def step_of(*, client: User | None = None, **sides: Any) -> Milestone:
    return first_step(make_contract(**sides, **({"project__client": client} if client else {})))


def week_of(*, client: User | None = None, **sides: Any) -> Timesheet:
    return week(make_hourly(**sides, **({"project__client": client} if client else {})))


WRITES: dict[str, Callable[[User], tuple[str, str, dict[str, Any]]]] = {
    "post a project": lambda me: ("POST", "/api/projects", LABELS | {"skills": []}),
    "edit one": lambda me: ("PATCH", f"/api/projects/{ProjectFactory.create(client=me).pk}", {"title": "Other"}),
    "close one": lambda me: ("POST", f"/api/projects/{ProjectFactory.create(client=me).pk}/close", {}),
    "propose": lambda me: ("POST", "/api/proposals", OFFER | {"project_id": ProjectFactory.create().pk}),
    "change a proposal": lambda me: (
        "PATCH",
        f"/api/proposals/{ProposalFactory.create(freelancer=me).pk}",
        {"estimated_days": 3},
    ),
    "hire": lambda me: (
        "POST",
        f"/api/proposals/{ProposalFactory.create(project=ProjectFactory.create(client=me)).pk}/accept",
        {},
    ),
    "reject": lambda me: (
        "POST",
        f"/api/proposals/{ProposalFactory.create(project=ProjectFactory.create(client=me)).pk}/reject",
        {},
    ),
    "post a gig": lambda me: ("POST", "/api/gigs", BOXES),
    "edit a gig": lambda me: ("PATCH", f"/api/gigs/{make_gig(seeker=me).pk}", {"title": "Other boxes"}),
    "accept a gig": lambda me: ("POST", f"/api/gigs/{make_gig().pk}/accept", {}),
    "pay for a gig": lambda me: ("POST", "/api/transactions/escrow", {"gig_id": accepted_gig(seeker=me).pk}),
    "start a gig": lambda me: ("PUT", f"/api/gigs/{agreed_gig(me).pk}/status", {"status": "in_progress"}),
    "open a chat": lambda me: ("POST", "/api/chats", {"participant_id": UserFactory.create().pk}),
    "write into a chat": lambda me: ("POST", f"/api/chats/{room_of(me).pk}/messages", {"content": "Hello"}),
    "rename a chat": lambda me: ("PATCH", f"/api/chats/{direct_room(me).pk}", {"subject": "Read this"}),
    "write to somebody": lambda me: (
        "POST",
        "/api/messages",
        {"receiver_id": UserFactory.create().pk, "content": "Hello"},
    ),
    "edit a message": lambda me: ("PATCH", f"/api/messages/{own_message(me).pk}", {"content": "Read this"}),
    "react": lambda me: ("PUT", f"/api/messages/{own_message(me).pk}/reactions/👍", {}),
    "pay in": lambda me: ("POST", "/api/payments", CREDIT | {"payment_method": VISA}),
    "start a payment": lambda me: ("POST", INTENTS, CREDIT),
    "confirm one": lambda me: ("POST", f"{INTENTS}/{credit(me).intent_id}/confirm", {"payment_method": VISA}),
    "capture one": lambda me: (
        "POST",
        f"{INTENTS}/{credit(me, capture_method='manual', payment_method=VISA).intent_id}/capture",
        {},
    ),
    "take credit back": lambda me: (
        "POST",
        "/api/stripe/refunds",
        {"payment_intent": credit(me, payment_method=VISA).intent_id},
    ),
    "begin a plan": lambda me: ("POST", "/api/stripe/subscriptions", {"plan": make_plan().code}),
    "settle what is owed": lambda me: ("POST", "/api/wallet/debt", {"currency": "usd"}),
    "pay a milestone in": lambda me: ("POST", f"/api/milestones/{step_of(client=me).pk}/fund", {}),
    "give a bonus": lambda me: ("POST", f"/api/contracts/{step_of(client=me).contract_id}/bonus", {"amount": "5.00"}),
    "pay a week in": lambda me: ("POST", f"/api/timesheets/{week_of(client=me).pk}/fund", {}),
    "change the weekly limit": lambda me: (
        "PUT",
        f"/api/contracts/{week_of(client=me).contract_id}/weekly-cap",
        {"weekly_cap_minutes": 600},
    ),
    "propose a change": lambda me: (
        "POST",
        f"/api/contracts/{step_of(freelancer=me).contract_id}/changes",
        {"kind": "change_scope", "terms": "More."},
    ),
    "hand work in": lambda me: (
        "POST",
        f"/api/milestones/{funded_step(freelancer=me).pk}/submit",
        {"note": "Here it is."},
    ),
    "start a timer": lambda me: ("POST", "/api/time-entries", {"contract_id": str(week_of(freelancer=me).contract_id)}),
    "send a week": lambda me: ("POST", f"/api/timesheets/{week_of(freelancer=me).pk}/submit", {}),
}


@pytest.mark.parametrize("what", WRITES)
def test_over_the_api_they_are_told_why_not(what: str, kind: str, api_as: Callable[[Any], APIClient]) -> None:
    person = UserFactory.create(placed=True)
    method, path, body = WRITES[what](person)
    before = everything()
    answer = getattr(api_as(hinder(person, kind)), method.lower())(path, body)
    assert (answer.status_code, answer.json()["error_type"]) == (403, REASONS[kind])
    assert everything() == before


def everything() -> list[int]:
    kinds = (Project, Proposal, Gig, Contract, Room, Member, Message, Payment)
    return [kind._base_manager.count() for kind in kinds]


def test_on_pages_too(kind: str, pages_as: Callable[[User], Client]) -> None:
    client = pages_as(hinder(UserFactory.create(placed=True), kind))
    project = ProjectFactory.create()
    before = everything()
    for path, body in (
        ("/projects/new/", {"title": "Labels"}),
        (f"/projects/{project.pk}/propose/", {"cover_letter": "Me"}),
        ("/gigs/new/", {"title": "Boxes"}),
        ("/messages/start/", {"person": project.client_id}),
    ):
        assert client.post(path, body).status_code in {200, 302, 403}, path
    assert everything() == before


def test_neither_side_of_a_running_contract_acts_while_hindered(kind: str, api_as: Callable[[Any], APIClient]) -> None:
    step = submitted_step()
    client = hinder(step.contract.client, kind)
    answer = api_as(client).post(f"/api/milestones/{step.pk}/request-revision", {"note": "In blue"})
    assert answer.json()["error_type"] == REASONS[kind]
    claim = {"milestone_id": step.pk, "reason": "late", "explanation": "Late.", "amount": "1.00"}
    assert api_as(client).post("/api/disputes", claim).json()["error_type"] == REASONS[kind]
    contract = make_contract()
    answer = api_as(hinder(contract.freelancer, kind)).post(f"/api/contracts/{contract.pk}/pause", {})
    assert answer.json()["error_type"] == REASONS[kind]


def test_what_suspended_people_offer_is_hidden_until_it_is_lifted(
    api: APIClient, api_as: Callable[[Any], APIClient], pages_as: Callable[[User], Client]
) -> None:
    user = UserFactory.create(placed=True)
    project, gig = ProjectFactory.create(client=user), make_gig(seeker=user)
    lists = ("/api/projects", "/api/gigs", f"/api/projects/{project.pk}", f"/api/gigs/{gig.pk}")
    other = api_as(UserFactory.create())
    assert [reader.get(path).status_code for path in lists for reader in (api, other)] == [200] * 8
    assert api.get("/api/projects").json()["count"] == api.get("/api/gigs").json()["count"] == 1
    suspended = hinder(user, "suspended")
    assert api.get("/api/projects").json()["results"] == api.get("/api/gigs").json()["results"] == []
    for reader in (api, other):
        assert [reader.get(path).status_code for path in lists[2:]] == [404, 404]
    assert other.post(f"/api/gigs/{gig.pk}/accept").status_code == 404
    assert [Client().get(path).status_code for path in (f"/projects/{project.pk}/", f"/gigs/{gig.pk}/")] == [404, 404]
    own = api_as(suspended)
    assert [own.get(path).status_code for path in lists[2:]] == [200, 200]
    User.objects.filter(pk=user.pk).update(suspended_at=None)
    assert api.get(f"/api/projects/{project.pk}").status_code == 200


def test_nobody_hires_a_suspended_freelancer() -> None:
    proposal = ProposalFactory.create()
    hinder(proposal.freelancer, "suspended")
    with pytest.raises(Conflict) as refusal:
        accept_proposal(proposal.project.client, proposal_id=proposal.pk)
    assert refusal.value.code == "freelancer_unavailable"
