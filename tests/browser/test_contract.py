"""A contract that does not go straight: changes asked, a part released, a price agreed anew, and the rest given back.

And one that goes straight where no script runs.
"""

import re

from playwright.sync_api import Page, expect

from tests.browser.conftest import Join
from tests.browser.test_hire import accept, approve, hand_in, pay_in, post_project, propose
from tests.fixtures.browser import NewPage


def more(page: Page, contract: str, item: str) -> None:
    """Choose an item of the contract's menu."""
    page.goto(contract)
    page.locator("summary", has_text="More").click()
    page.get_by_role("link", name=re.compile(item)).click()


def test_two_milestones_a_revision_a_part_and_a_refund(join: Join) -> None:
    client, freelancer = join("Nora", "client"), join("Ivo", "freelancer")
    project = post_project(client, "Labels for six honeys")
    propose(freelancer, project, "600.01", [("Drafts", "200.01"), ("Final files", "400")])
    contract = accept(client, project, "Ivo Miller")

    client.goto(f"{contract}changes/")
    expect(client.get_by_text("By hiring")).to_be_visible()
    expect(client.get_by_text("Drafts: 200.01 USD")).to_be_visible()

    client.goto(contract)
    menu = client.locator("summary", has_text="More")
    menu.click()
    client.get_by_role("button", name="Pause").click()
    expect(client.get_by_role("dialog", name="Pause the contract")).to_be_visible()
    client.keyboard.press("Escape")
    expect(client.get_by_role("dialog")).to_have_count(0)
    expect(menu).to_be_focused()

    pay_in(client, contract)
    hand_in(freelancer, contract, "Hand in work", "Six drafts.")
    freelancer.get_by_role("button", name="Hand in").click()
    client.goto(contract)
    expect(client.get_by_text("Silence approves")).to_be_visible()
    client.get_by_role("link", name="Ask for changes").click()
    client.locator('textarea[name="note"]').fill("Larger bees.")
    client.get_by_role("button", name="Send").click()
    hand_in(freelancer, contract, "Hand in again", "Larger bees.")
    freelancer.get_by_role("button", name="Hand in").click()
    freelancer.get_by_role("link", name="All 2 versions, compared").click()
    expect(freelancer.get_by_role("heading", name="Version 2")).to_be_visible()

    client.goto(contract)
    client.get_by_role("link", name="Release a part").click()
    client.get_by_label("Release now").fill("100")
    expect(client.get_by_text("$90.00")).to_be_visible()
    client.get_by_role("button", name="Release $100.00").click()
    expect(client).to_have_url(contract)
    freelancer.goto("/wallet/")
    expect(freelancer.get_by_text("$90.00").first).to_be_visible()
    approve(client, contract, "$100.01")

    # The freelancer asks for less; nothing is different before the client agrees.
    freelancer.goto(contract)
    freelancer.get_by_role("link", name="Propose a change of Final files").click()
    freelancer.get_by_label("Price").fill("350")
    freelancer.get_by_label("Why").fill("Two labels are the same.")
    freelancer.get_by_role("button", name="Propose it").click()
    client.goto(contract)
    expect(client.get_by_text("proposes a change of Final files")).to_be_visible()
    client.get_by_role("link", name="Look at it").click()
    client.get_by_role("button", name="Agree").click()
    expect(client.get_by_text("Version 2.")).to_be_visible()
    pay_in(client, contract)

    more(freelancer, contract, "End the contract")
    expect(freelancer.get_by_text("Goes back to the client")).to_be_visible()
    freelancer.get_by_role("button", name="End the contract, return $350.00").click()
    expect(freelancer.get_by_role("link", name="Write a review")).to_be_visible()
    client.goto(f"{contract}money/")
    expect(client.get_by_role("cell", name="$350.00").first).to_be_visible()
    client.goto("/wallet/")
    expect(client.get_by_text("$350.00").first).to_be_visible()

    more(client, contract, "Give a bonus")
    client.get_by_label("Bonus").fill("20")
    expect(client.get_by_text("$18.00")).to_be_visible()


def without_script(new_page: NewPage, person: Page) -> Page:
    """The same person in a browser that runs none; cards are out of its reach, so one pays by PayPal."""
    return new_page(java_script_enabled=False, storage_state=person.context.storage_state())


def test_hire_pay_hand_in_and_approve_where_no_script_runs(join: Join, new_page: NewPage) -> None:
    client, freelancer = join("Nils", "client"), join("Iris", "freelancer")
    project = post_project(client, "Labels for quince")
    propose(freelancer, project, "500", [])
    client, freelancer = without_script(new_page, client), without_script(new_page, freelancer)

    client.goto(f"{project}proposals/")
    client.get_by_role("button", name=re.compile("^Accept at")).click()
    expect(client).to_have_url(re.compile("/contracts/"))
    contract = client.url
    client.get_by_role("group", name="What happens next").get_by_role("button", name="Pay in").click()
    client.get_by_label("PayPal").check()
    client.get_by_role("button", name="Hold $500.00").click()
    client.get_by_role("button", name="Approve payment").click()
    expect(client).to_have_url(contract)
    expect(client.get_by_text("is held until you approve")).to_be_visible()

    hand_in(freelancer, contract, "Hand in work", "One label.")
    file = {"name": "label.txt", "mimeType": "text/plain", "buffer": b"Quince"}
    freelancer.locator('input[type="file"]').set_input_files(file)
    freelancer.get_by_role("button", name="Hand in", exact=True).click()
    expect(freelancer.get_by_text("is being looked over")).to_be_visible()

    client.goto(contract)
    expect(client.get_by_role("link", name="label.txt").first).to_be_visible()
    client.get_by_role("button", name="Release $500.00", exact=True).click()
    expect(client.get_by_text("Write a review").first).to_be_visible()
    freelancer.goto("/wallet/")
    expect(freelancer.get_by_text("$450.00").first).to_be_visible()
