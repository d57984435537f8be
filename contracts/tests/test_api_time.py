"""Hourly work over the API."""

import pytest

from accounts.tests.factories import FreelancerFactory
from contracts.tests.factories import (
    DAY,
    HOUR,
    MONDAY,
    funded_week,
    log,
    make_contract,
    make_hourly,
    sent_week,
    week,
    worked_week,
)
from payments.tests.fakes import DECLINED, VISA
from projects.tests.factories import ProposalFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("provider")]


def hours(start, end, memo="Drawings"):
    return {"started_at": start.isoformat(), "ended_at": end.isoformat(), "memo": memo}


def test_an_hourly_week_from_hiring_to_the_wallet(api_as, at):
    at(MONDAY + 9 * HOUR)
    offer = ProposalFactory.create(bid_amount_minor=60_00, steps=[], project__budget_type="hourly")
    client, freelancer = api_as(offer.project.client), api_as(offer.freelancer)
    accepted = client.post(f"/api/proposals/{offer.pk}/accept", {"weekly_cap_minutes": 600})
    contract = client.get(f"/api/contracts/{accepted.data['contract_id']}").data
    assert (contract["kind"], contract["hourly_rate"], contract["weekly_cap_minutes"]) == ("hourly", "60.00", 600)
    assert contract["milestones"] == []

    weeks = client.get(f"/api/timesheets?contract_id={contract['id']}").data["results"]
    this_week = weeks[-1]
    assert (this_week["week_start"], this_week["status"], this_week["price"]) == ("2027-03-01", "pending", "600.00")
    early = freelancer.post("/api/time-entries", {"contract_id": contract["id"]})
    assert (early.status_code, early.data["error_type"]) == (409, "week_not_funded")
    funded = client.post(f"/api/timesheets/{this_week['id']}/fund", {"payment_method": VISA})
    assert (funded.status_code, funded.data["timesheet"]["status"]) == (200, "open")
    assert funded.data["payment_intent"]["amount"] == 60000

    timer = freelancer.post("/api/time-entries", {"contract_id": contract["id"], "memo": "Sketches"})
    assert (timer.status_code, timer.data["ended_at"], timer.data["split_off"]) == (201, None, [])
    assert freelancer.get("/api/time-entries?running=true").data["count"] == 1
    at(MONDAY + 11.5 * HOUR)
    stopped = freelancer.post(f"/api/time-entries/{timer.data['id']}/stop")
    assert stopped.data["minutes"] == 150
    written = freelancer.post(
        "/api/time-entries", {"contract_id": contract["id"], **hours(MONDAY + 9 * HOUR, MONDAY + 10 * HOUR)}
    )
    assert (written.status_code, written.data["error_type"]) == (409, "time_overlaps")
    at(MONDAY + DAY)
    written = freelancer.post(
        "/api/time-entries", {"contract_id": contract["id"], **hours(MONDAY + 13 * HOUR, MONDAY + 14.5 * HOUR)}
    )
    assert (written.status_code, written.data["minutes"], written.data["is_manual"]) == (201, 90, True)
    changed = freelancer.patch(f"/api/time-entries/{written.data['id']}", {"memo": "Labels"})
    assert (changed.status_code, changed.data["memo"], changed.data["minutes"]) == (200, "Labels", 90)

    sent = freelancer.post(f"/api/timesheets/{this_week['id']}/submit")
    assert (sent.data["status"], sent.data["minutes"], sent.data["amount"], sent.data["net"]) == (
        "submitted", 240, "240.00", "216.00",
    )  # fmt: skip
    back = client.post(
        f"/api/timesheets/{this_week['id']}/reject",
        {"entries": [{"id": written.data["id"], "reason": "One hour, I think."}]},
    )
    assert (back.data["status"], back.data["rejected_minutes"]) == ("returned", 90)
    freelancer.patch(f"/api/time-entries/{written.data['id']}", {"ended_at": (MONDAY + 14 * HOUR).isoformat()})
    freelancer.post(f"/api/timesheets/{this_week['id']}/submit")
    paid = client.post(f"/api/timesheets/{this_week['id']}/approve")
    assert (paid.data["status"], paid.data["billed"], paid.data["held"]) == ("billed", "210.00", "0.00")
    [balance] = freelancer.get("/api/wallet").data["balances"]
    assert balance["available"] == 189_00


def test_hours_that_cross_the_week_come_back_in_parts(api_as, at):
    at(MONDAY)
    contract = make_hourly()
    funded_week(contract), funded_week(contract, 1)
    border = MONDAY + 7 * DAY
    at(border + 3 * HOUR)
    answer = api_as(contract.freelancer).post(
        "/api/time-entries", {"contract_id": str(contract.pk), **hours(border - HOUR, border + 2 * HOUR)}
    )
    assert (answer.data["minutes"], [part["minutes"] for part in answer.data["split_off"]]) == (60, [120])


