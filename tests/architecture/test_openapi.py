"""The description of the API is complete, valid and free of guesses."""

import re
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from drf_spectacular.generators import SchemaGenerator

from marketplace.api_words import EXAMPLES
from tests.architecture.routes import all_routes

# Nothing is created that a repetition would double; the answer of /api/api-keys is a secret, which we must not keep.
WITHOUT_KEY = {
    "/api/api-keys",
    "/api/auth/login", "/api/auth/refresh", "/api/auth/logout", "/api/auth/verify-email",
    "/api/auth/resend-verification", "/api/auth/forgot-password", "/api/auth/reset-password",
    "/api/auth/change-password", "/api/notifications/read-all", "/api/stripe/webhooks", "/api/paypal/webhooks",
    "/api/transactions/fee",
    "/api/ws/ticket", "/api/auth/change-email", "/api/auth/confirm-email-change", "/api/account/deactivate",
    "/api/account/erase",
    "/api/auth/confirm", "/api/wallet/payout-account/link", "/api/auth/2fa/verify", "/api/auth/2fa/enable",
    "/api/auth/2fa/confirm", "/api/auth/2fa/disable", "/api/auth/2fa/backup-codes", "/api/auth/passkeys/options",
    "/api/auth/passkey/options", "/api/auth/passkey/verify",
}  # fmt: skip
PAGE = {"count", "next", "previous", "results"}
# Pages that show the description itself, and the answer to unknown addresses.
NOT_DESCRIBED = {"/api/openapi.json", "/api/docs", "/api/redoc", "/api/"}


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    """With the shared answers in the place of their references."""
    described: dict[str, Any] = SchemaGenerator().get_schema(request=None, public=True)
    shared = described["components"]["responses"]
    for methods in described["paths"].values():
        for operation in methods.values():
            for status, response in operation["responses"].items():
                if "$ref" in response:
                    operation["responses"][status] = shared[response["$ref"].rpartition("/")[2]]
    return described


def operations(document: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    return [
        (method.upper(), path, operation)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    ]


def test_it_is_made_without_a_warning_and_is_valid(tmp_path: Path) -> None:
    call_command("spectacular", "--fail-on-warn", "--validate", "--file", str(tmp_path / "openapi.yaml"))


def test_it_has_every_method_of_every_address(document: dict[str, Any]) -> None:
    described = {(method, path) for method, path, _ in operations(document)}
    served = {
        (method, re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", route.template))
        for route in all_routes()
        if route.is_api and route.template not in NOT_DESCRIBED
        for method in route.methods
    }
    assert {(method, _nameless(path)) for method, path in described} == {
        (method, _nameless(path)) for method, path in served
    }


def _nameless(path: str) -> str:
    """spectacular calls `pk` `id`."""
    return re.sub(r"{\w+}", "{}", path)


def test_operations_have_names_of_their_own(document: dict[str, Any]) -> None:
    names = [operation["operationId"] for _, _, operation in operations(document)]
    assert sorted(names) == sorted(set(names))
    assert [name for name in names if re.search(r"_\d+$", name)] == []


def test_everything_that_creates_or_moves_money_takes_an_idempotency_key(document: dict[str, Any]) -> None:
    posts = [(path, operation) for method, path, operation in operations(document) if method == "POST"]
    assert {path for path, operation in posts if "Idempotency-Key" not in _parameters(operation)} == WITHOUT_KEY


def _parameters(operation: dict[str, Any]) -> set[str]:
    return {parameter["name"] for parameter in operation.get("parameters", [])}


def test_every_part_is_explained_and_every_example_belongs_to_an_operation(document: dict[str, Any]) -> None:
    used = {tag for _, _, operation in operations(document) for tag in operation["tags"]}
    assert used == {tag["name"] for tag in document["tags"]}
    assert EXAMPLES.keys() <= {operation["operationId"] for _, _, operation in operations(document)}


def test_a_key_is_offered_only_where_one_may_do_something(document: dict[str, Any]) -> None:
    offered = {path for _, path, operation in operations(document) if {"apiKey": []} in operation.get("security", [])}
    assert "/api/gigs" in offered
    assert not {"/api/auth/me", "/api/api-keys", "/api/users", "/api/stripe/refunds"} & offered
    assert "`gigs:write`" in document["paths"]["/api/gigs"]["post"]["description"]


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_has_only_fields_that_there_are(document: dict[str, Any], name: str) -> None:
    [operation] = [operation for _, _, operation in operations(document) if operation["operationId"] == name]
    schema = operation["requestBody"]["content"]["application/json"]["schema"]
    fields = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    assert EXAMPLES[name].keys() <= fields["properties"].keys()
    assert set(fields.get("required", [])) <= EXAMPLES[name].keys()


def test_every_list_is_a_page_or_a_stream(document: dict[str, Any]) -> None:
    lists = []
    for method, path, operation in operations(document):
        schema = _answered(document, operation)
        assert schema.get("type") != "array", f"{method} {path} answers all that there is"
        if "results" in schema.get("properties", {}):
            lists.append(path)
            assert schema["properties"].keys() in (PAGE, PAGE - {"count"}), f"{method} {path}"
    assert {"/api/contracts/{id}/history", "/api/wallet/entries"} <= set(lists)


def _answered(document: dict[str, Any], operation: dict[str, Any]) -> dict[str, Any]:
    """The shape of what it answers when all is well; empty for nothing, and for files."""
    well = min(operation["responses"])
    content = operation["responses"][well].get("content", {}).get("application/json", {"schema": {}})
    schema: dict[str, Any] = content["schema"]
    name = schema.get("$ref", "").rpartition("/")[2]
    return document["components"]["schemas"].get(name, schema)


def test_every_answer_tells_the_limits(document: dict[str, Any]) -> None:
    for method, path, operation in operations(document):
        for status, response in operation["responses"].items():
            assert "RateLimit-Remaining" in response["headers"], f"{method} {path} {status}"
        assert "Retry-After" in operation["responses"]["429"]["headers"]


def test_every_refusal_has_the_one_shape(document: dict[str, Any]) -> None:
    for method, path, operation in operations(document):
        for status, response in operation["responses"].items():
            if status >= "400" and "ready" not in path:
                assert _reference(response) == "#/components/schemas/Error", f"{method} {path} {status}"


def _reference(response: dict[str, Any]) -> str:
    [content] = response["content"].values()
    return str(content["schema"].get("$ref", ""))
