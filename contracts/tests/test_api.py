import pytest

from accounts.tests.factories import ClientFactory
from contracts.models import Contract
from contracts.tests.factories import first_step, funded_step, make_contract, submitted_step
from payments.tests.fakes import DECLINED, VISA
from projects.tests.factories import ProposalFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("provider")]


def test_the_whole_hire_over_the_api(api_as):
    offer = ProposalFactory.create(bid_amount_minor=600_01, steps=[])
    client, freelancer = api_as(offer.project.client), api_as(offer.freelancer)

    accepted = client.post(f"/api/proposals/{offer.pk}/accept")
    assert (accepted.status_code, accepted.data["status"]) == (200, "accepted")
    contract = client.get(f"/api/contracts/{accepted.data['contract_id']}").data
    assert contract["chat_id"] and contract["total"] == "600.01"
    step = contract["milestones"][0]["id"]

    early = freelancer.post(f"/api/milestones/{step}/submit", {"note": "Done"})
    assert (early.status_code, early.data["error_type"]) == (409, "milestone_not_funded")
    funded = client.post(f"/api/milestones/{step}/fund", {"payment_method": VISA})
    assert funded.status_code == 200
    assert funded.data["milestone"]["status"] == "funded"
    assert funded.data["payment_intent"]["amount"] == 60001
    assert funded.data["payment_intent"]["currency"] == "usd"
    assert freelancer.post(f"/api/milestones/{step}/submit", {"note": "Done"}).data["status"] == "submitted"
    released = client.post(f"/api/milestones/{step}/approve")
    assert (released.status_code, released.data["status"], released.data["net"]) == (200, "released", "540.01")
    balances = freelancer.get("/api/wallet").data["balances"]
    assert [row["available"] for row in balances if row["currency"] == "usd"] == [54001]
    moves = [event["move"] for event in client.get(f"/api/contracts/{contract['id']}/history").data["results"]]
    assert moves == ["start", "fund", "submit", "approve", "release", "complete"]


def test_without_a_payment_method_the_client_confirms_later(api_as):
    contract = make_contract([500_00])
    answer = api_as(contract.client).post(f"/api/milestones/{first_step(contract).pk}/fund")
    assert answer.status_code == 200
    assert answer.data["milestone"]["status"] == "pending"
    assert answer.data["payment_intent"]["client_secret"]


def test_a_declined_card_is_409_and_leaves_the_milestone_pending(api_as):
    contract = make_contract([500_00])
    step = first_step(contract)
    answer = api_as(contract.client).post(f"/api/milestones/{step.pk}/fund", {"payment_method": DECLINED})
    assert (answer.status_code, answer.data["error_type"]) == (409, "card_declined")
    step.refresh_from_db()
    assert step.status == "pending"


@pytest.mark.parametrize("amount", ["0", "-1", "1.005", "1e400", "lots", 1.5e300, "99999999999", [], True])
def test_bad_amounts_of_an_approval_are_400(api_as, amount):
    milestone = submitted_step([500_00])
    answer = api_as(milestone.contract.client).post(f"/api/milestones/{milestone.pk}/approve", {"amount": amount})
    assert answer.status_code == 400, answer.data
    assert answer.data["fields"]["amount"]
    milestone.refresh_from_db()
    assert milestone.status == "submitted"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "title"),
        ({"title": "x" * 161, "amount": "10"}, "title"),
        ({"title": "x", "amount": "10.001"}, "amount"),
        ({"title": "x", "amount": "10", "due_date": "soon"}, "due_date"),
    ],
)
def test_bad_milestones_are_400(api_as, body, field):
    contract = make_contract()
    answer = api_as(contract.client).post(f"/api/contracts/{contract.pk}/milestones", body)
    assert answer.status_code == 400
    assert field in answer.data["fields"]
    assert contract.milestones.count() == 2


def test_strangers_see_nothing(api, api_as):
    milestone = funded_step()
    stranger = api_as(ClientFactory.create())
    for path in (f"contracts/{milestone.contract_id}", f"milestones/{milestone.pk}"):
        assert stranger.get(f"/api/{path}").status_code == 404
        assert api.get(f"/api/{path}").status_code == 401
    for act in ("fund", "submit", "approve", "request-revision"):
        assert stranger.post(f"/api/milestones/{milestone.pk}/{act}", {"note": "x"}).status_code == 404
    for act in ("pause", "resume", "complete"):
        assert stranger.post(f"/api/contracts/{milestone.contract_id}/{act}").status_code == 404
    assert stranger.delete(f"/api/contracts/{milestone.contract_id}").status_code == 404
    assert stranger.get("/api/contracts").data["count"] == 0
    assert stranger.post(f"/api/proposals/{milestone.contract.proposal_id}/accept").status_code == 404


def test_the_other_side_is_refused_with_a_reason(api_as):
    milestone = submitted_step()
    answer = api_as(milestone.contract.freelancer).post(f"/api/milestones/{milestone.pk}/approve")
    assert (answer.status_code, answer.data["error_type"]) == (403, "not_the_client")


