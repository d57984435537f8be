"""Who gets how far at every address: each route, method and kind of person, against the table in access.txt.

A route that the table does not have fails and prints the line to add; look at it before you do. After a change that
moves many lines, `WRITE_ACCESS=yes bin/test -n1 tests/architecture/test_access_matrix.py` writes them, for the diff to
be read.
"""

import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from django.apps import apps
from django.contrib import admin
from django.db import transaction
from django.test import RequestFactory

from accounts.models import User
from core.admin import ModelAdmin
from core.middleware import render
from tests.architecture.routes import Route, all_routes
from tests.architecture.world import GROUPS, PERSONAS, World

TABLE = Path(__file__).with_name("access.txt")
DOORS = ("/sign-in/", "/admin/login/")
MODEL_PAGE = re.compile(r"/admin/(\w+)/(\w+)/(?:add/|<path:object_id>/(?:history/|delete/|change/)?)?")
# In production the front server answers the first; the second is slow, and test_access.py says that it is public. The list
# of one app's models, and the answer to unknown addresses of the console, follow from the models.
NOT_WALKED = ("/media/public/", "/api/openapi.json", "/admin/(?P<")
WRITING = os.environ.get("WRITE_ACCESS") == "yes"


def lines_of(text: str) -> dict[str, str]:
    """{"METHOD template": outcomes} of the table."""
    rows = [line.split() for line in text.splitlines() if line and not line.startswith("#")]
    return {f"{method} {template}": " ".join(outcomes) for method, template, *outcomes in rows}


LISTED = lines_of(TABLE.read_text())
ROUTES = [
    route
    for route in all_routes()
    if not MODEL_PAGE.fullmatch(route.template) and not route.template.startswith(NOT_WALKED)
]
MODELS = sorted(model._meta.label_lower for model in admin.site._registry)


@pytest.fixture(scope="module")
def world(shared_db: None) -> Iterator[World]:
    """Made once for the module and committed; each request is rolled back. What would be printed is not set as PDF,
    nobody looks at the contexts of templates, and the page of an error is rendered once for each person.
    """
    with (
        mock.patch("payments.selectors.printed.pdf", return_value=b"%PDF"),
        mock.patch("contracts.selectors.printed.pdf", return_value=b"%PDF"),
        mock.patch("django.test.client.store_rendered_templates"),
        mock.patch("core.middleware.render", error_pages()),
    ):
        yield World()


def error_pages() -> Callable[..., Any]:
    """Instead of `render`: each page once for each person, in good standing or not."""
    pages: dict[tuple[object, ...], Any] = {}

    def render_once(request: Any, template: str, *args: Any, **kwargs: Any) -> Any:
        person = request.user
        standing = getattr(person, "email_verified_at", None) is None, getattr(person, "suspended_at", None) is None
        key = (template, person.pk, *standing)
        if key not in pages:
            pages[key] = render(request, template, *args, **kwargs)
        return pages[key]

    return render_once


def outcome(world: World, persona: str, method: str, template: str) -> str:
    """How far the persona gets:

    door, 401   asked to sign in
    403         seen, but refused
    404         not there, as far as this person can tell
    409         the state of things does not allow it (any more): the person might
    400, form   something in what was sent, or the person's standing, is refused in the form itself: nothing was done
    ok          done, or shown
    405         there is no such method
    """
    with transaction.atomic() as unit:
        transaction.get_connection().atomic_blocks[-1]._from_testcase = True  # services may ask for a whole transaction
        del unit
        response = world.ask(persona, method, template)
        transaction.set_rollback(True)
    status = response.status_code
    assert status < 500, f"{method} {template} for {persona}: {status}"
    if status == 302 and response["Location"].startswith(DOORS):
        return "door"
    if status == 200 and method == "POST" and not template.startswith(("/api", "/admin")):
        return "form"
    if status < 400:
        return "ok"
    return str(status)


def line(key: str, outcomes: list[str]) -> str:
    method, template = key.split(maxsplit=1)
    return f"{method:<6} {template:<58} " + " ".join(f"{word:<5}" for word in outcomes).rstrip()


def compare(found: dict[str, list[str]]) -> None:
    """With the table; or, on purpose, write it."""
    differing = {key: words for key, words in found.items() if LISTED.get(key) != " ".join(words)}
    if WRITING:
        write(differing)
        return
    wanted = "\n".join(line(key, words) for key, words in differing.items())
    assert not differing, f"access.txt does not have these lines (columns: {' '.join(PERSONAS)}):\n{wanted}"


