"""Signing in to a socket: what a person shows, and tickets that stand for it once."""

import re
import secrets
from dataclasses import dataclass
from datetime import datetime
from importlib import import_module
from types import SimpleNamespace
from typing import Any, NamedTuple

from django.conf import settings
from django.contrib.auth import get_user
from django.core.cache import cache
from rest_framework_simplejwt.exceptions import TokenError

from accounts.models import User
from accounts.tokens import user_of_access_token
from chat.rules import TICKET_LIFETIME

_LOOKS_RIGHT = re.compile(r"[\w-]{43}")


@dataclass(frozen=True)
class Credential:
    """An access token of the API or the key of a browser's session."""

    access_token: str = ""
    session_key: str = ""


class Standing(NamedTuple):
    """Who a credential stands for at this moment, and when it ends by itself."""

    user: User
    expires_at: datetime | None


def issue_ticket(credential: Credential) -> str:
    """A word that can be shown once, soon, in place of the credential: a socket's address may end up in logs."""
    ticket = secrets.token_urlsafe(32)
    cache.set(_key(ticket), credential, timeout=TICKET_LIFETIME.total_seconds())
    return ticket


def redeem_ticket(ticket: str) -> Credential | None:
    """What the ticket stood for; None for an unknown, old or used one."""
    credential = cache.get(_key(ticket)) if _LOOKS_RIGHT.fullmatch(ticket) else None
    # Of two that read it at once, only one deletes it.
    return credential if credential and cache.delete(_key(ticket)) else None


def standing_of(credential: Credential) -> Standing | None:
    """None when the credential is not valid (any more)."""
    if credential.access_token:
        try:
            return Standing(*user_of_access_token(credential.access_token))
        except TokenError:
            return None
    session_store = import_module(settings.SESSION_ENGINE).SessionStore
    session = session_store(credential.session_key) if credential.session_key else {}
    bearer: Any = SimpleNamespace(session=session)  # get_user reads nothing else of a request
    user = get_user(bearer)
    return Standing(user, None) if isinstance(user, User) else None


def _key(ticket: str) -> str:
    return f"socket-ticket:{ticket}"
