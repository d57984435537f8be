"""What reviews keep about one person."""

from collections.abc import Iterable

from accounts.hooks import Exported
from accounts.models import User
from reviews.models import Review


def export(user: User) -> Iterable[Exported]:
    """Received ones only once they are shown: until then neither side knows what the other wrote."""
    columns = ("id", "contract_id", "gig_id", "side", "rating", "comment", "created_at", "published_at")
    yield Exported("written", Review.objects.filter(reviewer=user).order_by("id").values(*columns).iterator())
    received = Review.objects.published().filter(reviewee=user)
    yield Exported("received", received.order_by("id").values(*columns).iterator())
