from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from accounts.tests.factories import ClientFactory, UploadFactory
from contracts.models import Contract, Milestone
from contracts.rules import CHANGE_LIFECYCLE, CONTRACT_LIFECYCLE, MILESTONE_LIFECYCLE, REFUND_REQUEST_LIFECYCLE
from contracts.rules.time import TIMESHEET_LIFECYCLE
from contracts.selectors import workspace_of
from contracts.services import approve_milestone, cancel_contract, pause_contract, request_revision
from contracts.tests.factories import first_step, funded_step, make_contract, rolled_step, submitted_step
from contracts.views import history, time
from payments.services import refund_hold
from projects.tests.factories import ProposalFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("provider")]


def text(response) -> str:
    return response.content.decode()


def test_accepting_on_the_page_leads_to_the_contract(pages_as):
    offer = ProposalFactory.create()
    answer = pages_as(offer.project.client).post(reverse("contracts:accept-proposal", args=[offer.pk]))
    assert answer.url == reverse("contracts:detail", args=[Contract.objects.get().pk])


def test_the_days_to_answer_work_are_agreed_on_there(pages_as):
    offer = ProposalFactory.create()
    page, accept = pages_as(offer.project.client), reverse("contracts:accept-proposal", args=[offer.pk])
    asked = text(page.get(reverse("projects:proposal", args=[offer.pk])))
    assert 'name="approval_days"' in asked and 'value="14"' in asked
    for nonsense in ("31", "soon"):
        assert page.post(accept, {"approval_days": nonsense}).status_code == 400
    assert not Contract.objects.exists()
    page.post(accept, {"approval_days": "7"})
    assert Contract.objects.get().approval_days == 7


def test_a_step_of_an_ended_contract_is_not_awaited(pages_as):
    milestone = first_step(make_contract())
    contract, client = milestone.contract, milestone.contract.client
    Milestone.objects.filter(pk=milestone.pk).update(due_date=date(2099, 1, 1))
    page = pages_as(client)
    for said in ("Not funded yet", "Due "):
        assert said in text(page.get(reverse("contracts:detail", args=[contract.pk])))
    cancel_contract(client, contract_id=contract.pk)
    ended = text(page.get(reverse("contracts:detail", args=[contract.pk])))
    assert "Never paid in" in ended
    assert "Not funded yet" not in ended and "Due " not in ended


STATES = {
    "pending": lambda: first_step(make_contract()),
    "funded": funded_step,
    "submitted": submitted_step,
}
SAID = {
    ("pending", "client"): "Pay in",
    ("pending", "freelancer"): "Start once the funds are held",
    ("funded", "client"): "is held until you approve",
    ("funded", "freelancer"): "Hand in work",
    ("submitted", "client"): "Review the work",
    ("submitted", "freelancer"): "is being looked over",
}


@pytest.mark.parametrize(("state", "side"), SAID)
def test_both_sides_are_told_what_happens_next(pages_as, state, side):
    milestone = STATES[state]()
    reader = getattr(milestone.contract, side)
    answer = pages_as(reader).get(reverse("contracts:detail", args=[milestone.contract_id]))
    assert answer.status_code == 200
    assert SAID[state, side] in text(answer)


@pytest.mark.parametrize("tab", ["detail", "files", "money", "changes", "history"])
def test_every_tab_opens_in_every_state(pages_as, tab):
    milestones = [make() for make in STATES.values()]
    paused, ended, changes, done = make_contract(), make_contract(), submitted_step(), submitted_step([500_00])
    pause_contract(paused.client, contract_id=paused.pk)
    cancel_contract(ended.client, contract_id=ended.pk)
    request_revision(changes.contract.client, milestone_id=changes.pk, note="Bigger.")
    approve_milestone(done.contract.client, milestone_id=done.pk)
    contracts = [step.contract for step in [*milestones, changes, done]] + [paused, ended]
    for contract in contracts:
        for reader in (contract.client, contract.freelancer):
            answer = pages_as(reader).get(reverse(f"contracts:{tab}", args=[contract.pk]))
            assert answer.status_code == 200


