import re
from datetime import date

import pytest
from django.urls import reverse

from accounts.tests.factories import ClientFactory
from contracts.models import Bonus, ChangeRequest
from contracts.services import (
    give_bonus,
    propose_milestone_change,
    propose_milestone_removal,
    request_revision,
    submit_milestone,
)
from contracts.tests.factories import (
    first_step,
    funded_step,
    make_contract,
    overdue_step,
    refund_asked,
    rolled_step,
    submitted_step,
)
from core.money import Money
from payments.tests.fakes import VISA

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("provider")]


def text(response) -> str:
    return response.content.decode()


def page(name: str, *args: object) -> str:
    return reverse(f"contracts:{name}", args=args)


def test_a_change_is_proposed_seen_and_agreed_to(pages_as):
    contract = make_contract()
    step = first_step(contract)
    client, freelancer = pages_as(contract.client), pages_as(contract.freelancer)
    form = {"title": "Drafts, twice", "amount": "450", "due_date": "2099-01-01", "note": "Less work."}
    assert client.get(page("change-milestone", step.pk)).status_code == 200
    assert client.post(page("change-milestone", step.pk), form).url == page("detail", contract.pk)
    change = ChangeRequest.objects.get()

    shown = text(freelancer.get(page("changes", contract.pk)))
    assert "$500.00" in shown and "$450.00" in shown and "Less work." in shown
    assert "$405.00" in shown, "what the freelancer receives of it"
    assert page("accept-change", change.pk) in shown
    assert page("withdraw-change", change.pk) in text(client.get(page("changes", contract.pk)))
    assert "goes back to the client" not in shown, "nothing is held yet"
    freelancer.post(page("accept-change", change.pk))
    step.refresh_from_db()
    assert (step.title, step.amount_minor) == ("Drafts, twice", 450_00)
    assert "Version 2" in text(client.get(page("changes", contract.pk)))


def test_a_lower_price_says_before_it_is_agreed_to_what_goes_back(pages_as):
    step = funded_step()
    contract = step.contract
    change = propose_milestone_change(
        contract.client, milestone_id=step.pk, changes={"amount": step.amount - Money(50_00, "USD")}, note=""
    )
    shown = text(pages_as(contract.freelancer).get(page("changes", contract.pk)))
    assert page("accept-change", change.pk) in shown
    assert "$50.00</bdi> of what is held goes back to the client" in shown


def test_no_two_fields_share_an_id_where_several_changes_wait(pages_as):
    contract = make_contract()
    for step in contract.milestones.all():
        propose_milestone_removal(contract.freelancer, milestone_id=step.pk)
    shown = text(pages_as(contract.client).get(page("changes", contract.pk)))
    ids = re.findall(r' id="([^"]+)"', shown)
    assert len([each for each in ids if each.startswith("decline_")]) == 2
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("answer", ["decline", "withdraw"])
def test_a_change_is_declined_or_taken_back(pages_as, answer):
    contract = make_contract()
    client, freelancer = pages_as(contract.client), pages_as(contract.freelancer)
    client.post(page("remove-milestone", first_step(contract).pk))
    change = ChangeRequest.objects.get()
    who = freelancer if answer == "decline" else client
    who.post(page(f"{answer}-change", change.pk), {"reason": "I need it."})
    change.refresh_from_db()
    assert change.status in {"declined", "withdrawn"}
    assert contract.milestones.count() == 2


def test_the_scope_is_changed_on_its_page(pages_as):
    contract = make_contract()
    freelancer = pages_as(contract.freelancer)
    assert contract.terms in text(freelancer.get(page("change-scope", contract.pk)))
    freelancer.post(page("change-scope", contract.pk), {"terms": "Four labels."})
    assert ChangeRequest.objects.get().after == {"terms": "Four labels."}
    again = freelancer.post(page("change-scope", contract.pk), {"terms": "Five labels."})
    assert "waits for an answer" in text(again)


