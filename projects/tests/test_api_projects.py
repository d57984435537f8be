from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Category
from accounts.tests.factories import ClientFactory, FreelancerFactory, SkillFactory, UploadFactory, UserFactory
from projects.api.serializers import (
    FilterOptionsSerializer,
    ProjectDetailSerializer,
    ProjectSerializer,
    ProposalSerializer,
)
from projects.models import Project
from projects.tests.factories import ProjectFactory, ProposalFactory

pytestmark = pytest.mark.django_db

PROJECT = {
    "title": "Labels for jars",
    "description": "Two colours, uncoated paper.",
    "category": "print-packaging",
    "budget_type": "fixed",
    "budget_min": "1200.00",
    "budget_max": "2400.50",
    "currency": "eur",
    "experience_level": "expert",
    "estimated_duration": "3 weeks",
    "skills": ["Packaging", "lettering"],
}
KEYS = [
    "id",
    "title",
    "description",
    "category",
    "budget_type",
    "budget_min",
    "budget_max",
    "currency",
    "experience_level",
    "estimated_duration",
    "skills",
    "status",
    "visibility",
    "deadline",
    "client",
    "proposal_count",
    "created_at",
    "updated_at",
]


def ids(response) -> list[int]:
    assert response.status_code == 200, response.data
    return [row["id"] for row in response.data["results"]]


def test_posting_answers_with_the_whole_project(api_as):
    client = ClientFactory.create(client_profile__company_name="Bakkerij Van Damme", city="Gent", country="BE")
    upload = UploadFactory.create(owner=client)
    answer = api_as(client).post(
        "/api/projects", PROJECT | {"deadline": "2099-01-31", "attachment_ids": [upload.pk], "id": 7, "client": 9}
    )
    assert answer.status_code == 201, answer.data
    assert list(answer.data) == [*KEYS, "attachments"]
    project = Project.objects.get()
    assert answer.data["id"] == project.pk != 7
    assert {name: answer.data[name] for name in PROJECT} == PROJECT | {
        "currency": "EUR",
        "skills": ["Packaging", "Lettering"],
    }
    assert (answer.data["status"], answer.data["deadline"], answer.data["proposal_count"]) == ("open", "2099-01-31", 0)
    assert answer.data["client"] == {
        "id": client.pk,
        "name": "Bakkerij Van Damme",
        "avatar_url": None,
        "avatar_thumbnail_url": None,
        "city": "Gent",
        "country": "BE",
        "rating": None,
        "rating_count": 0,
        "identity_verified": False,
    }
    assert answer.data["attachments"][0] | {"url": ""} == {
        "id": upload.pk,
        "name": "notes.txt",
        "content_type": "text/plain",
        "size": 5,
        "url": "",
    }
    assert answer.data["created_at"].endswith("Z")


