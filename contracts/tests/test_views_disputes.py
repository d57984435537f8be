import re
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from accounts.models import AuditEvent, User
from accounts.tests.factories import UploadFactory, UserFactory, staff_of
from chat.services import send_message
from contracts.models import Contract, Dispute, Milestone
from contracts.selectors import printed
from contracts.services import disputes as services
from contracts.tests.factories import (
    disputed_step,
    funded_step,
    mediated,
    open_dispute_about,
    rolled_step,
    submitted_step,
)
from core.money import Money
from payments.tests.test_documents import text_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("provider")]
PagesAs = Callable[[User], Client]


def page(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_workspace_offers_to_open_one_and_leads_to_it(pages_as: PagesAs):
    milestone = submitted_step([500_00])
    client = pages_as(milestone.contract.client)
    workspace = f"/contracts/{milestone.contract_id}/"
    form = f"/contracts/milestones/{milestone.pk}/dispute/"
    assert form in page(client, workspace)
    assert "5 days" in page(client, form)
    answer = client.post(form, {"reason": "late", "explanation": "Two weeks late.", "amount": "200"})
    dispute = Dispute.objects.get()
    assert answer["Location"] == f"/contracts/disputes/{dispute.pk}/"
    assert dispute.claim == Money(200_00, "USD")
    again = page(client, workspace)
    assert form not in again
    assert answer["Location"] in again
    assert "In dispute" in again
    assert again.count("opened a dispute") == 1


def test_what_never_came_is_not_counted_as_handed_in(pages_as: PagesAs):
    milestone = funded_step([500_00])
    open_dispute_about(milestone)
    workspace = page(pages_as(milestone.contract.client), f"/contracts/{milestone.contract_id}/")
    assert "0 of 1 handed in" in workspace


def test_a_refusal_stands_beside_its_field(pages_as: PagesAs):
    milestone = submitted_step([500_00])
    client = pages_as(milestone.contract.client)
    form = f"/contracts/milestones/{milestone.pk}/dispute/"
    answer = client.post(form, {"reason": "late", "explanation": "Late.", "amount": "500.01"})
    assert "$500.00 that is held" in str(answer.context["form"].errors["amount"])
    assert not Dispute.objects.exists()
    services.open_dispute(
        milestone.contract.freelancer,
        milestone_id=milestone.pk,
        reason="late",
        explanation="So.",
        claim=Money(1, "USD"),
    )
    answer = client.post(form, {"reason": "late", "explanation": "Late.", "amount": "1"})
    assert "open already" in answer.content.decode()


def test_each_side_reads_what_happens_next_and_when(pages_as: PagesAs):
    dispute = disputed_step([500_00], claim=200_00)
    path = f"/contracts/disputes/{dispute.pk}/"
    opener = page(pages_as(dispute.contract.client), path)
    other = page(pages_as(dispute.contract.freelancer), path)
    assert "After that, your claim is paid." in opener
    assert "After that, the claim is paid as it stands." in other
    assert "Withdraw the dispute" in opener
    assert "Withdraw the dispute" not in other
    assert "Agree to the claim" in other
    assert "Agree to the claim" not in opener
    for figure in ("$300.00", "−$30.00", "$270.00", "$200.00"):
        assert figure in other
    assert "To you" in other and "You receive" in other and "Back to you" not in other
    assert "Back to you" in opener and "You receive" not in opener


def test_a_dispute_waits_on_the_dashboard_of_whoever_has_to_answer(pages_as: PagesAs):
    dispute = disputed_step([500_00])
    client, freelancer = pages_as(dispute.contract.client), pages_as(dispute.contract.freelancer)
    path = f"/contracts/disputes/{dispute.pk}/"
    assert path in page(freelancer, "/dashboard/")
    assert path not in page(client, "/dashboard/")
    services.offer_split(dispute.contract.freelancer, dispute_id=dispute.pk, to_freelancer=Money(400_00, "USD"))
    assert path in page(client, "/dashboard/")
    assert path not in page(freelancer, "/dashboard/")


def test_countering_taking_the_offer_and_reading_the_outcome(pages_as: PagesAs):
    dispute = disputed_step([500_00])
    client, freelancer = pages_as(dispute.contract.client), pages_as(dispute.contract.freelancer)
    path = f"/contracts/disputes/{dispute.pk}/"
    freelancer.post(f"{path}offer/", {"to_freelancer": "400", "note": "Four of five."})
    assert "Take this offer" in page(client, path)
    offer = dispute.offers.get()
    client.post(f"{path}offers/{offer.pk}/accept/")
    dispute.refresh_from_db()
    assert (dispute.status, dispute.to_freelancer_minor) == ("settled", 400_00)
    for browser in (client, freelancer):
        ended = page(browser, path)
        assert "How it ended" in ended
        for figure in ("$400.00", "−$40.00", "$360.00", "$100.00"):
            assert f'href="{dispute.hold.entries_url}"><bdi dir="ltr" class="num"' in ended and figure in ended
        assert f'href="{dispute.hold.entries_url}"' in page(browser, "/contracts/disputes/")


def test_contesting_and_evidence_with_a_file(pages_as: PagesAs):
    dispute = disputed_step([500_00])
    freelancer = pages_as(dispute.contract.freelancer)
    path = f"/contracts/disputes/{dispute.pk}/"
    refused = freelancer.post(f"{path}contest/", {"text": ""})
    assert "This field is required" in refused.content.decode()
    freelancer.post(f"{path}contest/", {"text": "They are the size that was agreed."})
    dispute.refresh_from_db()
    assert dispute.status == "mediation"
    file = UploadFactory.create(owner=dispute.contract.freelancer, name="agreed-size.pdf")
    freelancer.post(f"{path}evidence/", {"text": "The order.", "attachment_ids": [str(file.pk)]})
    shown = page(pages_as(dispute.contract.client), path)
    assert "The order." in shown
    assert "agreed-size.pdf" in shown
    letter = SimpleUploadedFile("letter.txt", b"Sent in March.", "text/plain")
    freelancer.post(f"{path}evidence/", {"text": "", "files": [letter]})
    assert "letter.txt" in page(pages_as(dispute.contract.client), path), "sent with the form itself"
    theirs = UploadFactory.create()
    refused = freelancer.post(f"{path}evidence/", {"text": "x", "attachment_ids": [str(theirs.pk)]})
    assert "that you have uploaded" in refused.content.decode()


@pytest.mark.parametrize(
    ("act", "by_opener", "before", "after"),
    [
        ("accept", False, "open", "settled"),
        ("withdraw", True, "open", "withdrawn"),
        ("mediation", True, "answered", "mediation"),
    ],
)
def test_the_buttons_of_one_press(pages_as: PagesAs, act: str, by_opener: bool, before: str, after: str):
    dispute = disputed_step([500_00])
    contract = dispute.contract
    if before == "answered":
        services.offer_split(contract.freelancer, dispute_id=dispute.pk, to_freelancer=Money(1, "USD"))
    person = contract.client if by_opener else contract.freelancer
    answer = pages_as(person).post(f"/contracts/disputes/{dispute.pk}/{act}/")
    assert answer["Location"] == f"/contracts/disputes/{dispute.pk}/"
    dispute.refresh_from_db()
    assert dispute.status == after


def test_strangers_find_nothing(pages_as: PagesAs):
    dispute = disputed_step()
    stranger = pages_as(UserFactory.create())
    for path in ("", "transcript/"):
        assert stranger.get(f"/contracts/disputes/{dispute.pk}/{path}").status_code == 404
    for act in ("accept", "contest", "mediation", "withdraw", "offer", "evidence"):
        sent = {"text": "x", "to_freelancer": "1"}
        assert stranger.post(f"/contracts/disputes/{dispute.pk}/{act}/", sent).status_code == 404
    assert stranger.get(f"/contracts/milestones/{dispute.milestone_id}/dispute/").status_code == 404


def test_the_record_can_be_kept(pages_as: PagesAs):
    dispute = mediated(disputed_step([500_00]))
    contract = dispute.contract
    send_message(contract.client, room_id=contract.room_id, content="Where are the labels?")
    record = page(pages_as(contract.freelancer), f"/contracts/disputes/{dispute.pk}/transcript/")
    for text in (
        "Where are the labels?",
        "Here it is.",
        "The labels are the wrong size.",
        "opened the dispute",
        "+$500.00",
    ):
        assert text in record
    assert reverse("movement", args=[dispute.hold.journals.get().pk]) in record


def test_the_record_can_be_kept_as_pdf(pages_as: PagesAs):
    dispute = mediated(disputed_step([500_00]))
    contract = dispute.contract
    file = UploadFactory.create(owner=contract.client, name="order.txt")
    services.add_evidence(contract.client, dispute_id=dispute.pk, text="The order.", attachment_ids=[file.pk])
    send_message(contract.client, room_id=contract.room_id, content="Where are the labels?")
    path = f"/contracts/disputes/{dispute.pk}/pdf/"
    assert path in page(pages_as(contract.client), f"/contracts/disputes/{dispute.pk}/")
    for reader in (contract.client, contract.freelancer, staff_of("support")):
        answer = pages_as(reader).get(path)
        assert answer["Content-Type"] == "application/pdf"
        paper = text_of(answer.content)
        for text in ("Where are the labels?", "The labels are the wrong size.", "The order.", "order.txt", "$500.00"):
            assert text in paper
    assert AuditEvent.objects.filter(action="dispute.viewed").count() == 1
    assert pages_as(UserFactory.create()).get(path).status_code == 404


def test_of_a_long_chat_the_latest_messages_are_printed(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(printed, "MESSAGES_PRINTED", 2)
    dispute = disputed_step()
    contract = dispute.contract
    for content in ("The first.", "The second.", "The third."):
        send_message(contract.client, room_id=contract.room_id, content=content)
    paper = text_of(printed.record_pdf(services.read_dispute(contract.client, dispute_id=dispute.pk)))
    assert "The first." not in paper
    assert "The second." in paper and "The third." in paper
    assert "1 earlier message not shown" in paper


def test_the_record_names_other_disputes_between_the_two_and_what_goes_with_this_one(pages_as: PagesAs):
    rolled = rolled_step()
    earlier = open_dispute_about(Milestone.objects.get(pk=rolled.rolled_into_id))
    services.withdraw_dispute(earlier.opener, dispute_id=earlier.pk)
    dispute = open_dispute_about(Milestone.objects.get(pk=rolled.rolled_into_id), claim=1_000_00)
    disputed_step()  # of other people
    record = page(pages_as(dispute.opener), f"/contracts/disputes/{dispute.pk}/transcript/")
    assert f'<a href="/contracts/disputes/{earlier.pk}/">Dispute {earlier.pk}</a>, opened' in record
    assert "$300.00" in record and "in the same proportion" in record


# --- The list -----------------------------------------------------------------------------------


def test_ones_own_disputes_are_listed_those_that_run_first(pages_as: PagesAs):
    over, later, sooner = disputed_step(), disputed_step(), disputed_step()
    person = over.contract.client
    Contract.objects.update(client=person)
    Dispute.objects.update(opener=person)
    services.accept_claim(over.contract.freelancer, dispute_id=over.pk)
    Dispute.objects.filter(pk=sooner.pk).update(answer_by=sooner.opened_at)
    disputed_step()  # somebody else's
    client = pages_as(person)
    listed = {state: page(client, f"/contracts/disputes/?state={state}") for state in ("", "open", "ended")}
    order = [re.findall(r'href="/contracts/disputes/(\d+)/"', html) for html in listed.values()]
    assert order == [
        [str(sooner.pk), str(later.pk), str(over.pk)],
        [str(sooner.pk), str(later.pk)],
        [str(over.pk)],
    ]
    assert "back to you" in listed["ended"]
    assert "/contracts/disputes/" in page(client, "/contracts/")


def test_whoever_has_to_answer_sees_it_in_the_list(pages_as: PagesAs):
    dispute = disputed_step()
    assert "Waiting for you" in page(pages_as(dispute.contract.freelancer), "/contracts/disputes/")
    assert "Waiting for you" not in page(pages_as(dispute.contract.client), "/contracts/disputes/")


def test_without_disputes_the_list_says_what_will_be_there(pages_as: PagesAs):
    client = pages_as(UserFactory.create())
    assert "No disputes" in page(client, "/contracts/disputes/")
    assert "None in this state" in page(client, "/contracts/disputes/?state=ended")


# --- The staff console --------------------------------------------------------------------------


@pytest.mark.parametrize("group", ["moderator", "support", "administrator"])
def test_mediators_have_a_queue_with_the_nearest_deadline_first(console_as: PagesAs, group: str):
    later, sooner = mediated(disputed_step()), mediated(disputed_step())
    Dispute.objects.filter(pk=sooner.pk).update(mediation_by=sooner.opened_at)
    waiting = disputed_step()
    large = mediated(disputed_step([2_000_00]))
    services.decide_dispute(staff_of("support"), dispute_id=large.pk, to_freelancer=Money(1, "USD"), reasons="So.")
    queue = page(console_as(staff_of(group)), "/admin/contracts/dispute/queue/")
    places = [queue.index(f"/admin/contracts/dispute/{one.pk}/record/") for one in (sooner, later, large, waiting)]
    assert places == sorted(places)
    assert "<strong> Soon</strong>" in queue
    of_hold = reverse("admin:payments_hold_change", args=[sooner.hold_id])
    assert (of_hold in queue) == (group != "moderator")


def test_other_staff_have_neither_queue_nor_record(console_as: PagesAs):
    dispute = mediated(disputed_step())
    for group in ("finance", "analyst"):
        console = console_as(staff_of(group))
        assert console.get("/admin/contracts/dispute/queue/").status_code == 403
        assert console.get(f"/admin/contracts/dispute/{dispute.pk}/record/").status_code == 404


def test_the_record_shows_everything_and_that_it_was_read_is_kept(console_as: PagesAs):
    dispute = mediated(disputed_step([500_00]))
    contract, mediator = dispute.contract, staff_of("support")
    send_message(contract.client, room_id=contract.room_id, content="Where are the labels?")
    services.add_evidence(contract.freelancer, dispute_id=dispute.pk, text="The order.")
    record = page(console_as(mediator), f"/admin/contracts/dispute/{dispute.pk}/record/")
    for text in ("Where are the labels?", "Here it is.", "The order.", "The labels are the wrong size."):
        assert text in record
    assert AuditEvent.objects.filter(action="dispute.viewed", actor=mediator).count() == 1


def test_a_decision_is_made_on_the_record(console_as: PagesAs):
    dispute = mediated(disputed_step([500_00]))
    console = console_as(staff_of("moderator"))
    path = f"/admin/contracts/dispute/{dispute.pk}/record/"
    refused = console.post(path, {"act": "decide", "to_freelancer": "500.01", "reasons": "So."})
    assert "$500.00 that is held" in refused.content.decode()
    refused = console.post(path, {"act": "decide", "to_freelancer": "100", "reasons": ""})
    assert "This field is required" in refused.content.decode()
    assert console.post(path, {"act": "decide", "to_freelancer": "100", "reasons": "One of five."}).status_code == 302
    dispute.refresh_from_db()
    assert (dispute.status, dispute.to_freelancer_minor, dispute.reasons) == ("resolved", 100_00, "One of five.")
    assert "Nothing is to be decided any more." in page(console, path)


def test_a_second_person_confirms_or_refuses_on_the_record(console_as: PagesAs):
    dispute = mediated(disputed_step([2_000_00]))
    first, second = console_as(staff_of("moderator")), console_as(staff_of("support"))
    path = f"/admin/contracts/dispute/{dispute.pk}/record/"
    decision = {"act": "decide", "to_freelancer": "900", "reasons": "Half."}
    first.post(path, decision)
    assert "somebody else has to confirm" in page(first, path)
    second.post(path, {"act": "refuse", "decision": dispute.decisions.get().pk, "refusal": "Look at the letter."})
    dispute.refresh_from_db()
    assert dispute.status == "mediation"
    first.post(path, decision)
    second.post(path, {"act": "confirm", "decision": dispute.decisions.waiting().get().pk})
    dispute.refresh_from_db()
    assert (dispute.status, dispute.to_freelancer_minor) == ("resolved", 900_00)
    assert "confirmed by" in page(second, path)


def test_whoever_decides_is_told_whether_the_money_moves_at_once(console_as: PagesAs):
    console = console_as(staff_of("moderator"))
    small, large = mediated(disputed_step([500_00])), mediated(disputed_step([2_000_00]))
    assert "moves at once" in page(console, f"/admin/contracts/dispute/{small.pk}/record/")
    assert "second member of staff" in page(console, f"/admin/contracts/dispute/{large.pk}/record/")


@pytest.mark.parametrize("act", ["confirm", "refuse"])
def test_a_second_person_answers_the_decision_that_they_read(console_as: PagesAs, act: str):
    dispute = mediated(disputed_step([2_000_00]))
    first, second, third = (console_as(staff_of(group)) for group in ("moderator", "support", "administrator"))
    path = f"/admin/contracts/dispute/{dispute.pk}/record/"
    first.post(path, {"act": "decide", "to_freelancer": "900", "reasons": "Half."})
    read = dispute.decisions.get().pk
    assert f'name="decision" value="{read}"' in page(second, path)
    third.post(path, {"act": "refuse", "decision": read, "refusal": "Too much."})
    first.post(path, {"act": "decide", "to_freelancer": "0", "reasons": "Nothing."})
    answer = second.post(path, {"act": act, "decision": read, "refusal": "Too little."})
    assert "does not wait for anybody any more" in answer.content.decode()
    dispute.refresh_from_db()
    assert (dispute.status, dispute.decisions.waiting().count()) == ("mediation", 1)


def test_staff_who_are_a_side_of_it_do_not_read_what_mediators_say(console_as: PagesAs):
    dispute = mediated(disputed_step([2_000_00]))
    client, mediator = dispute.contract.client, staff_of("moderator")
    client.is_staff = True
    client.save(update_fields=["is_staff"])
    client.groups.set(mediator.groups.all())
    address = f"/admin/contracts/dispute/{dispute.pk}/change/"
    assert console_as(mediator).get(address).status_code == 200
    assert console_as(client).get(address).status_code == 403


def test_nobody_confirms_their_own_decision_on_the_record(console_as: PagesAs):
    dispute = mediated(disputed_step([2_000_00]))
    console = console_as(staff_of("moderator"))
    path = f"/admin/contracts/dispute/{dispute.pk}/record/"
    console.post(path, {"act": "decide", "to_freelancer": "900", "reasons": "Half."})
    answer = console.post(path, {"act": "confirm", "decision": dispute.decisions.get().pk})
    assert "somebody else has to confirm" in answer.content.decode()
    dispute.refresh_from_db()
    assert dispute.status == "mediation"


def test_the_model_page_is_to_read(console_as: PagesAs):
    dispute = disputed_step()
    services.offer_split(dispute.contract.client, dispute_id=dispute.pk, to_freelancer=Money(1, "USD"))
    console = console_as(staff_of("moderator"))
    listed: Any = page(console, "/admin/contracts/dispute/")
    assert f"/admin/contracts/dispute/{dispute.pk}/record/" in listed
    assert "/admin/contracts/dispute/queue/" in listed
    assert console.get(f"/admin/contracts/dispute/{dispute.pk}/change/").status_code == 200
    assert console.get("/admin/contracts/dispute/add/").status_code == 403
