"""The audit log's one way in."""

from typing import Any

from django.db.models import Model
from django.utils.crypto import salted_hmac

from accounts.models import AuditEvent, User
from core.caller import current_caller


def record(actor: User | None, action: str, subject: Model | None = None, **data: Any) -> AuditEvent:
    """Append what `actor` did (None: the system) to `subject`. `action` is "noun.verb"; `data` holds no secrets and nothing
    personal: the log outlives accounts.
    """
    caller = current_caller.get()
    return AuditEvent.objects.create(
        actor=actor,
        action=action,
        subject_type=subject._meta.label_lower if subject else "",
        subject_id=str(subject.pk) if subject else "",
        data=data,
        ip_address=caller.address or None,
        request_id=caller.request_id,
    )


def fingerprint(email: str) -> str:
    """Tells whether two rows mean the same address, but not which."""
    return salted_hmac("accounts.audit", email).hexdigest()[:16]
