import hashlib

import pytest

from accounts.tests.factories import ClientFactory
from contracts.tests.factories import first_step, make_contract, refund_asked, submitted_step
from payments.tests.fakes import DECLINED, VISA

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("provider")]


def test_a_milestone_is_proposed_accepted_and_paid_in(api_as):
    contract = make_contract([500_00])
    client, freelancer = api_as(contract.client), api_as(contract.freelancer)
    path = f"/api/contracts/{contract.pk}"

    made = client.post(f"{path}/milestones", {"title": "A bag", "amount": "80.00"})
    assert (made.status_code, made.data["is_agreed"], made.data["status"]) == (201, False, "pending")
    change = made.data["proposed_change"]
    assert (change["kind"], change["status"], change["after"]["amount"]) == ("add_milestone", "proposed", "80.00")
    early = client.post(f"/api/milestones/{made.data['id']}/fund", {"payment_method": VISA})
    assert (early.status_code, early.data["error_type"]) == (409, "milestone_not_agreed")
    assert freelancer.get(path).data["next_step"]["change_id"] == change["id"]

    accepted = freelancer.post(f"{path}/changes/{change['id']}/accept")
    assert (accepted.status_code, accepted.data["status"]) == (200, "accepted")
    funded = client.post(f"/api/milestones/{made.data['id']}/fund", {"payment_method": VISA})
    assert funded.data["milestone"]["status"] == "funded"
    terms = client.get(f"{path}/terms").data["results"]
    assert [version["number"] for version in terms] == [2, 1]
    assert terms[0]["sha256"] == hashlib.sha256(terms[0]["text"].encode()).hexdigest()
    assert {each["how"] for each in terms[1]["acceptances"]} == {"proposal", "hiring"}
    moves = [(event["about"], event["move"]) for event in client.get(f"{path}/history").data["results"]]
    assert ("change", "propose") in moves and ("change", "accept") in moves


def test_patching_proposes_and_deleting_takes_the_own_proposal_back(api_as):
    contract = make_contract()
    client = api_as(contract.client)
    step = f"/api/milestones/{first_step(contract).pk}"
    patched = client.patch(step, {"amount": "450.00", "due_date": "2099-01-01", "note": "Less work."})
    assert (patched.status_code, patched.data["amount"]) == (200, "500.00")
    assert patched.data["proposed_change"]["after"]["due_date"] == "2099-01-01"
    assert client.delete(step).data["error_type"] == "change_already_open"

    made = client.post(f"/api/contracts/{contract.pk}/milestones", {"title": "A bag", "amount": "80.00"})
    taken_back = client.delete(f"/api/milestones/{made.data['id']}")
    assert (taken_back.status_code, taken_back.data["status"]) == (200, "withdrawn")
    assert client.get(f"/api/milestones/{made.data['id']}").status_code == 404


def test_deleting_an_agreed_milestone_proposes_to_leave_it_out(api_as):
    contract = make_contract()
    step = first_step(contract)
    proposed = api_as(contract.freelancer).delete(f"/api/milestones/{step.pk}")
    assert (proposed.data["kind"], proposed.data["status"]) == ("remove_milestone", "proposed")
    api_as(contract.client).post(f"/api/contracts/{contract.pk}/changes/{proposed.data['id']}/accept")
    assert contract.milestones.count() == 1


@pytest.mark.parametrize(
    "body",
    [
        {"kind": "add_milestone", "title": "A bag", "amount": "80.00"},
        {"kind": "change_milestone", "title": "Other"},
        {"kind": "remove_milestone"},
        {"kind": "change_scope", "terms": "Four labels."},
    ],
)
def test_every_kind_is_proposed_at_one_address(api_as, body):
    contract = make_contract()
    if body["kind"] in {"change_milestone", "remove_milestone"}:
        body = body | {"milestone_id": first_step(contract).pk}
    made = api_as(contract.client).post(f"/api/contracts/{contract.pk}/changes", body)
    assert (made.status_code, made.data["kind"]) == (201, body["kind"])
    [listed] = api_as(contract.freelancer).get(f"/api/contracts/{contract.pk}/changes").data["results"]
    assert listed["id"] == made.data["id"]


def test_putting_a_contract_proposes_other_terms(api_as):
    contract = make_contract()
    path = f"/api/contracts/{contract.pk}"
    put = api_as(contract.client).put(path, {"terms": "Four labels.", "note": "One more."})
    assert (put.status_code, put.data["kind"], put.data["after"]) == (200, "change_scope", {"terms": "Four labels."})
    assert api_as(contract.client).get(path).data["terms"] == contract.terms
    api_as(contract.freelancer).post(f"{path}/changes/{put.data['id']}/accept")
    assert api_as(contract.client).get(path).data["terms"] == "Four labels."
    assert api_as(contract.client).put(path, {}).data["fields"].keys() == {"terms"}


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "kind"),
        ({"kind": "swap"}, "kind"),
        ({"kind": "add_milestone", "title": "A bag"}, "amount"),
        ({"kind": "add_milestone", "title": "A bag", "amount": "1.001"}, "amount"),
        ({"kind": "change_scope"}, "terms"),
        ({"kind": "remove_milestone"}, "milestone_id"),
    ],
)
def test_bad_changes_are_400(api_as, body, field):
    contract = make_contract()
    answer = api_as(contract.client).post(f"/api/contracts/{contract.pk}/changes", body)
    assert answer.status_code == 400
    assert field in answer.data["fields"]