def test_the_smallest_project_that_can_be_posted(api_as):
    smallest = {
        name: PROJECT[name] for name in ("title", "description", "category", "budget_type", "budget_max", "currency")
    }
    answer = api_as(ClientFactory.create()).post("/api/projects", smallest)
    assert answer.status_code == 201, answer.data
    assert (answer.data["budget_min"], answer.data["experience_level"]) == ("2400.50", "intermediate")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"title": ""}, "title"),
        ({"title": "x" * 161}, "title"),
        ({"title": "a\x00b"}, "title"),
        ({"title": None}, "title"),
        ({"title": ["x"]}, "title"),
        ({"description": "x" * 10_001}, "description"),
        ({"category": "no-such"}, "category"),
        ({"budget_type": "barter"}, "budget_type"),
        ({"budget_min": "0"}, "budget_min"),
        ({"budget_min": "-5"}, "budget_min"),
        ({"budget_min": "10.005"}, "budget_min"),
        ({"budget_max": "99999999999"}, "budget_max"),
        ({"budget_max": "1e400"}, "budget_max"),
        ({"budget_max": "NaN"}, "budget_max"),
        ({"budget_max": "lots"}, "budget_max"),
        ({"budget_max": True}, "budget_max"),
        ({"budget_max": "100.00"}, "budget_max"),
        ({"currency": "JPY"}, "budget_max"),
        ({"currency": "XYZ"}, "currency"),
        ({"experience_level": "wizard"}, "experience_level"),
        ({"estimated_duration": "x" * 81}, "estimated_duration"),
        ({"skills": ["Alchemy of bread"]}, "skills"),
        ({"skills": "Packaging"}, "skills"),
        ({"skills": ["Packaging"] * 16}, "skills"),
        ({"deadline": "2020-01-01"}, "deadline"),
        ({"deadline": "soon"}, "deadline"),
        ({"attachment_ids": [999_999]}, "attachment_ids"),
        ({"attachment_ids": [0]}, "attachment_ids.0"),
        ({"status": "completed"}, "status"),
        ({"visibility": "hidden"}, "visibility"),
    ],
)
def test_bad_input_is_named_and_nothing_is_kept(api_as, change, field):
    answer = api_as(ClientFactory.create()).post("/api/projects", PROJECT | change)
    assert answer.status_code == 400, answer.data
    assert answer.data["error_type"] == "validation_error"
    assert field in answer.data["fields"]
    assert not Project.objects.exists()


def test_the_same_key_posts_once(api_as):
    api = api_as(ClientFactory.create())
    first, again = (api.post("/api/projects", PROJECT, headers={"Idempotency-Key": "k1"}) for _ in range(2))
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.data["id"] == again.data["id"]
    changed = api.post("/api/projects", PROJECT | {"title": "Other"}, headers={"Idempotency-Key": "k1"})
    assert (changed.status_code, changed.data["error_type"]) == (409, "idempotency_conflict")
    assert Project.objects.count() == 1


def test_anybody_reads_what_is_listed(api):
    shown = [ProjectFactory.create(status=status) for status in ("open", "in_progress", "completed", "cancelled")]
    ProjectFactory.create(status="draft")
    ProjectFactory.create(visibility="invited")
    answer = api.get("/api/projects")
    assert ids(answer) == [project.pk for project in reversed(shown)]
    assert list(answer.data) == ["count", "next", "previous", "results"]
    assert list(answer.data["results"][0]) == KEYS
    assert ids(api.get("/api/projects?status=open,completed")) == [shown[2].pk, shown[0].pk]


def test_pages(api):
    made = ProjectFactory.create_batch(5)
    first = api.get("/api/projects?page_size=2")
    assert (first.data["count"], ids(first)) == (5, [made[4].pk, made[3].pk])
    assert ids(api.get(first.data["next"])) == [made[2].pk, made[1].pk]
    assert ids(api.get("/api/projects?page_size=2&page=3")) == [made[0].pk]
    assert api.get("/api/projects?page=99").status_code == 404
    assert api.get("/api/projects?page=0").status_code == 404


def test_filters_narrow_the_list(api):
    django, postgres = SkillFactory.create(name="Django"), SkillFactory.create(name="PostgreSQL")
    leaf = Category.objects.get(slug="print-packaging")
    plain = ProjectFactory.create()
    labels = ProjectFactory.create(category=leaf, experience_level="expert", skills=[django])
    dear = ProjectFactory.create(
        budget_min_minor=8_000_00, budget_max_minor=9_000_00, currency="EUR", skills=[django, postgres]
    )
    hourly = ProjectFactory.create(hourly=True)
    yen = ProjectFactory.create(budget_min_minor=600_000, budget_max_minor=620_000, currency="JPY")
    for query, found in {
        "category=print-packaging": [labels],
        "category=design": [labels],
        "category=design,web-software": [labels],
        "experience_level=expert": [labels],
        "skills=django": [dear, labels],
        "skills=Django,postgresql": [dear],
        "skills=Django&skills=PostgreSQL": [dear],
        "budget_type=hourly": [hourly],
        "currency=EUR": [dear],
        "budget_min=2500": [yen, dear],
        "budget_min=2000.01": [yen, dear],
        "budget_max=100": [hourly],
        "budget_min=500000&currency=JPY": [yen],
        "budget_min=700000": [],
        "currency=USD&budget_max=1500": [hourly, labels, plain],
    }.items():
        assert ids(api.get(f"/api/projects?{query}")) == [project.pk for project in found], query


