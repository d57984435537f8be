import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Category
from accounts.tests.factories import ClientFactory, FreelancerFactory, SkillFactory
from projects.tests.factories import ProjectFactory

pytestmark = pytest.mark.django_db

LIST = "/projects/"


def text(response) -> str:
    assert response.status_code == 200
    return response.content.decode()


def test_anybody_browses_open_projects_newest_first(client):
    ProjectFactory.create(title="Older one")
    ProjectFactory.create(title="Newer one", client__client_profile__company_name="Harbour & Hythe")
    ProjectFactory.create(title="Long done", status="completed")
    ProjectFactory.create(title="Not yet", status="draft")
    page = text(client.get(LIST))
    assert page.index("Newer one") < page.index("Older one")
    assert "Harbour &amp; Hythe" in page
    assert "$1,000 – 2,000" in page
    assert "Long done" not in page
    assert "Not yet" not in page


def test_search_and_filters_narrow_the_list_and_can_be_taken_away(client):
    leaf = Category.objects.get(slug="print-packaging")
    ProjectFactory.create(title="Bags for a bakery", category=leaf, skills=[SkillFactory.create(name="Packaging")])
    ProjectFactory.create(title="Bags of patience needed")
    ProjectFactory.create(title="Something else", category=leaf)
    page = text(
        client.get(LIST, {"q": "bags", "category": ["design"], "skills": ["Packaging", ""], "budget_max": "5000"})
    )
    assert "Bags for a bakery" in page
    assert "patience" not in page
    assert "Something else" not in page
    assert "matching “bags”" in page
    assert 'href="/projects/?q=bags&amp;skills=Packaging&amp;skills=&amp;budget_max=5000"' in page
    assert 'value="design" checked' in page
    assert "Show 1 project" in page
    assert 'name="q" value="bags"' in page


def test_values_that_make_no_sense_are_left_out_with_a_word(client):
    ProjectFactory.create(title="Still here")
    for query in ("budget_min=abc", "category=none", "skills=Alchemy", "ordering=title", "currency=XYZ"):
        page = text(client.get(f"{LIST}?{query}"))
        assert "Still here" in page, query
        assert "Left out." in page, query
    assert "Still here" in text(client.get(f"{LIST}?page=999"))


def test_each_empty_list_offers_the_next_step(client):
    assert reverse("projects:new") in text(client.get(LIST))
    assert "All open projects" in text(client.get(LIST, {"q": "cuneiform"}))
    assert "Clear the filters" in text(client.get(LIST, {"budget_type": "hourly"}))


def test_a_freelancers_own_skills_stand_first_with_a_tick(client):
    django, irish = SkillFactory.create(name="Django"), SkillFactory.create(name="Irish")
    ProjectFactory.create(skills=[irish, django])
    reader = FreelancerFactory.create(freelancer_profile__skills=[django])
    client.force_login(reader)
    page = text(client.get(LIST))
    assert page.count("skill-tag--match") == 1


@pytest.mark.parametrize(
    ("query", "offered", "missing"),
    [
        ("", ["Newest", "Fewest proposals"], ["Best match", "Highest budget"]),
        ("?q=label", ["Best match"], []),
        ("?currency=USD", ["Highest budget"], ["Best match"]),
    ],
)
def test_orders_that_make_sense_are_offered(client, query, offered, missing):
    ProjectFactory.create()
    page = text(client.get(LIST + query))
    assert all(label in page for label in offered)
    assert not any(label in page for label in missing)


def test_the_list_pages(client):
    for number in range(25):
        ProjectFactory.create(title=f"Number {number:02}.")
    assert "Number 24." in text(client.get(LIST))
    second = text(client.get(f"{LIST}?page=2"))
    assert "Number 04." in second
    assert "Number 24." not in second
    assert "21 – 25 of 25" in second


def test_the_list_takes_as_many_queries_however_long(client):
    client.force_login(ClientFactory.create())
    counts = []
    ProjectFactory.create_batch(5)
    client.get(LIST)
    for more in (0, 15):
        ProjectFactory.create_batch(more)
        with CaptureQueriesContext(connection) as queries:
            client.get(LIST)
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_only_reading(client):
    assert client.post(LIST).status_code == 405
