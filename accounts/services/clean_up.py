"""What need not be kept."""

from datetime import timedelta

from django.contrib.sessions.models import Session
from django.utils import timezone

from accounts.models import AuthSession, EmailChange, IdempotencyRecord
from accounts.services import uploads
from accounts.services.export import delete_old_exports
from accounts.services.identity import delete_old_documents

SESSIONS_KEPT = timedelta(days=30)
ANSWERS_KEPT = timedelta(days=1)
ADDRESS_CHANGES_KEPT = timedelta(days=7)


def clean_up() -> None:
    """Remove sign-ins that ended a month ago, expired cookies' sessions, of yesterday idempotent answers and files that
    were put to no use, old changes of address, copies that ended, and documents that were looked at."""
    now = timezone.now()
    AuthSession.objects.filter(expires_at__lt=now - SESSIONS_KEPT).delete()
    Session.objects.filter(expire_date__lt=now).delete()
    IdempotencyRecord.objects.filter(created_at__lt=now - ANSWERS_KEPT).delete()
    uploads.forget_unused_uploads()
    EmailChange.objects.filter(requested_at__lt=now - ADDRESS_CHANGES_KEPT).delete()
    delete_old_exports()
    delete_old_documents()
