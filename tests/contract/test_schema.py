"""Whatever is sent to the API, the answer is one that its description names: never a 5xx, never another shape.

Schemathesis makes the calls from the OpenAPI document: valid ones, and odd ones. A few for each operation; more with
CONTRACT_EXAMPLES=200. The same calls each time, unless CONTRACT_SEED is set.
"""

import itertools
import os
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections, transaction
from drf_spectacular.generators import SchemaGenerator
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.strategies import SearchStrategy
from schemathesis.checks import not_a_server_error
from schemathesis.config import SchemathesisConfig
from schemathesis.generation import GenerationMode
from schemathesis.generation.case import Case
from schemathesis.schemas import APIOperation
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
)

from accounts import tokens
from accounts.models import AuthSession
from accounts.tests.factories import AuthSessionFactory
from payments.tests.fakes import use_provider
from tests.architecture.world import provider_of
from tests.contract.world import World

EXAMPLES = int(os.environ.get("CONTRACT_EXAMPLES", "6"))
SEED = int(os.environ.get("CONTRACT_SEED", "0"))
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    response_headers_conformance,
    unsupported_method,
]
# Names one of the caller's own sockets or sends a stranger's signed words: met by tests of their own.
LEFT_OUT = r"^/api/(health|stripe/webhooks|paypal/webhooks)"

schema = schemathesis.openapi.from_dict(
    SchemaGenerator().get_schema(request=None, public=True), config=SchemathesisConfig.from_dict({})
).exclude(path_regex=LEFT_OUT)
schema.app = get_wsgi_application()
OPERATIONS = [found.ok() for found in schema.get_all_operations()]


@pytest.fixture(autouse=True)
def _one_connection() -> Iterator[None]:
    """A server closes old connections around each request; here it would end the test's transaction."""
    signals = (request_started, request_finished)
    for signal in signals:
        signal.disconnect(close_old_connections)
    yield
    for signal in signals:
        signal.connect(close_old_connections)


@pytest.fixture(scope="module")
def world(shared_db: None) -> World:
    """Made once for the module and committed; each call is rolled back."""
    return World()


@pytest.fixture(autouse=True)
def _provider(world: World) -> Iterator[None]:
    with use_provider(provider_of(world.bank)):
        yield


@pytest.fixture
def callers(db: None, world: World) -> list[dict[str, str]]:
    """Headers of the two sides, of staff, and of nobody."""
    people = (world.client, world.freelancer, world.staff)
    return [*({"Authorization": f"Bearer {token_of(AuthSessionFactory.create(user=person))}"} for person in people), {}]


def token_of(session: AuthSession) -> str:
    pair = tokens.issue(session)
    session.save()
    return pair["access_token"]


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.label)
def test_answers_as_described(
    operation: APIOperation[Any, Any, Any, Any], world: World, callers: list[dict[str, str]]
) -> None:
    turns = itertools.count()

    @seed(SEED)
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=calls_of(operation))
    def call(case: Case) -> None:
        turn = next(turns)
        if turn % 2:
            case.path_parameters |= world.ids_for(case.operation.path)
        attempt = transaction.atomic()
        attempt._from_testcase = True  # type: ignore[attr-defined]  # what must be outermost may stand inside of it
        with attempt:
            response = case.call(headers=callers[turn // 2 % len(callers)])
            transaction.set_rollback(True)
        case.validate_response(response, checks=CHECKS)

    call()


def calls_of(operation: APIOperation[Any, Any, Any, Any]) -> SearchStrategy[Case]:
    """As described, and in some way not."""
    right = operation.as_strategy(generation_mode=GenerationMode.POSITIVE)
    if not operation.body and not list(operation.iter_parameters()):
        return right
    return right | operation.as_strategy(generation_mode=GenerationMode.NEGATIVE)
