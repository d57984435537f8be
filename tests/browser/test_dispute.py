"""A dispute on pages, by a client, a freelancer and a member of staff in three browsers."""

import re

from playwright.sync_api import Page, expect

from tests.browser.conftest import Join
from tests.browser.test_hire import accept, hand_in, pay_in, post_project, propose
from tests.browser.test_sign_in import code_of, give_password, sign_out
from tests.fixtures.served_site import ServedSite, text_of

MAKE_MODERATOR = """
from django.contrib.auth.models import Group
from accounts.models import User
person = User.objects.get(email="{email}")
person.is_staff = True
person.save()
person.groups.add(Group.objects.get(name="moderator"))
"""


def become_moderator(page: Page, site: ServedSite) -> None:
    """A newcomer sets up a second factor, is given the rights, and signs in with it."""
    page.goto("/settings/account/")
    email = page.get_by_text(re.compile(r"^mona\d+@browser.example$")).first.inner_text()
    page.goto("/settings/security/")
    page.get_by_role("link", name="Set up a second factor").click()
    secret = page.locator(".secret").inner_text()
    page.get_by_role("textbox", name="Code").fill(code_of(secret))
    page.get_by_role("button", name="Turn it on").click()
    expect(page.locator(".codes li")).to_have_count(8)
    site.manage("shell", "-c", MAKE_MODERATOR.format(email=email))
    sign_out(page)
    page.goto("/sign-in/?next=/admin/contracts/dispute/queue/")
    give_password(page, email)
    page.get_by_role("textbox", name="Code").fill(code_of(secret, later=1))
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_role("heading", name=re.compile("To decide"))).to_be_visible()


def open_dispute(client: Page, contract: str, *, amount: str) -> str:
    """The address of the new dispute."""
    client.goto(contract)
    client.get_by_role("link", name="Open a dispute").click()
    client.get_by_label("What happened").fill("Two of the three labels are missing.")
    client.get_by_label("What you ask for").fill(amount)
    figures = client.locator("[data-split]")
    expect(figures).to_contain_text("$100.00")  # to the freelancer
    expect(figures).to_contain_text("−$10.00")
    expect(figures).to_contain_text("$90.00")
    client.get_by_role("button", name="Open the dispute").click()
    expect(client.get_by_text("After that, your claim is paid.")).to_be_visible()
    return client.url


def test_staff_decide_with_a_split_after_both_have_shown_what_they_have(join: Join, served_site: ServedSite) -> None:
    client, freelancer, staff = join("Cora", "client"), join("Finn", "freelancer"), join("Mona", "client")
    become_moderator(staff, served_site)
    project = post_project(client, "Labels for honey")
    propose(freelancer, project, "500", [])
    contract = accept(client, project, "Finn Miller")
    pay_in(client, contract)
    hand_in(freelancer, contract, "Hand in work", "One label, the others follow.")
    freelancer.get_by_role("button", name="Hand in").click()
    expect(freelancer.get_by_text("is being looked over")).to_be_visible()

    dispute = open_dispute(client, contract, amount="400")

    freelancer.goto("/dashboard/")
    freelancer.get_by_role("link", name="Answer the dispute").click()
    expect(freelancer).to_have_url(dispute)
    freelancer.get_by_text("Disagree, and let Guildhall mediate").click()
    freelancer.get_by_label("How you see it").fill("All three are in the second file.")
    freelancer.get_by_role("button", name="Disagree", exact=True).click()
    expect(freelancer.get_by_text("Our staff decide by")).to_be_visible()
    file = {"name": "second-file.txt", "mimeType": "text/plain", "buffer": b"Three labels"}
    freelancer.locator('input[type="file"]').set_input_files(file)
    expect(freelancer.locator('input[name="attachment_ids"]')).to_have_count(1)
    freelancer.get_by_label("What it shows").fill("The second file.")
    freelancer.get_by_role("button", name="Add it").click()
    expect(freelancer.get_by_role("link", name=re.compile("second-file.txt"))).to_be_visible()
    client.goto(dispute)
    expect(client.get_by_role("link", name=re.compile("second-file.txt"))).to_be_visible()

    staff.goto("/admin/contracts/dispute/queue/")
    staff.get_by_role("link", name=re.compile("Labels for honey")).first.click()
    expect(staff.get_by_text("One label, the others follow.")).to_be_visible()
    expect(staff.get_by_text("The second file.").first).to_be_visible()
    staff.get_by_label("To the freelancer, before the fee").fill("300.05")
    live = staff.locator("[data-split]")
    for figure in ("$300.05", "−$30.01", "$270.04", "$199.95"):
        expect(live).to_contain_text(figure)
    staff.get_by_label("Reasons").fill("Two labels came in the end, one of them late.")
    staff.get_by_role("button", name="Decide", exact=True).click()
    expect(staff.get_by_text("Nothing is to be decided any more.")).to_be_visible()

    for person in (client, freelancer):
        person.goto(dispute)
        expect(person.get_by_text("Two labels came in the end").first).to_be_visible()
        expect(person.get_by_role("heading", name="How it ended")).to_be_visible()
    freelancer.goto("/wallet/")
    expect(freelancer.get_by_text("$270.04").first).to_be_visible()
    client.goto("/settings/account/")
    email = client.get_by_text(re.compile(r"^cora\d+@browser.example$")).first.inner_text()
    letter = text_of(served_site.mail_to(email, containing="How your dispute"))
    assert "Back to Cora Miller: $199.95" in letter
    client.goto(contract)
    expect(client.get_by_text("Completed").first).to_be_visible()