def test_another_contracts_milestone_or_change_is_404(api_as):
    contract = make_contract()
    other = make_contract(project__client=contract.client)
    client = api_as(contract.client)
    body = {"kind": "remove_milestone", "milestone_id": first_step(other).pk}
    assert client.post(f"/api/contracts/{contract.pk}/changes", body).status_code == 404
    change = api_as(other.freelancer).patch(f"/api/milestones/{first_step(other).pk}", {"title": "Other"})
    change_id = change.data["proposed_change"]["id"]
    assert client.post(f"/api/contracts/{contract.pk}/changes/{change_id}/accept").status_code == 404
    assert client.post(f"/api/contracts/{other.pk}/changes/{change_id}/accept").status_code == 200


def test_strangers_see_no_change_and_no_terms(api, api_as):
    contract = make_contract()
    stranger = api_as(ClientFactory.create())
    for part in ("changes", "terms", "bonus"):
        assert stranger.get(f"/api/contracts/{contract.pk}/{part}").status_code == 404
        assert api.get(f"/api/contracts/{contract.pk}/{part}").status_code == 401


def test_ending_over_the_api(api_as):
    waiting = submitted_step()
    refused = api_as(waiting.contract.client).post(f"/api/contracts/{waiting.contract_id}/end")
    assert (refused.status_code, refused.data["error_type"]) == (409, "work_waits_for_answer")
    contract = make_contract()
    ended = api_as(contract.freelancer).post(f"/api/contracts/{contract.pk}/end", {"reason": "Ill."})
    assert (ended.status_code, ended.data["status"]) == (200, "cancelled")


def test_a_part_is_released_and_the_rest_rolls(api_as):
    milestone = submitted_step()
    client = api_as(milestone.contract.client)
    second = milestone.contract.milestones.get(position=2)
    client.post(f"/api/milestones/{second.pk}/fund", {"payment_method": VISA})
    body = {"amount": "200.00", "remainder": "roll"}
    part = client.post(f"/api/milestones/{milestone.pk}/approve", body)
    assert (part.status_code, part.data["status"], part.data["rolled_into_id"]) == (200, "funded", second.pk)
    assert client.post(f"/api/milestones/{milestone.pk}/approve", {"remainder": "keep"}).status_code == 400


def test_money_is_asked_back_and_given(api_as):
    asked = refund_asked()
    path = f"/api/milestones/{asked.milestone_id}/refund-requests"
    client, freelancer = api_as(asked.milestone.contract.client), api_as(asked.milestone.contract.freelancer)
    assert [each["status"] for each in client.get(path).data["results"]] == ["open"]
    step = freelancer.get(f"/api/contracts/{asked.milestone.contract_id}").data["next_step"]
    assert (step["kind"], step["who"], step["refund_request_id"]) == ("answer_refund", "freelancer", asked.pk)
    assert client.post(path).data["id"] == asked.pk
    assert client.post(f"{path}/{asked.pk}/agree").data["error_type"] == "not_the_freelancer"
    assert freelancer.post(f"{path}/{asked.pk}/refuse", {}).status_code == 400
    assert freelancer.post(f"{path}/{asked.pk}/agree").data["status"] == "agreed"
    assert client.get(f"/api/milestones/{asked.milestone_id}").data["status"] == "refunded"


def test_refusing_and_waiting_on(api_as):
    refused, waited = refund_asked(), refund_asked()
    path = f"/api/milestones/{refused.milestone_id}/refund-requests/{refused.pk}"
    answer = api_as(refused.milestone.contract.freelancer).post(f"{path}/refuse", {"answer": "Nearly done."})
    assert (answer.data["status"], answer.data["answer"]) == ("refused", "Nearly done.")
    path = f"/api/milestones/{waited.milestone_id}/refund-requests/{waited.pk}"
    assert api_as(waited.milestone.contract.client).post(f"{path}/withdraw").data["status"] == "withdrawn"
    elsewhere = f"/api/milestones/{refused.milestone_id}/refund-requests/{waited.pk}/withdraw"
    assert api_as(refused.milestone.contract.client).post(elsewhere).status_code == 404


def test_a_bonus_over_the_api(api_as):
    contract = make_contract()
    client = api_as(contract.client)
    path = f"/api/contracts/{contract.pk}/bonus"
    declined = client.post(path, {"amount": "50.00", "payment_method": DECLINED})
    assert (declined.status_code, declined.data["error_type"]) == (409, "card_declined")
    assert api_as(contract.freelancer).get(path).data["results"] == []  # not given, so not told

    headers = {"HTTP_IDEMPOTENCY_KEY": "one-bonus"}
    first = client.post(path, {"amount": "50.00", "payment_method": VISA}, **headers)
    again = client.post(path, {"amount": "50.00", "payment_method": VISA}, **headers)
    assert first.status_code == again.status_code == 201
    assert first.data["bonus"]["id"] == again.data["bonus"]["id"]
    assert (first.data["bonus"]["status"], first.data["bonus"]["net"]) == ("released", "45.00")
    assert [each["net"] for each in api_as(contract.freelancer).get(path).data["results"]] == ["45.00"]
    assert api_as(contract.freelancer).post(path, {"amount": "50.00"}).data["error_type"] == "not_the_client"
    assert client.post(path, {"amount": "-1"}).status_code == 400
