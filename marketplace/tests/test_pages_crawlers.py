"""What search engines read."""

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import User
from accounts.tests.factories import ClientFactory, FreelancerFactory, ProfileEntryFactory, SkillFactory, UserFactory
from core.templatetags.ui import structured_data
from gigs.tests.factories import make_gig
from marketplace.pages import crawlers
from projects.models import Visibility
from projects.tests.factories import ProjectFactory

PagesAs = Callable[[User], Client]
SITE = "http://testserver"


@pytest.fixture(autouse=True)
def _nothing_remembered() -> None:
    cache.clear()


def addresses(client: Client, path: str) -> list[str]:
    answer = client.get(path)
    assert answer["Content-Type"].startswith("application/xml")
    return re.findall(r"<loc>(.*?)</loc>", answer.content.decode())


def structured(page: str) -> Any:
    [text] = re.findall(r'<script type="application/ld\+json" nonce="[^"]+">(.*?)</script>', page, flags=re.DOTALL)
    return json.loads(text)


# --- What there is ------------------------------------------------------------------------------


def test_robots_are_told_of_the_map_and_kept_from_private_pages(client: Client, settings: Any) -> None:
    settings.SITE_URL = "https://guildhall.example"
    text = client.get("/robots.txt").content.decode()
    assert "Sitemap: https://guildhall.example/sitemap.xml" in text
    assert "Disallow: /settings/" in text
    assert "Disallow: /people" not in text


@pytest.mark.django_db
def test_the_map_lists_people_projects_and_gigs_that_anybody_may_see(client: Client) -> None:
    listed, named = FreelancerFactory.create(), FreelancerFactory.create(handle="nora")
    FreelancerFactory.create(unverified=True)
    ClientFactory.create()
    project = ProjectFactory.create()
    ProjectFactory.create(status="draft")
    ProjectFactory.create(visibility=Visibility.INVITED)
    gig = make_gig()
    assert addresses(client, "/sitemap.xml") == [
        f"{SITE}/sitemap-{name}.xml" for name in ("pages", "people", "projects", "gigs")
    ]
    assert addresses(client, "/sitemap-people.xml") == [f"{SITE}/people/{listed.pk}/", f"{SITE}/people/nora/"]
    assert named.get_absolute_url() == "/people/nora/"
    assert addresses(client, "/sitemap-projects.xml") == [f"{SITE}/projects/{project.pk}/"]
    assert addresses(client, "/sitemap-gigs.xml") == [f"{SITE}/gigs/{gig.pk}/"]
    for address in addresses(client, "/sitemap-pages.xml"):
        assert client.get(address.removeprefix(SITE)).status_code == 200


