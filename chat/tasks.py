"""Jobs of chat."""

from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from chat import services


@app.task(name="chat.notify_unread", retry=RetryStrategy(max_attempts=5, exponential_wait=4))
def notify_unread(member_id: int) -> None:
    services.notify_unread(member_id)
