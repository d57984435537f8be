import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.tests.factories import ClientFactory, FreelancerFactory, set_rules
from projects.models import Proposal
from projects.tests.factories import ProjectFactory, ProposalFactory

pytestmark = pytest.mark.django_db

OFFER = {"cover_letter": "I would begin on paper.", "bid_amount": "900.00", "estimated_days": 14}
STEPS = [{"title": "Sketches", "amount": "300", "due_date": "2099-01-31"}, {"title": "Files", "amount": "600.00"}]


def ids(response) -> list[int]:
    assert response.status_code == 200, response.data
    return [row["id"] for row in response.data["results"]]


def test_a_proposal_is_sent_and_read_by_both(api_as):
    project, freelancer = ProjectFactory.create(), FreelancerFactory.create(city="Gent")
    answer = api_as(freelancer).post(
        "/api/proposals", OFFER | {"project_id": project.pk, "milestones": STEPS, "status": "accepted"}
    )
    assert answer.status_code == 201, answer.data
    assert answer.data == {
        "id": Proposal.objects.get().pk,
        "project_id": project.pk,
        "freelancer": {
            "id": freelancer.pk,
            "name": freelancer.get_full_name(),
            "avatar_url": None,
            "avatar_thumbnail_url": None,
            "city": "Gent",
            "country": "",
            "rating": None,
            "rating_count": 0,
            "identity_verified": False,
            "headline": freelancer.freelancer_profile.headline,
        },
        "cover_letter": "I would begin on paper.",
        "bid_amount": "900.00",
        "currency": "USD",
        "estimated_days": 14,
        "milestones": [
            {"title": "Sketches", "amount": "300.00", "due_date": "2099-01-31"},
            {"title": "Files", "amount": "600.00", "due_date": None},
        ],
        "status": "submitted",
        "created_at": answer.data["created_at"],
        "updated_at": answer.data["updated_at"],
    }
    path = f"/api/proposals/{answer.data['id']}"
    for person in (freelancer, project.client):
        assert api_as(person).get(path).data == answer.data


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"cover_letter": " "}, "cover_letter"),
        ({"cover_letter": "x" * 5001}, "cover_letter"),
        ({"bid_amount": "0"}, "bid_amount"),
        ({"bid_amount": "-1"}, "bid_amount"),
        ({"bid_amount": "1.005"}, "bid_amount"),
        ({"bid_amount": "99999999999"}, "bid_amount"),
        ({"bid_amount": "1000000.00"}, "bid_amount"),
        ({"bid_amount": None}, "bid_amount"),
        ({"estimated_days": 0}, "estimated_days"),
        ({"estimated_days": 1001}, "estimated_days"),
        ({"estimated_days": "soon"}, "estimated_days"),
        ({"milestones": [{"title": "All", "amount": "900.01"}]}, "milestones"),
        ({"milestones": [{"title": "All", "amount": "0"}]}, "milestones.0.amount"),
        ({"milestones": [{"title": "All", "amount": "1.005"}]}, "milestones.0.amount"),
        ({"milestones": [STEPS[0], {"title": "", "amount": "600"}]}, "milestones.1.title"),
        ({"milestones": [{"title": "All", "amount": "900", "due_date": "2020-01-01"}]}, "milestones.0.due_date"),
        ({"milestones": [{"title": "All", "amount": "45"}] * 21}, "milestones"),
        ({"milestones": "everything"}, "milestones"),
        ({"project_id": "x"}, "project_id"),
        ({"project_id": 0}, "project_id"),
    ],
)
def test_bad_input_is_named_and_nothing_is_kept(api_as, change, field):
    project = ProjectFactory.create()
    answer = api_as(FreelancerFactory.create()).post("/api/proposals", OFFER | {"project_id": project.pk} | change)
    assert answer.status_code == 400, answer.data
    assert field in answer.data["fields"], answer.data
    assert not Proposal.objects.exists()


def test_refusals_of_sending(api, api_as):
    project, freelancer = ProjectFactory.create(), FreelancerFactory.create()
    body = OFFER | {"project_id": project.pk}
    assert api.post("/api/proposals", body).status_code == 401
    own = api_as(project.client).post("/api/proposals", body)
    assert (own.status_code, own.data["error_type"]) == (403, "own_project")
    assert api_as(freelancer).post("/api/proposals", body | {"project_id": 10**12}).status_code == 404
    draft = ProjectFactory.create(status="draft")
    assert api_as(freelancer).post("/api/proposals", body | {"project_id": draft.pk}).status_code == 404
    closed = ProjectFactory.create(status="in_progress")
    late = api_as(freelancer).post("/api/proposals", body | {"project_id": closed.pk})
    assert (late.status_code, late.data["error_type"]) == (409, "project_not_open")
    assert api_as(freelancer).post("/api/proposals", body).status_code == 201
    again = api_as(freelancer).post("/api/proposals", body)
    assert (again.status_code, again.data["error_type"]) == (409, "already_proposed")


