import json
import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import Category, User
from accounts.tests.factories import ClientFactory, FreelancerFactory, UserFactory
from gigs.models import Gig
from gigs.services import cancel_gig, release_gig, start_gig
from gigs.tests.factories import accepted_gig, begins_in, completed_gig, funded_gig, make_gig, missed_gig

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("provider")]

FORM = {
    "title": "Walk Biscuit",
    "description": "A slow and very polite spaniel.",
    "duration_minutes": "45",
    "address": "Coupure 1",
    "area": "Gent",
    "lat": "51.05",
    "lng": "3.71",
    "budget": "15",
    "currency": "EUR",
}


def text(response) -> str:
    return response.content.decode()


def test_anybody_sees_open_gigs_on_list_and_map(client):
    gig = make_gig(title="Trim a hedge")
    answer = client.get(reverse("gigs:list"), {"lat": "51.05", "lng": "3.72", "radius_km": "5"})
    assert "Trim a hedge" in text(answer)
    pins = json.loads(re.search(r'<script id="places"[^>]*>(.*?)</script>', text(answer), re.S).group(1))
    assert pins[0]["id"] == gig.pk
    assert (pins[0]["lat"], pins[0]["lng"]) != (51.0543, 3.7174)


def test_searches_that_cannot_be_read_still_show_gigs(client):
    make_gig(title="Trim a hedge")
    for query in ("lat=abc&lng=1", "bbox=1,2", "radius_km=-1", "when=never", "category=none", "page=999"):
        assert "Trim a hedge" in text(client.get(f"{reverse('gigs:list')}?{query}"))


def test_words_bounds_and_time_narrow_the_list(client):
    make_gig(title="Trim a hedge", starts_at=timezone.now() + timedelta(days=30))
    for query in ("q=piano", "bbox=10,10,11,11", "when=today"):
        assert "Trim a hedge" not in text(client.get(f"{reverse('gigs:list')}?{query}"))
    assert "Trim a hedge" in text(client.get(f"{reverse('gigs:list')}?q=hedges"))


def test_the_readers_own_place_is_the_first_search(pages_as):
    make_gig(title="Trim a hedge")
    make_gig(title="Far away", lat=38.72, lng=-9.14)
    page = text(pages_as(UserFactory.create(placed=True)).get(reverse("gigs:list")))
    assert "Trim a hedge" in page and "Far away" not in page


def test_posting_a_gig(pages_as):
    seeker = pages_as(ClientFactory.create())
    assert seeker.get(reverse("gigs:new")).status_code == 200
    answer = seeker.post(reverse("gigs:new"), FORM)
    gig = Gig.objects.get()
    assert answer.url == reverse("gigs:detail", args=[gig.pk])
    assert (gig.budget_minor, gig.duration_minutes) == (15_00, 45)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"budget": "0"}, "above zero"),
        ({"budget": "1.001"}, "decimals"),
        ({"lat": "91"}, "less than or equal to 90"),
        ({"title": ""}, "required"),
        ({"starts_at": "2020-01-01T10:00"}, "has passed"),
        ({"duration_minutes": "7"}, "valid choice"),
        ({"image_ids": "12345"}, "Choose files"),
    ],
)
def test_bad_input_is_said_and_kept(pages_as, change, said):
    answer = pages_as(ClientFactory.create()).post(reverse("gigs:new"), FORM | change)
    assert answer.status_code == 200
    assert said in text(answer)
    assert FORM["description"] in text(answer)
    assert not Gig.objects.exists()


def test_changing_a_gig(pages_as):
    gig = make_gig()
    page = reverse("gigs:edit", args=[gig.pk])
    assert gig.title in text(pages_as(gig.seeker).get(page))
    pages_as(gig.seeker).post(page, FORM)
    gig.refresh_from_db()
    assert gig.title == "Walk Biscuit"
    assert pages_as(ClientFactory.create()).get(page).status_code == 404


def test_changing_a_gig_keeps_its_own_duration_and_kind_whatever_was_posted_through_the_api(pages_as):
    kind = Category.objects.local().roots().first()
    gig = make_gig(duration_minutes=75, category=kind)
    page = reverse("gigs:edit", args=[gig.pk])
    assert '<option value="75" selected' in text(pages_as(gig.seeker).get(page))
    pages_as(gig.seeker).post(page, FORM | {"duration_minutes": "75", "category": str(kind.pk)})
    gig.refresh_from_db()
    assert (gig.title, gig.duration_minutes, gig.category) == ("Walk Biscuit", 75, kind)


def test_the_whole_gig_on_pages(pages_as):
    gig = make_gig()
    helper = FreelancerFactory.create()
    page = reverse("gigs:detail", args=[gig.pk])
    assert "Accept this gig" in text(pages_as(helper).get(page))
    assert "Vrijdagmarkt" not in text(pages_as(helper).get(page))
    pages_as(helper).post(reverse("gigs:accept", args=[gig.pk]))
    assert "Vrijdagmarkt" in text(pages_as(helper).get(page))
    paying = pages_as(gig.seeker).post(reverse("gigs:fund", args=[gig.pk]))
    gig.refresh_from_db()
    assert paying.url == reverse("pay", args=[gig.hold_id])


