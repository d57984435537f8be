"""Jobs of notifications."""

from typing import Any

from procrastinate.contrib.django import app

from accounts.models import User
from core.jobs import NEWS
from core.mail import MAIL_RETRY
from notifications import services


@app.task(name="notifications.send_email", queue=NEWS, retry=MAIL_RETRY)
def send_email(user_id: int, template: str, context: dict[str, Any]) -> None:
    """The reader is loaded now: their address, language and time zone may have changed since it was queued."""
    services.send_email(User.objects.get(pk=user_id), template=template, context=context)


@app.task(name="notifications.deliver_webhook", queue=NEWS)
def deliver_webhook(delivery_id: str) -> None:
    """Its retries are planned by the service, which knows how long to go on."""
    services.deliver(delivery_id)


@app.periodic(cron="*/10 * * * *")
@app.task(name="notifications.resume_webhooks", queueing_lock="notifications.resume_webhooks")
def resume_webhooks(timestamp: int) -> None:
    services.resume_deliveries()


@app.periodic(cron="41 3 * * *")
@app.task(name="notifications.clean_up", queueing_lock="notifications.clean_up")
def clean_up(timestamp: int) -> None:
    services.forget_old_deliveries()
