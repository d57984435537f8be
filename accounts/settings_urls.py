"""Pages of a person's own settings."""

from django.urls import path
from django.views.generic import RedirectView

from accounts.views import history, settings

app_name = "settings"
urlpatterns = [
    path("", RedirectView.as_view(pattern_name="settings:profile"), name="home"),
    path("profile/", settings.profile, name="profile"),
    path("photo/", settings.photo, name="photo"),
    path("place/", settings.place, name="place"),
    path("account/", settings.account, name="account"),
    path("sessions/", settings.end_sessions, name="sessions"),
    path("security-history/", history.security_history, name="security-history"),
]
