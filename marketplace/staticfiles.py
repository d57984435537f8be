"""Static files for production: each CSS entry as one file, then hashed names and compressed copies of everything."""

import posixpath
import re
from collections.abc import Iterator, Mapping
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import InMemoryStorage, Storage
from whitenoise.compress import Compressor
from whitenoise.storage import CompressedManifestStaticFilesStorage

ENTRIES = ("css/index.css", "css/index-rtl.css", "css/map.css")
_REFERENCE = re.compile(
    r"""@import\ url\("(?P<sheet>[^"]+)"\)(?:\ layer\((?P<layer>[\w-]+)\))?;"""
    r"""|url\((?P<quote>["']?)(?!data:|\#|/|https?:)(?P<file>[^"')]+)(?P=quote)\)""",
    re.VERBOSE,
)

_MODULE_IMPORTS = CompressedManifestStaticFilesStorage._js_module_import_aggregation_patterns[1]

Paths = Mapping[str, tuple[Storage, str]]


class FoldedStaticFilesStorage(CompressedManifestStaticFilesStorage):
    """Some forty imports would be forty requests in a row; a browser gets one file.

    The imports of our own ES modules get hashed names too. Django offers that for all scripts or none, and those of
    other packages name things that are no files.
    """

    patterns = (*CompressedManifestStaticFilesStorage.patterns, ("js/*.js", _MODULE_IMPORTS))

    def post_process(self, paths: Paths, dry_run: bool = False, **options: Any) -> Iterator[Any]:
        if not dry_run:
            folded = InMemoryStorage()
            for entry in ENTRIES:
                folded.save(entry, ContentFile(fold_imports(entry, paths).encode()))
            paths = {**paths, **{entry: (folded, entry) for entry in ENTRIES}}
        yield from super().post_process(paths, dry_run, **options)

    def create_compressor(self, **options: Any) -> Compressor:
        """By gzip alone, which is what the front server sends: brotli, where a package brings it along, takes minutes."""
        return super().create_compressor(**options, use_brotli=False)


def fold_imports(name: str, paths: Paths, entry: str = "") -> str:
    """The stylesheet with what it imports in place, and the addresses in it made relative to the entry."""
    entry = entry or name
    storage, path = paths[name]
    with storage.open(path) as file:
        text = file.read().decode()

    def replace(reference: re.Match[str]) -> str:
        target = posixpath.normpath(posixpath.join(posixpath.dirname(name), reference["sheet"] or reference["file"]))
        if reference["file"]:
            return f'url("{posixpath.relpath(target, posixpath.dirname(entry))}")'
        body = fold_imports(target, paths, entry)
        return f"@layer {reference['layer']} {{\n{body}\n}}" if reference["layer"] else body

    return _REFERENCE.sub(replace, text)