def test_ending_refunds_and_a_contract_with_work_is_409(api_as):
    ended = funded_step()
    answer = api_as(ended.contract.client).delete(f"/api/contracts/{ended.contract_id}")
    assert (answer.status_code, answer.data["status"]) == (200, "cancelled")
    assert answer.data["milestones"][0]["status"] == "refunded"
    worked = submitted_step()
    answer = api_as(worked.contract.client).delete(f"/api/contracts/{worked.contract_id}")
    assert (answer.status_code, answer.data["error_type"]) == (409, "contract_has_work")


@pytest.mark.parametrize("days", [2, 31, "soon", True])
def test_the_days_to_answer_work_are_agreed_on_when_hiring(api_as, days):
    offer = ProposalFactory.create()
    client, path = api_as(offer.project.client), f"/api/proposals/{offer.pk}/accept"
    refused = client.post(path, {"approval_days": days})
    assert (refused.status_code, list(refused.data["fields"])) == (400, ["approval_days"])
    accepted = client.post(path, {"approval_days": 21})
    assert client.get(f"/api/contracts/{accepted.data['contract_id']}").data["approval_days"] == 21


def test_a_key_is_for_one_address(api_as):
    client = ClientFactory.create()
    one, other = (make_contract(project__client=client) for _ in range(2))
    api, key = api_as(client), {"Idempotency-Key": "once"}
    assert api.post(f"/api/contracts/{one.pk}/pause", {}, headers=key).data["id"] == str(one.pk)
    refused = api.post(f"/api/contracts/{other.pk}/pause", {}, headers=key)
    assert (refused.status_code, refused.data["error_type"]) == (409, "idempotency_conflict")


def test_posting_a_contract_accepts_the_proposal(api_as):
    offer = ProposalFactory.create()
    answer = api_as(offer.project.client).post("/api/contracts", {"proposal_id": offer.pk})
    assert answer.status_code == 201
    assert Contract.objects.get().proposal == offer


def test_contracts_are_sorted_and_pages_of_equal_ones_neither_repeat_nor_leave_out(api_as):
    client = ClientFactory.create()
    made = [make_contract(project__client=client, project__title=title) for title in ("B", "A", "A")]
    api = api_as(client)
    pages = [
        api.get(f"/api/contracts?ordering=title&page_size=1&page={number}").data["results"] for number in (1, 2, 3)
    ]
    assert [page[0]["title"] for page in pages] == ["A", "A", "B"]
    assert {page[0]["id"] for page in pages} == {str(contract.pk) for contract in made}
    refused = api.get("/api/contracts?ordering=fee_bps")
    assert (refused.status_code, list(refused.data["fields"])) == (400, ["ordering"])


def test_queries_do_not_grow_with_rows(api_as, django_assert_num_queries):
    client = ClientFactory.create()
    for count in (5, 15):
        while Contract.objects.count() < count:
            make_contract(project__client=client)
        with django_assert_num_queries(9):
            assert len(api_as(client).get("/api/contracts?page_size=100").data["results"]) == count


def test_the_history_of_a_contract_is_read_page_by_page(api_as):
    milestone = submitted_step([500_00])
    client, path = api_as(milestone.contract.client), f"/api/contracts/{milestone.contract_id}/history?page_size=2"
    pages = [client.get(f"{path}&page={number}").data for number in (1, 2)]
    assert [page["count"] for page in pages] == [3, 3]
    assert [[event["move"] for event in page["results"]] for page in pages] == [["start", "fund"], ["submit"]]
    assert (pages[0]["previous"], pages[1]["next"]) == (None, None)


@pytest.mark.parametrize("path", ["/api/contracts", "/api/proposals/{}/accept"])
def test_nobody_is_hired_at_another_price_than_was_read(api_as, path):
    offer = ProposalFactory.create(bid_amount_minor=500_00, steps=[])
    client, path = api_as(offer.project.client), path.format(offer.pk)
    body = {"proposal_id": offer.pk, "read_at": client.get(f"/api/proposals/{offer.pk}").data["updated_at"]}
    api_as(offer.freelancer).patch(f"/api/proposals/{offer.pk}", {"bid_amount": "900.00"})
    refused = client.post(path, body)
    assert (refused.status_code, refused.data["error_type"]) == (409, "proposal_changed")
    assert not Contract.objects.exists()
    body["read_at"] = client.get(f"/api/proposals/{offer.pk}").data["updated_at"]
    assert client.post(path, body).status_code in {200, 201}
    assert Contract.objects.get().total.as_string() == "900.00"


@pytest.mark.parametrize("read_at", ["yesterday", 5, "2026-02-30T00:00:00Z", True])
def test_a_time_of_reading_that_is_none_is_400(api_as, read_at):
    offer = ProposalFactory.create()
    refused = api_as(offer.project.client).post(f"/api/proposals/{offer.pk}/accept", {"read_at": read_at})
    assert (refused.status_code, list(refused.data["fields"])) == (400, ["read_at"])
