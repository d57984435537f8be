"""Pages of a person's own settings."""

from django.urls import path
from django.views.generic import RedirectView

from accounts.views import security, settings

app_name = "settings"
urlpatterns = [
    path("", RedirectView.as_view(pattern_name="settings:profile"), name="home"),
    path("profile/", settings.profile, name="profile"),
    path("photo/", settings.photo, name="photo"),
    path("place/", settings.place, name="place"),
    path("account/", settings.account, name="account"),
    path("security/", security.overview, name="security"),
    path("security/second-factor/", security.set_up, name="second-factor"),
    path("security/second-factor/off/", security.turn_off, name="second-factor-off"),
    path("security/backup-codes/", security.backup_codes, name="backup-codes"),
    path("security/passkeys/", security.add_passkey, name="passkeys"),
    path("security/passkeys/<int:passkey_id>/", security.change_passkey, name="passkey"),
    path("sessions/", security.end_sessions, name="sessions"),
]
