from playwright.sync_api import Browser

from payments.tests.test_browser_plan import enter, sign_in
from tests.fixtures.served_site import ServedSite


def test_shots(served_site: ServedSite, browser: Browser) -> None:
    context = browser.new_context(base_url=served_site.url)
    page = context.new_page()
    sign_in(served_site, page)

    def shoot(tag: str, paths: list[str]) -> None:
        for path in paths:
            for width, theme in ((390, "light"), (1280, "dark"), (1280, "light")):
                page.set_viewport_size({"width": width, "height": 900})
                page.goto(path)
                page.evaluate(f"document.documentElement.dataset.bsTheme = '{theme}'")
                page.wait_for_timeout(300)
                name = path.strip("/").replace("/", "-")
                page.screenshot(path=f"/tmp/shots/{tag}-{name}-{width}-{theme}.png", full_page=True)

    shoot("before", ["/settings/plan/", "/settings/plan/pro/pay/", "/wallet/documents/", "/wallet/statement/"])
    page.goto("/settings/plan/pro/pay/")
    enter(page, "4242424242424242")
    page.get_by_role("button", name="Pay $15.00 a month").click()
    page.wait_for_url("**/settings/plan/")
    shoot("after", ["/settings/plan/", "/wallet/documents/"])
    page.goto("/wallet/")
    page.screenshot(path="/tmp/shots/wallet.png", full_page=True)
