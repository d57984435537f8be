"""`Idempotency-Key`: the same key and body have one effect and one answer, also when sent at the same time."""

import hashlib
import json
from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import NAMESPACE_OID, UUID, uuid5

from django.apps import apps
from django.core.files.uploadedfile import UploadedFile
from django.db import connection, transaction
from rest_framework.request import Request
from rest_framework.response import Response

from core.errors import Conflict, Invalid
from core.formats import JSONRenderer
from core.throttling import client_address

Handler = Callable[..., Response]
MAX_KEY_LENGTH = 255


def idempotent(handler: Handler | None = None, *, calls_provider: bool = False) -> Any:
    """Decorate what an API view does on POST, or on a PUT that moves money.

    The record of the key, the effect and the stored answer commit together. A handler that calls an outside provider
    cannot run in one transaction (`calls_provider=True`): twins then wait for each other on an advisory lock, and a
    repeat after a crash runs again, which is safe because such services resume where the first stopped. One that makes
    something new knows the first by `token_of(request)`.
    """

    def decorate(function: Handler) -> Handler:
        @wraps(function)
        def wrapper(view: Any, request: Request, *args: Any, **kwargs: Any) -> Response:
            key = request.headers.get("Idempotency-Key", "")
            if not key:
                return function(view, request, *args, **kwargs)
            if len(key) > MAX_KEY_LENGTH or not key.isprintable():
                raise Invalid("invalid_idempotency_key", "The Idempotency-Key has at most 255 printable characters.")
            run = _run_locked if calls_provider else _run_atomic
            return run(_scope(request), key, _fingerprint(request), lambda: function(view, request, *args, **kwargs))

        wrapper.takes_key = True  # type: ignore[attr-defined] # for core.openapi
        return wrapper

    return decorate(handler) if handler else decorate


def token_of(request: Request) -> UUID | None:
    """Names what this request makes: every repeat with the same Idempotency-Key has the same one. None without a key.

    Another request under the same key, once the answer to the first is forgotten, makes something else.
    """
    key = request.headers.get("Idempotency-Key", "")
    return uuid5(NAMESPACE_OID, f"{_scope(request)}|{key}|{_fingerprint(request)}") if key else None


def _run_atomic(scope: str, key: str, fingerprint: str, act: Callable[[], Response]) -> Response:
    records = apps.get_model("accounts", "IdempotencyRecord").objects
    with transaction.atomic():
        with connection.cursor() as cursor:
            # A twin that is still running holds the unique key: this insert waits for its end.
            cursor.execute(
                "INSERT INTO accounts_idempotencyrecord (scope, key, fingerprint, status, body, created_at) "
                "VALUES (%s, %s, %s, NULL, '', now()) ON CONFLICT (scope, key) DO NOTHING RETURNING id",
                [scope, key, fingerprint],
            )
            inserted = cursor.fetchone()
        if not inserted:
            return _replay(records.get(scope=scope, key=key), fingerprint)
        response = act()
        records.filter(pk=inserted[0]).update(status=response.status_code, body=_render(response))
        return response


def _run_locked(scope: str, key: str, fingerprint: str, act: Callable[[], Response]) -> Response:
    records = apps.get_model("accounts", "IdempotencyRecord").objects
    lock = int.from_bytes(hashlib.sha256(f"{scope}|{key}".encode()).digest()[:8], signed=True)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [lock])
    try:
        record, _ = records.get_or_create(scope=scope, key=key, defaults={"fingerprint": fingerprint})
        if record.fingerprint != fingerprint or record.status is not None:
            return _replay(record, fingerprint)
        response = act()
        records.filter(pk=record.pk).update(status=response.status_code, body=_render(response))
        return response
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [lock])


def _replay(record: Any, fingerprint: str) -> Response:
    if record.fingerprint != fingerprint:
        raise Conflict("idempotency_conflict", "This Idempotency-Key was used with another request.")
    response = Response(status=record.status, headers={"Idempotent-Replayed": "true"})
    response.data = JSONRenderer.load(record.body)
    return response


def _render(response: Response) -> str:
    return JSONRenderer().render(response.data).decode()


def _scope(request: Request) -> str:
    return f"user:{request.user.pk}" if request.user.is_authenticated else f"address:{client_address(request)}"


def _fingerprint(request: Request) -> str:
    digest = hashlib.sha256(f"{request.method} {request.get_full_path()}\n".encode())
    if request.content_type and request.content_type.startswith("multipart/"):
        for name, value in sorted(request.data.items()):  # type: ignore[union-attr]  # a form is a dictionary
            digest.update(f"\n{name}=".encode())
            if isinstance(value, UploadedFile):
                for chunk in value.chunks():
                    digest.update(chunk)
                value.seek(0)
            else:
                digest.update(str(value).encode())
    else:
        digest.update(json.dumps(request.data, default=str).encode())  # numbers of any size, unlike our renderer
    return digest.hexdigest()
