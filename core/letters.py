"""E-mail to one person: subject, plain text and HTML from a folder of templates, in their language and time zone."""

import zoneinfo
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import css_inline
from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template import Context
from django.template.loader import get_template
from django.utils import timezone, translation

from core.money import Money

_inliner = css_inline.CSSInliner(keep_style_tags=True, load_remote_stylesheets=False)


def compose(template: str, *, to: Any, context: Mapping[str, Any]) -> EmailMultiAlternatives:
    """The letter of `template` ("accounts/emails/welcome_email") for a person with email, language and time_zone."""
    values = {
        "person": to,
        "SITE_NAME": settings.SITE_NAME,
        "site_url": settings.SITE_URL.rstrip("/"),
        **context,
    }
    with translation.override(to.language), timezone.override(_zone(to.time_zone)):
        subject = " ".join(_render(f"{template}/subject.txt", values, autoescape=False).split())
        text = _render(f"{template}/body.txt", values, autoescape=False).strip() + "\n"
        html = _render(f"{template}/body.html", values | {"subject": subject}, autoescape=True)
    letter = EmailMultiAlternatives(subject, text, settings.DEFAULT_FROM_EMAIL, [to.email])
    letter.attach_alternative(_inliner.inline(html), "text/html")
    return letter


def pack(context: Mapping[str, Any]) -> dict[str, Any]:
    """The context as JSON for a job. Amounts and times keep what they are; the reader's format is applied later."""
    return {name: _packed(value) for name, value in context.items()}


def unpack(context: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _unpacked(value) for name, value in context.items()}


def _packed(value: Any) -> Any:
    if isinstance(value, Money):
        return {"money": [value.minor, value.currency]}
    if isinstance(value, datetime):
        return {"time": value.isoformat()}
    return str(value) if not isinstance(value, str | int | float | bool | None | list | dict) else value


def _unpacked(value: Any) -> Any:
    match value:
        case {"money": [minor, currency]}:
            return Money(minor, currency)
        case {"time": moment}:
            return datetime.fromisoformat(moment)
    return value


def _zone(name: str) -> zoneinfo.ZoneInfo:
    try:
        return zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError):
        return zoneinfo.ZoneInfo("UTC")


def _render(name: str, values: dict[str, Any], *, autoescape: bool) -> str:
    template: Any = get_template(name)
    return str(template.template.render(Context(values, autoescape=autoescape)))
