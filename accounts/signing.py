"""Signed, timed links and tokens, each for one purpose only."""

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core import signing

from core.errors import Invalid, NotFound

if TYPE_CHECKING:
    from accounts.models import User

FILE_LINK_LIFETIME = timedelta(hours=1)
IDENTITY_LINK_LIFETIME = timedelta(minutes=10)
EXPORT_LINK_LIFETIME = timedelta(days=1)


def sign_upload(upload_id: int) -> str:
    return signing.dumps(upload_id, salt="accounts.upload", compress=False)


def read_upload(token: str, *, lifetime: timedelta = FILE_LINK_LIFETIME) -> int:
    """The id in a link made by `sign_upload`; NotFound when it is forged or too old."""
    return _read_id(token, "accounts.upload", lifetime)


def sign_export(export_id: int) -> str:
    return signing.dumps(export_id, salt="accounts.export", compress=False)


def read_export(token: str) -> int:
    """The id in a link made by `sign_export`; NotFound when it is forged or over a day old."""
    return _read_id(token, "accounts.export", EXPORT_LINK_LIFETIME)


def _read_id(token: str, salt: str, lifetime: timedelta) -> int:
    try:
        return int(signing.loads(token, salt=salt, max_age=lifetime))
    except signing.BadSignature as error:
        raise NotFound("link_expired", "This link has ended. Open the page again to get a new one.") from error


def sign_address(user: "User", email: str) -> str:
    """Proof, sent to `email`, that whoever holds it reads that mailbox. Void once the person's address changes."""
    return signing.dumps({"user": user.pk, "to": email}, salt="accounts.address")


def read_address(token: str) -> dict[str, Any]:
    """{"user", "to"} of a token made by `sign_address`; Invalid when it is forged or over three days old."""
    return _read_claim(token, "accounts.address")


def sign_address_change(change_id: int, side: str) -> str:
    """Proof that whoever holds it reads the mailbox of that side ("old" or "new") of a change of address."""
    return signing.dumps({"change": change_id, "side": side}, salt="accounts.address-change")


def read_address_change(token: str) -> dict[str, Any]:
    """{"change", "side"} of a token made by `sign_address_change`; Invalid when it is forged or over three days old."""
    return _read_claim(token, "accounts.address-change")


def _read_claim(token: str, salt: str) -> dict[str, Any]:
    try:
        claim: dict[str, Any] = signing.loads(token, salt=salt, max_age=settings.EMAIL_VERIFICATION_TIMEOUT)
    except signing.BadSignature as error:
        raise bad_link("token") from error
    return claim


def bad_link(field: str) -> Invalid:
    reason = "This link is not valid (any more). Ask for a new one."
    return Invalid("token_not_valid", reason, fields={field: [reason]})