@pytest.mark.parametrize(
    ("lifecycle", "first", "words"),
    [
        (CONTRACT_LIFECYCLE, "start", history.SAID),
        (MILESTONE_LIFECYCLE, "fund", history.SAID),
        (CHANGE_LIFECYCLE, "propose", history.SAID),
        (REFUND_REQUEST_LIFECYCLE, "ask", history.SAID),
        (TIMESHEET_LIFECYCLE, "fund", time.SAID),
    ],
    ids=lambda value: getattr(value, "noun", ""),
)
def test_the_history_has_words_for_every_move(lifecycle, first, words):
    assert {first, *lifecycle.moves} <= set(words)


def test_a_rest_that_rolled_says_what_was_released_and_offers_no_dispute_of_its_own(pages_as):
    rolled = rolled_step()
    page = text(pages_as(rolled.contract.client).get(reverse("contracts:detail", args=[rolled.contract_id])))
    assert "1 of 2 handed in" in page
    assert "$200.00</bdi></a> released" in page and "$300.00</bdi></a>\n held" in page
    assert f'href="{rolled.hold.entries_url}"' in page
    assert reverse("contracts:open-dispute", args=[rolled.pk]) not in page
    assert reverse("contracts:open-dispute", args=[rolled.rolled_into_id]) in page


def test_strangers_get_404_and_nobody_is_sent_to_sign_in(client, pages_as):
    contract = make_contract()
    page = reverse("contracts:detail", args=[contract.pk])
    assert pages_as(ClientFactory.create()).get(page).status_code == 404
    assert client.get(page).url.startswith(reverse("accounts:sign-in"))


def test_paying_in_leads_to_the_payment_page(pages_as):
    contract = make_contract()
    answer = pages_as(contract.client).post(reverse("contracts:fund", args=[first_step(contract).pk]))
    assert answer.url == reverse("pay", args=[first_step(contract).hold_id])


def test_handing_in_and_asking_for_changes_and_approving(pages_as):
    milestone = funded_step([500_00])
    contract = milestone.contract
    file = UploadFactory.create(owner=contract.freelancer)
    submit = reverse("contracts:submit", args=[milestone.pk])
    assert pages_as(contract.freelancer).get(submit).status_code == 200
    pages_as(contract.freelancer).post(submit, {"note": "Look.", "attachment_ids": [file.pk]})
    revision = reverse("contracts:request-revision", args=[milestone.pk])
    assert pages_as(contract.client).get(revision).status_code == 200
    pages_as(contract.client).post(revision, {"note": "Bigger."})
    pages_as(contract.freelancer).post(submit, {"note": "Now bigger."})
    pages_as(contract.client).post(reverse("contracts:approve", args=[milestone.pk]))
    milestone.refresh_from_db()
    assert milestone.status == "released"
    assert [submission.revision_note for submission in milestone.submissions.all()] == ["Bigger.", ""]


def test_an_empty_hand_in_is_said_at_the_field(pages_as):
    milestone = funded_step()
    answer = pages_as(milestone.contract.freelancer).post(
        reverse("contracts:submit", args=[milestone.pk]), {"note": " "}
    )
    assert answer.status_code == 200
    assert "Say what you hand in" in text(answer)


def test_a_refused_action_is_a_page_with_its_reason(pages_as):
    contract = make_contract()
    page = f"http://testserver{reverse('contracts:detail', args=[contract.pk])}"
    act = reverse("contracts:approve", args=[first_step(contract).pk])
    answer = pages_as(contract.client).post(act, headers={"Referer": page})
    assert answer.status_code == 409
    assert "Nothing is handed in" in text(answer)
    assert f'href="{page}"' in text(answer)


