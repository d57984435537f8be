"""Every address of the site. Pages end with a slash, API paths do not."""

from django.conf import settings
from django.contrib import admin
from django.urls import include, path, re_path
from drf_spectacular.views import SpectacularAPIView, SpectacularRedocView, SpectacularSwaggerSplitView

from accounts.api import urls as accounts
from accounts.views import files
from chat.api import urls as chat
from contracts.api import urls as contracts
from contracts.urls import calendar_urls
from contracts.views import calendar
from core import health
from core import views as core_views
from gigs.api import urls as gigs
from gigs.views import places
from marketplace import api_root, gallery, pages
from notifications.api import urls as notifications
from notifications.urls import webhook_urls
from payments.api import urls as payments
from payments.urls import payout_account_urls
from projects.api import urls as projects
from reviews.api import urls as reviews

api = [
    path("health/live", health.Live.as_view(), name="health-live"),
    path("health/ready", health.Readiness.as_view(), name="health-ready"),
    path("health/metrics", health.Metrics.as_view(), name="health-metrics"),
    path("openapi.json", SpectacularAPIView.as_view(), name="openapi"),
    path("docs", SpectacularSwaggerSplitView.as_view(url_name="api:openapi"), name="docs"),
    path("redoc", SpectacularRedocView.as_view(url_name="api:openapi"), name="redoc"),
    # One flat list, the busiest first: Django tries the addresses one after another.
    *projects.urlpatterns,
    *gigs.urlpatterns,
    *chat.urlpatterns,
    *contracts.urlpatterns,
    *notifications.urlpatterns,
    *accounts.urlpatterns,
    *payments.urlpatterns,
    *reviews.urlpatterns,
    re_path(r"", api_root.unknown_path),
]

urlpatterns = [
    path("api/", include((api, "api"))),
    path("api", api_root.Root.as_view(), name="api-root"),
    path("", pages.home, name="home"),
    path("how-it-works/", pages.how_it_works, name="how-it-works"),
    path("fees/", pages.fees, name="fees"),
    path("dashboard/", pages.dashboard, name="dashboard"),
    path("people/", include((pages.people_urls, "people"))),
    *pages.crawler_urls,
    path("gallery/", gallery.gallery, name="gallery"),
    path("", include("accounts.urls")),
    path("files/<str:token>/<str:name>", files.send, name="file"),
    path("exports/<str:token>/<str:name>", files.send_export, name="export-file"),
    path("settings/", include("accounts.settings_urls")),
    path("settings/webhooks/", include((webhook_urls, "webhooks"))),
    path("settings/payouts/", include((payout_account_urls, "payout-account"))),
    path("settings/calendar/", include((calendar_urls, "calendar"))),
    path("calendar/<str:key>.ics", calendar.feed, name="calendar-feed"),
    path("notifications/", include("notifications.urls")),
    path("projects/", include("projects.urls")),
    path("gigs/", include("gigs.urls")),
    path("places/", places, name="places"),
    path("contracts/", include("contracts.urls")),
    path("messages/", include("chat.urls")),
    path("", include("payments.urls")),
    path("reviews/", include("reviews.urls")),
    path("admin/", admin.site.urls),
]

if settings.DEBUG or settings.DEMO:
    # In production the front server (or the bucket) sends public files.
    urlpatterns += [path("media/public/<path:path>", core_views.public_file)]

handler400 = "core.views.bad_request"
handler403 = "core.views.permission_denied"
handler404 = "core.views.page_not_found"
handler500 = "core.views.server_error"
