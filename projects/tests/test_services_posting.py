from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import AuditEvent
from accounts.tests.factories import (
    CategoryFactory,
    ClientFactory,
    FreelancerFactory,
    SkillFactory,
    UploadFactory,
    UserFactory,
)
from core.errors import Conflict, Forbidden, Invalid, NotFound
from core.money import Money
from notifications.models import Notification
from projects.models import Project
from projects.rules import MAX_PROJECT_FILES, MAX_PROJECT_SKILLS
from projects.services import (
    ProjectDetails,
    cancel_project,
    close_project,
    complete_project,
    delete_draft,
    edit_project,
    post_project,
    publish_project,
    start_project,
)
from projects.tests.factories import ProjectFactory, ProposalFactory

pytestmark = pytest.mark.django_db


def details(**changes) -> ProjectDetails:
    given = {
        "title": "Labels for jars",
        "description": "Two colours, uncoated paper.",
        "category": CategoryFactory.create(),
        "budget_type": "fixed",
        "budget_min": Money(100_00, "EUR"),
        "budget_max": Money(250_00, "EUR"),
    }
    return ProjectDetails(**given | changes)


def yesterday():
    return timezone.now().date() - timedelta(days=1)


def test_a_posted_project_is_open_and_its_client_gets_a_letter(letters_queued):
    client, skills = ClientFactory.create(), SkillFactory.create_batch(2)
    upload = UploadFactory.create(owner=client)
    project = post_project(client, details=details(skills=skills, attachment_ids=[upload.pk]))
    project.refresh_from_db()
    assert (project.status, project.client, project.budget_max) == ("open", client, Money(250_00, "EUR"))
    assert project.published_at == project.created_at
    assert project.skill_names == [skill.name for skill in skills]
    assert list(project.skills.order_by("pk")) == skills
    assert list(project.attachments.all()) == [upload]
    assert [(event.move, event.to_status) for event in project.events.all()] == [("post", "open")]
    assert letters_queued() == [("projects/emails/project_created", client.pk)]
    assert AuditEvent.objects.filter(action="project.posted", subject_id=str(project.pk)).exists()


def test_a_draft_is_kept_quietly_until_it_is_published(letters_queued):
    client = ClientFactory.create()
    project = post_project(client, details=details(), status="draft")
    assert (project.status, project.published_at) == ("draft", None)
    assert not letters_queued()
    Project.objects.filter(pk=project.pk).update(created_at=timezone.now() - timedelta(days=30))
    published = publish_project(client, project_id=project.pk)
    published.refresh_from_db()
    assert published.status == "open"
    assert published.created_at == published.published_at > timezone.now() - timedelta(minutes=1)
    assert letters_queued() == [("projects/emails/project_created", client.pk)]
    assert publish_project(client, project_id=project.pk).status == "open"
    assert len(letters_queued()) == 1


@pytest.mark.parametrize(
    ("person", "code"),
    [
        ({"user_type": "freelancer"}, "not_a_client"),
        ({"unverified": True}, "email_not_verified"),
        ({"is_active": False}, "account_inactive"),
    ],
)
def test_who_cannot_post(person, code):
    with pytest.raises(Forbidden) as refusal:
        post_project(UserFactory.create(**person), details=details())
    assert refusal.value.code == code
    assert not Project.objects.exists()


@pytest.mark.parametrize(
    ("change", "field"),
    [
        (lambda: {"budget_max": Money(99_99, "EUR")}, "budget_max"),
        (lambda: {"budget_max": Money(900_00, "USD")}, "currency"),
        (lambda: {"deadline": yesterday()}, "deadline"),
        (lambda: {"skills": SkillFactory.create_batch(MAX_PROJECT_SKILLS + 1)}, "skills"),
        (lambda: {"attachment_ids": list(range(MAX_PROJECT_FILES + 1))}, "attachment_ids"),
        (lambda: {"attachment_ids": [UploadFactory.create().pk]}, "attachment_ids"),
    ],
)
def test_what_cannot_be_posted(change, field):
    with pytest.raises(Invalid) as refusal:
        post_project(ClientFactory.create(), details=details(**change()))
    assert list(refusal.value.fields) == [field]


def test_editing_changes_what_is_given_and_keeps_the_rest():
    project = ProjectFactory.create(skills=[SkillFactory.create(name="Lettering")], deadline=yesterday())
    edit_project(project.client, project_id=project.pk, title="Labels and a bag", budget_max=Money(3_000_00, "USD"))
    project.refresh_from_db()
    assert project.title == "Labels and a bag"
    assert project.budget_max == Money(3_000_00, "USD")
    assert (project.skill_names, project.deadline) == (["Lettering"], yesterday())


