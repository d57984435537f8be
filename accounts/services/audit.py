"""The audit log's one way in."""

from typing import Any

from django.db.models import Model
from django.utils.crypto import salted_hmac

from accounts.models import AuditEvent, User
from accounts.rules import SECURITY_EVENTS, device_name, network_of
from core.caller import current_caller
from core.statements import insert


def record(actor: Any, action: str, subject: Model | None = None, **data: Any) -> AuditEvent:
    """Append what `actor` (a User; None: the system) did to `subject`. `action` is "noun.verb". `data` holds neither secrets nor
    what is personal: the log outlives accounts.

    What SECURITY_EVENTS names is also shown to the person whose account it concerns, with the device.
    """
    caller = current_caller.get()
    person_id = _whose(actor, subject) if action in SECURITY_EVENTS else None
    if person_id and caller.user_agent:
        data.setdefault("device", device_name(caller.user_agent))
    return insert(
        AuditEvent(
            actor=actor,
            person_id=person_id,
            action=action,
            subject_type=subject._meta.label_lower if subject else "",
            subject_id=str(subject.pk) if subject else "",
            data=data,
            ip_address=caller.address or None,
            request_id=caller.request_id,
        )
    )


def record_failed_sign_in(address: str) -> None:
    """Somebody knew the e-mail address, but not the password.

    Of an address that nobody here has, only a keyed digest is kept, and only the network that the try came from: the
    log is for ever, and these people never agreed to be in it.
    """
    user = User.objects.filter(email=address).first()
    if user:
        record(None, "person.failed_sign_in", user)
        return
    caller = current_caller.get()
    AuditEvent.objects.create(
        action="person.failed_sign_in",
        data={"address_digest": address_digest(address)},
        ip_address=network_of(caller.address) or None,
        request_id=caller.request_id,
    )


def address_digest(address: str) -> str:
    """The same for the same e-mail address, and nothing that leads back to it without the site's key."""
    return salted_hmac("accounts.audit.address", address, algorithm="sha256").hexdigest()[:32]


def _whose(actor: Any, subject: Model | None) -> int | None:
    if isinstance(subject, User):
        return subject.pk
    owner_id: int | None = getattr(subject, "user_id", None) or getattr(actor, "pk", None)
    return owner_id
