"""Every address of the site, from the URL map."""

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from django.urls import URLPattern, URLResolver, get_resolver

SAMPLES = {"int": "1", "str": "x", "slug": "x", "path": "x", "uuid": "00000000-0000-4000-8000-000000000000"}
WRITTEN_BY_HAND = {"DELETE", "GET", "PATCH", "POST", "PUT"}


class Route(NamedTuple):
    """`template` as the URL map writes it; `path` with a value in each place; `methods` that its view answers."""

    template: str
    path: str
    methods: tuple[str, ...]

    @property
    def is_api(self) -> bool:
        return self.path == "/api" or self.path.startswith("/api/")

    @property
    def is_admin(self) -> bool:
        return self.path.startswith("/admin/")


def all_routes() -> list[Route]:
    return [_route(template, callback) for template, callback in _walk(get_resolver().url_patterns, "/")]


def _walk(patterns: list[URLPattern | URLResolver], prefix: str) -> Iterator[tuple[str, Any]]:
    for entry in patterns:
        template = f"{prefix}{str(entry.pattern).removeprefix('^').removesuffix('$')}"
        if isinstance(entry, URLResolver):
            yield from _walk(entry.url_patterns, template)
        else:
            yield template, entry.callback


def _route(template: str, callback: Any) -> Route:
    path = re.sub(
        r"<(?:(\w+):)?\w+>", lambda found: SAMPLES[found[1] or "str"], re.sub(r"\(\?P<\w+>[^)]*\)", "x", template)
    )
    return Route(template, path.replace("\\", ""), _methods(callback))


def _methods(callback: Any) -> tuple[str, ...]:
    view_class = getattr(callback, "cls", None) or getattr(callback, "view_class", None)
    if view_class is None:
        return ("GET", "POST")
    allowed = callback.view_initkwargs.get("http_method_names", view_class.http_method_names)
    return tuple(
        sorted(name.upper() for name in allowed if hasattr(view_class, name) and name.upper() in WRITTEN_BY_HAND)
    )
