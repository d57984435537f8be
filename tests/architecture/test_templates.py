"""What holds in every template besides the rules of the design system, which tests/design_system checks."""

import re
from collections.abc import Callable
from pathlib import Path

from tests.architecture.source import APPS, PACKAGES, ROOT, name_of

TEMPLATES = {path: path.read_text() for folder in ("templates", *PACKAGES) for path in (ROOT / folder).rglob("*.html")}


def found_in_templates(find: Callable[[Path, str], list[str]]) -> list[str]:
    return [f"{name_of(path)}: {one}" for path, text in TEMPLATES.items() for one in find(path, text)]


def test_components_get_only_what_they_are_given() -> None:
    def open_includes(path: Path, text: str) -> list[str]:
        includes: list[str] = re.findall(r'{%\s*include "components/[^%]*%}', text)
        return [include for include in includes if not re.search(r"\sonly\s*%}$", include)]

    assert found_in_templates(open_includes) == []


def test_forms_that_change_something_carry_the_token() -> None:
    def unprotected(path: Path, text: str) -> list[str]:
        forms: list[str] = re.findall(r"<form\b(?:(?!</form>).)*", text, flags=re.DOTALL)
        return [
            form
            for form in forms
            if 'method="post"' in form and not re.search("csrf_token %}|csrfmiddlewaretoken", form)
        ]

    assert found_in_templates(unprotected) == []


def test_text_is_always_escaped() -> None:
    assert found_in_templates(lambda path, text: re.findall(r"\|\s*safe(?:seq)?\b|autoescape off", text)) == []


def test_an_app_uses_its_own_templates_and_the_shared_ones() -> None:
    """Another app's fragment would be used behind its back."""

    def foreign(path: Path, text: str) -> list[str]:
        own = path.relative_to(ROOT).parts[0]
        used: list[str] = re.findall(r'{%\s*(?:extends|include) "(\w+)/', text)
        return [app for app in used if own in APPS and app in APPS and app != own]

    assert found_in_templates(foreign) == []