def test_what_is_different_is_shown_as_people_write_it(pages_as):
    milestone = funded_step()
    plan = {"amount": Money(400_00, "USD"), "due_date": date(2099, 3, 2)}
    propose_milestone_change(milestone.contract.freelancer, milestone_id=milestone.pk, changes=plan)
    shown = text(pages_as(milestone.contract.client).get(page("changes", milestone.contract_id)))
    assert "$400.00" in shown and "2 Mar 2099" in shown and "2099-03-02</td>" not in shown


def test_the_terms_are_shown_with_their_fingerprint_and_who_accepted(pages_as):
    contract = make_contract()
    shown = text(pages_as(contract.client).get(page("changes", contract.pk)))
    terms = contract.terms_versions.get()
    for words in (terms.sha256, "By hiring", "By the proposal", contract.freelancer.get_full_name()):
        assert words in shown
    overview = text(pages_as(contract.client).get(page("detail", contract.pk)))
    assert "Version 1, accepted by both on" in overview


def test_versions_are_listed_side_by_side(pages_as):
    milestone = submitted_step()
    contract = milestone.contract
    request_revision(contract.client, milestone_id=milestone.pk, note="Turn it.")
    submit_milestone(contract.freelancer, milestone_id=milestone.pk, note="Turned.")
    assert page("versions", milestone.pk) in text(pages_as(contract.client).get(page("detail", contract.pk)))
    shown = text(pages_as(contract.client).get(page("versions", milestone.pk)))
    assert "Version 2" in shown and "Turn it." in shown


def test_a_part_is_released_with_its_fee_shown_first(pages_as):
    milestone = submitted_step()
    client = pages_as(milestone.contract.client)
    shown = text(client.get(page("release-part", milestone.pk)))
    assert "Guildhall’s fee" in shown and f"{milestone.contract.freelancer.first_name} receives" in shown
    too_much = client.post(page("release-part", milestone.pk), {"amount": "600", "remainder": "hold"})
    assert "Only $500.00 is held." in text(too_much)
    client.post(page("release-part", milestone.pk), {"amount": "200", "remainder": "hold"})
    assert first_step(milestone.contract).hold.held_minor == 300_00


def test_a_rolled_rest_says_with_what_it_goes(pages_as):
    rolled = rolled_step()
    assert "The rest goes with" in text(pages_as(rolled.contract.client).get(page("detail", rolled.contract_id)))


def test_money_is_asked_back_from_the_contracts_page(pages_as):
    milestone = overdue_step()
    client = pages_as(milestone.contract.client)
    assert page("request-refund", milestone.pk) in text(client.get(page("detail", milestone.contract_id)))
    assert "seven days" in text(client.get(page("request-refund", milestone.pk)))
    client.post(page("request-refund", milestone.pk), {"reason": "Nothing came."})
    asked = milestone.refund_requests.get()
    assert page("answer-refund", asked.pk) in text(
        pages_as(milestone.contract.freelancer).get(page("detail", milestone.contract_id))
    )


def test_before_the_date_nothing_offers_to_ask_the_money_back(pages_as):
    milestone = funded_step()
    client = pages_as(milestone.contract.client)
    assert page("request-refund", milestone.pk) not in text(client.get(page("detail", milestone.contract_id)))
    answer = client.post(page("request-refund", milestone.pk), {"reason": ""})
    assert "If nothing comes by" in text(answer)


def test_the_freelancer_refuses_with_a_reason_or_gives_it_back(pages_as):
    asked, given = refund_asked(), refund_asked()
    freelancer = pages_as(asked.milestone.contract.freelancer)
    assert f"Give back {asked.milestone.hold.held}" in text(freelancer.get(page("answer-refund", asked.pk)))
    assert "required" in text(freelancer.post(page("answer-refund", asked.pk), {"answer": ""}))
    freelancer.post(page("answer-refund", asked.pk), {"answer": "Nearly done."})
    pages_as(given.milestone.contract.freelancer).post(page("agree-to-refund", given.pk))
    asked.refresh_from_db()
    given.refresh_from_db()
    assert (asked.status, given.status) == ("refused", "agreed")