def test_replacing_the_skills_keeps_their_names_in_step():
    project = ProjectFactory.create(skills=[SkillFactory.create(name="Lettering")])
    paper = SkillFactory.create(name="Paper")
    edit_project(project.client, project_id=project.pk, skills=[paper])
    project.refresh_from_db()
    assert project.skill_names == ["Paper"]
    assert list(project.skills.all()) == [paper]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"budget_type": "hourly"}, "budget_type"),
        ({"budget_min": Money(900_00, "EUR"), "budget_max": Money(900_00, "EUR")}, "currency"),
    ],
)
def test_the_terms_stay_once_somebody_has_proposed(change, field):
    offer = ProposalFactory.create()
    project = offer.project
    with pytest.raises(Conflict) as refusal:
        edit_project(project.client, project_id=project.pk, **change)
    assert (refusal.value.code, list(refusal.value.fields)) == ("project_has_proposals", [field])
    edit_project(project.client, project_id=project.pk, budget_max=Money(5_000_00, "USD"))
    offer.project.proposals.update(status="withdrawn")
    edit_project(project.client, project_id=project.pk, **change)


EDITABLE = {"draft", "open"}


@pytest.mark.parametrize("status", ["draft", "open", "in_progress", "completed", "cancelled"])
def test_what_each_status_allows_its_client(status):
    def attempt(act, *, code, allowed, **values):
        project = ProjectFactory.create(status=status)
        if status in allowed:
            return act(project.client, project_id=project.pk, **values)
        with pytest.raises(Conflict) as refusal:
            act(project.client, project_id=project.pk, **values)
        assert refusal.value.code == code
        project.refresh_from_db()
        assert project.status == status
        return None

    attempt(edit_project, code="project_not_editable", allowed=EDITABLE, title="Another title")
    attempt(publish_project, code="project_not_draft", allowed={"draft", "open"})
    attempt(close_project, code="project_not_open", allowed={"draft", "open", "cancelled"})
    attempt(delete_draft, code="project_not_draft", allowed={"draft"})


@pytest.mark.parametrize(
    ("act", "before", "after", "code"),
    [
        (start_project, "open", "in_progress", "project_not_open"),
        (complete_project, "in_progress", "completed", "project_not_in_progress"),
        (cancel_project, "in_progress", "cancelled", "project_not_in_progress"),
    ],
)
@pytest.mark.parametrize("status", ["draft", "open", "in_progress", "completed", "cancelled"])
def test_moves_that_hiring_makes(act, before, after, code, status):
    project = ProjectFactory.create(status=status)
    if status == before:
        act(project, actor=project.client)
        project.refresh_from_db()
        assert project.status == after
        return
    with pytest.raises(Conflict) as refusal:
        act(project, actor=project.client)
    assert refusal.value.code == code


def test_closing_says_no_to_everybody_who_waits():
    project = ProjectFactory.create()
    waiting = [ProposalFactory.create(project=project), ProposalFactory.create(project=project, status="shortlisted")]
    gone = ProposalFactory.create(project=project, status="withdrawn")
    close_project(project.client, project_id=project.pk, reason="We print it ourselves.")
    project.refresh_from_db()
    assert project.status == "cancelled"
    assert {offer.status for offer in project.proposals.exclude(pk=gone.pk)} == {"rejected"}
    told = Notification.objects.filter(kind="proposal_rejected").values_list("user", flat=True)
    assert set(told) == {offer.freelancer_id for offer in waiting}
    assert project.events.get(move="close").reason == "We print it ourselves."
    assert close_project(project.client, project_id=project.pk).status == "cancelled"
    assert Notification.objects.filter(kind="proposal_rejected").count() == len(waiting)


def test_a_deleted_draft_is_gone():
    draft = ProjectFactory.create(status="draft")
    delete_draft(draft.client, project_id=draft.pk)
    assert not Project.objects.filter(pk=draft.pk).exists()
    assert AuditEvent.objects.filter(action="project.deleted", subject_id=str(draft.pk)).exists()


@pytest.mark.parametrize("act", [edit_project, publish_project, close_project, delete_draft])
def test_other_people_cannot_change_a_project(act):
    listed, draft = ProjectFactory.create(), ProjectFactory.create(status="draft")
    for stranger in (ClientFactory.create(), FreelancerFactory.create()):
        with pytest.raises(Forbidden):
            act(stranger, project_id=listed.pk)
        with pytest.raises(NotFound):
            act(stranger, project_id=draft.pk)


def test_publishing_a_draft_whose_last_day_has_passed_is_refused():
    draft = ProjectFactory.create(status="draft", deadline=yesterday())
    with pytest.raises(Invalid) as refusal:
        publish_project(draft.client, project_id=draft.pk)
    assert list(refusal.value.fields) == ["deadline"]
