"""Compares answers of the API with what its OpenAPI document says of them."""

import re
from collections.abc import Callable, Iterator
from typing import Any

from drf_spectacular.generators import SchemaGenerator
from rest_framework.test import APIClient

Schema = dict[str, Any]

FORMATS = {
    "date-time": re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z"),
    "date": re.compile(r"\d{4}-\d\d-\d\d"),
    "uuid": re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"),
}
TYPES: dict[str, Callable[[Any], bool]] = {
    "string": lambda value: isinstance(value, str),
    "integer": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "number": lambda value: isinstance(value, int | float) and not isinstance(value, bool),
    "boolean": lambda value: isinstance(value, bool),
    "array": lambda value: isinstance(value, list),
    "object": lambda value: isinstance(value, dict),
}


class Description:
    def __init__(self) -> None:
        self.document: Schema = SchemaGenerator().get_schema(request=None, public=True)
        self.components: dict[str, Schema] = self.document["components"]["schemas"]
        self.met: set[str] = set()
        self._paths = {re.compile(re.sub(r"{\w+}", "[^/]+", path)): path for path in self.document["paths"]}

    def answer(self, method: str, path: str, status: int) -> Schema | None:
        """What that status of the operation answers; None for nothing."""
        template = self._template(path)
        responses = self.document["paths"][template][method.lower()]["responses"]
        assert str(status) in responses, f"{method} {path} answered {status}, which is not described"
        content = responses[str(status)].get("content", {})
        return next((one["schema"] for one in content.values()), None)

    def _template(self, path: str) -> str:
        matching = [template for pattern, template in self._paths.items() if pattern.fullmatch(path)]
        return min(matching, key=lambda template: template.count("{"))

    def objects_answered(self) -> set[str]:
        """Names of the objects that answers are made of, refusals apart."""
        found: set[str] = set()
        for methods in self.document["paths"].values():
            for operation in methods.values():
                for status, response in operation["responses"].items():
                    if status < "300":
                        self._gather(response, found)
        return {name for name in found if self.components[name].get("type") == "object"}

    def _gather(self, schema: Any, found: set[str]) -> None:
        if isinstance(schema, list):
            for part in schema:
                self._gather(part, found)
        elif isinstance(schema, dict):
            name = _component(schema)
            if name in self.components and name not in found:
                found.add(name)
                self._gather(self.components[name], found)
            for part in schema.values():
                self._gather(part, found)

    def differences(self, value: Any, schema: Schema, at: str = "$") -> Iterator[str]:
        """Where the value is not as described. A key too many counts as much as one too few."""
        if name := _component(schema):
            self.met.add(name)
            yield from self.differences(value, self.components[name], at)
        elif value is None and schema.get("nullable"):
            return
        elif "allOf" in schema:
            for part in schema["allOf"]:
                yield from self.differences(value, part, at)
        elif "oneOf" in schema:
            if all(list(self.differences(value, part, at)) for part in schema["oneOf"]):
                yield f"{at} is none of what it could be: {value!r}"
        elif not TYPES.get(schema.get("type", ""), lambda value: True)(value):
            yield f"{at} is not {schema['type']}: {value!r}"
        elif "enum" in schema and value not in schema["enum"]:
            yield f"{at} is not one of {schema['enum']}: {value!r}"
        elif schema.get("format") in FORMATS and not FORMATS[schema["format"]].fullmatch(value):
            yield f"{at} is not {schema['format']}: {value!r}"
        elif isinstance(value, list):
            for index, item in enumerate(value):
                yield from self.differences(item, schema.get("items", {}), f"{at}[{index}]")
        elif isinstance(value, dict):
            yield from self._differences_of_object(value, schema, at)

    def _differences_of_object(self, value: dict[str, Any], schema: Schema, at: str) -> Iterator[str]:
        declared, others = schema.get("properties", {}), schema.get("additionalProperties")
        for name in schema.get("required", []):
            if name not in value:
                yield f"{at}.{name} is missing"
        for name, item in value.items():
            if name in declared:
                yield from self.differences(item, declared[name], f"{at}.{name}")
            elif isinstance(others, dict):
                yield from self.differences(item, others, f"{at}.{name}")
            elif declared or others is None:
                yield f"{at}.{name} is not described"


def _component(schema: Schema) -> str:
    reference = schema.get("$ref", "")
    return reference.rpartition("/")[2] if isinstance(reference, str) else ""


class Reader:
    """A client of the API that compares each answer with its description."""

    def __init__(self, description: Description) -> None:
        self.description = description
        self.client = APIClient()

    def sign_in(self, email: str, password: str) -> "Reader":
        tokens = self.call("POST", "/api/auth/login", {"email": email, "password": password})
        self.client.credentials(HTTP_AUTHORIZATION=f"Bearer {tokens['access_token']}")
        return self

    def get(self, path: str, **params: Any) -> Any:
        return self._take("GET", path, self.client.get(path, params))

    def call(self, method: str, path: str, body: Any = None, **options: Any) -> Any:
        return self._take(
            method, path, self.client.generic(method, path) if body is None else self._send(method, path, body, options)
        )

    def _send(self, method: str, path: str, body: Any, options: dict[str, Any]) -> Any:
        return getattr(self.client, method.lower())(path, body, **options)

    def _take(self, method: str, path: str, response: Any) -> Any:
        assert response.status_code < 300, f"{method} {path}: {response.status_code} {response.content!r}"
        schema = self.description.answer(method, path, response.status_code)
        if schema is None:
            assert not response.content, f"{method} {path} answers with a body that is not described"
            return None
        answer = response.json() if response["Content-Type"] == "application/json" else response.content.decode()
        wrong = list(self.description.differences(answer, schema))
        assert not wrong, f"{method} {path}: " + "; ".join(wrong)
        return answer
