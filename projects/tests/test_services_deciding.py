import pytest

from accounts.tests.factories import ClientFactory, FreelancerFactory
from core.errors import Conflict, Forbidden, NotFound
from notifications.models import Notification
from projects.rules import PROPOSAL_LIFECYCLE, ProposalStatus
from projects.services import (
    reject_others,
    reject_proposal,
    shortlist_proposal,
    unshortlist_proposal,
    withdraw_proposal,
)
from projects.tests.factories import ProjectFactory, ProposalFactory

pytestmark = pytest.mark.django_db

ACTS = {
    "shortlist": shortlist_proposal,
    "unshortlist": unshortlist_proposal,
    "reject": reject_proposal,
    "withdraw": withdraw_proposal,
}


@pytest.mark.parametrize("status", ProposalStatus.values)
@pytest.mark.parametrize("name", ACTS)
def test_every_move_from_every_status(name, status):
    step = PROPOSAL_LIFECYCLE.moves[name]
    sent = ProposalFactory.create(status=status)
    actor = sent.freelancer if name == "withdraw" else sent.project.client
    if status in step.sources or status == step.target:
        assert ACTS[name](actor, proposal_id=sent.pk).status == step.target
        assert sent.events.count() == (0 if status == step.target else 1)
    else:
        with pytest.raises(Conflict) as refusal:
            ACTS[name](actor, proposal_id=sent.pk)
        assert refusal.value.code == "proposal_already_decided"
        sent.refresh_from_db()
        assert sent.status == status


def test_a_rejection_is_told_with_its_reason():
    sent = ProposalFactory.create()
    reject_proposal(sent.project.client, proposal_id=sent.pk, reason="We need it sooner.")
    news = Notification.objects.get(user=sent.freelancer)
    assert news.kind == "proposal_rejected"
    assert news.message.endswith("We need it sooner.")
    assert sent.events.get().reason == "We need it sooner."


def test_the_others_are_rejected_when_one_is_chosen():
    project = ProjectFactory.create()
    chosen, waiting, shortlisted = (
        ProposalFactory.create(project=project, status=status) for status in ("submitted", "submitted", "shortlisted")
    )
    gone = ProposalFactory.create(project=project, status="withdrawn")
    reject_others(project, except_id=chosen.pk, actor=project.client)
    statuses = dict(project.proposals.values_list("pk", "status"))
    assert statuses == {
        chosen.pk: "submitted",
        waiting.pk: "rejected",
        shortlisted.pk: "rejected",
        gone.pk: "withdrawn",
    }
    told = Notification.objects.filter(kind="proposal_rejected").values_list("user", flat=True)
    assert set(told) == {waiting.freelancer_id, shortlisted.freelancer_id}


@pytest.mark.parametrize("name", ["shortlist", "unshortlist", "reject"])
def test_only_the_client_decides(name):
    sent = ProposalFactory.create()
    with pytest.raises(Forbidden) as refusal:
        ACTS[name](sent.freelancer, proposal_id=sent.pk)
    assert refusal.value.code == "not_the_client"
    for stranger in (ClientFactory.create(), FreelancerFactory.create()):
        with pytest.raises(NotFound):
            ACTS[name](stranger, proposal_id=sent.pk)