def test_order(api):
    cheap = ProjectFactory.create(budget_max_minor=1_000_00, proposal_count=3)
    dear = ProjectFactory.create(budget_max_minor=5_000_00, proposal_count=1)
    middle = ProjectFactory.create(budget_max_minor=3_000_00)
    for ordering, found in {
        "-created_at": [middle, dear, cheap],
        "created_at": [cheap, dear, middle],
        "-budget": [dear, middle, cheap],
        "budget": [cheap, middle, dear],
        "proposal_count": [middle, dear, cheap],
        "relevance": [middle, dear, cheap],
    }.items():
        assert ids(api.get(f"/api/projects?ordering={ordering}")) == [project.pk for project in found], ordering


def test_search_reads_title_skills_and_text_and_ranks_the_title_first(api):
    in_text = ProjectFactory.create(description="A ferry, among other things.")
    in_skills = ProjectFactory.create(skills=[SkillFactory.create(name="Ferry timetables")])
    in_title = ProjectFactory.create(title="Booking site for a ferry")
    newest = ProjectFactory.create(description="Two ferries are mentioned here.")
    ProjectFactory.create(title="Something else")
    assert ids(api.get("/api/projects?search=ferry"))[:2] == [in_title.pk, in_skills.pk]
    assert set(ids(api.get("/api/projects?search=ferries"))) == {in_text.pk, in_skills.pk, in_title.pk, newest.pk}
    by_age = api.get("/api/projects?search=ferry&ordering=-created_at")
    assert ids(by_age) == [newest.pk, in_title.pk, in_skills.pk, in_text.pk]
    assert ids(api.get("/api/projects?search=ferry -booking&ordering=-created_at")) == [
        newest.pk,
        in_skills.pk,
        in_text.pk,
    ]
    assert ids(api.get('/api/projects?search="booking site"')) == [in_title.pk]
    for nothing in ("the", "'; drop table --", "!&|", "和紙"):
        assert ids(api.get("/api/projects", {"search": nothing})) == []


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("status=open,nonsense", "status"),
        ("status=draft", "status"),
        ("category=no-such", "category"),
        ("skills=Alchemy", "skills"),
        ("budget_min=lots", "budget_min"),
        ("budget_min=-1", "budget_min"),
        ("budget_max=NaN", "budget_max"),
        ("budget_max=1e30", "budget_max"),
        ("currency=XYZ", "currency"),
        ("budget_type=barter", "budget_type"),
        ("experience_level=wizard", "experience_level"),
        ("ordering=title", "ordering"),
        (f"search={'x' * 201}", "search"),
        ("search=a%00b", "search"),
        ("skills=a%00b", "skills"),
    ],
)
def test_filters_that_make_no_sense_are_refused(api, query, field):
    answer = api.get(f"/api/projects?{query}")
    assert answer.status_code == 400, answer.data
    assert list(answer.data["fields"]) == [field]


@pytest.mark.parametrize(
    ("status", "visibility", "seen_by"),
    [
        ("open", "public", {"nobody", "owner", "other", "proposer"}),
        ("cancelled", "public", {"nobody", "owner", "other", "proposer"}),
        ("draft", "public", {"owner", "proposer"}),
        ("open", "invited", {"owner", "proposer"}),
    ],
)
def test_who_sees_a_project(api, api_as, status, visibility, seen_by):
    project = ProjectFactory.create(status=status, visibility=visibility)
    proposer = ProposalFactory.create(project=project).freelancer
    people = {
        "nobody": api,
        "owner": api_as(project.client),
        "other": api_as(FreelancerFactory.create()),
        "proposer": api_as(proposer),
    }
    answers = {name: person.get(f"/api/projects/{project.pk}").status_code for name, person in people.items()}
    assert answers == {name: 200 if name in seen_by else 404 for name in people}


