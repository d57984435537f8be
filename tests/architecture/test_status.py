"""A status changes only by a move of its life cycle: `core.lifecycle` is the one writer, and keeps the history."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture.source import name_of, nodes, python_files

# Not life cycles: the HTTP status kept with an idempotency key, and the rows and pages of the demo neighbourhood.
ELSEWHERE = ("core/lifecycle.py", "core/idempotency.py", "marketplace/demo/")
UPDATING = {"update", "aupdate", "update_or_create", "aupdate_or_create"}
LISTING = {"save", "asave", "bulk_update", "abulk_update", "bulk_create"}


def writes_of_status(path: Path) -> Iterator[int]:
    """Lines that change the status of something that exists already."""
    return (node.lineno for node in nodes(path) if _writes_status(node))


def _writes_status(node: ast.AST) -> bool:
    if isinstance(node, ast.Attribute):
        return node.attr == "status" and isinstance(node.ctx, ast.Store | ast.Del)
    return isinstance(node, ast.Call) and _call_writes_status(node)


def _call_writes_status(call: ast.Call) -> bool:
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    if name == "setattr":
        return len(call.args) > 1 and _is_word(call.args[1])
    if name in UPDATING:
        named = {keyword.arg: keyword.value for keyword in call.keywords}
        return "status" in named or any(_is_word(node) for value in named.values() for node in _keys_in(value))
    if name in LISTING:
        listed = [*call.args, *(keyword.value for keyword in call.keywords)]
        return any(_is_word(node) for value in listed for node in ast.walk(value))
    return False


def _keys_in(value: ast.AST) -> list[ast.expr]:
    return [key for node in ast.walk(value) if isinstance(node, ast.Dict) for key in node.keys if key]


def _is_word(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and node.value == "status"


def test_nobody_else_writes_a_status() -> None:
    files = [path for path in python_files() if not name_of(path).startswith(ELSEWHERE)]
    assert [f"{name_of(path)}:{line}" for path in files for line in writes_of_status(path)] == []


@pytest.mark.parametrize(
    "line",
    [
        "gig.status = GigStatus.DONE",
        "gig.status, gig.helper = DONE, None",
        "setattr(gig, 'status', DONE)",
        "Gig.objects.filter(pk=1).update(status=DONE)",
        "Gig.objects.update_or_create(pk=1, defaults={'status': DONE})",
        "gig.save(update_fields=['status', 'updated_at'])",
        "Gig.objects.bulk_update(gigs, ['status'])",
    ],
)
def test_what_counts_as_writing(tmp_path: Path, line: str) -> None:
    path = tmp_path / "services.py"
    path.write_text(line)
    assert list(writes_of_status(path)) == [1]


@pytest.mark.parametrize(
    "line",
    [
        "if gig.status == GigStatus.DONE: pass",
        "Gig.objects.filter(status=DONE).update(released_at=now)",
        "Gig(status=GigStatus.PENDING).save()",
        "LIFECYCLE.perform(gig, 'finish', actor=actor)",
    ],
)
def test_what_does_not(tmp_path: Path, line: str) -> None:
    path = tmp_path / "services.py"
    path.write_text(line)
    assert list(writes_of_status(path)) == []
