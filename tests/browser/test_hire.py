"""The whole hire on pages, by a client and a freelancer in two browsers."""

import re

from playwright.sync_api import Page, WebSocketRoute, expect

from tests.browser.conftest import Join, pay_by_card

VISA = "4242424242424242"
THREE_D_SECURE = "4000002500003155"
ORDER_PAGE = "Order page for a bakery"


def post_project(client: Page, title: str) -> str:
    """The address of the new project."""
    client.goto("/projects/new/")
    client.get_by_label("Title").fill(title)
    client.get_by_label("Description").fill("A page where people order bread for Saturday.")
    client.get_by_label("Category").select_option(label="Web development")
    client.locator('input[name="budget_min"]').fill("500")
    client.locator('input[name="budget_max"]').fill("900")
    choose_skill(client, "Django")
    client.get_by_role("button", name="Open it for proposals").click()
    expect(client.get_by_role("heading", level=1, name=title)).to_be_visible()
    return client.url


def choose_skill(page: Page, name: str) -> None:
    page.get_by_role("combobox", name="Skills").press_sequentially(name[:4])
    page.get_by_role("option", name=name, exact=True).click()
    expect(page.get_by_role("button", name=f"Take {name} away")).to_be_visible()


def propose(freelancer: Page, project: str, price: str, steps: list[tuple[str, str]]) -> None:
    freelancer.goto(project)
    freelancer.get_by_label("Your price").fill(price)
    freelancer.locator('input[name="estimated_days"]').fill("10")
    freelancer.get_by_role("button", name="Continue to your letter").click()
    freelancer.locator('textarea[name="cover_letter"]').fill("I would begin with the list that the bakers print.")
    rows = freelancer.locator("[data-plan-row]")
    for number, (title, amount) in enumerate(steps):
        if number == rows.count():
            freelancer.get_by_role("button", name="Another step").click()
        rows.nth(number).locator('input[name$="-title"]').fill(title)
        rows.nth(number).locator('input[name$="-amount"]').fill(amount)
    if steps:
        expect(freelancer.get_by_text("The steps add up to your price.")).to_be_visible()
    freelancer.get_by_role("button", name="Send the proposal").click()
    expect(freelancer).to_have_url(project)


def accept(client: Page, project: str, name: str) -> str:
    """Choose the proposal of that person in the comparison; the address of the contract."""
    client.goto(f"{project}proposals/")
    client.get_by_role("article", name=name).get_by_role("button", name=re.compile("^Accept at")).click()
    client.get_by_role("dialog").get_by_role("button", name=re.compile("^Accept at")).click()
    expect(client).to_have_url(re.compile("/contracts/"))
    return client.url


def pay_in(client: Page, contract: str, card: str = VISA, *, confirm: bool = False) -> None:
    """`confirm`: the bank asks for it."""
    client.goto(contract)
    client.get_by_role("group", name="What happens next").get_by_role("button", name="Pay in").click()
    pay_by_card(client, card)
    if confirm:
        client.get_by_role("button", name="Complete authentication").click()
    expect(client).to_have_url(contract)
    expect(client.get_by_text("is held until you approve")).to_be_visible()


def hand_in(freelancer: Page, contract: str, button: str, note: str) -> None:
    freelancer.goto(contract)
    freelancer.get_by_role("link", name=button).first.click()
    freelancer.locator('textarea[name="note"]').fill(note)


def approve(client: Page, contract: str, amount: str) -> None:
    client.goto(contract)
    client.get_by_role("button", name=re.compile("Approve and release")).click()
    client.get_by_role("dialog").get_by_role("button", name=f"Release {amount}").click()
    expect(client.get_by_role("dialog")).to_have_count(0)