def test_ids_that_do_not_exist(api):
    for pk in ("0", "999999999", "99999999999999999999999999"):
        assert api.get(f"/api/projects/{pk}").status_code == 404


def test_who_may_change_a_project(api, api_as):
    project = ProjectFactory.create()
    path = f"/api/projects/{project.pk}"
    stranger, proposer = ClientFactory.create(), ProposalFactory.create(project=project).freelancer
    for call in (
        lambda person: person.put(path, PROJECT),
        lambda person: person.patch(path, {"title": "Mine now"}),
        lambda person: person.delete(path),
        lambda person: person.post(f"{path}/close"),
    ):
        assert call(api).status_code == 401
        for person in (stranger, proposer):
            answer = call(api_as(person))
            assert (answer.status_code, answer.data["error_type"]) == (403, "not_the_client")
    project.refresh_from_db()
    assert (project.status, project.title) != ("cancelled", "Mine now")
    assert api.post("/api/projects", PROJECT).status_code == 401
    freelancer = api_as(FreelancerFactory.create()).post("/api/projects", PROJECT)
    assert (freelancer.status_code, freelancer.data["error_type"]) == (403, "not_a_client")
    unverified = api_as(UserFactory.create(unverified=True)).post("/api/projects", PROJECT)
    assert (unverified.status_code, unverified.data["error_type"]) == (403, "email_not_verified")


def test_put_replaces_and_patch_changes_a_part(api_as):
    project = ProjectFactory.create(deadline=timezone.now().date() + timedelta(days=3))
    api, path = api_as(project.client), f"/api/projects/{project.pk}"
    replaced = api.put(path, PROJECT)
    assert replaced.status_code == 200, replaced.data
    assert (replaced.data["title"], replaced.data["currency"]) == ("Labels for jars", "EUR")
    assert api.put(path, {"title": "Only this"}).status_code == 400
    changed = api.patch(path, {"budget_max": "2500"})
    assert (changed.data["budget_min"], changed.data["budget_max"]) == ("1200.00", "2500.00")
    in_yen = api.patch(path, {"currency": "JPY"})
    assert (in_yen.data["budget_min"], in_yen.data["budget_max"], in_yen.data["currency"]) == ("1200", "2500", "JPY")
    assert api.patch(path, {"budget_max": "1199"}).data["fields"] == {
        "budget_max": ["The upper end is below the lower one."]
    }
    assert api.patch(path, {"proposal_count": 50, "client": 1}).data["proposal_count"] == 0


def test_a_draft_is_published_by_its_status_and_never_goes_back(api_as):
    client = ClientFactory.create()
    api = api_as(client)
    draft = api.post("/api/projects", PROJECT | {"status": "draft"}).data
    assert draft["status"] == "draft"
    path = f"/api/projects/{draft['id']}"
    assert api.patch(path, {"title": "Better", "status": "draft"}).data["title"] == "Better"
    published = api.patch(path, {"status": "open"})
    assert (published.data["status"], published.data["title"]) == ("open", "Better")
    back = api.patch(path, {"title": "Worse", "status": "draft"})
    assert (back.status_code, back.data["error_type"]) == (409, "project_already_published")
    assert api.get(path).data["title"] == "Better"


def test_terms_are_fixed_once_somebody_proposed(api_as):
    offer = ProposalFactory.create()
    answer = api_as(offer.project.client).patch(f"/api/projects/{offer.project_id}", {"currency": "EUR"})
    assert (answer.status_code, answer.data["error_type"]) == (409, "project_has_proposals")
    assert list(answer.data["fields"]) == ["currency"]


def test_delete_throws_drafts_away_and_refuses_the_rest(api_as):
    draft = ProjectFactory.create(status="draft")
    api = api_as(draft.client)
    assert api.delete(f"/api/projects/{draft.pk}").status_code == 204
    assert api.get(f"/api/projects/{draft.pk}").status_code == 404
    posted = ProjectFactory.create(client=draft.client)
    answer = api.delete(f"/api/projects/{posted.pk}")
    assert (answer.status_code, answer.data["error_type"]) == (409, "project_not_draft")


