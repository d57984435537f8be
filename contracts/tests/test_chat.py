"""What chat learns about the conversation of a contract."""

import pytest

from accounts.tests.factories import UserFactory
from chat import hooks
from contracts.tests.factories import make_contract, submitted_step

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("provider")]


def test_both_sides_see_status_and_sums_beside_the_conversation():
    contract = submitted_step((500_00, 1_000_00)).contract
    for person in (contract.client, contract.freelancer):
        about = hooks.describe(person, contract.room)
        assert (about.title, about.badge) == (contract.title, contract.badge)
        assert [(label, amount.minor) for label, amount in about.facts] == [("Held", 500_00), ("To pay in", 1_000_00)]


def test_strangers_see_nothing_of_it():
    contract = make_contract()
    assert hooks.describe(UserFactory(), contract.room) is None


def test_project_leads_its_two_people_to_their_room():
    contract = make_contract()
    for person in (contract.client, contract.freelancer):
        assert hooks.rooms_of_project(person, contract.project_id) == [contract.room_id]
    assert hooks.rooms_of_project(UserFactory(), contract.project_id) == []
