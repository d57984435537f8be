"""The CSS entries are folded into one file each for production."""

import re

import pytest
from django.contrib.staticfiles.finders import get_finders

from marketplace.staticfiles import ENTRIES, Paths, fold_imports


@pytest.fixture(scope="module")
def paths() -> Paths:
    return {path: (storage, path) for finder in get_finders() for path, storage in finder.list(None)}


@pytest.mark.parametrize("entry", ENTRIES)
def test_folded_entry_has_no_import_left_and_finds_its_files(entry: str, paths: Paths) -> None:
    text = fold_imports(entry, paths)
    assert "@import" not in text
    addresses = {address for address in re.findall(r'url\("([^"]+)"\)', text) if not address.startswith("data:")}
    assert addresses
    for address in addresses:
        assert address.replace("../", "", 1) in paths, address


def test_layers_survive_folding(paths: Paths) -> None:
    text = fold_imports("css/index.css", paths)
    assert text.index("@layer bootstrap, theme, layout, components;") < text.index("@layer bootstrap {")
    assert "@layer components {" in text
