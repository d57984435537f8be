from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.tests.factories import UploadFactory, UserFactory, staff_of
from chat.services import send_message
from contracts.models import Dispute
from contracts.selectors import DisputeRecord
from contracts.services import fund_milestone
from contracts.services.disputes import reading
from contracts.tests.factories import disputed_step, mediated, open_dispute_about, sent_week, submitted_step
from payments.tests.fakes import VISA

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("provider")]
ApiAs = Callable[[Any], APIClient]


def test_a_dispute_is_opened_and_listed_for_both_sides(api_as: ApiAs):
    milestone = submitted_step([500_00])
    contract = milestone.contract
    claim = {"milestone_id": milestone.pk, "reason": "late", "explanation": "Two weeks late.", "amount": "200.00"}
    answer = api_as(contract.client).post("/api/disputes", claim)
    assert answer.status_code == 201
    assert answer.data["claim"] == {"to_freelancer": "300.00", "fee": "30.00", "net": "270.00", "to_client": "200.00"}
    assert (answer.data["status"], answer.data["held"], answer.data["outcome"]) == ("open", "500.00", None)
    for person in (contract.client, contract.freelancer):
        listed = api_as(person).get("/api/disputes?status=open").data
        assert [one["id"] for one in listed["results"]] == [answer.data["id"]]
    assert api_as(UserFactory.create()).get("/api/disputes").data["count"] == 0
    again = api_as(contract.client).post("/api/disputes", claim)
    assert (again.status_code, again.data["error_type"]) == (409, "dispute_already_open")


def test_hours_are_disputed_over_the_api(api_as: ApiAs, at: Any):
    timesheet = sent_week(at)
    contract = timesheet.contract
    claim = {"timesheet_id": timesheet.pk, "reason": "other", "explanation": "Too long.", "amount": "200.00"}
    answer = api_as(contract.client).post("/api/disputes", claim)
    assert (answer.status_code, answer.data["timesheet_id"], answer.data["milestone_id"]) == (201, timesheet.pk, None)
    assert answer.data["claim"] == {"to_freelancer": "0.00", "fee": "0.00", "net": "0.00", "to_client": "200.00"}
    step = api_as(contract.freelancer).get(f"/api/contracts/{contract.pk}").data["next_step"]
    assert (step["kind"], step["who"], step["timesheet_id"]) == ("dispute", "freelancer", timesheet.pk)
    record = api_as(contract.freelancer).get(f"/api/disputes/{answer.data['id']}/transcript").data
    assert [entry["minutes"] for entry in record["hours"]] == [600]
    assert api_as(UserFactory.create()).post("/api/disputes", claim).status_code == 404


@pytest.mark.parametrize("both", [True, False])
def test_a_dispute_is_about_one_thing(api_as: ApiAs, both: bool):
    milestone = submitted_step()
    about = {"milestone_id": milestone.pk, "timesheet_id": 1} if both else {}
    claim = about | {"reason": "other", "explanation": "Too long.", "amount": "200.00"}
    answer = api_as(milestone.contract.client).post("/api/disputes", claim)
    assert (answer.status_code, list(answer.data["fields"])) == (400, ["milestone_id"])


def test_the_same_key_opens_one_dispute(api_as: ApiAs):
    milestone = submitted_step()
    claim = {"milestone_id": milestone.pk, "reason": "late", "explanation": "Late.", "amount": "200.00"}
    client = api_as(milestone.contract.client)
    first, second = (client.post("/api/disputes", claim, headers={"Idempotency-Key": "once"}) for _ in range(2))
    assert first.content == second.content
    assert Dispute.objects.count() == 1


@pytest.mark.parametrize(
    "wrong",
    [{"amount": "0"}, {"amount": "1.234"}, {"amount": "500.01"}, {"reason": "mood"}, {"explanation": ""}],
    ids=str,
)
def test_what_is_wrong_is_named(api_as: ApiAs, wrong: dict[str, str]):
    milestone = submitted_step([500_00])
    claim = {"milestone_id": milestone.pk, "reason": "late", "explanation": "Late.", "amount": "200.00"} | wrong
    answer = api_as(milestone.contract.client).post("/api/disputes", claim)
    assert (answer.status_code, list(answer.data["fields"])) == (400, list(wrong))


def test_a_counter_offer_of_nothing_and_its_acceptance(api_as: ApiAs):
    dispute = disputed_step([500_00])
    client, freelancer = api_as(dispute.contract.client), api_as(dispute.contract.freelancer)
    path = f"/api/disputes/{dispute.pk}"
    offer = freelancer.post(f"{path}/offers", {"to_freelancer": "0.00", "note": "Take it all back."})
    assert (offer.status_code, offer.data["to_client"], offer.data["fee"]) == (201, "500.00", "0.00")
    answer = client.post(f"{path}/offers/{offer.data['id']}/accept")
    assert answer.data["outcome"]["decided_by"] == "agreement"
    assert answer.data["outcome"]["to_client"] == "500.00"


