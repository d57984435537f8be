"""Pages for somebody who comes by."""

from django.contrib.auth.decorators import login_not_required
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from accounts.models import FreelancerProfile
from accounts.selectors import marketplace_rules
from core.money import Money
from gigs.models import Gig
from payments.rules import quote
from projects.models import Project

ROWS = 3
PEOPLE = 4
COUNTS_SECONDS = 60


@login_not_required
@require_GET
def home(request: HttpRequest) -> HttpResponse:
    gigs = Gig.objects.open().with_people()
    user = request.user
    fee_bps = marketplace_rules().fee_bps
    near = user.is_authenticated and user.location is not None
    gigs = gigs.near(user.location, user.travel_radius_km) if near else gigs.order_by("-created_at")
    people = FreelancerProfile.objects.listed().with_person().filter(user__is_available=True, rating_count__gt=0)
    context = {
        "projects": Project.objects.listed().open().with_client().order_by("-created_at")[:ROWS],
        "gigs": gigs[:ROWS],
        "near": user.city if near else "",
        "people": people.order_by("-rating_average", "-rating_count")[:PEOPLE],
        "example": quote(Money(600_01, "USD"), fee_bps),
        "fee_bps": fee_bps,
    }
    return render(request, "home.html", context | _counts())


def _counts() -> dict[str, int]:
    """How much is open; may lag by a minute."""
    return cache.get_or_set(
        "home:counts",
        lambda: {
            "project_count": Project.objects.listed().open().count(),
            "gig_count": Gig.objects.open().count(),
            "people_count": FreelancerProfile.objects.listed().filter(user__is_available=True).count(),
        },
        COUNTS_SECONDS,
    )


@login_not_required
@require_GET
def how_it_works(request: HttpRequest) -> HttpResponse:
    return render(request, "how_it_works.html", {"rules": marketplace_rules()})


@login_not_required
@require_GET
def fees(request: HttpRequest) -> HttpResponse:
    fee_bps = marketplace_rules().fee_bps
    prices = {"A logo": Money(600_01, "USD"), "An hour of help": Money(25_00, "EUR")}
    examples = [{"title": title, **quote(price, fee_bps)._asdict()} for title, price in prices.items()]
    return render(request, "fees.html", {"fee_bps": fee_bps, "examples": examples})
