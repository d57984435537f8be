"""Signed, timed links and tokens, each for one purpose only."""

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core import signing

from core.errors import Invalid, NotFound

if TYPE_CHECKING:
    from accounts.models import User

FILE_LINK_LIFETIME = timedelta(hours=1)


def sign_upload(upload_id: int) -> str:
    return signing.dumps(upload_id, salt="accounts.upload", compress=False)


def read_upload(token: str) -> int:
    """The id in a link made by `sign_upload`; NotFound when it is forged or over an hour old."""
    try:
        return int(signing.loads(token, salt="accounts.upload", max_age=FILE_LINK_LIFETIME))
    except signing.BadSignature as error:
        raise NotFound("link_expired", "This link has ended. Open the page again to get a new one.") from error


def sign_address(user: "User", email: str) -> str:
    """Proof, sent to `email`, that whoever holds it reads that mailbox. Void once the person's address changes."""
    return signing.dumps({"user": user.pk, "from": user.email, "to": email}, salt="accounts.address")


def read_address(token: str) -> dict[str, Any]:
    """{"user", "from", "to"} of a token made by `sign_address`; Invalid when it is forged or over three days old."""
    try:
        claim: dict[str, Any] = signing.loads(
            token, salt="accounts.address", max_age=settings.EMAIL_VERIFICATION_TIMEOUT
        )
    except signing.BadSignature as error:
        raise bad_link("token") from error
    return claim


def bad_link(field: str) -> Invalid:
    reason = "This link is not valid (any more). Ask for a new one."
    return Invalid("token_not_valid", reason, fields={field: [reason]})
