"""Signed, timed links and tokens, each for one purpose only."""

from datetime import timedelta

from django.core import signing

from core.errors import NotFound

FILE_LINK_LIFETIME = timedelta(hours=1)


def sign_upload(upload_id: int) -> str:
    return signing.dumps(upload_id, salt="accounts.upload", compress=False)


def read_upload(token: str) -> int:
    """The id in a link made by `sign_upload`; NotFound when it is forged or over an hour old."""
    try:
        return int(signing.loads(token, salt="accounts.upload", max_age=FILE_LINK_LIFETIME))
    except signing.BadSignature as error:
        raise NotFound("link_expired", "This link has ended. Open the page again to get a new one.") from error
