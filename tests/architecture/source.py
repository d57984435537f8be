"""The project's own Python files, parsed."""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
APPS = ("accounts", "notifications", "payments", "chat", "projects", "gigs", "contracts", "reviews")
PACKAGES = ("core", *APPS, "analytics", "marketplace")
WITHOUT = {"tests", "migrations", "djstripe_migrations"}


def python_files(*packages: str) -> list[Path]:
    """Of these packages (all unless told), without tests and migrations."""
    found = [path for package in packages or PACKAGES for path in ROOT.joinpath(package).rglob("*.py")]
    return sorted(path for path in found if not WITHOUT & set(path.relative_to(ROOT).parts))


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def nodes(path: Path) -> Iterator[ast.AST]:
    return ast.walk(ast.parse(path.read_text(), filename=str(path)))
