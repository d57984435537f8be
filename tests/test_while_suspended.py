"""What suspended people may still do: read what is theirs, and let the other side have what is held for them."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from accounts import services
from accounts.models import User
from accounts.services import uploads
from accounts.tests.factories import FreelancerFactory, UserFactory
from accounts.tests.test_api_uploads import picture
from contracts.models import Contract, Milestone
from contracts.services import approve_timesheet, bill_due_weeks, fund_milestone, prepare_funding, reject_timesheet
from contracts.tests.factories import DAY, MONDAY, make_contract, refund_asked, sent_week, submitted_step, week
from core.errors import Forbidden
from gigs.tests.factories import completed_gig, funded_gig
from payments.models import Hold
from payments.rules import HoldStatus
from payments.tests.fakes import VISA
from projects.tests.factories import ProposalFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("provider")]

ApiAs = Callable[[Any], APIClient]
PagesAs = Callable[[User], Client]
RUDE = "You will be sorry."


def suspend(user: User) -> User:
    User.objects.filter(pk=user.pk).update(suspended_at=timezone.now())
    return User.objects.get(pk=user.pk)


def funded_contract() -> Contract:
    contract = make_contract()
    for step in contract.milestones.all():
        fund_milestone(contract.client, milestone_id=step.pk, payment_method=VISA)
    return contract


def holds_of(contract: Contract) -> set[str]:
    return set(Hold.objects.filter(milestone__contract=contract).values_list("status", flat=True))


# --- Money that is held for the other side ------------------------------------------------------


def test_a_suspended_client_approves_in_parts_and_whole(api_as: ApiAs) -> None:
    step = submitted_step()
    client = api_as(suspend(step.contract.client))
    assert client.post(f"/api/milestones/{step.pk}/approve", {"amount": "10.00"}).status_code == 200
    assert client.post(f"/api/milestones/{step.pk}/approve", {}).status_code == 200
    assert Milestone.objects.get(pk=step.pk).status == "released"


def test_a_suspended_client_approves_on_the_page(pages_as: PagesAs) -> None:
    step = submitted_step()
    page = pages_as(suspend(step.contract.client))
    assert f"/contracts/milestones/{step.pk}/approve/" in page.get(f"/contracts/{step.contract_id}/").content.decode()
    assert page.post(f"/contracts/milestones/{step.pk}/approve/").status_code == 302
    assert Milestone.objects.get(pk=step.pk).status == "released"


def test_a_suspended_seeker_releases(api_as: ApiAs) -> None:
    gig = completed_gig()
    answer = api_as(suspend(gig.seeker)).put(f"/api/transactions/{gig.hold_id}/release")
    assert answer.status_code == 200
    assert Hold.objects.get(pk=gig.hold_id).status == HoldStatus.RELEASED


def test_a_suspended_freelancer_ends_what_was_not_begun_and_the_client_has_the_money_back(api_as: ApiAs) -> None:
    contract = funded_contract()
    answer = api_as(suspend(contract.freelancer)).delete(f"/api/contracts/{contract.pk}", {"reason": RUDE})
    assert answer.status_code == 200
    assert holds_of(contract) == {HoldStatus.REFUNDED}
    assert contract.events.get(move="cancel").reason == ""


def test_a_suspended_client_does_not_take_the_money_back(api_as: ApiAs) -> None:
    contract = funded_contract()
    answer = api_as(suspend(contract.client)).delete(f"/api/contracts/{contract.pk}")
    assert (answer.status_code, answer.json()["error_type"]) == (403, "account_suspended")
    assert holds_of(contract) == {HoldStatus.HELD}


def test_a_suspended_helper_steps_back_without_a_word_and_the_seeker_has_the_money_back(pages_as: PagesAs) -> None:
    gig = funded_gig()
    assert gig.helper is not None
    assert pages_as(suspend(gig.helper)).post(f"/gigs/{gig.pk}/cancel/", {"reason": RUDE}).status_code == 302
    assert Hold.objects.get(pk=gig.hold_id).status == HoldStatus.REFUNDED
    assert gig.events.get(move="cancel").reason == ""


def test_a_suspended_seeker_does_not_take_the_money_back(api_as: ApiAs) -> None:
    gig = funded_gig()
    answer = api_as(suspend(gig.seeker)).put(f"/api/transactions/{gig.hold_id}/cancel")
    assert (answer.status_code, answer.json()["error_type"]) == (403, "account_suspended")
    assert Hold.objects.get(pk=gig.hold_id).status == HoldStatus.HELD


def test_a_suspended_client_approves_hours(api_as: ApiAs, pages_as: PagesAs, at: Any) -> None:
    timesheet = sent_week(at)
    page = pages_as(suspend(timesheet.contract.client)).get(f"/contracts/weeks/{timesheet.pk}/")
    assert "approve-week" in page.content.decode()
    answer = api_as(timesheet.contract.client).post(f"/api/timesheets/{timesheet.pk}/approve")
    assert (answer.status_code, answer.json()["billed"]) == (200, "600.00")


def not_agreed(at: Any) -> Any:
    """A week of which every hour was sent back, and not corrected in time."""
    timesheet = sent_week(at)
    reject_timesheet(
        timesheet.contract.client, timesheet_id=timesheet.pk, reasons={timesheet.entries.get().pk: "Too long."}
    )
    at(MONDAY + 12 * DAY)
    assert bill_due_weeks() == 1
    return week(timesheet.contract)


def test_a_suspended_client_pays_hours_that_were_not_agreed(at: Any) -> None:
    timesheet = not_agreed(at)
    approve_timesheet(suspend(timesheet.contract.client), timesheet_id=timesheet.pk)
    assert week(timesheet.contract).status == "billed"


def test_a_suspended_freelancer_gives_hours_up_and_the_client_has_the_money_back(api_as: ApiAs, at: Any) -> None:
    timesheet = not_agreed(at)
    freelancer = api_as(suspend(timesheet.contract.freelancer))
    assert freelancer.post(f"/api/timesheets/{timesheet.pk}/concede").status_code == 200
    assert Hold.objects.get(pk=timesheet.hold_id).status == HoldStatus.REFUNDED


def test_a_suspended_freelancer_gives_back_what_was_asked_back_but_does_not_refuse_it(api_as: ApiAs) -> None:
    asked = refund_asked()
    freelancer = api_as(suspend(asked.milestone.contract.freelancer))
    path = f"/api/milestones/{asked.milestone_id}/refund-requests/{asked.pk}"
    assert freelancer.post(f"{path}/refuse", {"answer": RUDE}).status_code == 403
    assert freelancer.post(f"{path}/agree").status_code == 200
    assert Hold.objects.get(pk=asked.milestone.hold_id).status == HoldStatus.REFUNDED


# --- Reading ------------------------------------------------------------------------------------


def test_they_read_what_came_in_and_hire_nobody(pages_as: PagesAs) -> None:
    proposal = ProposalFactory.create(cover_letter="I draw labels.")
    path = f"/projects/{proposal.project_id}/proposals/"
    assert f"accept-{proposal.pk}" in pages_as(proposal.project.client).get(path).content.decode()
    page = pages_as(suspend(proposal.project.client)).get(path)
    assert page.status_code == 200
    assert "I draw labels." in page.content.decode()
    assert f"accept-{proposal.pk}" not in page.content.decode()


def test_they_see_what_was_to_be_paid_and_cannot_pay(pages_as: PagesAs) -> None:
    contract = make_contract()
    step = prepare_funding(contract.client, milestone_id=contract.milestones.get(position=1).pk)
    page = pages_as(suspend(contract.client))
    shown = page.get(f"/pay/{step.hold_id}/")
    assert "Your account is suspended" in shown.content.decode()
    assert "data-pay" not in shown.content.decode()
    assert page.get(f"/pay/{step.hold_id}/status/").status_code == 200
    assert page.post(f"/pay/{step.hold_id}/", {"payment_method": VISA}).status_code == 403
    assert page.post(f"/pay/{step.hold_id}/start/").status_code == 403
    assert Hold.objects.get(pk=step.hold_id).status == HoldStatus.PENDING


# --- What others see of them --------------------------------------------------------------------

JOB = {"kind": "work", "title": "Joiner", "organisation": "Claes & Zoon"}


def an_entry(me: User) -> int:
    return me.profile_entries.create(**JOB).pk


PROFILE: dict[str, Callable[[User], Any]] = {
    "name": lambda me: services.update_person(me, person={"first_name": "Rob"}),
    "side": lambda me: services.update_person(me, person={"user_type": "client"}),
    "headline": lambda me: services.update_person(me, freelancer={"headline": "Doors"}),
    "company": lambda me: services.update_person(me, client={"about": "Doors"}),
    "address": lambda me: services.change_handle(me, handle="doors"),
    "address with the profile": lambda me: services.update_person(me, person={"handle": "doors"}),
    "picture": lambda me: uploads.set_avatar(me, file=SimpleUploadedFile("a.png", picture())),
    "no picture": lambda me: uploads.remove_avatar(me),
    "place": lambda me: services.set_place(me, lat=51.05, lng=3.72),
    "availability": lambda me: services.set_availability(me, is_available=False),
    "one more job": lambda me: services.add_entry(me, values=JOB),
}


@pytest.mark.parametrize("what", PROFILE)
def test_what_others_see_of_them_stays(what: str) -> None:
    me = FreelancerFactory.create()
    suspended = suspend(me)
    with pytest.raises(Forbidden) as refusal:
        PROFILE[what](suspended)
    assert refusal.value.code == "account_suspended"


def test_their_entries_stay() -> None:
    me = suspend(FreelancerFactory.create())
    entry_id = an_entry(me)
    with pytest.raises(Forbidden):
        services.change_entry(me, entry_id=entry_id, values={"title": "Master joiner"})
    with pytest.raises(Forbidden):
        services.remove_entry(me, entry_id=entry_id)
    assert me.profile_entries.get().title == "Joiner"


def test_how_they_see_the_site_and_where_they_are_remains_theirs(pages_as: PagesAs) -> None:
    me = suspend(UserFactory.create(placed=True))
    page = pages_as(me)
    chosen = {"form": "preferences", "language": "en", "time_zone": "Asia/Tokyo", "currency": "JPY"}
    assert page.post("/settings/account/", chosen).status_code == 302
    assert page.post("/settings/place/", {"remove": "yes"}).status_code == 302
    me.refresh_from_db()
    assert (me.time_zone, me.location) == ("Asia/Tokyo", None)


def test_the_page_says_why_a_profile_is_not_saved(pages_as: PagesAs) -> None:
    me = suspend(UserFactory.create())
    answer = pages_as(me).post("/settings/profile/address/", {"handle": "doors"})
    assert "Your account is suspended" in answer.context["form"].non_field_errors()[0]