@pytest.mark.django_db
def test_the_map_is_paged_and_costs_the_same_for_many(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(crawlers.Section, "limit", 3)
    FreelancerFactory.create_batch(7)
    assert f"{SITE}/sitemap-people.xml?p=3" in addresses(client, "/sitemap.xml")
    pages = [addresses(client, f"/sitemap-people.xml?p={number}") for number in (1, 2, 3)]
    assert [len(page) for page in pages] == [3, 3, 1]
    assert len({address for page in pages for address in page}) == 7
    with CaptureQueriesContext(connection) as asked:
        client.get("/sitemap-people.xml?p=1&fresh")
    assert len(asked) == 2
    assert client.get("/sitemap-people.xml?p=4").status_code == 404
    assert client.get("/sitemap-secrets.xml").status_code == 404


@pytest.mark.django_db
def test_the_map_is_remembered(client: Client) -> None:
    FreelancerFactory.create()
    before = addresses(client, "/sitemap-people.xml")
    FreelancerFactory.create()
    with CaptureQueriesContext(connection) as asked:
        assert addresses(client, "/sitemap-people.xml") == before
    assert len(asked) == 0


# --- What is kept out ---------------------------------------------------------------------------

NOINDEX = '<meta name="robots" content="noindex">'


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/", "/how-it-works/", "/fees/", "/projects/", "/gigs/", "/people/"])
def test_public_pages_may_be_found(client: Client, path: str) -> None:
    assert NOINDEX not in client.get(path).content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/sign-in/", "/join/", "/forgot-password/", "/no-such-page/", "/people/987654/"])
def test_doors_and_errors_are_kept_out(client: Client, path: str) -> None:
    assert NOINDEX in client.get(path).content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/dashboard/", "/settings/profile/", "/wallet/", "/messages/", "/notifications/"])
def test_private_pages_are_kept_out(pages_as: PagesAs, path: str) -> None:
    assert NOINDEX in pages_as(UserFactory.create()).get(path).content.decode()


@pytest.mark.django_db
def test_a_profile_that_says_nothing_is_kept_out(client: Client) -> None:
    empty = UserFactory.create(user_type="freelancer")
    assert NOINDEX in client.get(f"/people/{empty.pk}/").content.decode()
    assert NOINDEX in client.get(f"/people/{ClientFactory.create().pk}/").content.decode()
    assert NOINDEX not in client.get(f"/people/{FreelancerFactory.create().pk}/").content.decode()


# --- What a profile says ------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_profile_names_itself_to_search_engines(client: Client, settings: Any) -> None:
    settings.SITE_URL = "https://guildhall.example"
    user = FreelancerFactory.create(
        first_name="Nora",
        last_name="Veld",
        handle="nora",
        placed=True,
        freelancer_profile__skills=[SkillFactory.create(name="Sail making")],
        freelancer_profile__languages=["nl", "en"],
        freelancer_profile__language_levels={"nl": "native"},
        freelancer_profile__links=["https://veld.example"],
    )
    for kind in ("work", "education", "certificate"):
        ProfileEntryFactory.create(user=user, kind=kind, title=f"A {kind}", organisation=f"Of {kind}")
    page = client.get("/people/nora/").content.decode()
    assert "Dutch (native), English" in page
    assert '<link rel="canonical" href="https://guildhall.example/people/nora/">' in page
    assert "<title>Nora Veld, Brand and packaging for small makers · Guildhall</title>" in page
    assert '<meta name="description" content="I draw labels, boxes and the words on them.">' in page
    assert '<meta property="og:title" content="Nora Veld, Brand and packaging for small makers">' in page
    data = structured(page)
    person = data["mainEntity"]
    assert (data["@type"], person["@type"], person["name"]) == ("ProfilePage", "Person", "Nora Veld")
    assert person["url"] == "https://guildhall.example/people/nora/"
    assert person["knowsAbout"] == ["Sail making"]
    assert person["knowsLanguage"] == [
        {"@type": "Language", "name": "Dutch", "description": "Native"},
        {"@type": "Language", "name": "English"},
    ]
    assert person["sameAs"] == ["https://veld.example"]
    assert person["worksFor"][0]["name"] == "Of work"
    assert person["alumniOf"][0]["name"] == "Of education"
    assert person["hasCredential"][0]["name"] == "A certificate"
    assert person["address"] == {"@type": "PostalAddress", "addressLocality": "Gent", "addressCountry": "BE"}
    assert user.email not in page


@pytest.mark.django_db
def test_a_company_is_shown_as_one(client: Client) -> None:
    user = ClientFactory.create(
        client_profile__company_name="Veld & Co", client_profile__website="https://veld.example"
    )
    company = structured(client.get(f"/people/{user.pk}/").content.decode())["mainEntity"]
    assert (company["@type"], company["name"], company["sameAs"]) == (
        "Organization",
        "Veld & Co",
        ["https://veld.example"],
    )


@pytest.mark.django_db
def test_the_other_side_of_a_person_has_an_address_of_its_own(client: Client) -> None:
    user = UserFactory.create()
    page = client.get(f"/people/{user.pk}/?side=client&page=2").content.decode()
    assert f'/people/{user.pk}/?side=client">' in re.findall('<link rel="canonical".*', page)[0]


@pytest.mark.django_db
def test_nobody_writes_their_way_out_of_the_data(client: Client) -> None:
    evil = '</script><script>alert(1)</script><!-- "&\u2028'
    user = FreelancerFactory.create(
        first_name=evil[:80], freelancer_profile__headline=evil, freelancer_profile__bio=evil, city=evil
    )
    ProfileEntryFactory.create(user=user, title=evil, organisation=evil)
    page = client.get(f"/people/{user.pk}/").content.decode()
    assert "<script>alert" not in page
    assert structured(page)["mainEntity"]["jobTitle"] == evil


TEXTS = st.text() | st.sampled_from(["</script>", "<!--", "]]>", "&lt;", "\u2028\u2029", '"', "\\"])


@given(st.recursive(TEXTS | st.none() | st.integers(), lambda inner: st.lists(inner) | st.dictionaries(TEXTS, inner)))
def test_structured_data_is_what_was_meant_and_stays_in_its_script(data: Any) -> None:
    html = structured_data(data, "n0nce")
    head, text, tail = re.fullmatch(r"(<script [^>]*>)(.*)(</script>)", html, flags=re.DOTALL).groups()  # type: ignore[union-attr]
    assert (head, tail) == ('<script type="application/ld+json" nonce="n0nce">', "</script>")
    assert not set(text) & set("<>&\u2028\u2029")
    assert json.loads(text) == data
