"""Pages of a person's own settings."""

from django.urls import path
from django.views.generic import RedirectView

from accounts.views import account_life, api_keys, history, identity, profile, security, settings

app_name = "settings"
urlpatterns = [
    path("", RedirectView.as_view(pattern_name="settings:profile"), name="home"),
    path("profile/", settings.profile, name="profile"),
    path("profile/experience/", profile.experience, name="profile-experience"),
    path("profile/experience/add/<slug:kind>/", profile.add_entry, name="profile-entry-add"),
    path("profile/experience/<int:entry_id>/", profile.change_entry, name="profile-entry"),
    path("profile/hours/", profile.hours, name="profile-hours"),
    path("profile/address/", profile.address, name="profile-address"),
    path("profile/address/check/", profile.check_address, name="profile-address-check"),
    path("photo/", settings.photo, name="photo"),
    path("place/", settings.place, name="place"),
    path("account/", settings.account, name="account"),
    path("api-keys/", api_keys.api_keys, name="api-keys"),
    path("api-keys/new/", api_keys.new_api_key, name="api-key-new"),
    path("api-keys/<int:key_id>/", api_keys.api_key, name="api-key"),
    path("api-keys/<int:key_id>/revoke/", api_keys.revoke_api_key, name="api-key-revoke"),
    path("standing/", account_life.standing, name="standing"),
    path("export/", account_life.export, name="export"),
    path("close/", account_life.close, name="close"),
    path("delete/", account_life.delete, name="delete"),
    path("identity/", identity.identity, name="identity"),
    path("security/", security.overview, name="security"),
    path("security/second-factor/", security.set_up, name="second-factor"),
    path("security/second-factor/off/", security.turn_off, name="second-factor-off"),
    path("security/backup-codes/", security.backup_codes, name="backup-codes"),
    path("security/passkeys/", security.add_passkey, name="passkeys"),
    path("security/passkeys/<int:passkey_id>/", security.change_passkey, name="passkey"),
    path("sessions/", security.end_sessions, name="sessions"),
    path("security-history/", history.security_history, name="security-history"),
]
