"""How people are shown inside other things: their small picture, and links to the address that they chose."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from rest_framework.test import APIClient

from accounts.models import User
from accounts.services import uploads
from accounts.tests.factories import FreelancerFactory
from accounts.tests.test_api_uploads import picture
from chat.services import open_direct_room
from contracts.tests.factories import make_contract
from gigs.services import accept_gig
from gigs.tests.factories import make_gig
from projects.tests.factories import ProjectFactory, ProposalFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("provider")]

ApiAs = Callable[[Any], APIClient]
PagesAs = Callable[[User], Client]


@pytest.fixture
def nora() -> User:
    """Has a picture and an address of her own, and works on both sides."""
    nora = FreelancerFactory.create(user_type="both", handle="nora-veld", placed=True)
    uploads.set_avatar(nora, file=SimpleUploadedFile("a.png", picture()))
    return nora


@pytest.fixture
def me() -> User:
    return FreelancerFactory.create(user_type="both", placed=True)


def a_proposal(nora: User, me: User) -> tuple[str, str]:
    made = ProposalFactory.create(freelancer=nora, project=ProjectFactory.create(client=me))
    return f"/api/proposals/{made.pk}", "freelancer"


def a_contract(nora: User, me: User, side: str) -> tuple[str, str]:
    people = {"freelancer": (me, nora), "client": (nora, me)}
    client, freelancer = people[side]
    made = make_contract(freelancer=freelancer, project=ProjectFactory.create(client=client))
    return f"/api/contracts/{made.pk}", side


# (address, where in the answer Nora is)
ANSWERS: dict[str, Callable[[User, User], tuple[str, str]]] = {
    "a person": lambda nora, me: (f"/api/users/{nora.pk}", ""),
    "a freelancer": lambda nora, me: (f"/api/freelancers/{nora.pk}", ""),
    "a project": lambda nora, me: (f"/api/projects/{ProjectFactory.create(client=nora).pk}", "client"),
    "an open gig": lambda nora, me: (f"/api/gigs/{make_gig(seeker=nora).pk}", "seeker"),
    "one's own gig": lambda nora, me: (f"/api/gigs/{accept_gig(nora, gig_id=make_gig(seeker=me).pk).pk}", "helper"),
    "a proposal": a_proposal,
    "a contract as client": lambda nora, me: a_contract(nora, me, "freelancer"),
    "a contract as freelancer": lambda nora, me: a_contract(nora, me, "client"),
}


@pytest.mark.parametrize("what", ANSWERS)
def test_people_come_with_a_small_picture(what: str, nora: User, me: User, api_as: ApiAs) -> None:
    path, where = ANSWERS[what](nora, me)
    answer = api_as(me).get(path).json()
    shown = answer[where] if where else answer
    assert shown["avatar_url"] == nora.avatar_url
    small = nora.avatar_url.replace(".webp", ".96.webp")
    assert shown["avatar_thumbnail_url"] == small
    assert default_storage.exists(nora.avatar.name.replace(".webp", ".96.webp"))


@pytest.mark.parametrize("path", ["/api/projects", "/api/gigs", "/api/freelancers"])
def test_lists_have_it_too_and_nothing_for_who_has_none(path: str, nora: User, me: User, api: APIClient) -> None:
    for person in (nora, me):
        ProjectFactory.create(client=person)
        make_gig(seeker=person)
    rows = [row.get("client") or row.get("seeker") or row for row in api.get(path).json()["results"]]
    small = {row["id"]: row["avatar_thumbnail_url"] for row in rows}
    assert small == {nora.pk: nora.avatar_url.replace(".webp", ".96.webp"), me.pk: None}


PAGES: dict[str, Callable[[User, User], str]] = {
    "a project": lambda nora, me: f"/projects/{ProjectFactory.create(client=nora).pk}/",
    "an open gig": lambda nora, me: f"/gigs/{make_gig(seeker=nora).pk}/",
    "one's own gig": lambda nora, me: f"/gigs/{accept_gig(nora, gig_id=make_gig(seeker=me).pk).pk}/",
    "a proposal": lambda nora, me: a_proposal(nora, me)[0].replace("/api/", "/projects/") + "/",
    "a contract": lambda nora, me: a_contract(nora, me, "freelancer")[0].removeprefix("/api") + "/",
    "a chat": lambda nora, me: open_direct_room(me, other_id=nora.pk).page,
    "the people": lambda nora, me: "/people/",
}


@pytest.mark.parametrize("what", PAGES)
def test_links_lead_to_the_address_that_a_person_chose(what: str, nora: User, me: User, pages_as: PagesAs) -> None:
    page = pages_as(me).get(PAGES[what](nora, me)).content.decode()
    assert 'href="/people/nora-veld/' in page
    assert f'href="/people/{nora.pk}/' not in page


def test_so_do_those_beside_what_came_in(nora: User, me: User, pages_as: PagesAs) -> None:
    project = ProjectFactory.create(client=me)
    ProposalFactory.create(freelancer=nora, project=project)
    assert 'href="/people/nora-veld/' in pages_as(me).get(f"/projects/{project.pk}/proposals/").content.decode()
