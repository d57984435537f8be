"""The same thing done many times at once, over real connections: the database lets one through."""

from collections import Counter
from typing import Any

import pytest
from django.core.management import call_command
from rest_framework.test import APIClient

from accounts.models import Category
from accounts.tests.factories import ClientFactory, FreelancerFactory
from chat.models import Room
from contracts.models import Contract
from contracts.tests.factories import first_step, make_contract, submitted_step
from gigs.models import Gig
from gigs.tests.factories import make_gig
from payments.models import Journal
from payments.tests.fakes import VISA
from projects.models import Project
from projects.tests.factories import ProjectFactory, ProposalFactory
from tests.racing import at_once

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("provider")]

AT_ONCE = 20


def signed_in(user: Any) -> APIClient:
    client = APIClient()
    client.force_authenticate(user)
    return client


def answers(responses: list[Any]) -> Counter[tuple[int, str]]:
    return Counter((response.status_code, response.data.get("error_type", "")) for response in responses)


def test_of_twenty_helpers_one_gets_the_gig():
    gig = make_gig()
    helpers = [signed_in(helper) for helper in FreelancerFactory.create_batch(AT_ONCE)]
    responses = at_once(*[lambda helper=helper: helper.post(f"/api/gigs/{gig.pk}/accept") for helper in helpers])
    assert answers(responses) == {(200, ""): 1, (409, "gig_taken"): AT_ONCE - 1}
    assert Gig.objects.get().helper is not None
    assert Room.objects.count() == 1


def test_of_twenty_acceptances_of_two_proposals_one_contract_comes():
    project = ProjectFactory.create()
    proposals = ProposalFactory.create_batch(2, project=project)
    client = project.client
    responses = at_once(
        *[
            lambda pk=proposals[number % 2].pk: signed_in(client).post(f"/api/proposals/{pk}/accept")
            for number in range(AT_ONCE)
        ]
    )
    assert Contract.objects.count() == 1
    assert Room.objects.count() == 1
    # The chosen proposal's acceptance may be repeated; the other's is refused.
    assert set(answers(responses)) == {(200, ""), (409, "project_not_open")}
    assert answers(responses)[200, ""] == AT_ONCE // 2
    assert sorted(project.proposals.values_list("status", flat=True)) == ["accepted", "rejected"]


def test_of_twenty_approvals_one_releases():
    milestone = submitted_step([500_00])
    client = milestone.contract.client
    responses = at_once(*[lambda: signed_in(client).post(f"/api/milestones/{milestone.pk}/approve")] * AT_ONCE)
    refused = [code for code in answers(responses) if code[0] == 409]
    assert answers(responses)[200, ""] == 1
    assert sum(answers(responses)[code] for code in refused) == AT_ONCE - 1
    assert Journal.objects.filter(kind="release").count() == 1
    milestone.hold.refresh_from_db()
    assert (milestone.hold.released_minor, milestone.hold.fee_minor) == (450_00, 50_00)
    call_command("check_ledger", verbosity=0)


def test_twenty_identical_requests_with_one_key_have_one_effect_and_one_answer():
    milestone = submitted_step([500_00])
    client = milestone.contract.client
    headers = {"Idempotency-Key": "approve-once"}
    responses = at_once(
        *[lambda: signed_in(client).post(f"/api/milestones/{milestone.pk}/approve", headers=headers)] * AT_ONCE
    )
    assert answers(responses) == {(200, ""): AT_ONCE}
    assert len({response.content for response in responses}) == 1
    assert Journal.objects.filter(kind="release").count() == 1


def test_twenty_identical_posts_with_one_key_create_one_project(project_input):
    client = ClientFactory.create()
    headers = {"Idempotency-Key": "post-once"}
    responses = at_once(*[lambda: signed_in(client).post("/api/projects", project_input, headers=headers)] * AT_ONCE)
    assert answers(responses) == {(201, ""): AT_ONCE}
    assert Project.objects.count() == 1


@pytest.fixture
def project_input() -> dict[str, Any]:
    category = Category.objects.remote().filter(parent__isnull=False).first()
    return {
        "title": "Labels for a bakery",
        "description": "Three labels and a bag.",
        "category": category.slug,
        "budget_type": "fixed",
        "budget_min": "500.00",
        "budget_max": "900.00",
        "currency": "USD",
        "experience_level": "intermediate",
        "estimated_duration": "3 weeks",
        "skills": [],
    }


def test_twenty_payments_of_one_milestone_charge_once(provider):
    contract = make_contract([500_00])
    step = first_step(contract)
    responses = at_once(
        *[lambda: signed_in(contract.client).post(f"/api/milestones/{step.pk}/fund", {"payment_method": VISA})]
        * AT_ONCE
    )
    assert {status for status, _ in answers(responses)} <= {200, 409}
    step.refresh_from_db()
    assert step.status == "funded"
    assert Journal.objects.filter(kind="fund").count() == 1
    assert sum(intent.status == "succeeded" for intent in provider.intents.values()) == 1
    call_command("check_ledger", verbosity=0)
