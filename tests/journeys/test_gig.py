"""The whole gig over the API: posted at a place, found nearby, taken by one, paid in, done, released, reviewed."""

import pytest

from tests.fixtures.served_site import ServedSite
from tests.journeys.bank import Bank
from tests.journeys.conftest import Join
from tests.journeys.outside import Json, Person, eventually
from tests.journeys.test_hire import review_each_other

VISA = "pm_card_visa"
HERE = {"lat": 60.1699, "lng": 24.9384}
SOFA = {
    "title": "Carry a sofa up two floors",
    "description": "A sofa for three; the stairs are wide.",
    "duration_hours": 1.5,
    "budget": "45.00",
    "currency": "EUR",
    "location": HERE,
    "address": "Mannerheimintie 1, door 2",
    "area": "Centre",
    "category": "moving-carrying",
}


@pytest.fixture(scope="module")
def seeker(join: Join) -> Person:
    return join("Selma")


@pytest.fixture(scope="module")
def helper(join: Join) -> Person:
    return join("Henri")


def taken_gig(seeker: Person, helper: Person) -> Json:
    gig = seeker.post("/api/gigs", SOFA, 201)
    accepted: Json = helper.post(f"/api/gigs/{gig['id']}/accept")
    return accepted


def test_the_whole_gig(served_site: ServedSite, join: Join, seeker: Person, helper: Person) -> None:
    slower = join("Slow")
    gig = seeker.post("/api/gigs", SOFA, 201)
    path = f"/api/gigs/{gig['id']}"
    assert (gig["status"], gig["helper"], gig["location"]) == ("pending", None, HERE)

    # A stranger finds it nearby, at a blurred place, without the address.
    found = {each["id"]: each for each in helper.get("/api/gigs", lat=60.17, lng=24.94, radius_km=2)["results"]}
    seen = found[gig["id"]]
    assert seen["address"] == "" and seen["location"] != HERE and seen["distance_km"] < 2
    box = "24.92,60.16,24.96,60.18"
    assert gig["id"] in [each["id"] for each in helper.get("/api/gigs", bbox=box)["results"]]
    assert gig["id"] not in [
        each["id"] for each in helper.get("/api/gigs", lat=61.5, lng=23.8, radius_km=20)["results"]
    ]

    accepted = helper.post(f"{path}/accept")
    assert (accepted["status"], accepted["helper"]["id"], accepted["address"]) == (
        "accepted",
        helper.id,
        SOFA["address"],
    )
    assert slower.post(f"{path}/accept", status=409)["error_type"] == "gig_taken"
    assert helper.post(f"{path}/accept")["id"] == gig["id"]
    slower.get(path, 404)
    members = seeker.get(f"/api/chats/{accepted['chat_id']}")["participants"]
    assert {member["id"] for member in members} == {seeker.id, helper.id}
    served_site.mail_to(seeker.email, containing="Henri")

    # No work before the money is there, and nobody but the seeker pays.
    assert helper.put(f"{path}/status", {"status": "in_progress"}, 409)["error_type"] == "gig_not_funded"
    helper.post("/api/transactions/escrow", {"gig_id": gig["id"], "payment_method": VISA}, 403)
    paid = seeker.post("/api/transactions/escrow", {"gig_id": gig["id"], "payment_method": VISA})
    assert (paid["status"], paid["amount"], paid["fee"], paid["net"]) == ("held", 45_00, 4_50, 40_50)
    assert helper.wallet("eur")["held"] == 45_00

    seeker.put(f"{path}/status", {"status": "in_progress"}, 403)
    assert helper.put(f"{path}/status", {"status": "in_progress"})["status"] == "in_progress"
    assert seeker.put(f"/api/transactions/{paid['id']}/release", status=409)["error_type"] == "gig_not_completed"
    assert helper.put(f"{path}/status", {"status": "completed"})["status"] == "completed"
    assert seeker.put(f"/api/transactions/{paid['id']}/release")["status"] == "released"
    assert (helper.wallet("eur")["available"], helper.wallet("eur")["held"]) == (40_50, 0)
    served_site.mail_to(helper.email, containing="40.50")
    assert seeker.get(path)["released"] is True

    review_each_other(seeker, helper, {"gig_id": gig["id"]})


def test_a_gig_that_was_paid_in_by_card_is_funded_by_the_webhook(seeker: Person, helper: Person, bank: Bank) -> None:
    gig = taken_gig(seeker, helper)
    started = seeker.post("/api/transactions/escrow", {"gig_id": gig["id"]})
    with bank.silent():
        bank.confirm(started["payment_intent"])
        assert seeker.get(f"/api/gigs/{gig['id']}")["funded"] is False
    eventually(lambda: seeker.get(f"/api/gigs/{gig['id']}")["funded"])


def test_a_paid_gig_that_is_called_off_is_paid_back(seeker: Person, helper: Person, bank: Bank) -> None:
    gig = taken_gig(seeker, helper)
    paid = seeker.post("/api/transactions/escrow", {"gig_id": gig["id"], "payment_method": VISA})

    assert seeker.put(f"/api/transactions/{paid['id']}/cancel")["status"] == "refunded"

    assert helper.get(f"/api/gigs/{gig['id']}")["status"] == "cancelled"
    eventually(lambda: bank.refunded(paid["payment_intent"]["id"]) == [45_00])


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"location": {"lat": 91, "lng": 0}}, "location"),
        ({"budget": "-1.00"}, "budget"),
        ({"budget": "0.00"}, "budget"),
        ({"budget": "1.005"}, "budget"),
        ({"title": "x" * 161}, "title"),
        ({"starts_at": "tomorrow"}, "starts_at"),
        ({"image_ids": [987654321]}, "image_ids"),
    ],
)
def test_bad_input_names_its_field(seeker: Person, change: Json, field: str) -> None:
    refused = seeker.post("/api/gigs", SOFA | change, 400)
    assert refused["error_type"] == "validation_error"
    assert any(name.split(".")[0] == field for name in refused["fields"])