def test_the_same_key_starts_one_timer(api_as, at):
    at(MONDAY)
    contract = funded_week().contract
    client = api_as(contract.freelancer)
    first, second = (
        client.post("/api/time-entries", {"contract_id": str(contract.pk)}, headers={"Idempotency-Key": "k"})
        for _ in range(2)
    )
    assert (first.status_code, first.data["id"]) == (second.status_code, second.data["id"])


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "contract_id"),
        ({"started_at": "2027-03-01T09:00:00Z"}, "ended_at"),
        ({"ended_at": "2027-03-01T09:00:00Z"}, "started_at"),
        ({"started_at": "soon", "ended_at": "later"}, "started_at"),
        ({"memo": "x" * 501}, "memo"),
        ({"started_at": "2027-03-02T09:00:00Z", "ended_at": "2027-03-02T08:00:00Z"}, "ended_at"),
    ],
)
def test_bad_hours_are_400(api_as, at, body, field):
    timesheet = worked_week(at)
    about = {} if not body else {"contract_id": str(timesheet.contract_id)}
    answer = api_as(timesheet.contract.freelancer).post("/api/time-entries", about | body)
    assert answer.status_code == 400
    assert field in answer.data["fields"]


@pytest.mark.parametrize(
    "body", [{}, {"entries": []}, {"entries": [{"id": 1}]}, {"entries": [{"id": 0, "reason": "x"}]}, {"entries": "all"}]
)
def test_bad_rejections_are_400(api_as, at, body):
    timesheet = sent_week(at)
    answer = api_as(timesheet.contract.client).post(f"/api/timesheets/{timesheet.pk}/reject", body)
    assert answer.status_code == 400


def test_taking_hours_away(api_as, at):
    entry = log(worked_week(at), 1)
    freelancer = api_as(entry.freelancer)
    assert freelancer.delete(f"/api/time-entries/{entry.pk}").status_code == 204
    assert freelancer.get(f"/api/time-entries/{entry.pk}").status_code == 404


def test_a_declined_card_is_409(api_as, at):
    at(MONDAY)
    contract = make_hourly()
    answer = api_as(contract.client).post(f"/api/timesheets/{week(contract).pk}/fund", {"payment_method": DECLINED})
    assert (answer.status_code, answer.data["error_type"]) == (409, "card_declined")


def test_the_weekly_cap(api_as, at):
    at(MONDAY)
    contract = make_hourly()
    client = api_as(contract.client)
    path = f"/api/contracts/{contract.pk}/weekly-cap"
    assert client.put(path, {"weekly_cap_minutes": 900}).data["weekly_cap_minutes"] == 900
    assert client.put(path, {"weekly_cap_minutes": 5}).status_code == 400
    cheap = make_hourly(rate=60)
    answer = api_as(cheap.client).put(f"/api/contracts/{cheap.pk}/weekly-cap", {"weekly_cap_minutes": 30})
    assert (answer.status_code, answer.data["error_type"]) == (400, "amount_not_payable")
    assert api_as(contract.freelancer).put(path, {"weekly_cap_minutes": 900}).status_code == 403
    assert api_as(make_contract().client).put(path, {"weekly_cap_minutes": 900}).status_code == 404


def test_strangers_see_no_hours(api, api_as, at):
    timesheet = sent_week(at)
    entry = timesheet.entries.get()
    stranger = api_as(FreelancerFactory.create())
    for path in (f"time-entries/{entry.pk}", f"timesheets/{timesheet.pk}"):
        assert stranger.get(f"/api/{path}").status_code == 404
        assert api.get(f"/api/{path}").status_code == 401
    for path in ("time-entries", "timesheets"):
        assert stranger.get(f"/api/{path}").data["count"] == 0
    for act in ("fund", "submit", "approve", "concede"):
        assert stranger.post(f"/api/timesheets/{timesheet.pk}/{act}").status_code == 404
    body = {"entries": [{"id": entry.pk, "reason": "x"}]}
    assert stranger.post(f"/api/timesheets/{timesheet.pk}/reject", body).status_code == 404
    assert stranger.patch(f"/api/time-entries/{entry.pk}", {"memo": "x"}).status_code == 404
    assert stranger.delete(f"/api/time-entries/{entry.pk}").status_code == 404
    assert stranger.post(f"/api/time-entries/{entry.pk}/stop").status_code == 404
    assert stranger.post("/api/time-entries", {"contract_id": str(timesheet.contract_id)}).status_code == 404


def test_the_other_side_is_refused_with_a_reason(api_as, at):
    timesheet = sent_week(at)
    client, freelancer = api_as(timesheet.contract.client), api_as(timesheet.contract.freelancer)
    for asking, path, code in (
        (freelancer, f"timesheets/{timesheet.pk}/approve", "not_the_client"),
        (freelancer, f"timesheets/{timesheet.pk}/fund", "not_the_client"),
        (client, f"timesheets/{timesheet.pk}/submit", "not_the_freelancer"),
        (client, f"timesheets/{timesheet.pk}/concede", "not_the_freelancer"),
        (client, f"time-entries/{timesheet.entries.get().pk}/stop", "not_the_freelancer"),
    ):
        answer = asking.post(f"/api/{path}")
        assert (answer.status_code, answer.data["error_type"]) == (403, code)


def test_queries_do_not_grow_with_rows(api_as, at, django_assert_num_queries):
    timesheet = worked_week(at)
    client = api_as(timesheet.contract.client)
    for count in (3, 9):
        while (entries := timesheet.entries.count()) < count:
            log(timesheet, 0.5, after=(9 + entries) * HOUR)
        with django_assert_num_queries(2):
            assert len(client.get("/api/time-entries").data["results"]) == count
        with django_assert_num_queries(2):
            assert len(client.get("/api/timesheets").data["results"]) == 2
