"""A week of work by the hour on pages, from hiring to the wallet."""

import re

from playwright.sync_api import Page, expect

from tests.browser.conftest import Join, pay_by_card
from tests.browser.test_hire import accept, choose_skill
from tests.fixtures.served_site import ServedSite

TITLE = "Look after an order page"
# The week that runs becomes the one before it, and the contract older: then there is time to write down. What the timer
# counted becomes no time at all, for it may have met the end of a minute.
PUT_BACK = """
from datetime import timedelta
from django.db.models import F
from django.utils import timezone
from contracts.models import Contract, TimeEntry, Timesheet
week = timedelta(days=7)
contract = Contract.objects.get(title="Look after an order page")
Contract.objects.filter(pk=contract.pk).update(started_at=F("started_at") - 3 * week)
TimeEntry.objects.update(started_at=F("started_at") - week, ended_at=F("started_at") - week)
first = contract.timesheets.earliest("week_start")
later = timezone.now() + timedelta(hours=1)
Timesheet.objects.filter(pk=first.pk).update(week_start=first.week_start - week, edits_until=later, review_until=later + week)
print((first.week_start - timedelta(days=6)).isoformat())
"""


def post_by_the_hour(client: Page) -> str:
    client.goto("/projects/new/")
    client.get_by_label("Title").fill(TITLE)
    client.get_by_label("Description").fill("Small wishes of the bakers, a few hours a week.")
    client.get_by_label("Category").select_option(label="Web development")
    client.locator('input[name="budget_type"][value="hourly"]').check(force=True)
    client.locator('input[name="budget_min"]').fill("40")
    client.locator('input[name="budget_max"]').fill("80")
    choose_skill(client, "Django")
    client.get_by_role("button", name="Open it for proposals").click()
    expect(client.get_by_role("heading", level=1, name=TITLE)).to_be_visible()
    return client.url


def propose_a_rate(freelancer: Page, project: str) -> None:
    freelancer.goto(project)
    freelancer.locator('input[name="bid_amount"]').fill("60")
    freelancer.locator('input[name="estimated_days"]').fill("30")
    freelancer.get_by_role("button", name="Continue to your letter").click()
    freelancer.locator('textarea[name="cover_letter"]').fill("I would look in twice a week.")
    freelancer.get_by_role("button", name="Send the proposal").click()
    expect(freelancer).to_have_url(project)


def confirm(page: Page, button: str, then: str | re.Pattern[str]) -> None:
    """Press the button and answer the question it asks."""
    page.get_by_role("button", name=button).click()
    page.get_by_role("dialog").get_by_role("button", name=then).click()
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_a_week_from_hiring_to_the_wallet(join: Join, served_site: ServedSite) -> None:
    client, freelancer = join("Hanna", "client"), join("Tariq", "freelancer")
    project = post_by_the_hour(client)
    propose_a_rate(freelancer, project)
    contract = accept(client, project, "Tariq Miller")

    freelancer.goto(contract)
    expect(freelancer.get_by_text("is not paid in yet")).to_be_visible()
    client.get_by_role("group", name="What happens next").get_by_role("button", name="Pay in").click()
    pay_by_card(client)
    expect(client).to_have_url(contract)
    expect(client.get_by_text("of 40:00 hours")).to_be_visible()

    freelancer.goto(contract)
    freelancer.get_by_label("What you work on").fill("Sketches")
    freelancer.get_by_role("button", name="Start").click()
    expect(freelancer.get_by_role("heading", name="Timer running")).to_be_visible()
    freelancer.get_by_role("button", name="Stop").click()
    expect(freelancer.get_by_role("button", name="Start")).to_be_visible()

    tuesday = served_site.manage("shell", "-c", PUT_BACK).split()[-1]
    freelancer.goto(f"{contract}add-time/")
    freelancer.get_by_label("Day").fill(tuesday)
    freelancer.get_by_label("From").fill("09:00")
    freelancer.get_by_label("To", exact=True).fill("12:30")
    freelancer.get_by_label("What you did").fill("Half loaves")
    freelancer.get_by_role("button", name="Add the time").click()
    freelancer.get_by_role("group", name="What happens next").get_by_role("link", name="Open the week").click()
    expect(freelancer.get_by_text("Half loaves")).to_be_visible()
    confirm(freelancer, "Send the week", "Send")
    week = freelancer.url

    client.goto(contract)
    client.get_by_role("link", name="Look them over").click()
    expect(client).to_have_url(week)
    client.get_by_role("link", name="Send hours back").click()
    client.get_by_label("What is wrong with it").fill("We said three hours.")
    client.get_by_role("button", name="Send back").click()
    expect(client.get_by_text("We said three hours.")).to_be_visible()

    freelancer.goto(week)
    freelancer.get_by_role("link", name=re.compile("^Change")).last.click()
    freelancer.get_by_label("To", exact=True).fill("12:00")
    freelancer.get_by_role("button", name="Save").click()
    confirm(freelancer, "Send again", "Send")

    client.goto(week)
    confirm(client, "Approve", "Release $180.00")
    expect(client.get_by_text("Paid out").first).to_be_visible()
    freelancer.goto("/wallet/")
    expect(freelancer.get_by_text("$162.00").first).to_be_visible()
