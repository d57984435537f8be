"""Every kind of page with the demo people's data: accessible in light and dark, and whole on a narrow phone."""

import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.fixtures.browser import NewPage
from tests.fixtures.served_site import ServedSite
from tests.journeys.outside import PATIENCE, Json, Person

PASSWORD = "guildhall-demo"
DESK = {"viewport": {"width": 1280, "height": 900}, "color_scheme": "light", "reduced_motion": "reduce"}
PHONE = {"viewport": {"width": 320, "height": 640}, "color_scheme": "dark", "reduced_motion": "reduce"}
RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations"],
}
PASSERS_BY = [
    "/", "/how-it-works/", "/fees/", "/projects/", "/projects/{open_project}/", "/people/", "/people/{freelancer}/", "/gigs/",
    "/gigs/{open_gig}/", "/sign-in/", "/join/", "/forgot-password/", "/verify-email/",
    "/reset-password/?token=over", "/change-email/?token=over",
]  # fmt: skip
CLIENT = [
    "/dashboard/", "/projects/new/", "/projects/mine/", "/projects/{project}/", "/projects/{project}/proposals/", "/gigs/new/",
    "/gigs/mine/", "/contracts/", "/contracts/{contract}/", "/contracts/{contract}/money/", "/contracts/{contract}/history/",
    "/contracts/{contract}/files/", "/messages/", "/messages/{chat}/", "/notifications/", "/wallet/",
    "/settings/profile/", "/settings/account/", "/settings/place/", "/settings/security/",
    "/settings/security/second-factor/", "/settings/security/passkeys/", "/settings/security-history/", "/confirm/",
    "/settings/identity/", "/settings/export/", "/settings/close/", "/settings/delete/", "/settings/standing/",
    "/settings/api-keys/", "/settings/api-keys/new/", "/settings/webhooks/", "/settings/webhooks/add/",
]  # fmt: skip
FREELANCER = [
    "/dashboard/", "/projects/mine/", "/projects/{open_project}/propose/", "/contracts/{contract}/",
    "/contracts/milestones/{funded}/submit/", "/wallet/", "/settings/profile/", "/settings/profile/experience/",
    "/settings/profile/experience/add/work/", "/settings/profile/hours/", "/settings/profile/address/", "/people/{freelancer}/",
]  # fmt: skip


@pytest.fixture(scope="module")
def ids(seeded_site: ServedSite) -> Iterator[dict[str, Json]]:
    """What the names in the addresses stand for, by whose they are."""
    with httpx.Client(base_url=seeded_site.url, timeout=PATIENCE) as http:

        def person(name: str) -> Person:
            http.headers.pop("Authorization", None)
            return Person(http, "", f"{name}@example.com", PASSWORD).sign_in()

        client = person("client")
        projects = client.get("/api/projects/mine")["results"]
        of_client = {
            "project": max(projects, key=lambda project: project["proposal_count"] * (project["status"] == "open"))[
                "id"
            ],
            "contract": client.get("/api/contracts")["results"][0]["id"],
            "chat": client.get("/api/chats")["results"][0]["id"],
        }
        freelancer = person("freelancer")
        sent = {proposal["project_id"] for proposal in freelancer.get("/api/proposals", page_size=100)["results"]}
        contracts = freelancer.get("/api/contracts", page_size=100)["results"]
        steps = [step for contract in contracts for step in contract["milestones"]]
        public = {
            "open_project": next(
                project["id"]
                for project in freelancer.get("/api/projects?status=open&page_size=100")["results"]
                if project["id"] not in sent
            ),
            "open_gig": freelancer.get("/api/gigs")["results"][0]["id"],
            "freelancer": freelancer.id,
        }
        of_freelancer = {
            "contract": contracts[0]["id"],
            "funded": next(step["id"] for step in steps if step["status"] == "funded"),
        }
        yield {"": public, "client": public | of_client, "freelancer": public | of_freelancer}


def sign_in(page: Page, name: str) -> None:
    page.goto("/sign-in/")
    page.get_by_label("E-mail").fill(f"{name}@example.com")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page).to_have_url(re.compile("/dashboard/"))


@pytest.mark.parametrize("window", [DESK, PHONE], ids=["light desk", "dark phone"])
@pytest.mark.parametrize(
    ("who", "addresses"),
    [("", PASSERS_BY), ("client", CLIENT), ("freelancer", FREELANCER)],
    ids=["anybody", "client", "freelancer"],
)
def test_pages_are_accessible_and_fit(
    ids: dict[str, Json], new_page: NewPage, who: str, addresses: list[str], window: dict[str, Any]
) -> None:
    page = new_page(**window)
    if who:
        sign_in(page, who)
    problems = []
    for address in addresses:
        page.goto(address.format(**ids[who]), wait_until="load")
        assert page.locator("html").get_attribute("data-bs-theme") == window["color_scheme"]
        problems += [f"{address}: {problem}" for problem in (*too_wide(page), *obstacles(page))]
    assert problems == []


def test_the_page_for_a_wrong_address(served_site: ServedSite, browser: Browser) -> None:
    """In a context of its own: the browser reports the 404 as an error."""
    page = browser.new_page(base_url=served_site.url, **PHONE)
    page.goto("/nowhere/")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    assert [*too_wide(page), *obstacles(page)] == []
    page.context.close()


def too_wide(page: Page) -> list[str]:
    """What makes the page scroll sideways."""
    wide: list[str] = page.evaluate(
        """() => {
          const room = document.documentElement.clientWidth;
          if (document.documentElement.scrollWidth <= room) return [];
          return [...document.body.querySelectorAll("*")]
            .filter((element) => element.getBoundingClientRect().right > room + 1)
            .map((element) => `wider than ${room}: ${element.tagName} ${element.className}`).slice(0, 4);
        }"""
    )
    return wide


def obstacles(page: Page) -> list[str]:
    """What axe calls serious or critical."""
    return [
        f"{violation['impact']} {violation['id']}: {node['html'][:160]} {node['failureSummary'][:200]}"
        for violation in Axe().run(page, options=RULES).response["violations"]
        if violation["impact"] in {"serious", "critical"}
        for node in violation["nodes"][:3]
    ]