def test_the_client_waits_on(pages_as):
    asked = refund_asked()
    contract = asked.milestone.contract
    client = pages_as(contract.client)
    shown = text(client.get(page("answer-refund", asked.pk)))
    assert "You ask the money back" in shown and "wait on" in shown
    assert "You ask" not in text(pages_as(contract.freelancer).get(page("answer-refund", asked.pk)))
    client.post(page("withdraw-refund-request", asked.pk))
    asked.refresh_from_db()
    assert asked.status == "withdrawn"


def test_a_bonus_goes_by_the_payment_page_which_says_what_it_is(pages_as):
    contract = make_contract()
    client = pages_as(contract.client)
    assert "receives" in text(client.get(page("bonus", contract.pk)))
    answer = client.post(page("bonus", contract.pk), {"amount": "50", "note": "For the weekend."})
    bonus = Bonus.objects.get()
    assert answer.url == reverse("pay", args=[bonus.hold_id])
    paying = text(client.get(answer.url))
    assert "Give" in paying and "cannot be called back" in paying
    assert page("drop-bonus", bonus.pk) in text(client.get(page("money", contract.pk)))
    assert "For the weekend." not in text(pages_as(contract.freelancer).get(page("money", contract.pk)))
    client.post(page("drop-bonus", bonus.pk))
    bonus.hold.refresh_from_db()
    assert bonus.hold.status == "cancelled"


def test_every_figure_of_the_money_page_leads_to_its_ledger_entries(pages_as):
    milestone = submitted_step()
    contract = milestone.contract
    give_bonus(contract.client, contract_id=contract.pk, amount=Money(50_00, "USD"), payment_method=VISA)
    pages_as(contract.client).post(page("release-part", milestone.pk), {"amount": "200", "remainder": "hold"})
    shown = text(pages_as(contract.freelancer).get(page("money", contract.pk)))
    for hold in (milestone.hold, contract.bonuses.get().hold):
        assert f'href="#entries-{hold.pk}"' in shown and f'id="entries-{hold.pk}"' in shown
        own = hold.journals.get(kind="release").lines.get(account__owner=contract.freelancer)
        link = f"#line-{own.pk}"
        assert link in shown
        assert f'id="line-{own.pk}"' in text(pages_as(contract.freelancer).get(reverse("wallet")))
    assert "Your wallet" not in text(pages_as(contract.client).get(page("money", contract.pk)))


def test_ending_shows_what_becomes_of_the_money_first(pages_as):
    milestone = funded_step()
    client = pages_as(milestone.contract.client)
    shown = text(client.get(page("end", milestone.contract_id)))
    assert "$500.00" in shown and "Goes back to the client" in shown
    client.post(page("end", milestone.contract_id), {"reason": "Plans changed"})
    milestone.contract.refresh_from_db()
    assert milestone.contract.status == "cancelled"


def test_ending_names_what_has_to_be_settled_first(pages_as):
    milestone = submitted_step()
    client = pages_as(milestone.contract.client)
    shown = text(client.get(page("end", milestone.contract_id)))
    assert "Not yet." in shown and milestone.title in shown
    assert "Not yet." in text(client.post(page("end", milestone.contract_id), {"reason": ""}))
    milestone.contract.refresh_from_db()
    assert milestone.contract.status == "active"


def test_strangers_get_404_everywhere(pages_as):
    asked = refund_asked()
    contract = asked.milestone.contract
    stranger = pages_as(ClientFactory.create())
    pages_as(contract.client).post(page("remove-milestone", contract.milestones.get(position=2).pk))
    change = ChangeRequest.objects.get()
    for name in ("changes", "add-milestone", "change-scope", "bonus", "end"):
        assert stranger.get(page(name, contract.pk)).status_code == 404
    for name in ("change-milestone", "release-part", "request-refund", "versions"):
        assert stranger.get(page(name, asked.milestone_id)).status_code == 404
    assert stranger.get(page("answer-refund", asked.pk)).status_code == 404
    for path in (page("accept-change", change.pk), page("agree-to-refund", asked.pk)):
        assert stranger.post(path).status_code == 404
