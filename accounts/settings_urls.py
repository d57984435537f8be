"""Pages of a person's own settings."""

from django.urls import path
from django.views.generic import RedirectView

from accounts.views import api_keys, settings

app_name = "settings"
urlpatterns = [
    path("", RedirectView.as_view(pattern_name="settings:profile"), name="home"),
    path("profile/", settings.profile, name="profile"),
    path("photo/", settings.photo, name="photo"),
    path("place/", settings.place, name="place"),
    path("account/", settings.account, name="account"),
    path("api-keys/", api_keys.api_keys, name="api-keys"),
    path("api-keys/new/", api_keys.new_api_key, name="api-key-new"),
    path("api-keys/<int:key_id>/", api_keys.api_key, name="api-key"),
    path("api-keys/<int:key_id>/revoke/", api_keys.revoke_api_key, name="api-key-revoke"),
    path("sessions/", settings.end_sessions, name="sessions"),
]
