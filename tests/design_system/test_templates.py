"""What a machine can check of the design system's rules, over every template of the project."""

import re
from importlib import import_module
from pathlib import Path

import pytest
from django.conf import settings
from django.template.loader import get_template

from core.lifecycle import Lifecycle

ROOT = Path(settings.BASE_DIR)
TEMPLATES = sorted(path for path in ROOT.glob("**/templates/**/*.html") if not {".venv", ".local"} & set(path.parts))
COMPONENTS = sorted((ROOT / "templates" / "components").glob("*.html"))
SPRITE = (ROOT / "static/vendor/bootstrap-icons/sprite.svg").read_text()
SPRITE_NAMES = set(re.findall(r'<symbol id="([\w-]+)"', SPRITE))
PAGES = [path for path in TEMPLATES if "emails" not in path.parts]


def name_of(path: Path) -> str:
    return path.as_posix().rpartition("/templates/")[2]


def by_name(paths: list[Path]) -> list[object]:
    return [pytest.param(path, id=name_of(path)) for path in paths]


@pytest.mark.parametrize("path", by_name(TEMPLATES))
def test_template_compiles(path: Path) -> None:
    get_template(name_of(path))


@pytest.mark.parametrize("path", by_name(PAGES))
def test_nothing_that_the_content_security_policy_refuses(path: Path) -> None:
    html = re.sub(r"{%.*?%}|{{.*?}}", "", path.read_text(), flags=re.DOTALL)
    assert not re.search(r"<style\b|\sstyle=|\son[a-z]+=|javascript:", html)
    for tag in re.findall(r"<script\b[^>]*>", path.read_text()):
        assert "src=" in tag or 'type="application/json"' in tag, tag
        assert "src=" not in tag or "nonce=" in tag, tag


@pytest.mark.parametrize("path", by_name(COMPONENTS))
def test_component_documents_its_inputs(path: Path) -> None:
    assert path.read_text().startswith("{% comment %}\n")


def test_every_component_is_in_the_gallery() -> None:
    sources = [*(ROOT / "templates/gallery").glob("*.html"), *COMPONENTS, *(ROOT / "templates/layouts").glob("*.html")]
    text = "".join(source.read_text() for source in [*sources, ROOT / "core/templatetags/ui.py"])
    missing = [path.name for path in COMPONENTS if f'"components/{path.name}"' not in text]
    assert missing == ["filter_panel.html", "map_list.html"], (
        "these two fill a window; all others belong in the gallery"
    )


@pytest.mark.parametrize("path", by_name(TEMPLATES))
def test_icons_are_in_the_sprite(path: Path) -> None:
    text = path.read_text()
    used = set(re.findall(r'{% icon "([\w-]+)"|icon="([\w-]+)"|icon icon\|default:"([\w-]+)"', text))
    assert {name for names in used for name in names if name} <= SPRITE_NAMES


@pytest.mark.parametrize("app", ["projects", "gigs", "contracts", "payments"])
def test_icons_of_statuses_are_in_the_sprite(app: str) -> None:
    lifecycles = [value for value in vars(import_module(f"{app}.rules")).values() if isinstance(value, Lifecycle)]
    assert lifecycles
    for lifecycle in lifecycles:
        assert {icon for _, icon in lifecycle.looks.values()} <= SPRITE_NAMES


def test_icons_of_categories_are_in_the_sprite() -> None:
    named = re.findall(r'"icon": "([\w-]+)"', (ROOT / "accounts/data/taxonomy.json").read_text())
    assert named
    assert set(named) <= SPRITE_NAMES


@pytest.mark.parametrize("status", [500, 503])
def test_pages_for_broken_days_need_no_request(status: int) -> None:
    html = get_template(f"errors/{status}.html").render({})
    assert "<h1>" in html
