"""The whole hire over the API, from two new accounts to two reviews, and what can go otherwise on the way."""

import uuid

import pytest

from tests.fixtures.served_site import ServedSite
from tests.journeys.bank import Bank
from tests.journeys.conftest import Join
from tests.journeys.outside import Json, Person, eventually

VISA = "pm_card_visa"
DECLINED = "pm_card_chargeDeclined"
STEPS = [("Drafts", "400.00"), ("Final files", "800.00"), ("Hand-over", "300.00")]
LABELS = {
    "title": "Labels for a bakery",
    "description": "Three labels and a bag, ready for the printer.",
    "category": "print-packaging",
    "budget_type": "fixed",
    "budget_min": "1000.00",
    "budget_max": "2000.00",
    "currency": "USD",
    "experience_level": "intermediate",
    "estimated_duration": "3 weeks",
    "skills": ["Figma"],
}


@pytest.fixture(scope="module")
def client(join: Join) -> Person:
    return join("Clara", "client")


@pytest.fixture(scope="module")
def freelancer(join: Join) -> Person:
    return join("Femi", "freelancer")


def hire(client: Person, freelancer: Person, steps: list[tuple[str, str]]) -> Json:
    """A contract with these milestones, made by a proposal that was accepted."""
    project = client.post("/api/projects", LABELS, 201)
    assert project["status"] == "open" and project["client"]["id"] == client.id
    offer = {
        "project_id": project["id"],
        "cover_letter": "I draw labels for bakeries all year.",
        "bid_amount": f"{sum(float(amount) for _, amount in steps):.2f}",
        "estimated_days": 21,
        "milestones": [{"title": title, "amount": amount} for title, amount in steps],
    }
    proposal = freelancer.post("/api/proposals", offer, 201)
    assert proposal["status"] == "submitted"
    accepted = client.post(f"/api/proposals/{proposal['id']}/accept")
    assert accepted["status"] == "accepted"
    contract: Json = client.get(f"/api/contracts/{accepted['contract_id']}")
    return contract


def status_of(person: Person, milestone: Json) -> str:
    return str(person.get(f"/api/milestones/{milestone['id']}")["status"])


