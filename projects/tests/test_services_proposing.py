from contextlib import nullcontext
from datetime import timedelta
from unittest.mock import Mock

import pytest
from django.utils import timezone

from accounts.errors import NewAccountLimit
from accounts.rules import LONGEST_NEW
from accounts.tests.factories import ClientFactory, FreelancerFactory, UserFactory, set_rules
from core.errors import Conflict, Forbidden, Invalid, NotFound, Unavailable
from core.money import Money
from notifications.models import Notification
from projects.models import Proposal
from projects.rules import MAX_MILESTONES
from projects.services import Offer, Step, edit_proposal, send_proposal, withdraw_proposal
from projects.tests.factories import ProjectFactory, ProposalFactory

pytestmark = pytest.mark.django_db


def usd(minor: int) -> Money:
    return Money(minor, "USD")


def offer(**changes) -> Offer:
    given = {"cover_letter": "I would begin on paper.", "bid_amount": usd(900_00), "estimated_days": 14}
    return Offer(**given | changes)


def steps(*amounts: int) -> list[Step]:
    return [Step(title=f"Step {number}", amount=usd(minor)) for number, minor in enumerate(amounts, start=1)]


def yesterday():
    return timezone.now().date() - timedelta(days=1)


def test_a_sent_proposal_is_counted_and_its_client_hears_of_it(letters_queued):
    project, freelancer = ProjectFactory.create(), FreelancerFactory.create()
    sent = send_proposal(freelancer, project_id=project.pk, offer=offer(milestones=steps(300_00, 600_00)))
    project.refresh_from_db()
    assert (sent.status, sent.bid_amount, project.proposal_count) == ("submitted", usd(900_00), 1)
    assert [(step.position, step.title, step.amount) for step in sent.milestones.all()] == [
        (1, "Step 1", usd(300_00)),
        (2, "Step 2", usd(600_00)),
    ]
    news = Notification.objects.get(user=project.client)
    assert (news.kind, news.data) == ("proposal_received", {"project_id": project.pk, "proposal_id": sent.pk})
    assert letters_queued() == [("projects/emails/proposal_received", project.client_id)]
    assert sent.events.get().move == "send"


def test_a_second_undecided_proposal_is_refused_but_a_new_one_after_withdrawing_is_not():
    project, freelancer = ProjectFactory.create(), FreelancerFactory.create()
    first = send_proposal(freelancer, project_id=project.pk, offer=offer())
    with pytest.raises(Conflict) as refusal:
        send_proposal(freelancer, project_id=project.pk, offer=offer())
    assert refusal.value.code == "already_proposed"
    withdraw_proposal(freelancer, proposal_id=first.pk)
    send_proposal(freelancer, project_id=project.pk, offer=offer())
    project.refresh_from_db()
    assert (project.proposals.count(), project.proposal_count) == (2, 1)


@pytest.mark.parametrize(
    ("person", "code"),
    [
        ({"user_type": "client"}, "not_a_freelancer"),
        ({"unverified": True}, "email_not_verified"),
    ],
)
def test_who_cannot_propose(person, code):
    with pytest.raises(Forbidden) as refusal:
        send_proposal(UserFactory.create(**person), project_id=ProjectFactory.create().pk, offer=offer())
    assert refusal.value.code == code


def test_nobody_proposes_to_their_own_project():
    owner = UserFactory.create()
    with pytest.raises(Forbidden) as refusal:
        send_proposal(owner, project_id=ProjectFactory.create(client=owner).pk, offer=offer())
    assert refusal.value.code == "own_project"


@pytest.mark.parametrize(
    ("project", "error", "code"),
    [
        ({"status": "draft"}, NotFound, "not_found"),
        ({"visibility": "invited"}, NotFound, "not_found"),
        ({"status": "in_progress"}, Conflict, "project_not_open"),
        ({"status": "completed"}, Conflict, "project_not_open"),
        ({"status": "cancelled"}, Conflict, "project_not_open"),
        ({"deadline": yesterday()}, Conflict, "project_deadline_passed"),
    ],
)
def test_projects_that_take_no_proposals(project, error, code):
    with pytest.raises(error) as refusal:
        send_proposal(FreelancerFactory.create(), project_id=ProjectFactory.create(**project).pk, offer=offer())
    assert refusal.value.code == code
    assert not Proposal.objects.exists()


