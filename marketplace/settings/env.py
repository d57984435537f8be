"""Typed readers of environment variables. Every variable is described in `.env.example`."""

import os
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

_REQUIRED = object()


def load_defaults(path: Path) -> None:
    """Read KEY=VALUE lines of `path`, if it exists, without overriding the real environment."""
    if not path.is_file():
        return
    for line in path.read_text().splitlines():
        key, separator, value = line.partition("=")
        if separator and not line.startswith("#"):
            os.environ.setdefault(key.strip(), value.strip())


def text(name: str, default: object = _REQUIRED) -> str:
    """The variable, or the content of the file named by `<name>_FILE` (for mounted secrets)."""
    if secret_file := os.environ.get(f"{name}_FILE"):
        return Path(secret_file).read_text().strip()
    value = os.environ.get(name, default)
    if value is _REQUIRED or (value == "" and default is _REQUIRED):
        raise ImproperlyConfigured(f"Set the environment variable {name} (see .env.example).")
    return str(value)


def flag(name: str, default: bool) -> bool:
    value = text(name, str(default)).lower()
    if value not in {"1", "0", "true", "false", "yes", "no", "on", "off"}:
        raise ImproperlyConfigured(f"{name} must be true or false, not {value!r}.")
    return value in {"1", "true", "yes", "on"}


def number(name: str, default: int) -> int:
    value = text(name, str(default))
    try:
        return int(value)
    except ValueError as error:
        raise ImproperlyConfigured(f"{name} must be a whole number, not {value!r}.") from error


def words(name: str, default: str = "") -> list[str]:
    """A comma-separated list."""
    return [word.strip() for word in text(name, default).split(",") if word.strip()]


def rates(name: str) -> dict[str, int]:
    """ "DE:1900,FR:2000" as {"DE": 1900, "FR": 2000}, in basis points."""
    return {key: _rate(name, rate) for key, rate in keys(name).items()}


def _rate(name: str, value: str) -> int:
    if not value.isdecimal() or int(value) > 10_000:
        raise ImproperlyConfigured(f"{name} must give whole hundredths of a percent up to 10000, not {value!r}.")
    return int(value)


def keys(name: str) -> dict[str, str]:
    """ "newest:secret,older:secret" as {"newest": "secret", ...}, in that order."""
    pairs = [word.partition(":") for word in words(name)]
    if not all(key and secret for key, _, secret in pairs):
        raise ImproperlyConfigured(f"{name} must be a list of name:secret, with commas between them.")
    return {key: secret for key, _, secret in pairs}


def database(name: str) -> dict[str, object]:
    """A PostgreSQL address (`postgres://user:password@host:port/name`, or `?host=/socket/folder`) as Django's settings."""
    url = urlsplit(text(name))
    if url.scheme not in {"postgres", "postgresql"}:
        raise ImproperlyConfigured(f"{name} must be a postgres:// address.")
    options: dict[str, object] = dict(parse_qsl(url.query))
    return {
        "ENGINE": "core.database",
        "NAME": unquote(url.path.lstrip("/")),
        "USER": unquote(url.username or ""),
        "PASSWORD": unquote(url.password or ""),
        "HOST": options.pop("host", url.hostname or ""),
        "PORT": options.pop("port", url.port or ""),
        # What is sent often is planned once in each connection.
        "OPTIONS": {"server_side_binding": True, "prepare_threshold": 5, **options},
    }
