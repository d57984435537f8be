"""The console: the queue of funds near their limit, and what belongs to contracts, to read."""

import pytest
from django.urls import reverse

from accounts.tests.factories import staff_of
from contracts.services import add_milestone, pause_contract, prepare_bonus
from contracts.tests.factories import aged, funded_step, make_contract, refund_asked
from core.money import Money

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("provider")]


def text(response) -> str:
    assert response.status_code == 200
    return response.content.decode()


def test_the_queue_shows_funds_that_are_held_for_long(console_as):
    old, young = aged(funded_step(), days=86), funded_step()
    console = console_as(staff_of("finance"))
    page = reverse("admin:contracts_milestone_changelist")
    shown = text(console.get(page, {"held_for": "85"}))
    assert reverse("admin:contracts_milestone_change", args=[old.pk]) in shown
    assert reverse("admin:contracts_milestone_change", args=[young.pk]) not in shown
    assert reverse("admin:contracts_milestone_change", args=[young.pk]) in text(console.get(page))


def test_there_is_one_queue_of_all_that_is_held_for_long_whatever_it_is_for(console_as):
    old, young = aged(funded_step(), days=86), aged(funded_step(), days=84)
    console = console_as(staff_of("finance"))
    shown = text(console.get(reverse("admin:payments_hold_changelist"), {"held_for": "85"}))
    assert reverse("admin:payments_hold_change", args=[old.hold_id]) in shown
    assert reverse("admin:payments_hold_change", args=[young.hold_id]) not in shown


def test_a_quiet_status_is_named_by_its_words(console_as):
    contract = make_contract()
    pause_contract(contract.client, contract_id=contract.pk)
    shown = text(console_as(staff_of("support")).get(reverse("admin:contracts_contract_changelist")))
    rows = shown[shown.index("<tbody") :]
    assert "Paused" in rows and "quiet" not in rows


def test_changes_requests_and_bonuses_are_listed_and_read(console_as):
    contract = make_contract()
    change = add_milestone(
        contract.client, contract_id=contract.pk, title="A bag", amount=Money(80_00, "USD")
    ).changes.get()
    rows = {
        "changerequest": change,
        "refundrequest": refund_asked(),
        "bonus": prepare_bonus(contract.client, contract_id=contract.pk, amount=Money(50_00, "USD")),
        "contract": contract,
    }
    console = console_as(staff_of("support"))
    for name, row in rows.items():
        change_page = reverse(f"admin:contracts_{name}_change", args=[row.pk])
        assert change_page in text(console.get(reverse(f"admin:contracts_{name}_changelist")))
        text(console.get(change_page))
