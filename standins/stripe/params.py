"""Form-encoded parameters: decoding of nested brackets, and the checks that come before any work."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from .errors import InvalidParameter

KEY = re.compile(r"^([^\[\]]+)((?:\[[^\[\]]*\])*)$")
INTEGER = re.compile(r"^[+-]?\d{1,18}$")
EMAIL = re.compile(r"^[^@\s]+@[^@\s.]+(\.[^@\s.]+)+$")

MAXIMUM_METADATA_KEYS = 50
MAXIMUM_DEPTH = 8


def decode(encoded: str) -> dict[str, Any]:
    """`a[b][c]=1&d[]=2&e[0][f]=3` as `{"a": {"b": {"c": "1"}}, "d": ["2"], "e": [{"f": "3"}]}`."""
    tree: dict[str, Any] = {}
    for key, value in parse_qsl(encoded, keep_blank_values=True):
        _place(tree, key, value)
    return {name: _with_lists(node) for name, node in tree.items()}


def _place(tree: dict[str, Any], key: str, value: str) -> None:
    match = KEY.match(key)
    if match is None:
        raise InvalidParameter(f"Invalid parameter name: {key}", param=key)
    steps = [match[1], *re.findall(r"\[([^\[\]]*)\]", match[2])]
    if len(steps) > MAXIMUM_DEPTH:
        raise InvalidParameter(f"Parameter is nested too deeply: {key}", param=key)
    node = tree
    for step in steps[:-1]:
        child = node.setdefault(step or str(len(node)), {})
        if not isinstance(child, dict):
            raise InvalidParameter(f"Parameter given both as a value and as a hash: {match[1]}", param=match[1])
        node = child
    node[steps[-1] or str(len(node))] = value


def _with_lists(node: Any) -> Any:
    if not isinstance(node, dict):
        return node
    children = {name: _with_lists(child) for name, child in node.items()}
    if children and all(name.isdigit() for name in children):
        return [children[name] for name in sorted(children, key=int)]
    return children


@dataclass(frozen=True, kw_only=True)
class Param:
    """What one parameter may be. `parse` gives its value, or None when an empty string clears it."""

    required: bool = False
    clearable: bool = False

    def parse(self, raw: Any, name: str) -> Any:
        if raw == "":
            if self.clearable:
                return None
            message = (
                f"You passed an empty string for '{name}'. We assume empty values are an attempt to unset a parameter; "
                f"however '{name}' cannot be unset. You should remove '{name}' from your request or supply a "
                "non-empty value."
            )
            raise InvalidParameter(message, code="parameter_invalid_empty", param=name)
        return self.value(raw, name)

    def value(self, raw: Any, name: str) -> Any:
        raise NotImplementedError


def _scalar(raw: Any, name: str, kind: str) -> str:
    if not isinstance(raw, str):
        raise InvalidParameter(f"Invalid {kind}: {name}", param=name, code=f"parameter_invalid_{kind}")
    return raw


@dataclass(frozen=True, kw_only=True)
class Text(Param):
    clearable: bool = True
    max_length: int = 5000

    def value(self, raw: Any, name: str) -> str:
        text = _scalar(raw, name, "string")
        if len(text) > self.max_length:
            message = f"Invalid string: {text[:20]}…; must be at most {self.max_length} characters"
            raise InvalidParameter(message, param=name)
        return text


@dataclass(frozen=True, kw_only=True)
class Id(Text):
    """A reference to another object; the endpoint looks it up."""

    clearable: bool = False
    max_length: int = 255


@dataclass(frozen=True, kw_only=True)
class Descriptor(Text):
    """Text on a bank statement."""

    max_length: int = 22

    def value(self, raw: Any, name: str) -> str:
        text = super().value(raw, name)
        if not re.search(r"[A-Za-z]", text) or re.search(r"[<>\\'\"*]", text):
            message = "The statement descriptor must contain a letter and none of the characters < > \\ ' \" *"
            raise InvalidParameter(message, param=name)
        return text


@dataclass(frozen=True, kw_only=True)
class Email(Text):
    max_length: int = 512

    def value(self, raw: Any, name: str) -> str:
        email = super().value(raw, name)
        if not EMAIL.match(email):
            raise InvalidParameter(f"Invalid email address: {email}", code="email_invalid", param=name)
        return email


@dataclass(frozen=True, kw_only=True)
class Url(Text):
    clearable: bool = False

    def value(self, raw: Any, name: str) -> str:
        url = super().value(raw, name)
        if not re.match(r"^https?://[^\s/]+", url):
            raise InvalidParameter("Not a valid URL", code="url_invalid", param=name)
        return url


@dataclass(frozen=True, kw_only=True)
class Currency(Text):
    clearable: bool = False

    def value(self, raw: Any, name: str) -> str:
        return super().value(raw, name).lower()


@dataclass(frozen=True)
class Choice(Param):
    options: tuple[str, ...]

    def value(self, raw: Any, name: str) -> str:
        if raw not in self.options:
            raise InvalidParameter(f"Invalid {name}: must be {_alternatives(self.options)}", param=name)
        return str(raw)


def _alternatives(options: tuple[str, ...]) -> str:
    if len(options) == 1:
        return options[0]
    separator = ", or " if len(options) > 2 else " or "
    return "one of " + ", ".join(options[:-1]) + separator + options[-1]


@dataclass(frozen=True, kw_only=True)
class Integer(Param):
    minimum: int | None = None
    maximum: int | None = None

    def value(self, raw: Any, name: str) -> int:
        code = "parameter_invalid_integer"
        text = _scalar(raw, name, "integer")
        if not INTEGER.match(text):
            raise InvalidParameter(f"Invalid integer: {text}", code=code, param=name)
        number = int(text)
        if self.minimum is not None and number < self.minimum:
            message = f"This value must be greater than or equal to {self.minimum}."
            raise InvalidParameter(message, code=code, param=name)
        if self.maximum is not None and number > self.maximum:
            message = f"This value must be less than or equal to {self.maximum} (it currently is '{number}')."
            raise InvalidParameter(message, code=code, param=name)
        return number


@dataclass(frozen=True, kw_only=True)
class Number(Param):
    """A share that need not be whole, from nothing to `maximum`."""

    maximum: float

    def value(self, raw: Any, name: str) -> float:
        text = _scalar(raw, name, "number")
        if not re.fullmatch(r"\d{1,9}(\.\d{1,6})?", text) or float(text) > self.maximum:
            raise InvalidParameter(f"Invalid decimal: {text}; must be at most {self.maximum}", param=name)
        return float(text)


@dataclass(frozen=True, kw_only=True)
class Boolean(Param):
    def value(self, raw: Any, name: str) -> bool:
        if raw not in ("true", "false"):
            raise InvalidParameter(f"Invalid boolean: {raw}", param=name)
        return bool(raw == "true")


@dataclass(frozen=True, kw_only=True)
class OffSession(Param):
    """A boolean, or how the payment recurs."""

    def value(self, raw: Any, name: str) -> bool:
        return raw in ("one_off", "recurring") or Boolean().value(raw, name)


@dataclass(frozen=True)
class Hash(Param):
    fields: Mapping[str, Param] = field(default_factory=dict)

    def value(self, raw: Any, name: str) -> dict[str, Any]:
        if not isinstance(raw, dict):
            raise InvalidParameter(f"Invalid object: {name}", param=name)
        return parse(self.fields, raw, within=name)


@dataclass(frozen=True, kw_only=True)
class AnyHash(Param):
    """A hash that Stripe takes and that changes nothing here."""

    clearable: bool = True

    def value(self, raw: Any, name: str) -> dict[str, Any]:
        if not isinstance(raw, dict):
            raise InvalidParameter(f"Invalid object: {name}", param=name)
        return raw


@dataclass(frozen=True)
class ListOf(Param):
    item: Param

    def value(self, raw: Any, name: str) -> list[Any]:
        if not isinstance(raw, list):
            raise InvalidParameter(f"Invalid array: {name}", param=name)
        return [self.item.parse(element, f"{name}[{position}]") for position, element in enumerate(raw)]


@dataclass(frozen=True)
class IdOr(Param):
    """A reference to something that is there, or a hash that describes it."""

    described: Hash

    def value(self, raw: Any, name: str) -> str | dict[str, Any]:
        return Id().value(raw, name) if isinstance(raw, str) else self.described.value(raw, name)


@dataclass(frozen=True, kw_only=True)
class Metadata(Param):
    """Only the given keys change; an empty value removes its key, an empty string removes them all (None)."""

    clearable: bool = True

    def value(self, raw: Any, name: str) -> dict[str, str]:
        if isinstance(raw, list):
            raw = {str(position): value for position, value in enumerate(raw)}
        if not isinstance(raw, dict):
            raise InvalidParameter("Invalid metadata: must be a hash", param=name)
        for key, value in raw.items():
            if not isinstance(value, str):
                raise InvalidParameter(f"Metadata values must be strings, {key} is not", param=f"{name}[{key}]")
            if len(key) > 40 or len(value) > 500:
                message = "Metadata keys have at most 40 characters and values at most 500"
                raise InvalidParameter(message, param=f"{name}[{key}]")
        return raw


@dataclass(frozen=True, kw_only=True)
class Range(Param):
    """A moment, or bounds `gt`, `gte`, `lt`, `lte`."""

    def value(self, raw: Any, name: str) -> dict[str, int]:
        if isinstance(raw, str):
            return {"eq": Integer().value(raw, name)}
        bounds = {bound: Integer() for bound in ("gt", "gte", "lt", "lte")}
        return Hash(bounds).value(raw, name)


Schema = dict[str, Param]

LIST: Schema = {
    "limit": Integer(minimum=1, maximum=100),
    "starting_after": Id(),
    "ending_before": Id(),
    "created": Range(),
}
ADDRESS = Hash({name: Text() for name in ("city", "country", "line1", "line2", "postal_code", "state")}, clearable=True)
SHIPPING = Hash(
    {"address": ADDRESS, "name": Text(), "phone": Text(), "carrier": Text(), "tracking_number": Text()}, clearable=True
)
BILLING_DETAILS = Hash(
    {"address": ADDRESS, "email": Email(), "name": Text(), "phone": Text(), "tax_id": Text()}, clearable=True
)


def parse(schema: Mapping[str, Param], raw: Mapping[str, Any], *, within: str = "") -> dict[str, Any]:
    """The values of the given parameters, and only of those."""
    unknown = [_path(within, name) for name in raw if name not in schema]
    if unknown:
        noun = "parameter" if len(unknown) == 1 else "parameters"
        message = f"Received unknown {noun}: {', '.join(unknown)}"
        raise InvalidParameter(message, code="parameter_unknown", param=unknown[0])
    for name, param in schema.items():
        if param.required and name not in raw:
            path = _path(within, name)
            raise InvalidParameter(f"Missing required param: {path}.", code="parameter_missing", param=path)
    return {name: schema[name].parse(value, _path(within, name)) for name, value in raw.items()}


def _path(within: str, name: str) -> str:
    return f"{within}[{name}]" if within else name


def merge_metadata(current: Mapping[str, str], given: Mapping[str, str] | None) -> dict[str, str]:
    if given is None:
        return {}
    merged = {key: value for key, value in (dict(current) | dict(given)).items() if value != ""}
    if len(merged) > MAXIMUM_METADATA_KEYS:
        message = f"Metadata can have at most {MAXIMUM_METADATA_KEYS} keys"
        raise InvalidParameter(message, param="metadata")
    return merged
