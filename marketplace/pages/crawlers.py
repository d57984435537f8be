"""What search engines ask for: which pages there are, and which to leave alone."""

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.contrib.sitemaps import Sitemap
from django.contrib.sitemaps.views import index, sitemap
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse
from django.views.decorators.cache import cache_page
from django.views.decorators.http import require_safe

from accounts.models import FreelancerProfile, User
from gigs.models import Gig
from projects.models import Project

FRESH_SECONDS = 60 * 60
PER_PAGE = 5_000
# Everything here asks who is there, or is of no use in a search.
LEFT_ALONE = (
    "/admin/", "/api/", "/calendar/", "/contracts/", "/dashboard/", "/files/", "/messages/", "/notifications/", "/settings/",
    "/wallet/",
)  # fmt: skip


@login_not_required
@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    lines = ["User-agent: *", *(f"Disallow: {prefix}" for prefix in LEFT_ALONE)]
    lines += ["", f"Sitemap: {settings.SITE_URL.rstrip('/')}{reverse('sitemap')}", ""]
    return HttpResponse("\n".join(lines), content_type="text/plain; charset=utf-8")


class Section(Sitemap):
    """Some thousand addresses a page, from columns alone."""

    limit = PER_PAGE

    def lastmod(self, item: Any) -> datetime:
        changed: datetime = item["updated_at"]
        return changed

    def get_latest_lastmod(self) -> datetime | None:
        """Left out: the index would read every row for it."""
        return None


class People(Section):
    """Those whom the directory lists."""

    def items(self) -> QuerySet[Any]:
        return FreelancerProfile.objects.listed().order_by("pk").values("user_id", "user__handle", "updated_at")

    def location(self, item: dict[str, Any]) -> str:
        return User(pk=item["user_id"], handle=item["user__handle"]).get_absolute_url()


class Projects(Section):
    def items(self) -> QuerySet[Any]:
        return Project.objects.listed().open().order_by("pk").values("pk", "updated_at")

    def location(self, item: dict[str, Any]) -> str:
        return reverse("projects:detail", args=[item["pk"]])


class Gigs(Section):
    def items(self) -> QuerySet[Any]:
        return Gig.objects.open().order_by("pk").values("pk", "updated_at")

    def location(self, item: dict[str, Any]) -> str:
        return reverse("gigs:detail", args=[item["pk"]])


class Pages(Sitemap):
    """Those that are always there."""

    def items(self) -> list[str]:
        return ["home", "how-it-works", "fees", "projects:list", "gigs:list", "people:list"]

    def location(self, item: str) -> str:
        return reverse(item)


SECTIONS: dict[str, type[Sitemap]] = {"pages": Pages, "people": People, "projects": Projects, "gigs": Gigs}


def _public(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Open to everybody, and the same for everybody for an hour."""
    kept = cache_page(FRESH_SECONDS, key_prefix="sitemap")(view)

    @login_not_required
    @require_safe
    @wraps(view)
    def public(request: HttpRequest, **named: Any) -> HttpResponse:
        return kept(request, sitemaps=SECTIONS, **named)

    return public


urls = [
    path("robots.txt", robots, name="robots"),
    path("sitemap.xml", _public(index), {"sitemap_url_name": "sitemap-section"}, name="sitemap"),
    path("sitemap-<slug:section>.xml", _public(sitemap), name="sitemap-section"),
]