@pytest.mark.parametrize("make", [make_gig, accepted_gig, funded_gig, completed_gig])
def test_the_page_opens_for_both_sides_in_every_state(pages_as, make):
    gig = make()
    for reader in filter(None, [gig.seeker, gig.helper]):
        assert pages_as(reader).get(reverse("gigs:detail", args=[gig.pk])).status_code == 200
        mine = text(pages_as(reader).get(reverse("gigs:mine")))
        assert gig.title in mine and "No reviews yet" not in mine


def test_the_seeker_of_a_suspended_helper_reads_that_calling_it_off_is_free(pages_as):
    gig = begins_in(funded_gig(), 3)
    User.objects.filter(pk=gig.helper_id).update(suspended_at=timezone.now())
    page = text(pages_as(gig.seeker).get(reverse("gigs:detail", args=[gig.pk])))
    assert "so calling it off is free" in page and "It costs nothing" in page


def test_ends_are_told(pages_as):
    cancelled, done, under_way = accepted_gig(), completed_gig(), funded_gig()
    cancel_gig(cancelled.seeker, gig_id=cancelled.pk)
    release_gig(done.seeker, gig_id=done.pk)
    start_gig(under_way.helper, gig_id=under_way.pk)
    for gig, said in ((cancelled, "was cancelled"), (done, "Write a review"), (under_way, "Say when it is done")):
        assert said in text(pages_as(gig.helper).get(reverse("gigs:detail", args=[gig.pk])))


def test_both_sides_read_when_silence_releases(pages_as):
    gig = completed_gig()
    gig.refresh_from_db()
    for reader in (gig.seeker, gig.helper):
        assert gig.release_at.isoformat()[:19] in text(pages_as(reader).get(reverse("gigs:detail", args=[gig.pk])))


def test_the_time_to_answer_is_said_before_anybody_agrees(pages_as):
    gig = make_gig()
    offer = text(pages_as(FreelancerFactory.create()).get(reverse("gigs:detail", args=[gig.pk])))
    assert "released on its own after 14 days" in offer
    assert "you have 14 days to look at it" in text(pages_as(gig.seeker).get(reverse("gigs:new")))


def workspace(pages_as, gig, reader) -> str:
    return text(pages_as(reader).get(reverse("gigs:detail", args=[gig.pk])))


def cancel_page(pages_as, gig, reader, **posted) -> str:
    answer = pages_as(reader).post(reverse("gigs:cancel", args=[gig.pk]), posted, follow=True)
    return text(answer)


def test_what_calling_it_off_costs_stands_in_the_question(pages_as):
    gig = begins_in(funded_gig(), 3)
    page = workspace(pages_as, gig, gig.seeker)
    assert "20 % of the price goes to" in page and "€9.00" in page and "€8.10" in page and "€36.00" in page
    assert 'name="late"' in page
    page = workspace(pages_as, gig, gig.helper)
    assert "Cancel, with a strike" in page and 'name="late"' in page


def test_in_time_the_question_says_that_it_is_free(pages_as):
    gig = begins_in(funded_gig(), 100)
    for reader in (gig.seeker, gig.helper):
        page = workspace(pages_as, gig, reader)
        assert "It costs nothing. All €45.00 that is held goes back" in page and 'name="late"' not in page
        assert gig.free_until.isoformat()[:19] in page


def test_the_price_of_being_late_is_told_to_both_afterwards(pages_as):
    gig = begins_in(funded_gig(), 3)
    assert "€9.00 goes to the helper" in cancel_page(pages_as, gig, gig.seeker, reason="Sold.", late="yes")
    for reader in (gig.seeker, gig.helper):
        page = workspace(pages_as, gig, reader)
        assert "€9.00 of what was held went to the helper" in page and "Sold." in page and "€8.10" in page
        assert "€9.00</bdi></a> of what was held went to <bdi>" in page
    assert re.search(r"Back to you</dt><dd><a[^>]*><bdi[^>]*>€36.00<", workspace(pages_as, gig, gig.seeker))
    assert re.search(r"Back to the client</dt><dd><a[^>]*><bdi[^>]*>€36.00<", workspace(pages_as, gig, gig.helper))
    statement = text(pages_as(gig.helper).get(reverse("wallet")))
    assert "€8.10" in statement


def test_a_gig_called_off_in_time_shows_what_went_back_and_no_price(pages_as):
    paid, unpaid = funded_gig(), accepted_gig()
    for gig, words in ((paid, "Back to you"), (unpaid, "Nothing was paid in.")):
        cancel_gig(gig.seeker, gig_id=gig.pk)
        page = workspace(pages_as, gig, gig.seeker)
        assert words in page and "The helper receives" not in page


