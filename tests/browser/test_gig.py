"""The whole gig on pages, by a seeker and a helper in two browsers."""

import re

from playwright.sync_api import Page, expect

from tests.browser.conftest import Join, pay_by_card
from tests.fixtures.served_site import ServedSite

BEGINS_SOON = """
from datetime import timedelta
from django.utils import timezone
from gigs.models import Gig
now = timezone.now()
Gig.objects.filter(pk={pk}).update(starts_at=now + timedelta(hours=12), accepted_at=now - timedelta(hours=2))
"""


def agree(seeker: Page, helper: Page, title: str) -> str:
    """A gig that was posted, accepted on the map and paid in. Its address."""
    seeker.goto("/gigs/new/")
    seeker.get_by_label("What needs doing").fill(title)
    seeker.get_by_label("What a helper should know").fill("A slow and very polite spaniel.")
    seeker.locator('input[name="address"]').fill("Coupure 1, Gent")
    seeker.get_by_role("searchbox", name="Place on the map").press_sequentially("Gent")
    seeker.get_by_text("Gent, BE").first.click()
    expect(seeker.locator('input[name="lat"]')).to_have_value(re.compile(r"^51\."))
    seeker.locator('input[name="budget"]').fill("15")
    seeker.locator('select[name="currency"]').select_option("EUR")
    seeker.get_by_role("button", name="Post the gig").click()
    expect(seeker.get_by_text("Helpers nearby see your gig")).to_be_visible()
    gig = seeker.url

    helper.goto("/gigs/?lat=51.05&lng=3.72&radius_km=10")
    expect(helper.locator(".map-pin").first).to_be_visible()
    helper.get_by_role("link", name=title).first.click()
    expect(helper.get_by_text("Coupure 1, Gent")).to_have_count(0)
    helper.get_by_role("button", name="Accept this gig").click()
    helper.locator("dialog[open]").get_by_role("button", name="Accept the gig").click()
    expect(helper.get_by_text("Coupure 1, Gent")).to_be_visible()

    seeker.goto(gig)
    seeker.get_by_role("button", name="Pay in").click()
    pay_by_card(seeker)
    expect(seeker).to_have_url(gig)
    expect(seeker.get_by_text("€15.00 is held")).to_be_visible()
    return gig


def test_from_the_map_to_paid(join: Join):
    seeker, helper = join("Sofie", "client"), join("Hamid", "freelancer")
    gig = agree(seeker, helper, "Walk Biscuit along the Coupure")

    helper.goto(gig)
    helper.get_by_role("button", name="I am starting").click()
    helper.get_by_role("button", name="It is done").click()
    expect(helper.get_by_text("Your work is being looked at")).to_be_visible()

    seeker.goto(gig)
    seeker.get_by_role("button", name="Release €15.00").click()
    seeker.locator("dialog[open]").get_by_role("button", name="Release €15.00").click()
    expect(seeker.get_by_role("link", name="Write a review")).to_be_visible()

    helper.goto("/wallet/")
    expect(helper.get_by_text("€13.50").first).to_be_visible()


def test_calling_it_off_late_leaves_a_part_with_the_helper(join: Join, served_site: ServedSite):
    seeker, helper = join("Sanne", "client"), join("Hugo", "freelancer")
    gig = agree(seeker, helper, "Carry a rowing machine")
    served_site.manage("shell", "-c", BEGINS_SOON.format(pk=re.search(r"/gigs/(\d+)/", gig)[1]))

    seeker.goto(gig)
    seeker.get_by_role("button", name="Cancel the gig").click()
    question = seeker.locator("dialog[open]")
    for figure in ("€3.00", "−€0.30", "€2.70", "€12.00 comes back to you"):
        expect(question).to_contain_text(figure)
    question.get_by_role("button", name="Cancel the gig").click()
    expect(seeker.get_by_text("€3.00 goes to the helper, the rest goes back.")).to_be_visible()
    seeker.get_by_role("region", name="Money").get_by_role("link", name="€2.70").click()
    for figure in ("+€15.00", "−€3.00", "−€12.00"):
        expect(seeker.get_by_role("link", name=figure)).to_be_visible()

    helper.goto("/wallet/?currency=EUR")
    helper.get_by_role("link", name="+€2.70").first.click()
    expect(helper.get_by_role("heading", name="Funds released")).to_be_visible()
