"""Open gigs are read as plain rows: the answer is the same as that of the serializer for whole gigs."""

import pytest
from django.contrib.auth.models import AnonymousUser

from accounts.models import Upload
from accounts.tests.factories import ClientFactory
from core import geo
from gigs.api.serializers import GigSerializer, open_gig_json
from gigs.models import Gig
from gigs.selectors import OpenGigs, open_gig
from gigs.tests.factories import accepted_gig, make_gig

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("provider")]
NEAR = geo.point(51.06, 3.73)


def whole(gig: Gig, reader: object) -> dict:
    found = Gig.objects.with_people().get(pk=gig.pk)
    return GigSerializer(found, context={"user": reader}).data


def add_picture(gig: Gig, **size: int) -> None:
    gig.images.add(
        Upload.objects.create(
            owner=gig.seeker,
            kind="gig",
            name="a.webp",
            content_type="image/webp",
            size=9,
            file="public/gig/a.webp",
            **size,
        )
    )


@pytest.mark.parametrize("company", ["", "Bakery"])
def test_a_row_says_what_the_whole_gig_says(company: str) -> None:
    gig = make_gig(seeker=ClientFactory.create(client_profile__company_name=company))
    add_picture(gig, width=40, height=30)
    add_picture(gig)
    for reader in (AnonymousUser(), ClientFactory.create(), gig.seeker):
        assert open_gig_json(open_gig(gig.pk), reader) == whole(gig, reader)
        (row,) = OpenGigs(Gig.objects.open())[0:20]
        assert open_gig_json(row, reader) == whole(gig, reader)


def test_only_open_gigs_have_a_row() -> None:
    assert open_gig(accepted_gig().pk) is None
    assert open_gig(0) is None


def test_nearest_first_page_by_page() -> None:
    # More than a kilometre apart: the blur moves each by up to 350 m.
    gigs = [make_gig(lat=51.06 + step / 100, lng=3.73) for step in (3, 1, 4, 2, 0)]
    nearest = [gigs[index].pk for index in (4, 1, 3, 0, 2)]
    found = OpenGigs(Gig.objects.open().near(NEAR, 5))

    assert found.count() == 5
    assert [row["id"] for row in found[0:3]] == nearest[:3]
    assert [row["id"] for row in found[3:6]] == nearest[3:]
    kilometres = [open_gig_json(row, AnonymousUser())["distance_km"] for row in found[0:5]]
    assert kilometres == sorted(kilometres)
    assert 4 < kilometres[-1] < 5
