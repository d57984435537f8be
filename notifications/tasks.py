"""Jobs of notifications."""

from typing import Any

from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from accounts.models import User
from notifications import services


@app.task(name="notifications.send_email", retry=RetryStrategy(max_attempts=8, exponential_wait=3))
def send_email(user_id: int, template: str, context: dict[str, Any]) -> None:
    """The reader is loaded now: their address, language and time zone may have changed since it was queued."""
    services.send_email(User.objects.get(pk=user_id), template=template, context=context)
