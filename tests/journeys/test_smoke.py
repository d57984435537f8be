from playwright.sync_api import Page, expect
from tests.fixtures.served_site import ServedSite
from tests.fixtures.browser import NewPage
import httpx


def test_ready(served_site: ServedSite) -> None:
    print(httpx.get(served_site.url + "/api/health/ready").json())
    print(served_site.manage("check"))


def test_home(served_site, page):
    page.goto("/")
    page.goto("/sign-in/")
