import pytest

from projects import selectors
from projects.models import Project
from projects.selectors import Listing
from projects.tests.factories import ProjectFactory

pytestmark = pytest.mark.django_db


def ids(rows) -> list[int]:
    return [row["id"] for row in rows]


@pytest.fixture
def small_window(monkeypatch):
    for module in ("projects.selectors", "projects.querysets"):
        monkeypatch.setattr(f"{module}.RANK_WINDOW", 4)


@pytest.mark.usefixtures("small_window")
def test_past_the_ranked_part_a_search_goes_on_by_age_and_misses_nothing():
    made = [
        ProjectFactory.create(title="Ferry site", description="A ferry.") if number % 3 == 0
        else ProjectFactory.create(title=f"Number {number}", description="About a ferry.")
        for number in range(10)
    ]  # fmt: skip
    listing = Listing(Project.objects.matching("ferry"), text="ferry")
    newest = [project.pk for project in reversed(made)]
    whole = ids(listing[0:10])
    assert set(whole[:4]) == set(newest[:4])
    assert whole[0] == made[9].pk
    assert whole[1] == made[6].pk
    assert whole[4:] == newest[4:]
    for size in (1, 3, 4, 7):
        pages = [pk for start in range(0, 10, size) for pk in ids(listing[start : start + size])]
        assert pages == whole


def test_a_listing_is_always_fresh_and_only_large_counts_are_remembered(monkeypatch):
    listing = Listing(Project.objects.listed())
    assert (listing.count(), listing[0:5]) == (0, [])
    ProjectFactory.create_batch(3)
    assert (listing.count(), len(listing[0:5])) == (3, 3)
    monkeypatch.setattr(selectors, "COUNT_WORTH_CACHING", 2)
    assert listing.count() == 3
    ProjectFactory.create()
    assert (listing.count(), len(listing[0:5])) == (3, 4)


def test_two_projects_of_the_same_moment_keep_their_order():
    first = ProjectFactory.create()
    second = ProjectFactory.create(created_at=first.created_at)
    listing = Listing(Project.objects.listed())
    assert ids(listing[0:1]) + ids(listing[1:2]) == [second.pk, first.pk]


def test_a_search_ends_at_its_depth_and_says_so(monkeypatch):
    ProjectFactory.create_batch(5)
    monkeypatch.setattr(selectors, "SEARCH_DEPTH", 5)
    whole = Listing(Project.objects.matching("bakery"), text="bakery")
    assert (whole.count(), whole.is_cut_off) == (5, True)
    ProjectFactory.create()
    assert whole.count() == 5
    assert Listing(Project.objects.listed()).count() == 6
    assert not Listing(Project.objects.matching("cuneiform"), text="cuneiform").is_cut_off
