"""Projects and proposals in the console."""

import pytest
from django.urls import reverse

from accounts.tests.factories import staff_of
from core.money import Money
from projects.tests.factories import ProjectFactory, ProposalFactory

pytestmark = pytest.mark.django_db


def shown(response) -> str:
    assert response.status_code == 200
    return response.content.decode()


def test_pages_say_how_things_stand_and_what_is_offered(console_as):
    console = console_as(staff_of("moderator"))
    project = ProjectFactory.create(budget_min_minor=1_234_56, budget_max_minor=7_890_00)
    page = shown(console.get(reverse("admin:projects_project_change", args=[project.pk])))
    for words in (str(Money(1_234_56, "USD")), str(Money(7_890_00, "USD")), project.get_status_display()):
        assert words in page
    proposal = ProposalFactory.create(project=project, bid_amount_minor=4_321_00)
    page = shown(console.get(reverse("admin:projects_proposal_change", args=[proposal.pk])))
    for words in (str(Money(4_321_00, "USD")), proposal.get_status_display()):
        assert words in page