def test_the_last_day_itself_still_counts():
    project = ProjectFactory.create(deadline=timezone.now().date())
    assert send_proposal(FreelancerFactory.create(), project_id=project.pk, offer=offer()).pk


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"milestones": steps(300_00, 600_01)}, "milestones"),
        ({"milestones": steps(899_99)}, "milestones"),
        ({"milestones": steps(*[1_00] * MAX_MILESTONES, 880_00)}, "milestones"),
        ({"bid_amount": Money(900_00, "EUR")}, "bid_amount"),
        ({"bid_amount": usd(49)}, "bid_amount"),
        ({"milestones": steps(899_51, 49)}, "milestones.1.amount"),
        ({"milestones": [Step(title="One", amount=Money(900_00, "EUR"))]}, "milestones.0.amount"),
        ({"milestones": [Step(title="One", amount=usd(900_00), due_date=yesterday())]}, "milestones.0.due_date"),
    ],
)
def test_offers_that_do_not_add_up(change, field):
    project = ProjectFactory.create()
    with pytest.raises(Invalid) as refusal:
        send_proposal(FreelancerFactory.create(), project_id=project.pk, offer=offer(**change))
    assert list(refusal.value.fields) == [field]
    project.refresh_from_db()
    assert project.proposal_count == 0


def test_for_hourly_work_the_price_is_a_rate_and_steps_are_free():
    project = ProjectFactory.create(hourly=True)
    sent = send_proposal(
        FreelancerFactory.create(),
        project_id=project.pk,
        offer=offer(bid_amount=usd(50_00), milestones=steps(500_00, 400_00)),
    )
    assert sent.milestones.count() == 2


def test_editing_replaces_what_is_given():
    sent = ProposalFactory.create(steps=[500_00, 1_000_00])
    edit_proposal(sent.freelancer, proposal_id=sent.pk, cover_letter="Another letter.")
    sent.refresh_from_db()
    assert (sent.cover_letter, sent.milestones.count()) == ("Another letter.", 2)
    edit_proposal(sent.freelancer, proposal_id=sent.pk, bid_amount=usd(700_00), milestones=steps(700_00))
    sent.refresh_from_db()
    assert [step.amount_minor for step in sent.milestones.all()] == [700_00]
    with pytest.raises(Invalid):
        edit_proposal(sent.freelancer, proposal_id=sent.pk, bid_amount=usd(800_00))


@pytest.mark.parametrize("status", ["shortlisted", "countered", "accepted", "rejected", "withdrawn"])
def test_after_a_reaction_a_proposal_stays_as_it_is(status):
    sent = ProposalFactory.create(status=status)
    with pytest.raises(Conflict) as refusal:
        edit_proposal(sent.freelancer, proposal_id=sent.pk, estimated_days=3)
    assert refusal.value.code == "proposal_not_editable"


def test_a_proposal_to_a_project_that_was_closed_stays_as_it_is():
    sent = ProposalFactory.create(project=ProjectFactory.create(status="in_progress"))
    with pytest.raises(Conflict) as refusal:
        edit_proposal(sent.freelancer, proposal_id=sent.pk, estimated_days=3)
    assert refusal.value.code == "project_not_open"


def test_withdrawing_twice_counts_once_and_tells_the_client_once():
    sent = ProposalFactory.create()
    for _ in range(2):
        assert withdraw_proposal(sent.freelancer, proposal_id=sent.pk).status == "withdrawn"
    sent.project.refresh_from_db()
    assert sent.project.proposal_count == 0
    assert Notification.objects.filter(user=sent.project.client, kind="proposal_withdrawn").count() == 1


@pytest.mark.parametrize("act", [edit_proposal, withdraw_proposal])
def test_the_client_cannot_change_a_proposal_and_strangers_do_not_see_it(act):
    sent = ProposalFactory.create()
    with pytest.raises(Forbidden):
        act(sent.project.client, proposal_id=sent.pk)
    for stranger in (ClientFactory.create(), FreelancerFactory.create()):
        with pytest.raises(NotFound):
            act(stranger, proposal_id=sent.pk)


def test_after_some_days_an_account_is_no_longer_new(settings):
    settings.RATE_LIMIT_FACTOR = 1
    set_rules(new_account_proposals=1, new_account_days=3)
    for age, is_limited in ((timedelta(days=2, hours=23), True), (timedelta(days=3), False), (LONGEST_NEW, False)):
        person = FreelancerFactory.create(date_joined=timezone.now() - age)
        send_proposal(person, project_id=ProjectFactory.create().pk, offer=offer())
        with pytest.raises(NewAccountLimit) if is_limited else nullcontext():
            send_proposal(person, project_id=ProjectFactory.create().pk, offer=offer())


def test_without_counting_new_accounts_may_propose(monkeypatch):
    monkeypatch.setattr("accounts.services.limits.allow", Mock(side_effect=Unavailable))
    assert send_proposal(FreelancerFactory.create(), project_id=ProjectFactory.create().pk, offer=offer()).pk
