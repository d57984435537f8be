"""The whole hire on pages, by a client and a freelancer in two browsers."""

import re

from playwright.sync_api import expect

from tests.browser.conftest import Join, pay_by_card


def test_from_two_new_accounts_to_paid_and_reviewed(join: Join):
    client, freelancer = join("Clara", "client"), join("Farid", "freelancer")

    client.goto("/projects/new/")
    client.get_by_label("Title").fill("Order page for a bakery")
    client.locator('textarea[name="description"]').fill("A page where people order bread for Saturday.")
    client.locator('select[name="category"]').select_option(index=1)
    client.locator('input[name="budget_min"]').fill("500")
    client.locator('input[name="budget_max"]').fill("900")
    client.get_by_role("button", name="Open it for proposals").click()
    expect(client.get_by_role("heading", level=1, name="Order page for a bakery")).to_be_visible()
    project = client.url

    freelancer.goto("/projects/")
    freelancer.get_by_role("link", name="Order page for a bakery").first.click()
    freelancer.goto(project + "propose/")
    freelancer.locator('textarea[name="cover_letter"]').fill("I would begin with the list that the bakers print.")
    freelancer.locator('input[name="bid_amount"]').fill("600.01")
    freelancer.locator('input[name="estimated_days"]').fill("10")
    freelancer.get_by_role("button", name="Send the proposal").click()
    expect(freelancer).not_to_have_url(re.compile("propose"))

    client.goto(project + "proposals/")
    client.get_by_role("button", name=re.compile("Accept")).first.click()
    client.locator("dialog[open]").get_by_role("button", name=re.compile("Accept|Hire")).click()
    expect(client.get_by_role("heading", level=1, name="Order page for a bakery")).to_be_visible()
    expect(client).to_have_url(re.compile("/contracts/"))
    contract = client.url

    client.get_by_role("group", name="What happens next").get_by_role("button", name="Pay in").click()
    pay_by_card(client)
    expect(client).to_have_url(contract)
    expect(client.get_by_text("is held until you approve")).to_be_visible()

    freelancer.goto(contract)
    freelancer.get_by_role("link", name="Hand in work").first.click()
    freelancer.locator('textarea[name="note"]').fill("Everything is on the test address.")
    freelancer.locator('input[type="file"]').set_input_files(
        {"name": "notes.txt", "mimeType": "text/plain", "buffer": b"Try it with a wet hand."}
    )
    expect(freelancer.locator('input[name="attachment_ids"]')).to_have_count(1)
    freelancer.get_by_role("button", name="Hand in").click()
    expect(freelancer.get_by_text("is being looked over")).to_be_visible()

    client.goto(contract)
    client.get_by_role("link", name="Ask for changes").click()
    client.locator('textarea[name="note"]').fill("Please larger letters.")
    client.get_by_role("button", name="Send").click()
    freelancer.goto(contract)
    expect(freelancer.get_by_text("Please larger letters.").first).to_be_visible()
    freelancer.get_by_role("link", name="Hand in again").click()
    freelancer.locator('textarea[name="note"]').fill("Larger now.")
    freelancer.get_by_role("button", name="Hand in").click()

    client.goto(contract)
    client.get_by_role("button", name=re.compile("Approve and release")).click()
    client.locator("dialog[open]").get_by_role("button", name="Release $600.01").click()
    expect(client.get_by_role("link", name="Write a review")).to_be_visible()

    freelancer.goto("/wallet/")
    expect(freelancer.get_by_text("$540.01").first).to_be_visible()

    for person, stars in ((client, "5"), (freelancer, "4")):
        person.goto(contract)
        person.get_by_role("link", name="Write a review").click()
        person.locator(f'label[for="id_rating_{stars}"]').click()
        person.locator('textarea[name="comment"]').fill("A pleasure.")
        person.get_by_role("button", name="Send the review").click()
        expect(person.get_by_text("you wrote your review")).to_be_visible()
    client.get_by_role("link", name="Farid Miller").first.click()
    expect(client.get_by_text("A pleasure.").first).to_be_visible()


def test_a_card_that_asks_for_three_d_secure_and_a_chat_between_two_pages(join: Join):
    client, freelancer = join("Cleo", "client"), join("Fatou", "freelancer")
    client.goto("/projects/new/")
    client.get_by_label("Title").fill("Labels for jam")
    client.locator('textarea[name="description"]').fill("Four labels.")
    client.locator('select[name="category"]').select_option(index=1)
    client.locator('input[name="budget_min"]').fill("100")
    client.locator('input[name="budget_max"]').fill("200")
    client.get_by_role("button", name="Open it for proposals").click()
    expect(client.get_by_role("heading", level=1, name="Labels for jam")).to_be_visible()
    project = client.url
    freelancer.goto(project + "propose/")
    freelancer.locator('textarea[name="cover_letter"]').fill("With pleasure.")
    freelancer.locator('input[name="bid_amount"]').fill("150")
    freelancer.locator('input[name="estimated_days"]').fill("5")
    freelancer.get_by_role("button", name="Send the proposal").click()
    expect(freelancer).not_to_have_url(re.compile("propose"))
    client.goto(project + "proposals/")
    client.get_by_role("button", name=re.compile("Accept")).first.click()
    client.locator("dialog[open]").get_by_role("button", name=re.compile("Accept|Hire")).click()
    expect(client).to_have_url(re.compile("/contracts/"))
    contract = client.url

    client.get_by_role("group", name="What happens next").get_by_role("button", name="Pay in").click()
    pay_by_card(client, "4000002500003155")
    client.get_by_role("button", name="Complete authentication").click()
    expect(client).to_have_url(contract)
    expect(client.get_by_text("is held until you approve")).to_be_visible()

    for page in (client, freelancer):
        page.goto(contract)
        page.get_by_role("navigation", name="Contract").get_by_role("link", name="Chat").click()
    client.locator("textarea").first.fill("Shall we begin with plum?")
    client.locator("textarea").first.press("Enter")
    expect(freelancer.get_by_role("log").get_by_text("Shall we begin with plum?")).to_be_visible()
    freelancer.locator("textarea").first.fill("Plum it is.")
    freelancer.locator("textarea").first.press("Enter")
    expect(client.get_by_role("log").get_by_text("Plum it is.")).to_be_visible()
