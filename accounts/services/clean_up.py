"""What need not be kept."""

from datetime import timedelta

from django.contrib.sessions.models import Session
from django.utils import timezone

from accounts.models import AuthSession, IdempotencyRecord
from accounts.services import uploads

SESSIONS_KEPT = timedelta(days=30)
ANSWERS_KEPT = timedelta(days=1)


def clean_up() -> None:
    """Remove sign-ins that ended a month ago, expired cookies' sessions, and of yesterday idempotent answers and files
    that were put to no use."""
    now = timezone.now()
    AuthSession.objects.filter(expires_at__lt=now - SESSIONS_KEPT).delete()
    Session.objects.filter(expire_date__lt=now).delete()
    IdempotencyRecord.objects.filter(created_at__lt=now - ANSWERS_KEPT).delete()
    uploads.forget_unused_uploads()
