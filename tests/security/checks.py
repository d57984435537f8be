"""What a security check is: something that holds, and that stops holding when its protection is taken away."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any, NamedTuple
from unittest import mock

import pytest
from django.conf import settings
from django.test import override_settings

Removal = Callable[[], AbstractContextManager[Any]]


class Check(NamedTuple):
    """`holds` asserts; `without` is the world in which nothing protects it, so that the assertion must fail there."""

    what: str
    holds: Callable[[], None]
    without: Removal


def table(checks: list[Check]) -> Any:
    """Parametrise a test by the checks."""
    return pytest.mark.parametrize("check", checks, ids=[check.what.replace(" ", "-") for check in checks])


def fails_without_protection(check: Check) -> None:
    with check.without(), pytest.raises(AssertionError):
        check.holds()


def without_middleware(name: str) -> Removal:
    """The site without the middleware of this class."""
    return lambda: override_settings(MIDDLEWARE=[path for path in settings.MIDDLEWARE if not path.endswith(f".{name}")])


def with_settings(**values: Any) -> Removal:
    return lambda: override_settings(**values)


def replaced(target: str, by: Any) -> Removal:
    return lambda: mock.patch(target, by)