@pytest.mark.parametrize("page", ["", "http://elsewhere.example/contracts/", "javascript:alert(1)"])
def test_a_refused_action_leads_back_to_our_own_pages_only(pages_as, page):
    contract = make_contract()
    act = reverse("contracts:approve", args=[first_step(contract).pk])
    answer = text(pages_as(contract.client).post(act, headers={"Referer": page}))
    assert "Back to where you were" not in answer
    assert "To the front page" in answer


@pytest.mark.parametrize(("amount", "said"), [("0", "above zero"), ("1.234", "decimals"), ("", "required")])
def test_a_bad_price_is_said_at_the_field(pages_as, amount, said):
    contract = make_contract()
    page = reverse("contracts:add-milestone", args=[contract.pk])
    answer = pages_as(contract.client).post(page, {"title": "More", "amount": amount})
    assert said in text(answer)
    assert contract.milestones.count() == 2


def test_adding_a_milestone(pages_as):
    contract = make_contract()
    pages_as(contract.client).post(
        reverse("contracts:add-milestone", args=[contract.pk]), {"title": "More", "amount": "1,250.50"}
    )
    assert contract.milestones.get(position=3).amount_minor == 1_250_50


def test_the_list_counts_its_queries(pages_as, django_assert_max_num_queries):
    client = ClientFactory.create()
    for _ in range(6):
        make_contract(project__client=client)
    reader = pages_as(client)
    with django_assert_max_num_queries(12):
        answer = reader.get(reverse("contracts:list"))
    assert text(answer).count("card-row--figures") == 6


def test_what_is_held_leads_to_its_entries_from_the_list_and_the_first_page(pages_as):
    contract = funded_step().contract
    listed = pages_as(contract.client).get(reverse("contracts:list")).content.decode()
    assert f'href="{reverse("contracts:money", args=[contract.pk])}"' in listed
    for side in (contract.client, contract.freelancer):
        first_page = pages_as(side).get(reverse("dashboard"))
        assert f'href="{reverse("wallet")}?currency=USD#held"' in first_page.content.decode()


def test_no_contracts_yet(pages_as):
    assert "No contracts yet" in text(pages_as(ClientFactory.create()).get(reverse("contracts:list")))


def test_files_come_with_the_form_where_there_are_no_scripts(pages_as):
    milestone = funded_step()
    submit = reverse("contracts:submit", args=[milestone.pk])
    freelancer = pages_as(milestone.contract.freelancer)
    assert 'enctype="multipart/form-data"' in text(freelancer.get(submit))
    drawing = SimpleUploadedFile("plan.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>")
    refused = text(freelancer.post(submit, {"note": "Look.", "files": [notes(), drawing]}))
    assert "notes.txt" in refused, "what could be taken is still beside the form"
    freelancer.post(submit, {"note": "Look.", "files": [notes()]})
    assert [file.name for file in milestone.submissions.get().files.all()] == ["notes.txt"]


def notes() -> SimpleUploadedFile:
    return SimpleUploadedFile("notes.txt", b"Try it with a wet hand.", "text/plain")


def test_what_went_back_is_not_counted_as_paid(pages_as):
    milestone = funded_step([100_05, 200_00])
    contract = milestone.contract
    refund_hold(None, hold=milestone.hold, reason="Called off.", cause="test")
    shown = workspace_of(Contract.objects.with_parties().get(pk=contract.pk), contract.client)
    assert [str(figure) for figure in shown.quote] == ["$200.00", "$20.00", "$180.00"]


def test_the_figures_of_a_contract_are_those_that_are_booked(pages_as):
    milestone = submitted_step([100_05, 100_05])
    contract = milestone.contract
    approve_milestone(contract.client, milestone_id=milestone.pk)
    shown = workspace_of(Contract.objects.with_parties().get(pk=contract.pk), contract.client)
    fee = first_step(contract).hold.fee
    assert shown.quote.fee == fee + fee
