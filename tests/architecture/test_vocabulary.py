"""The same file names in every app, so that a reader knows where to look. Imports between them: `lint-imports`."""

import pytest

from tests.architecture.source import APPS, ROOT, name_of, python_files

EVERY_APP = {
    "errors", "rules", "hooks", "querysets", "models", "policies", "selectors", "emails", "services", "tasks", "webhooks",
    "forms", "api", "views", "urls", "admin", "consumers", "routing", "apps", "migrations", "management", "templatetags",
    "templates", "tests",
}  # fmt: skip
ALSO = {
    "accounts": {"tokens", "signing", "scopes", "middleware", "settings_urls", "data"},
    "chat": {"sign_in"},
    "payments": {"providers", "ledger"},
}
API = {"serializers", "views", "filters", "urls"}
API_ALSO = {"accounts": {"authentication"}}
WORDLESS = {"utils", "util", "helpers", "helper", "manager", "managers", "common", "misc", "tools"}


def names_in(folder: str) -> set[str]:
    return {path.stem for path in ROOT.joinpath(folder).iterdir()} - {"__init__", "__pycache__"}


@pytest.mark.parametrize("app", APPS)
def test_an_app_has_no_other_names(app: str) -> None:
    assert names_in(app) <= EVERY_APP | ALSO.get(app, set())
    assert names_in(f"{app}/api") <= API | API_ALSO.get(app, set())


def test_every_special_name_exists() -> None:
    assert all(names <= names_in(app) for app, names in ALSO.items())


def test_no_file_is_named_for_nothing() -> None:
    assert [name_of(path) for path in python_files() if path.stem in WORDLESS or path.parent.name in WORDLESS] == []
