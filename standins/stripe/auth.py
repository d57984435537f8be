"""API keys. Any key that looks like a test key is good: there is one account and no secret to keep."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping

from .call import ACCOUNT_ID
from .errors import InvalidParameter, unauthenticated
from .store import PLATFORM, Store

KEY = re.compile(r"^(sk|rk|pk)_test_[A-Za-z0-9]{16,}$")
VERSION = re.compile(r"^\d{4}-\d{2}-\d{2}(\.\w+)?$")

NO_KEY = (
    "You did not provide an API key. You need to provide your API key in the Authorization header, using Bearer auth "
    "(e.g. 'Authorization: Bearer YOUR_SECRET_KEY'). See https://docs.stripe.com/api/authentication for details."
)
SECRET_ONLY = "This API call cannot be made with a publishable API key. Please use a secret API key."


def is_publishable(headers: Mapping[str, str]) -> bool:
    """Check the key and the version; tell a publishable key from a secret."""
    key = _key(headers.get("authorization", ""))
    if not key:
        raise unauthenticated(NO_KEY)
    match = KEY.match(key)
    if match is None:
        raise unauthenticated(f"Invalid API Key provided: {_redacted(key)}")
    version = headers.get("stripe-version")
    if version is not None and not VERSION.match(version):
        raise InvalidParameter(f"Invalid Stripe API version: {version}")
    return match[1] == "pk"


def account_of(store: Store, headers: Mapping[str, str]) -> str:
    """The connected account that the request is made for."""
    account = headers.get("stripe-account")
    if account in (None, ACCOUNT_ID):
        return PLATFORM
    found = store.get(account, account=PLATFORM)
    if found is None or found["object"] != "account" or found.get("deleted"):
        shown = _redacted(_key(headers.get("authorization", "")))
        message = (
            f"The provided key '{shown}' does not have access to account '{account}' (or that account does not exist). "
            "Application access may have been revoked."
        )
        raise InvalidParameter(message, status=403, code="account_invalid")
    return account


def require_secret(publishable: bool) -> None:
    if publishable:
        raise unauthenticated(SECRET_ONLY, code="secret_key_required")


def _key(authorization: str) -> str:
    scheme, _, credentials = authorization.partition(" ")
    if scheme.lower() == "bearer":
        return credentials.strip()
    if scheme.lower() == "basic":
        try:
            decoded = base64.b64decode(credentials, validate=True).decode()
        except (binascii.Error, UnicodeDecodeError):
            return ""
        return decoded.partition(":")[0]
    return ""


def _redacted(key: str) -> str:
    return key[:8] + "*" * max(0, len(key) - 12) + key[-4:] if len(key) > 12 else "*" * len(key)
