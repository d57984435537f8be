"""Pages of a person's own settings."""

from django.urls import path
from django.views.generic import RedirectView

from accounts.views import account_life, identity, settings

app_name = "settings"
urlpatterns = [
    path("", RedirectView.as_view(pattern_name="settings:profile"), name="home"),
    path("profile/", settings.profile, name="profile"),
    path("photo/", settings.photo, name="photo"),
    path("place/", settings.place, name="place"),
    path("account/", settings.account, name="account"),
    path("confirm/", account_life.confirm, name="confirm"),
    path("standing/", account_life.standing, name="standing"),
    path("export/", account_life.export, name="export"),
    path("close/", account_life.close, name="close"),
    path("delete/", account_life.delete, name="delete"),
    path("identity/", identity.identity, name="identity"),
    path("sessions/", settings.end_sessions, name="sessions"),
]