@pytest.mark.parametrize("make", [funded_gig, completed_gig])
def test_the_figures_of_a_paid_gig_lead_to_their_entries(pages_as, make):
    gig = make()
    for reader in (gig.seeker, gig.helper):
        page = workspace(pages_as, gig, reader)
        for figure in ("€45.00", "−€4.50", "€40.50"):
            assert (
                f'<a class="plain" href="{gig.hold.entries_url}"><bdi dir="ltr" class="num">{figure}</bdi></a>' in page
            )
    room = text(pages_as(gig.helper).get(reverse("chat:room", args=[gig.room_id])))
    assert f'<a class="plain" href="{gig.hold.entries_url}"><bdi' in room


def test_before_it_is_paid_in_the_figures_of_a_gig_lead_nowhere(pages_as):
    gig = accepted_gig()
    page = workspace(pages_as, gig, gig.seeker)
    assert '<dd><bdi dir="ltr" class="num">€45.00</bdi></dd>' in page


def test_a_page_that_said_free_asks_again(pages_as):
    gig = begins_in(funded_gig(), 3)
    assert "It is not free any more" in cancel_page(pages_as, gig, gig.seeker)
    gig.refresh_from_db()
    assert gig.status == "accepted"


def test_a_strike_is_shown_in_the_settings(pages_as):
    gig = begins_in(funded_gig(), 3)
    cancel_page(pages_as, gig, gig.helper, late="yes")
    page = text(pages_as(gig.helper).get(reverse("settings:standing")))
    assert "Calling off a gig late" in page and gig.title in page and reverse("gigs:detail", args=[gig.pk]) in page
    assert "Nothing stands against you" in text(pages_as(gig.seeker).get(reverse("settings:standing")))


def test_the_terms_are_said_before_anybody_agrees(pages_as):
    gig = make_gig(starts_at=timezone.now() + timedelta(days=3))
    offer = text(pages_as(FreelancerFactory.create()).get(reverse("gigs:detail", args=[gig.pk])))
    assert "free until 24 hours before the start" in offer and "kept as a strike" in offer and "€8.10" in offer
    assert "20 % of the price goes to the helper" in text(pages_as(gig.seeker).get(reverse("gigs:new")))


@pytest.mark.parametrize("by", ["seeker", "helper"])
def test_a_no_show_on_pages(pages_as, by):
    gig = missed_gig()
    reporter, reported = (gig.seeker, gig.helper) if by == "seeker" else (gig.helper, gig.seeker)
    assert f"{reported.first_name} did not come" in workspace(pages_as, gig, reporter)
    pages_as(reporter).post(reverse("gigs:no-show", args=[gig.pk]), {"note": "I waited."})
    page = workspace(pages_as, gig, reporter)
    assert "take it back" in page and f"Did {reported.first_name} come?" in page
    page = workspace(pages_as, gig, reported)
    assert "Did you come?" in page and f"{reporter.first_name} says that you did not come." in page
    assert "I waited." in page and ("you have a strike" if by == "seeker" else "€9.00") in page
    contest = reverse("gigs:contest-no-show", args=[gig.pk])
    assert "This field is required" in text(pages_as(reported).post(contest, {"answer": ""}))
    assert pages_as(reported).post(contest, {"answer": "I rang."}).status_code == 302
    for reader in (reporter, reported):
        page = workspace(pages_as, gig, reader)
        assert "I rang." in page and "Our staff decide" in page
    pages_as(reporter).post(reverse("gigs:withdraw-no-show", args=[gig.pk]))
    assert "took that back" in workspace(pages_as, gig, reported)


def test_strangers_do_not_answer_a_no_show(pages_as):
    gig = missed_gig()
    for name in ("gigs:no-show", "gigs:contest-no-show", "gigs:withdraw-no-show"):
        assert (
            pages_as(FreelancerFactory.create()).post(reverse(name, args=[gig.pk]), {"answer": "x"}).status_code == 404
        )
    assert (
        pages_as(FreelancerFactory.create()).post(reverse("gigs:contest-no-show", args=[make_gig().pk]), {}).status_code
        == 404
    )


def test_a_taken_gig_is_a_page_with_its_reason(pages_as):
    gig = accepted_gig()
    answer = pages_as(FreelancerFactory.create()).post(reverse("gigs:accept", args=[gig.pk]))
    assert answer.status_code == 409
    assert "Another helper was quicker" in text(answer)


def test_places_by_name_and_bounds(client):
    named = client.get(reverse("places"), {"q": "ghent"}).json()
    assert named[0]["name"] == "Gent, BE"
    inside = client.get(reverse("places"), {"bbox": "3.6,51,3.8,51.1"}).json()
    assert "Gent, BE" in [town["name"] for town in inside]
    assert client.get(reverse("places"), {"bbox": "x"}).json() == []
    assert client.get(reverse("places")).json() == []


def test_the_list_counts_its_queries(client, django_assert_max_num_queries):
    seeker = ClientFactory.create()
    for _ in range(12):
        make_gig(seeker=seeker)
    with django_assert_max_num_queries(5):
        client.get(reverse("gigs:list"))