def test_closing(api_as):
    offer = ProposalFactory.create()
    api, path = api_as(offer.project.client), f"/api/projects/{offer.project_id}/close"
    assert api.post(path, {"reason": "x" * 1001}).status_code == 400
    for _ in range(2):
        answer = api.post(path, {"reason": "Done by ourselves."})
        assert (answer.status_code, answer.data["status"]) == (200, "cancelled")
    offer.refresh_from_db()
    assert offer.status == "rejected"
    running = ProjectFactory.create(client=offer.project.client, status="in_progress")
    refused = api.post(f"/api/projects/{running.pk}/close")
    assert (refused.status_code, refused.data["error_type"]) == (409, "project_not_open")


def test_own_projects_of_every_status(api, api_as):
    client = ClientFactory.create()
    own = [ProjectFactory.create(client=client, status=status) for status in ("draft", "open", "cancelled")]
    own.append(ProjectFactory.create(client=client, visibility="invited"))
    ProjectFactory.create()
    assert ids(api_as(client).get("/api/projects/mine")) == [project.pk for project in reversed(own)]
    assert ids(api_as(client).get("/api/projects/mine?status=draft")) == [own[0].pk]
    assert api.get("/api/projects/mine").status_code == 401


def test_filter_options_count_open_projects(api):
    django = SkillFactory.create(name="Django")
    leaf = Category.objects.get(slug="print-packaging")
    ProjectFactory.create(category=leaf, currency="EUR", skills=[django])
    ProjectFactory.create(category=leaf.parent, hourly=True)
    ProjectFactory.create(category=leaf, status="completed")
    options = api.get("/api/projects/filters").data
    assert list(options) == ["count", "categories", "budget_types", "experience_levels", "currencies", "skills"]
    assert options["count"] == 2
    [design] = [option for option in options["categories"] if option["value"] == "design"]
    assert design["count"] == 2
    assert {child["value"]: child["count"] for child in design["children"]}["print-packaging"] == 1
    assert options["budget_types"] == [
        {"value": "fixed", "label": "Fixed price", "count": 1},
        {"value": "hourly", "label": "By the hour", "count": 1},
    ]
    assert {option["value"]: option["count"] for option in options["currencies"]} == {"EUR": 1, "USD": 1}
    assert options["skills"] == [{"value": "Django", "label": "Django", "count": 1}]


@pytest.mark.parametrize(
    "path",
    [
        "/api/projects?page_size=100",
        "/api/projects?page_size=100&search=bakery",
        "/api/projects?page_size=100&ordering=-budget&status=open",
    ],
)
def test_a_list_takes_two_queries_however_long(api, path):
    ProjectFactory.create_batch(5)
    api.get(path)
    for expected in (5, 100):
        ProjectFactory.create_batch(expected - Project.objects.count())
        with CaptureQueriesContext(connection) as queries:
            assert len(ids(api.get(path))) == expected
        assert len(queries) == 2


def test_a_detail_takes_one_query(api, django_assert_num_queries):
    project = ProjectFactory.create()
    project.attachments.set(UploadFactory.create_batch(3))
    with django_assert_num_queries(1):
        assert len(api.get(f"/api/projects/{project.pk}").data["attachments"]) == 3


def test_the_schema_declares_what_is_answered(api):
    project = ProposalFactory.create().project
    detail = api.get(f"/api/projects/{project.pk}").data
    options = api.get("/api/projects/filters").data
    assert list(ProjectSerializer().fields) == KEYS
    assert list(ProjectDetailSerializer().fields) == list(detail)
    assert list(FilterOptionsSerializer().fields) == list(options)
    offer = project.proposals.get()
    assert list(ProposalSerializer().fields) == list(ProposalSerializer(offer).data)
