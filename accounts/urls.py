"""Pages of accounts."""

from django.urls import path

from accounts.views import account_life, door

app_name = "accounts"
urlpatterns = [
    path("sign-in/", door.sign_in, name="sign-in"),
    path("sign-in/passkey/", door.sign_in_by_passkey, name="sign-in-passkey"),
    path("second-factor/", door.second_factor, name="second-factor"),
    path("confirm/", door.confirm, name="confirm"),
    path("sign-out/", door.sign_out, name="sign-out"),
    path("join/", door.register, name="register"),
    path("verify-email/", door.verify_email, name="verify-email"),
    path("verify-email/resend/", door.resend_verification, name="resend-verification"),
    path("change-email/", account_life.change_email, name="change-email"),
    path("forgot-password/", door.forgot_password, name="forgot-password"),
    path("reset-password/", door.reset_password, name="reset-password"),
    path("availability/", door.availability, name="availability"),
    path("switch-view/", door.switch_view, name="switch-view"),
]