def test_the_list_holds_what_was_sent_and_what_came_in(api, api_as):
    freelancer, client = FreelancerFactory.create(), ClientFactory.create()
    project = ProjectFactory.create(client=client)
    sent = ProposalFactory.create(freelancer=freelancer)
    both = ProposalFactory.create(freelancer=freelancer, project=project, status="shortlisted")
    received = ProposalFactory.create(project=project)
    assert ids(api_as(freelancer).get("/api/proposals")) == [both.pk, sent.pk]
    assert ids(api_as(client).get("/api/proposals")) == [received.pk, both.pk]
    assert ids(api_as(client).get(f"/api/proposals?project_id={project.pk}&status=shortlisted,accepted")) == [both.pk]
    assert ids(api_as(client).get(f"/api/proposals?project_id={sent.project_id}")) == []
    assert api_as(client).get("/api/proposals?status=lost").data["fields"].keys() == {"status"}
    assert api_as(client).get("/api/proposals?project_id=x").data["fields"].keys() == {"project_id"}
    assert api.get("/api/proposals").status_code == 401


def test_put_and_patch(api_as):
    offer = ProposalFactory.create(steps=[500_00, 1_000_00])
    api, path = api_as(offer.freelancer), f"/api/proposals/{offer.pk}"
    assert api.patch(path, {"estimated_days": 3}).data["estimated_days"] == 3
    assert api.patch(path, {"bid_amount": "900"}).data["fields"].keys() == {"milestones"}
    replaced = api.put(path, OFFER | {"milestones": STEPS})
    assert (replaced.data["bid_amount"], len(replaced.data["milestones"])) == ("900.00", 2)
    assert api.put(path, {"estimated_days": 3}).status_code == 400
    assert api.patch(path, {"milestones": []}).data["milestones"] == []
    assert api.patch(path, {"status": "accepted"}).data["status"] == "submitted"
    refused = api_as(offer.project.client).patch(path, {"estimated_days": 1})
    assert (refused.status_code, refused.data["error_type"]) == (403, "not_the_freelancer")


def test_delete_withdraws_and_the_proposal_stays_readable(api_as):
    offer = ProposalFactory.create()
    api, path = api_as(offer.freelancer), f"/api/proposals/{offer.pk}"
    assert api.delete(path).status_code == 204
    assert api.delete(path).status_code == 204
    assert api.get(path).data["status"] == "withdrawn"
    offer.project.refresh_from_db()
    assert offer.project.proposal_count == 0


@pytest.mark.parametrize(
    ("action", "side", "status"),
    [
        ("shortlist", "client", "shortlisted"),
        ("reject", "client", "rejected"),
        ("withdraw", "freelancer", "withdrawn"),
    ],
)
def test_actions_and_who_may(api, api_as, action, side, status):
    offer = ProposalFactory.create()
    path = f"/api/proposals/{offer.pk}/{action}"
    people = {"client": offer.project.client, "freelancer": offer.freelancer}
    [wrong] = [person for name, person in people.items() if name != side]
    assert api.post(path).status_code == 401
    assert api_as(FreelancerFactory.create()).post(path).status_code == 404
    assert api_as(wrong).post(path).status_code == 403
    for _ in range(2):
        answer = api_as(people[side]).post(path)
        assert (answer.status_code, answer.data["status"]) == (200, status)
    decided = ProposalFactory.create(
        project__client=people["client"], freelancer=people["freelancer"], status="accepted"
    )
    refused = api_as(people[side]).post(f"/api/proposals/{decided.pk}/{action}")
    assert (refused.status_code, refused.data["error_type"]) == (409, "proposal_already_decided")


def test_the_list_takes_as_many_queries_however_long(api_as):
    client = ClientFactory.create()
    project, api = ProjectFactory.create(client=client), api_as(client)
    counts = []
    for expected in (5, 40):
        ProposalFactory.create_batch(expected - project.proposals.count(), project=project)
        with CaptureQueriesContext(connection) as queries:
            assert len(ids(api.get("/api/proposals?page_size=100"))) == expected
        counts.append(len(queries))
    assert counts == [3, 3]


def test_a_new_account_proposes_only_so_often(api_as, settings):
    settings.RATE_LIMIT_FACTOR = 1
    set_rules(new_account_proposals=2)
    newcomer = FreelancerFactory.create()
    projects = [ProjectFactory.create() for _ in range(3)]
    sent = [api_as(newcomer).post("/api/proposals", OFFER | {"project_id": project.pk}) for project in projects]
    again = api_as(newcomer).post("/api/proposals", OFFER | {"project_id": projects[0].pk})
    assert [answer.status_code for answer in [*sent, again]] == [201, 201, 429, 409]
    assert sent[2].data["error_type"] == "new_account_limit"
    assert sent[2].data["detail"].startswith("Your account is new, so proposals are limited to 2 a day. Try again in ")
    assert 0 < int(sent[2]["Retry-After"]) <= 24 * 3600
    set_rules(new_account_days=0)
    assert api_as(newcomer).post("/api/proposals", OFFER | {"project_id": projects[2].pk}).status_code == 201
