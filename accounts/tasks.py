"""Jobs of accounts."""

from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from accounts import emails, services
from accounts.models import User

MAIL_RETRY = RetryStrategy(max_attempts=8, exponential_wait=3)


@app.task(name="accounts.send_verification", retry=MAIL_RETRY)
def send_verification(user_id: int) -> None:
    services.send_verification(user_id=user_id)


@app.task(name="accounts.resend_verification", retry=MAIL_RETRY)
def resend_verification(email: str) -> None:
    services.resend_verification_now(email=email)


@app.task(name="accounts.send_welcome", retry=MAIL_RETRY)
def send_welcome(user_id: int) -> None:
    emails.welcome(User.objects.get(pk=user_id)).send()


@app.task(name="accounts.send_email_change", retry=MAIL_RETRY)
def send_email_change(user_id: int, new_email: str) -> None:
    services.send_email_change(user_id=user_id, new_email=new_email)


@app.task(name="accounts.send_email_changed", retry=MAIL_RETRY)
def send_email_changed(user_id: int, old_email: str) -> None:
    emails.email_changed(User.objects.get(pk=user_id), old_email=old_email).send()


@app.task(name="accounts.send_password_reset", retry=MAIL_RETRY)
def send_password_reset(email: str) -> None:
    services.send_password_reset(email=email)


@app.task(name="accounts.send_password_changed", retry=MAIL_RETRY)
def send_password_changed(user_id: int) -> None:
    emails.password_reset_success(User.objects.get(pk=user_id)).send()


@app.task(name="accounts.send_registration_attempt", retry=MAIL_RETRY)
def send_registration_attempt(email: str) -> None:
    services.send_registration_attempt(email=email)


@app.task(name="accounts.send_second_factor_enabled", retry=MAIL_RETRY)
def send_second_factor_enabled(user_id: int) -> None:
    emails.second_factor_enabled(User.objects.get(pk=user_id)).send()


@app.task(name="accounts.send_second_factor_disabled", retry=MAIL_RETRY)
def send_second_factor_disabled(user_id: int) -> None:
    emails.second_factor_disabled(User.objects.get(pk=user_id)).send()


@app.task(name="accounts.send_backup_codes_renewed", retry=MAIL_RETRY)
def send_backup_codes_renewed(user_id: int) -> None:
    emails.backup_codes_renewed(User.objects.get(pk=user_id)).send()


@app.task(name="accounts.send_passkey_added", retry=MAIL_RETRY)
def send_passkey_added(user_id: int, passkey: str) -> None:
    emails.passkey_added(User.objects.get(pk=user_id), name=passkey).send()


@app.task(name="accounts.send_passkey_removed", retry=MAIL_RETRY)
def send_passkey_removed(user_id: int, passkey: str) -> None:
    emails.passkey_removed(User.objects.get(pk=user_id), name=passkey).send()


@app.periodic(cron="17 3 * * *")
@app.task(name="accounts.clean_up", queueing_lock="accounts.clean_up")
def clean_up(timestamp: int) -> None:
    services.clean_up()
