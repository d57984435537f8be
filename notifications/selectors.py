"""What notifications keep about one person."""

from collections.abc import Iterable

from accounts.hooks import Exported
from accounts.models import User


def export(user: User) -> Iterable[Exported]:
    yield Exported(
        "notifications",
        user.notifications.values("id", "kind", "title", "message", "url", "created_at", "read_at").iterator(),
    )
    yield Exported(
        "webhook_endpoints", user.webhook_endpoints.values("id", "url", "description", "events", "created_at")
    )
