"""What chat learns about the conversation of a gig."""

import pytest

from accounts.tests.factories import UserFactory
from chat import hooks
from gigs.tests.factories import funded_gig

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("provider")]


def test_both_sides_see_status_money_and_place_beside_the_conversation():
    gig = funded_gig()
    for person in (gig.seeker, gig.helper):
        about = hooks.describe(person, gig.room)
        assert about.title == gig.title
        assert dict(about.facts)["Held"] == gig.budget
        assert dict(about.facts)["Where"] == gig.address


def test_strangers_see_nothing_of_it():
    assert hooks.describe(UserFactory(), funded_gig().room) is None
