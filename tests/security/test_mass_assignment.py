"""What a request may not set, it cannot: the name of every column, sent to every address that writes, changes nothing.

Each request is made twice, as it should be and with all those names added, and both are rolled back: the rows afterwards
must be the same.
"""

import re
from collections import Counter
from typing import Any
from unittest import mock

import orjson
import pytest
from django.apps import apps
from django.db import connection, models, transaction
from drf_spectacular.generators import SchemaGenerator
from rest_framework.response import Response

from accounts.api.views.people import MeView
from accounts.models import AuditEvent, IdempotencyRecord, User
from gigs.models import Town
from tests.architecture.routes import Route, all_routes
from tests.architecture.source import APPS
from tests.architecture.world import BODIES, World

OURS = [model for app in APPS for model in apps.get_app_config(app).get_models(include_auto_created=True)]
# The first two tell of the request itself; no request writes the gazetteer, which is large.
KEPT = [model for model in OURS if model not in {AuditEvent, IdempotencyRecord, Town}]
HOSTILE_TEXT, HOSTILE_NUMBER, HOSTILE_YEAR = "hostile", 987_654, 2001
DRAWN = {"secret", "previous_secret", "prefix", "digest"}  # by lot, where there is one
WRITING = ("POST", "PUT", "PATCH")
# Not JSON, or about nothing that a row keeps.
NOT_SENT = {
    "/api/upload/profile",
    "/api/upload/gig",
    "/api/uploads",
    "/api/stripe/webhooks",
    "/api/paypal/webhooks",
    "/api/",
}
ROUTES = [
    (method, route)
    for route in all_routes()
    if route.is_api and route.template not in NOT_SENT
    for method in route.methods
    if method in WRITING
]

Rows = Counter[tuple[Any, ...]]
Tables = dict[type[models.Model], Rows]


@pytest.fixture(scope="module")
def world(shared_db: None) -> World:
    return World()


@pytest.fixture(scope="module")
def before(world: World) -> Tables:
    """Every row as it stands without any request."""
    return {model: rows_of(model) for model in KEPT}


@pytest.fixture(scope="module")
def accepted() -> dict[str, set[str]]:
    """The names that each operation says it reads, by "METHOD /path/{}"."""
    document = SchemaGenerator().get_schema(request=None, public=True)
    found: dict[str, set[str]] = {}
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            content = operation.get("requestBody", {}).get("content", {})
            names = set[str]().union(*(_names(part["schema"], document) for part in content.values()))
            found[f"{method.upper()} {re.sub('{.*?}', '{}', path)}"] = names
    return found


def _names(schema: dict[str, Any], document: dict[str, Any]) -> set[str]:
    if reference := schema.get("$ref"):
        return _names(document["components"]["schemas"][reference.rpartition("/")[2]], document)
    names = set(schema.get("properties", {}))
    for part in (*schema.get("allOf", ()), *schema.get("oneOf", ()), *schema.get("anyOf", ())):
        names |= _names(part, document)
    return names


def hostile_values() -> dict[str, Any]:
    """Something for each column of each of our models, by its name and by its name in the database."""
    values: dict[str, Any] = {}
    for model in OURS:
        for field in (*model._meta.concrete_fields, *model._meta.many_to_many):
            for name in {field.name, getattr(field, "attname", field.name)}:
                values.setdefault(name, _hostile(field))
    return values


def _hostile(field: Any) -> Any:
    if field.is_relation:
        return 1
    if isinstance(field, models.BooleanField):
        return not field.get_default()
    if isinstance(field, models.DateField):
        return f"{HOSTILE_YEAR}-01-01T00:00:00Z" if isinstance(field, models.DateTimeField) else f"{HOSTILE_YEAR}-01-01"
    if isinstance(field, models.IntegerField | models.DecimalField | models.FloatField):
        return HOSTILE_NUMBER
    if field.choices:
        return field.choices[-1][0]
    return HOSTILE_TEXT


def written_by(world: World, persona: str, method: str, route: Route, more: dict[str, Any]) -> tuple[int, Tables]:
    """The status, and the rows of the tables that the request wrote to, which is then taken back."""
    body = BODIES.get(f"{method} {route.template}", lambda _: {})(world)
    with transaction.atomic():
        transaction.get_connection().atomic_blocks[-1]._from_testcase = True
        with mock.patch.object(World, "_encoded", return_value=_json(more | body)):
            response = world.ask(persona, method, route.template)
        written = written_tables()
        transaction.set_rollback(True)
    return response.status_code, written


def _json(body: dict[str, Any]) -> dict[str, Any]:
    return {"data": orjson.dumps(body), "content_type": "application/json"}


def written_tables() -> Tables:
    """As they stand in this transaction. To read all of them after each request would take most of the time."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT relname FROM pg_stat_xact_user_tables WHERE n_tup_ins + n_tup_upd + n_tup_del > 0")
        written = {name for (name,) in cursor.fetchall()}
    return {model: rows_of(model) for model in KEPT if model._meta.db_table in written}


def rows_of(model: type[models.Model]) -> Rows:
    fields = model._meta.concrete_fields
    return Counter(
        (model._meta.label, *(_said(field, value) for field, value in zip(fields, row, strict=True)))
        for row in model._base_manager.values_list(*(field.attname for field in fields))
    )


def _said(field: Any, value: Any) -> Any:
    """What of a value is the same when the same is done again: not ids, times or what was drawn by lot."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(field, models.DateField):
        return "hostile time" if value.year == HOSTILE_YEAR else "a time"
    if field.primary_key or field.is_relation or isinstance(field, models.UUIDField) or field.name == "posted_in":
        return "an id"
    if isinstance(value, int):
        return value
    if value and field.name in DRAWN and HOSTILE_TEXT not in str(value):
        return "drawn"
    text = re.sub(r"[\w.-]*\d[\w.-]*", "#", str(value))
    return "hostile" if HOSTILE_TEXT in str(value) else text


def differing(
    world: World, before: Tables, persona: str, method: str, route: Route, accepted: dict[str, set[str]]
) -> Rows:
    """Rows that are there only when the names are sent too."""
    read = accepted[f"{method} {re.sub('<.*?>', '{}', route.template)}"]
    more = {name: value for name, value in hostile_values().items() if name not in read}
    assert "is_staff" in more and "email_verified_at" in more
    plain_status, plain = written_by(world, persona, method, route, {})
    status, hostile = written_by(world, persona, method, route, more)
    assert status == plain_status, (
        f"{method} {route.template}: {plain_status}, and {status} with names that it does not read"
    )
    return sum(((before | hostile)[model] - (before | plain)[model] for model in {*plain, *hostile}), Rows())


@pytest.mark.parametrize(("method", "route"), ROUTES, ids=lambda part: getattr(part, "template", part))
@pytest.mark.parametrize("persona", ["owner", "party"])
def test_no_column_is_written_by_its_name(
    world: World, before: Tables, accepted: dict[str, set[str]], persona: str, method: str, route: Route
) -> None:
    assert differing(world, before, persona, method, route, accepted) == Rows()


def test_a_view_that_writes_what_it_is_sent_is_noticed(
    world: World, before: Tables, accepted: dict[str, set[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    def careless(self: MeView, request: Any, *args: Any, **kwargs: Any) -> Response:
        User.objects.filter(pk=request.user.pk).update(is_staff=request.data.get("is_staff", False))
        return Response({})

    monkeypatch.setattr(MeView, "patch", careless)
    [me] = [route for route in all_routes() if route.template == "/api/auth/me"]
    assert differing(world, before, "owner", "PATCH", me, accepted) != Rows()
