"""Jobs of accounts."""

from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from accounts import emails, services
from accounts.models import User
from accounts.services import uploads
from core.mail import MAIL_RETRY


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


@app.task(name="accounts.send_api_key_created", retry=MAIL_RETRY)
def send_api_key_created(key_id: int) -> None:
    services.send_api_key_created(key_id=key_id)


@app.periodic(cron="*/5 * * * *")
@app.task(name="accounts.write_api_usage", queueing_lock="accounts.write_api_usage")
def write_api_usage(timestamp: int) -> None:
    services.write_usage()


@app.task(name="accounts.remove_files", retry=RetryStrategy(max_attempts=8, exponential_wait=3))
def remove_files(names: list[str]) -> None:
    uploads.remove_files(names)


@app.periodic(cron="17 3 * * *")
@app.task(name="accounts.clean_up", queueing_lock="accounts.clean_up")
def clean_up(timestamp: int) -> None:
    services.clean_up()
