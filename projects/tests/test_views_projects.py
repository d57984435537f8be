from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.tests.factories import ClientFactory, FreelancerFactory, SkillFactory, UploadFactory, UserFactory
from projects.models import Project
from projects.tests.factories import ProjectFactory, ProposalFactory

pytestmark = pytest.mark.django_db

FORM = {
    "title": "Labels for jars",
    "description": "Two colours, uncoated paper.",
    "category": "print-packaging",
    "skills": "Packaging, lettering",
    "experience_level": "expert",
    "budget_type": "fixed",
    "budget_min": "1,200",
    "budget_max": "2 400.50",
    "currency": "EUR",
    "estimated_duration": "3 weeks",
    "deadline": "",
}


def text(response, status: int = 200) -> str:
    assert response.status_code == status
    return response.content.decode()


def page_of(client, project) -> str:
    return text(client.get(reverse("projects:detail", args=[project.pk])))


def test_a_visitor_reads_a_project_and_is_led_to_propose(client):
    project = ProjectFactory.create(
        title="Ein <b>Titel</b>", description="One.\n\nTwo & three.", skills=[SkillFactory.create(name="Irish")]
    )
    other = ProjectFactory.create(category=project.category, title="Of the same kind")
    page = page_of(client, project)
    assert "Ein &lt;b&gt;Titel&lt;/b&gt;" in page
    assert "<p>Two &amp; three.</p>" in page
    assert "Irish" in page
    assert reverse("projects:propose", args=[project.pk]) in page
    assert other.title in page
    propose = client.get(reverse("projects:propose", args=[project.pk]))
    assert propose.url.startswith(reverse("accounts:sign-in"))


@pytest.mark.parametrize(
    ("reader", "project", "said"),
    [
        ({}, {"status": "in_progress"}, "takes no more proposals"),
        ({}, {"deadline": timezone.now().date() - timedelta(days=1)}, "last day for proposals has passed"),
        ({"user_type": "client"}, {}, "Turn on working"),
        ({"unverified": True}, {}, "Confirm your e-mail address"),
    ],
)
def test_who_cannot_propose_reads_why(client, reader, project, said):
    client.force_login(UserFactory.create(**reader))
    page = page_of(client, ProjectFactory.create(**project))
    assert said in page
    assert "Continue to your letter" not in page


def test_the_owner_has_tools_for_the_state_the_project_is_in(client):
    owner = ClientFactory.create()
    client.force_login(owner)
    draft = page_of(client, ProjectFactory.create(client=owner, status="draft"))
    assert "Open it for proposals" in draft
    assert "Delete the draft" in draft
    quiet = page_of(client, ProjectFactory.create(client=owner))
    assert "No proposals yet" in quiet
    assert "Close it" in quiet
    busy = ProjectFactory.create(client=owner)
    ProposalFactory.create_batch(2, project=busy)
    assert "Compare 2 proposals" in page_of(client, busy)
    running = page_of(client, ProjectFactory.create(client=owner, status="in_progress"))
    assert "Change it" not in running
    assert "Close it" not in running


@pytest.mark.parametrize(
    ("status", "offered", "missing"),
    [
        ("submitted", ["Change it", "Withdraw"], ["Write a new one"]),
        ("shortlisted", ["Withdraw"], ["Change it"]),
        ("rejected", ["Not chosen"], ["Withdraw", "Change it"]),
        ("withdrawn", ["Write a new one"], ["Change it"]),
    ],
)
def test_the_freelancer_sees_what_became_of_their_proposal(client, status, offered, missing):
    offer = ProposalFactory.create(status=status, bid_amount_minor=1_500_00)
    client.force_login(offer.freelancer)
    page = page_of(client, offer.project)
    assert "$1,350.00" in page
    assert all(label in page for label in offered)
    assert not any(f">{label}<" in page for label in missing)


def test_drafts_and_unknown_projects_are_not_there(client):
    draft = ProjectFactory.create(status="draft")
    assert client.get(reverse("projects:detail", args=[draft.pk])).status_code == 404
    client.force_login(FreelancerFactory.create())
    for name in ("detail", "propose", "proposals", "edit"):
        assert client.get(reverse(f"projects:{name}", args=[draft.pk])).status_code == 404


