"""News for people, and how it reaches them."""

from notifications.services.reading import mark_all_read, mark_read, mark_unread
from notifications.services.telling import News, erase_of, notify, notify_each, queue_email, send_email
from notifications.services.webhook_deliveries import (
    deliver,
    forget_old_deliveries,
    replay,
    resume_deliveries,
    send_test_event,
)
from notifications.services.webhooks import (
    add_webhook,
    change_webhook,
    remove_webhook,
    rotate_secret,
    switch_webhook,
)

__all__ = [
    "News",
    "add_webhook",
    "change_webhook",
    "deliver",
    "erase_of",
    "forget_old_deliveries",
    "mark_all_read",
    "mark_read",
    "mark_unread",
    "notify",
    "notify_each",
    "queue_email",
    "remove_webhook",
    "replay",
    "resume_deliveries",
    "rotate_secret",
    "send_email",
    "send_test_event",
    "switch_webhook",
]