def test_the_whole_hire(served_site: ServedSite, join: Join, client: Person, freelancer: Person, bank: Bank) -> None:
    other = join("Odd", "freelancer")
    project = client.post("/api/projects", LABELS, 201)
    assert freelancer.get("/api/projects", search="bakery labels")["results"][0]["id"] == project["id"]
    offer = {
        "project_id": project["id"],
        "cover_letter": "I draw labels for bakeries all year.",
        "bid_amount": "1500.00",
        "estimated_days": 21,
        "milestones": [{"title": title, "amount": amount} for title, amount in STEPS],
    }
    proposal = freelancer.post("/api/proposals", offer, 201)
    lost = other.post("/api/proposals", offer | {"milestones": []}, 201)
    served_site.mail_to(client.email, containing="Femi")
    received = client.get("/api/proposals", project_id=project["id"])["results"]
    assert {each["id"] for each in received} == {proposal["id"], lost["id"]}

    accepted = client.post(f"/api/proposals/{proposal['id']}/accept")
    assert other.get(f"/api/proposals/{lost['id']}")["status"] == "rejected"
    contract = freelancer.get(f"/api/contracts/{accepted['contract_id']}")
    other.get(f"/api/contracts/{contract['id']}", 404)
    first, second, third = contract["milestones"]
    assert [(step["title"], step["amount"], step["status"]) for step in contract["milestones"]] == [
        (title, amount, "pending") for title, amount in STEPS
    ]
    assert {person["id"] for person in client.get(f"/api/chats/{contract['chat_id']}")["participants"]} == {
        client.id,
        freelancer.id,
    }

    # Nothing is handed in before the money is there; paying at once with a saved method of the provider holds it.
    assert freelancer.post(f"/api/milestones/{first['id']}/submit", {"note": "Early"}, 409)["error_type"]
    funded = client.post(f"/api/milestones/{first['id']}/fund", {"payment_method": VISA})
    assert funded["milestone"]["status"] == "funded"
    assert (funded["payment_intent"]["amount"], funded["payment_intent"]["currency"]) == (400_00, "usd")
    assert freelancer.wallet()["held"] == 400_00

    note = {
        "note": "Three drafts.",
        "attachment_ids": [freelancer.upload("drafts.txt", b"One, two, three", "text/plain")],
    }
    submitted = freelancer.post(f"/api/milestones/{first['id']}/submit", note)
    assert submitted["status"] == "submitted"
    [file] = submitted["submissions"][0]["files"]
    assert client.http.get(file["url"]).content == b"One, two, three"
    changes = client.post(
        f"/api/milestones/{first['id']}/request-revision", {"note": "The second one in blue, please."}
    )
    assert changes["status"] == "revision_requested"
    assert freelancer.post(f"/api/milestones/{first['id']}/submit", {"note": "In blue."})["status"] == "submitted"
    freelancer.post(f"/api/milestones/{first['id']}/approve", status=403)
    released = client.post(f"/api/milestones/{first['id']}/approve")
    assert released["status"] == "released"
    assert (released["fee"], released["net"]) == ("40.00", "360.00")
    assert (freelancer.wallet()["available"], freelancer.wallet()["held"]) == (360_00, 0)
    served_site.mail_to(freelancer.email, containing="360.00")

    # The next one is confirmed by the client's own program; only the provider's webhook tells the site.
    intent = client.post(f"/api/milestones/{second['id']}/fund")["payment_intent"]
    with bank.silent():
        assert bank.confirm(intent)["status"] == "succeeded"
        assert status_of(client, second) == "pending"
    eventually(lambda: status_of(client, second) == "funded")

    client.post(f"/api/milestones/{third['id']}/fund", {"payment_method": VISA})
    for step in (second, third):
        freelancer.post(f"/api/milestones/{step['id']}/submit", {"note": "Done."})
        client.post(f"/api/milestones/{step['id']}/approve")
    assert freelancer.wallet()["available"] == 1350_00
    assert client.get(f"/api/contracts/{contract['id']}")["status"] == "completed"
    assert client.get(f"/api/projects/{project['id']}")["status"] == "completed"

    kinds = [entry["kind"] for entry in freelancer.get("/api/wallet/entries")["results"]]
    assert kinds.count("release") == 3
    review_each_other(client, freelancer, {"contract_id": contract["id"]})


def review_each_other(client: Person, worker: Person, subject: Json) -> None:
    """Hidden until both wrote; then counted in the ratings of both."""
    client.post("/api/reviews", subject | {"rating": 5, "comment": "Careful and quick."}, 201)
    assert worker.get(f"/api/reviews/user/{worker.id}")["count"] == 0
    assert client.post("/api/reviews", subject | {"rating": 1, "comment": "Again"}, 409)["error_type"] == (
        "already_reviewed"
    )
    worker.post("/api/reviews", subject | {"rating": 4, "comment": "Clear about what was needed."}, 201)
    [review] = client.get(f"/api/reviews/user/{worker.id}")["results"]
    assert (review["rating"], review["comment"]) == (5, "Careful and quick.")
    assert client.get(f"/api/reviews/user/{client.id}")["results"][0]["rating"] == 4
    profile = client.get(f"/api/users/{worker.id}")["freelancer"]
    assert (profile["rating"], profile["rating_count"], profile["jobs_done"]) == (5.0, 1, 1)