def test_a_project_is_posted_with_its_files(client):
    owner = ClientFactory.create()
    client.force_login(owner)
    assert "Post a project" in text(client.get(reverse("projects:new")))
    upload = UploadFactory.create(owner=owner)
    posted = client.post(reverse("projects:new"), FORM | {"attachment_ids": [upload.pk], "publish": "yes"})
    project = Project.objects.get()
    assert posted.url == reverse("projects:detail", args=[project.pk])
    assert (project.status, project.budget_min_minor, project.budget_max_minor) == ("open", 1_200_00, 2_400_50)
    assert project.skill_names == ["Packaging", "Lettering"]
    assert list(project.attachments.all()) == [upload]
    assert "notes.txt" in page_of(client, project)


def test_a_draft_is_kept_published_and_closed(client):
    client.force_login(ClientFactory.create())
    client.post(reverse("projects:new"), FORM | {"draft": "yes"})
    project = Project.objects.get()
    assert project.status == "draft"
    client.post(reverse("projects:publish", args=[project.pk]))
    project.refresh_from_db()
    assert project.status == "open"
    client.post(reverse("projects:close", args=[project.pk]))
    project.refresh_from_db()
    assert project.status == "cancelled"
    again = client.post(reverse("projects:publish", args=[project.pk]), follow=True)
    assert "is cancelled" in text(again)


def test_a_draft_can_be_published_while_it_is_changed_or_thrown_away(client):
    draft = ProjectFactory.create(status="draft")
    client.force_login(draft.client)
    client.post(reverse("projects:edit", args=[draft.pk]), FORM | {"publish": "yes"})
    draft.refresh_from_db()
    assert (draft.status, draft.title) == ("open", "Labels for jars")
    other = ProjectFactory.create(client=draft.client, status="draft")
    client.post(reverse("projects:delete", args=[other.pk]))
    assert not Project.objects.filter(pk=other.pk).exists()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"title": ""}, "This field is required."),
        ({"title": "x" * 161}, "at most 160 characters"),
        ({"category": "none"}, "Select a valid choice"),
        ({"skills": "Alchemy of bread"}, "We do not know this skill"),
        ({"budget_min": "-5"}, "above zero"),
        ({"budget_min": "10.005"}, "EUR has 2 decimals"),
        ({"budget_max": "9999999"}, "too large"),
        ({"budget_max": "100"}, "The upper end is below the lower one."),
        ({"deadline": "2020-01-01"}, "This day has passed."),
        ({"attachment_ids": ["999999"]}, "Choose files that you have uploaded"),
    ],
)
def test_mistakes_are_shown_and_everything_typed_is_kept(client, change, said):
    client.force_login(ClientFactory.create())
    page = text(client.post(reverse("projects:new"), FORM | change))
    assert said in page
    assert "Two colours, uncoated paper." in page
    assert not Project.objects.exists()


def test_editing_shows_the_values_and_keeps_the_terms_once_somebody_proposed(client):
    offer = ProposalFactory.create()
    project = offer.project
    client.force_login(project.client)
    url = reverse("projects:edit", args=[project.pk])
    page = text(client.get(url))
    assert project.title in page
    assert "1000.00" in page
    assert "Somebody has proposed" in page
    refused = text(client.post(url, FORM))
    assert "This stays as it is once somebody has proposed." in refused
    client.post(url, FORM | {"currency": "USD"})
    project.refresh_from_db()
    assert project.title == "Labels for jars"


def test_only_people_who_hire_post_and_only_owners_change(client):
    client.force_login(FreelancerFactory.create())
    assert client.get(reverse("projects:new")).status_code == 403
    project = ProjectFactory.create()
    assert client.get(reverse("projects:edit", args=[project.pk])).status_code == 404
    for name in ("publish", "close", "delete"):
        assert client.get(reverse(f"projects:{name}", args=[project.pk])).status_code == 405
        assert client.post(reverse(f"projects:{name}", args=[project.pk])).status_code == 403
    project.refresh_from_db()
    assert project.status == "open"


def test_signing_in_is_asked_for(client):
    project = ProjectFactory.create()
    for name, args in (("new", []), ("mine", []), ("edit", [project.pk]), ("proposals", [project.pk])):
        assert client.get(reverse(f"projects:{name}", args=args)).url.startswith(reverse("accounts:sign-in"))


def test_a_project_page_takes_as_many_queries_whatever_is_on_it(client, django_assert_max_num_queries):
    project = ProjectFactory.create(skills=SkillFactory.create_batch(5))
    project.attachments.set(UploadFactory.create_batch(4))
    ProposalFactory.create_batch(6, project=project)
    ProjectFactory.create_batch(6, category=project.category)
    with django_assert_max_num_queries(6):
        client.get(reverse("projects:detail", args=[project.pk]))
