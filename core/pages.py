"""Refusals beside the field of a form."""

from html import unescape
from typing import Any

from django.utils.html import strip_tags

from core.errors import DomainError


def apply(form: Any, error: DomainError) -> None:
    """Show the refusal on the form: at its fields where it names them, else on top."""
    for name, reasons in error.fields.items():
        field = name.split(".")[0]
        for reason in reasons:
            form.add_error(field if field in form.fields else None, reason)
    if not error.fields:
        form.add_error(None, error.message)


def plain_text(html: Any) -> str:
    """The words of a small piece of markup, for data that scripts read."""
    return unescape(strip_tags(str(html)))
