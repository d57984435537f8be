"""Jobs of accounts."""

from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from accounts import emails, services
from accounts.models import Appeal, DataExport, EmailChange, IdentityCheck, Suspension, User
from accounts.services import uploads
from core.mail import MAIL_RETRY

EXPORT_RETRY = RetryStrategy(max_attempts=5, exponential_wait=5)


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
def send_email_change(change_id: int) -> None:
    services.send_email_change(change_id=change_id)


@app.task(name="accounts.send_email_changed", retry=MAIL_RETRY)
def send_email_changed(change_id: int) -> None:
    emails.email_changed(EmailChange.objects.select_related("user").get(pk=change_id)).send()


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


@app.task(name="accounts.send_account_deactivated", retry=MAIL_RETRY)
def send_account_deactivated(user_id: int) -> None:
    emails.account_deactivated(User.objects.get(pk=user_id)).send()


@app.task(name="accounts.send_suspended", retry=MAIL_RETRY)
def send_suspended(suspension_id: int) -> None:
    emails.account_suspended(Suspension.objects.select_related("user").get(pk=suspension_id)).send()


@app.task(name="accounts.send_suspension_lifted", retry=MAIL_RETRY)
def send_suspension_lifted(suspension_id: int) -> None:
    emails.suspension_lifted(Suspension.objects.select_related("user").get(pk=suspension_id)).send()


@app.task(name="accounts.send_appeal_decided", retry=MAIL_RETRY)
def send_appeal_decided(appeal_id: int) -> None:
    emails.appeal_decided(Appeal.objects.select_related("suspension__user").get(pk=appeal_id)).send()


@app.task(name="accounts.send_identity_decided", retry=MAIL_RETRY)
def send_identity_decided(check_id: int) -> None:
    check = IdentityCheck.objects.select_related("user").filter(pk=check_id).first()
    if check:  # gone with an account that was deleted meanwhile
        emails.identity_decided(check).send()


@app.task(name="accounts.make_export", retry=EXPORT_RETRY)
def make_export(export_id: int) -> None:
    services.make_export(export_id=export_id)


@app.task(name="accounts.send_export_ready", retry=MAIL_RETRY)
def send_export_ready(export_id: int) -> None:
    export = DataExport.objects.select_related("user").filter(pk=export_id).first()
    if export:
        emails.export_ready(export).send()


@app.task(name="accounts.send_second_factor_enabled", retry=MAIL_RETRY)
def send_second_factor_enabled(user_id: int) -> None:
    emails.second_factor_enabled(User.objects.get(pk=user_id)).send()


@app.task(name="accounts.send_second_factor_disabled", retry=MAIL_RETRY)
def send_second_factor_disabled(user_id: int) -> None:
    emails.second_factor_disabled(User.objects.get(pk=user_id)).send()


@app.task(name="accounts.send_second_factor_reset", retry=MAIL_RETRY)
def send_second_factor_reset(user_id: int) -> None:
    emails.second_factor_reset(User.objects.get(pk=user_id)).send()


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