def write(found: dict[str, list[str]]) -> None:
    head = [row for row in TABLE.read_text().splitlines() if row.startswith("#")]
    rows = {key: line(key, words.split()) for key, words in lines_of(TABLE.read_text()).items()}
    rows |= {key: line(key, words) for key, words in found.items()}
    body = [rows[key] for key in sorted(rows, key=lambda key: key.split()[::-1])]
    TABLE.write_text("\n".join([*head, "", *body]) + "\n")


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.template)
def test_everybody_gets_as_far_as_the_table_says(world: World, route: Route) -> None:
    found: dict[str, list[str]] = {}
    for method in route.methods:
        outcomes = [outcome(world, persona, method, route.template) for persona in PERSONAS]
        if set(outcomes) <= {"door", "401", "405"} and "405" in outcomes:
            continue  # the view has no such method; strangers are asked who they are all the same
        found[f"{method} {route.template}"] = outcomes
    compare(found)


@pytest.mark.parametrize("model", MODELS)
def test_staff_get_as_far_in_the_console_as_the_table_says(world: World, model: str) -> None:
    """Of each model: v(iew), a(dd), c(hange), d(elete), by asking for it; nobody else gets in at all."""
    page = f"/admin/{model.replace('.', '/')}/"
    for persona in ("owner", "party"):
        assert outcome(world, persona, "GET", page) == "door", f"{persona} is in the console"
    row = apps.get_model(model).objects.values_list("pk", flat=True).first() or 1
    rights = [console_rights(world, group, page, row) for group in GROUPS]
    compare({f"ADMIN {model}": ["door", *["door"] * 6, *rights]})


def console_rights(world: World, group: str, page: str, row: Any) -> str:
    asked = {
        "v": ("GET", page),
        "a": ("GET", f"{page}add/"),
        "c": ("POST", f"{page}{row}/change/"),
        "d": ("POST", f"{page}{row}/delete/"),
    }
    refused = {"403", "door"}
    got = {letter for letter, (method, path) in asked.items() if outcome(world, group, method, path) not in refused}
    return "".join(letter for letter in "vacd" if letter in got) or "-"


def test_what_can_be_changed_in_the_console_is_recorded() -> None:
    """Pages that packages bring along do not report to the audit log: they may only be read."""
    foreign = {model for model, page in admin.site._registry.items() if not isinstance(page, ModelAdmin)}
    assert {model._meta.label for model in foreign} == {"procrastinate.ProcrastinateJob"}
    request = RequestFactory().get("/admin/")
    request.user = User(is_superuser=True, is_staff=True)
    for model in foreign:
        page = admin.site._registry[model]
        assert not page.has_add_permission(request)
        assert not page.has_change_permission(request)
        assert not page.has_delete_permission(request)


def test_the_table_names_only_what_there_is() -> None:
    there = {f"{method} {route.template}" for route in ROUTES for method in route.methods}
    there |= {f"ADMIN {model}" for model in MODELS}
    assert sorted(set(LISTED) - there) == []


@pytest.mark.skipif(WRITING, reason="the table is being written")
def test_a_missing_line_is_printed_whole() -> None:
    with pytest.raises(AssertionError, match=r"GET +/nowhere/ +ok +404"):
        compare({"GET /nowhere/": ["ok", "404"]})


@pytest.mark.skipif(WRITING, reason="the table is being written")
@pytest.mark.parametrize(
    ("persona", "method", "template", "broken"),
    [
        ("freelancer", "GET", "/api/contracts/<uuid:pk>", "contracts.querysets.ContractQuerySet.visible_to"),
        ("freelancer", "GET", "/contracts/<uuid:pk>/", "contracts.querysets.ContractQuerySet.visible_to"),
        ("client", "GET", "/api/payments/<int:pk>", "payments.querysets.PaymentQuerySet.visible_to"),
    ],
)
def test_a_check_that_is_gone_is_noticed(
    world: World, monkeypatch: pytest.MonkeyPatch, persona: str, method: str, template: str, broken: str
) -> None:
    def everything(rows: Any, *_: Any) -> Any:
        return rows.all()

    listed = LISTED[f"{method} {template}"].split()[PERSONAS.index(persona)]
    assert outcome(world, persona, method, template) == listed == "404"
    monkeypatch.setattr(broken, everything)
    assert outcome(world, persona, method, template) != listed