def test_from_new_accounts_to_paid_and_reviewed(join: Join) -> None:
    client, freelancer, other = join("Clara", "client"), join("Farid", "freelancer"), join("Olga", "freelancer")
    freelancer.goto("/settings/profile/")
    freelancer.get_by_label("Headline").fill("Calm order pages")
    choose_skill(freelancer, "Django")
    freelancer.get_by_role("button", name="Save the profile").click()
    expect(freelancer.get_by_text("Calm order pages").or_(freelancer.get_by_label("Headline"))).to_be_visible()

    project = post_project(client, ORDER_PAGE)
    freelancer.goto("/projects/?search=order+page+bakery")
    freelancer.get_by_role("link", name=ORDER_PAGE).first.click()
    expect(freelancer).to_have_url(project)
    propose(freelancer, project, "600.01", [("First page", "200.01"), ("All of it", "400")])
    propose(other, project, "550", [])

    client.goto(f"{project}proposals/")
    expect(client.get_by_role("article", name="Olga Miller")).to_contain_text("$550.00")
    expect(client.get_by_role("article", name="Farid Miller")).to_contain_text("Has 1 of 1: Django")
    contract = accept(client, project, "Farid Miller")
    other.goto("/projects/mine/")
    expect(other.get_by_text(re.compile("Not chosen|Declined|Rejected")).first).to_be_visible()

    pay_in(client, contract)

    hand_in(freelancer, contract, "Hand in work", "Everything is on the test address.")
    file = {"name": "notes.txt", "mimeType": "text/plain", "buffer": b"Try it with a wet hand."}
    freelancer.locator('input[type="file"]').set_input_files(file)
    expect(freelancer.locator('input[name="attachment_ids"]')).to_have_count(1)
    freelancer.get_by_role("button", name="Hand in").click()
    expect(freelancer.get_by_text("is being looked over")).to_be_visible()

    client.goto(contract)
    expect(client.get_by_role("link", name="notes.txt").first).to_be_visible()
    client.get_by_role("link", name="Ask for changes").click()
    client.locator('textarea[name="note"]').fill("Please larger letters.")
    client.get_by_role("button", name="Send").click()
    freelancer.goto(contract)
    expect(freelancer.get_by_text("Please larger letters.").first).to_be_visible()
    hand_in(freelancer, contract, "Hand in again", "Larger now.")
    freelancer.get_by_role("button", name="Hand in").click()
    expect(freelancer.get_by_text("is being looked over")).to_be_visible()
    approve(client, contract, "$200.01")
    freelancer.goto("/wallet/")
    expect(freelancer.get_by_text("$180.01").first).to_be_visible()

    pay_in(client, contract)
    hand_in(freelancer, contract, "Hand in work", "All of it.")
    freelancer.get_by_role("button", name="Hand in").click()
    expect(freelancer.get_by_text("is being looked over")).to_be_visible()
    approve(client, contract, "$400.00")
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


def test_a_card_that_asks_for_three_d_secure_and_a_chat_between_two_pages(join: Join) -> None:
    client, freelancer = join("Cleo", "client"), join("Fatou", "freelancer")
    project = post_project(client, "Labels for jam")
    propose(freelancer, project, "500", [])
    contract = accept(client, project, "Fatou Miller")

    pay_in(client, contract, THREE_D_SECURE, confirm=True)

    for page in (client, freelancer):
        page.goto(contract)
        page.get_by_role("navigation", name="Contract").get_by_role("link", name="Chat").click()
    say(client, "Shall we begin with plum?")
    expect(freelancer.get_by_role("log").get_by_text("Shall we begin with plum?")).to_be_visible()
    say(freelancer, "Plum it is.")
    expect(client.get_by_role("log").get_by_text("Plum it is.")).to_be_visible()


def test_a_chat_reconnects_by_itself_and_misses_nothing(join: Join) -> None:
    here, there = join("Hans", "client"), join("Tove", "freelancer")
    project = post_project(here, "Labels for cheese")
    propose(there, project, "500", [])
    accept(here, project, "Tove Miller")
    tunnel = Tunnel(there)
    for page in (here, there):
        page.goto("/messages/")
        page.get_by_role("link", name=re.compile("Labels for cheese")).first.click()
    say(here, "Before the tunnel")
    expect(there.get_by_role("log").get_by_text("Before the tunnel")).to_be_visible()
    tunnel.enter()
    expect(there.get_by_text("Reconnecting.")).to_be_visible()
    say(here, "In the tunnel")
    say(there, "Written in the tunnel")
    tunnel.leave()
    expect(there.get_by_role("log").get_by_text("In the tunnel", exact=True)).to_have_count(1)
    expect(here.get_by_role("log").get_by_text("Written in the tunnel")).to_have_count(1)
    tunnel.wait_for_daylight()
    expect(there.get_by_text("Reconnecting.")).to_be_hidden()
    say(here, "Behind it")
    expect(there.get_by_role("log").get_by_text("Behind it")).to_be_visible()


class Tunnel:
    """Where a page's sockets break and new ones are closed at once."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._inside = False
        self._open: list[WebSocketRoute] = []
        page.route_web_socket(re.compile("/ws"), self._pass)

    def _pass(self, socket: WebSocketRoute) -> None:
        if self._inside:
            socket.close(code=1012)
        else:
            socket.connect_to_server()
            self._open.append(socket)

    def enter(self) -> None:
        self._inside = True
        while self._open:
            self._open.pop().close(code=1012)

    def leave(self) -> None:
        self._inside = False

    def wait_for_daylight(self) -> None:
        """Until the page has a socket again; its polling would bring messages too."""
        for _ in range(300):
            if self._open:
                return
            self._page.wait_for_timeout(100)
        raise AssertionError("The page did not open a socket again.")


def say(page: Page, text: str) -> None:
    page.get_by_role("textbox", name=re.compile("essage")).fill(text)
    page.keyboard.press("Enter")
