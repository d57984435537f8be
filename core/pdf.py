"""Pages as PDF: from a template and our own static files, without any look into the network."""

import logging
import mimetypes
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

from django.contrib.staticfiles import finders

STATIC = "https://static.invalid/"  # a name that no server can have, before the path of a static file


def pdf(html: str) -> bytes:
    """The HTML page on paper. Styles, fonts and pictures are named relative to the static files ("css/print.css")."""
    for chatty in ("fontTools", "weasyprint.progress"):  # they tell of every step and every table of every font
        logging.getLogger(chatty).setLevel(logging.WARNING)
    from weasyprint import HTML  # loaded on first use: most processes never print

    document: bytes = HTML(string=html, base_url=STATIC, url_fetcher=_static_files()).write_pdf()
    return document


@cache
def _static_files() -> Any:
    from weasyprint.urls import URLFetcher, URLFetcherResponse

    class StaticFiles(URLFetcher):  # type: ignore[misc]
        """Reads what lies among the static files, and stops the print for anything else."""

        def __init__(self) -> None:
            super().__init__(fail_on_errors=True)

        def fetch(self, url: str, headers: Any = None) -> Any:
            found = finders.find(url.removeprefix(STATIC)) if url.startswith(STATIC) else None
            if not isinstance(found, str):
                raise ValueError(f"{url} is not one of our static files")
            content_type = mimetypes.guess_type(found)[0] or "application/octet-stream"
            body = _unpacked_font(found) if found.endswith(".woff2") else Path(found).read_bytes()
            return URLFetcherResponse(url, body, {"Content-Type": content_type})

    return StaticFiles()


@cache
def _unpacked_font(path: str) -> bytes:
    """Once per process: WeasyPrint would unpack the fonts for every print, which takes longer than all the rest of it."""
    from fontTools.ttLib import woff2

    unpacked = BytesIO()
    woff2.decompress(path, unpacked)
    return unpacked.getvalue()
