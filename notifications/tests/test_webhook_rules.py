"""What webhooks are made of."""

import ast
import re
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from notifications.rules import EVENTS, new_secret, signature, wait_after
from tests.architecture.source import python_files


def test_the_signature_is_that_of_the_specification() -> None:
    """The example of Standard Webhooks."""
    made = signature(
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        message_id="msg_p5jXN8AQM9LWM0D4loKWxJek",
        timestamp=1614265330,
        body=b'{"test": 2432232314}',
    )
    assert made == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_secrets_are_long_and_all_different() -> None:
    made = {new_secret() for _ in range(50)}
    assert len(made) == 50
    assert all(re.fullmatch(r"whsec_[A-Za-z0-9+/]{43}=", secret) for secret in made)


@pytest.mark.parametrize(("attempts", "seconds"), [(1, 5), (2, 20), (3, 80), (7, 20_480), (8, 43_200), (200, 43_200)])
def test_waits_grow_up_to_half_a_day_and_are_spread(attempts: int, seconds: int) -> None:
    assert wait_after(attempts, 0.5) == timedelta(seconds=seconds)
    assert wait_after(attempts, 0) == timedelta(seconds=seconds * 0.75)
    assert wait_after(attempts, 1) == timedelta(seconds=seconds * 1.25)


def test_every_kind_of_news_is_a_listed_event() -> None:
    sources = [path.read_text() for path in python_files()]
    shared = {name: place for source in sources for name, place in passing_on(source).items() if name[0] != "_"}
    told = {kind for source in sources for kind in kinds_told(source, shared)}
    assert told - {"announcement"} == set(EVENTS) - {"announcement"}


def passing_on(source: str) -> dict[str, int]:
    """The functions of a module that pass a `kind` on to `notify`, and at which place they are given it."""
    if "notify" not in source:
        return {}
    return {
        function.name: [argument.arg for argument in function.args.args].index("kind")
        for function in ast.walk(ast.parse(source))
        if isinstance(function, ast.FunctionDef) and "kind" in [argument.arg for argument in function.args.args]
    }


def kinds_told(source: str, shared: dict[str, int]) -> set[str]:
    """The values of `kind` that a module gives to `notify`, itself or by a function that passes it on (of another, if shared)."""
    calls = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)]
    named = [word.value for call in calls if _name(call) == "notify" for word in call.keywords if word.arg == "kind"]
    kinds = {value.value for value in named if isinstance(value, ast.Constant)}
    passed_on = shared | passing_on(source)
    places = [(call, passed_on[_name(call)]) for call in calls if _name(call) in passed_on]
    return kinds | {call.args[place].value for call, place in places if isinstance(call.args[place], ast.Constant)}


def _name(call: ast.Call) -> str:
    return getattr(call.func, "id", getattr(call.func, "attr", ""))


def test_the_documents_example_accepts_what_is_signed() -> None:
    """docs/webhooks.md, as a receiver would copy it."""
    text = Path(settings.BASE_DIR, "docs/webhooks.md").read_text()
    example: dict[str, Any] = {}
    exec(re.search(r"```python\n(.*?)```", text, re.DOTALL)[1], example)
    secret, now, body = new_secret(), int(time.time()), b'{"type": "test"}'
    headers = {
        "webhook-id": "m1",
        "webhook-timestamp": str(now),
        "webhook-signature": f"v1,c3RhbGU= {signature(secret, message_id='m1', timestamp=now, body=body)}",
    }
    check = example["is_from_guildhall"]
    assert check(secret, headers, body)
    assert not check(secret, headers, body + b" ")
    assert not check(new_secret(), headers, body)
    assert not check(secret, headers | {"webhook-timestamp": str(now - 301)}, body)