def test_evidence_is_there_for_the_two_and_the_mediators_alone(api_as: ApiAs):
    dispute = mediated(disputed_step())
    client = dispute.contract.client
    file = UploadFactory.create(owner=client)
    path = f"/api/disputes/{dispute.pk}"
    shown = api_as(client).post(f"{path}/evidence", {"text": "The letter.", "attachment_ids": [file.pk]})
    assert (shown.status_code, shown.data["files"][0]["id"]) == (201, file.pk)
    for person in (client, dispute.contract.freelancer, staff_of("support")):
        assert api_as(person).get(path).data["evidence"][0]["text"] == "The letter."
    for person in (UserFactory.create(), staff_of("analyst"), staff_of("finance")):
        assert api_as(person).get(path).status_code == 404
        assert api_as(person).get(f"{path}/transcript").status_code == 404


def test_staff_decide_and_a_second_person_confirms(api_as: ApiAs):
    dispute = mediated(disputed_step([2_000_00]))
    first, second = api_as(staff_of("moderator")), api_as(staff_of("support"))
    decision = first.post(f"/api/disputes/{dispute.pk}/resolve", {"to_freelancer": "900.00", "reasons": "Half."})
    assert (decision.status_code, decision.data["confirmed_at"]) == (200, None)
    confirm = f"/api/disputes/decisions/{decision.data['id']}/confirm"
    assert first.post(confirm).data["error_type"] == "own_decision"
    assert second.post(confirm).data["confirmed_at"]
    outcome = api_as(dispute.contract.client).get(f"/api/disputes/{dispute.pk}").data["outcome"]
    assert (outcome["decided_by"], outcome["to_client"], outcome["reasons"]) == ("staff", "1100.00", "Half.")


def test_a_second_person_may_refuse(api_as: ApiAs):
    dispute = mediated(disputed_step([2_000_00]))
    decision = api_as(staff_of("moderator")).post(
        f"/api/disputes/{dispute.pk}/resolve", {"to_freelancer": "900.00", "reasons": "Half."}
    )
    refuse = f"/api/disputes/decisions/{decision.data['id']}/refuse"
    answer = api_as(staff_of("support")).post(refuse, {"refusal": "Look at the letter."})
    assert answer.data["refused_at"]


def test_sides_do_not_resolve(api_as: ApiAs):
    dispute = mediated(disputed_step())
    path = f"/api/disputes/{dispute.pk}/resolve"
    body = {"to_freelancer": "900.00", "reasons": "Half."}
    assert api_as(dispute.contract.client).post(path, body).data["error_type"] == "own_dispute"
    assert api_as(UserFactory.create()).post(path, body).status_code == 404


def test_the_transcript_has_the_work_the_chat_and_the_money(api_as: ApiAs):
    dispute = disputed_step([500_00])
    contract = dispute.contract
    send_message(contract.client, room_id=contract.room_id, content="Where are the labels?")
    record = api_as(contract.freelancer).get(f"/api/disputes/{dispute.pk}/transcript").data
    assert [said["content"] for said in record["messages"]] == ["Where are the labels?"]
    assert [work["note"] for work in record["submissions"]] == ["Here it is."]
    assert [(line["kind"], line["amount"]) for line in record["movements"]] == [("fund", "500.00")]
    assert record["messages_left_out"] == 0
    assert record["history"][0]["title"].endswith("opened the dispute")


def test_the_transcript_says_what_it_leaves_out(api_as: ApiAs, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(reading, "DisputeRecord", partial(DisputeRecord, most_messages=1))
    dispute = disputed_step([500_00])
    for content in ("Where are the labels?", "Here?"):
        send_message(dispute.contract.client, room_id=dispute.contract.room_id, content=content)
    record = api_as(dispute.contract.freelancer).get(f"/api/disputes/{dispute.pk}/transcript").data
    assert [said["content"] for said in record["messages"]] == ["Here?"]
    assert record["messages_left_out"] == 1


def test_the_transcript_is_there_as_pdf(api_as: ApiAs):
    dispute = disputed_step()
    answer = api_as(dispute.contract.client).get(f"/api/disputes/{dispute.pk}/pdf")
    assert answer["Content-Type"] == "application/pdf"
    assert answer.content.startswith(b"%PDF")
    assert api_as(UserFactory.create()).get(f"/api/disputes/{dispute.pk}/pdf").status_code == 404


def test_the_list_is_sorted_as_asked(api_as: ApiAs):
    milestone = submitted_step()
    client, second = milestone.contract.client, milestone.contract.milestones.get(position=2)
    fund_milestone(client, milestone_id=second.pk, payment_method=VISA)
    older, newer = open_dispute_about(milestone).pk, open_dispute_about(second).pk
    api = api_as(client)
    for order, expected in (("opened_at", [older, newer]), ("-opened_at", [newer, older])):
        assert [row["id"] for row in api.get(f"/api/disputes?ordering={order}").data["results"]] == expected
    assert api.get("/api/disputes?ordering=status").status_code == 400


def test_the_list_can_be_of_those_that_run_or_ended(api_as: ApiAs):
    dispute = disputed_step()
    api = api_as(dispute.contract.client)
    assert [api.get(f"/api/disputes?open={value}").data["count"] for value in ("true", "false")] == [1, 0]
    api.post(f"/api/disputes/{dispute.pk}/withdraw")
    assert [api.get(f"/api/disputes?open={value}").data["count"] for value in ("true", "false")] == [0, 1]