def test_a_contract_without_work_is_ended_and_the_money_goes_back(
    join: Join, client: Person, freelancer: Person, bank: Bank
) -> None:
    contract = hire(client, freelancer, STEPS[:2])
    step = contract["milestones"][0]
    client.post(f"/api/milestones/{step['id']}/fund", {"payment_method": VISA})
    join("Nosy").delete(f"/api/contracts/{contract['id']}", 404)

    ended = client.delete(f"/api/contracts/{contract['id']}")

    assert ended["status"] == "cancelled"
    assert status_of(client, step) == "refunded"
    [payment] = [
        payment
        for payment in client.get("/api/payments")["results"]
        if payment["transaction"] == hold_of(client, contract)
    ]
    eventually(lambda: client.get(f"/api/payments/{payment['id']}")["amount_refunded"] == 400_00)
    assert bank.refunded(payment["payment_intent"]) == [400_00]
    assert freelancer.wallet()["held"] == 0


def hold_of(payer: Person, contract: Json) -> int:
    """The id of the transaction that pays for the contract."""
    [transaction] = [
        each for each in payer.get("/api/transactions/history")["results"] if str(contract["id"]) in each["url"]
    ]
    return int(transaction["id"])


def test_work_that_was_handed_in_is_not_simply_ended(client: Person, freelancer: Person) -> None:
    contract = hire(client, freelancer, STEPS[:1])
    step = contract["milestones"][0]
    client.post(f"/api/milestones/{step['id']}/fund", {"payment_method": VISA})
    freelancer.post(f"/api/milestones/{step['id']}/submit", {"note": "Done."})

    assert client.delete(f"/api/contracts/{contract['id']}", 409)["error_type"] == "contract_has_work"

    assert status_of(client, step) == "submitted"
    client.post(f"/api/milestones/{step['id']}/approve")


def test_the_same_key_gives_the_first_answer_again(client: Person, freelancer: Person, bank: Bank) -> None:
    contract = hire(client, freelancer, STEPS[:2])
    first, second = contract["milestones"]
    key = str(uuid.uuid4())
    path = f"/api/milestones/{first['id']}/fund"

    answers = [client.post(path, {"payment_method": VISA}, key=key) for _ in range(3)]

    assert answers[0] == answers[1] == answers[2]
    assert bank.charged(answers[0]["payment_intent"]["id"]) == [400_00]
    assert client.post(path, {"payment_method": ""}, 409, key=key)["error_type"] == "idempotency_conflict"
    released = freelancer.wallet()["available"]
    freelancer.post(f"/api/milestones/{first['id']}/submit", {"note": "Done."}, key=f"{key}-submit")
    for _ in range(3):
        client.post(f"/api/milestones/{first['id']}/approve", key=f"{key}-approve")
    assert freelancer.wallet()["available"] == released + 360_00
    assert status_of(client, second) == "pending"


def test_a_declined_card_takes_nothing_and_another_one_pays(client: Person, freelancer: Person) -> None:
    step = hire(client, freelancer, STEPS[:1])["milestones"][0]

    refused = client.post(f"/api/milestones/{step['id']}/fund", {"payment_method": DECLINED}, 409)

    assert refused["error_type"] == "card_declined" and "declined" in refused["detail"]
    assert status_of(client, step) == "pending"
    client.post(f"/api/milestones/{step['id']}/fund", {"payment_method": VISA})
    assert status_of(client, step) == "funded"


def test_who_has_not_confirmed_the_address_does_not_come_in(served_site: ServedSite, arrive: Join) -> None:
    person = arrive("Newt")
    body = {"email": person.email, "password": person.password, "first_name": "Newt", "last_name": "Fox"}
    person.post("/api/auth/register", body | {"user_type": "client"}, 201)

    credentials = {"email": person.email, "password": person.password}
    assert person.post("/api/auth/login", credentials, 401)["error_type"] == "invalid_credentials"


def test_nobody_comes_in_without_signing_in(arrive: Join) -> None:
    stranger = arrive("Stranger")
    for path in ("/api/contracts", "/api/wallet", "/api/chats", "/api/proposals", "/api/auth/me"):
        assert stranger.get(path, 401)["error_type"] == "not_authenticated"
    assert stranger.post("/api/projects", LABELS, 401)["error_type"] == "not_authenticated"
