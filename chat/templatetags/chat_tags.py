"""How chat shows times, text and files."""

import re
from datetime import date, datetime, timedelta
from typing import Any

from django import template
from django.template.defaultfilters import filesizeformat
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext

from core.money import Money
from core.templatetags import ui

register = template.Library()

# The same as in static/js/chat-view.js: only what says that it is an address becomes a link.
_ADDRESS = re.compile(r"https?://[^\s<>\"]+[^\s<>\".,;:!?()\[\]]", re.IGNORECASE)


@register.filter
def linkified(text: str) -> SafeString:
    """Escaped text whose web addresses are links."""
    pieces, end = [], 0
    for found in _ADDRESS.finditer(text):
        link = format_html('<a href="{0}" rel="nofollow noopener ugc" target="_blank">{0}</a>', found.group())
        pieces += [conditional_escape(text[end : found.start()]), link]
        end = found.end()
    return mark_safe("".join([*pieces, conditional_escape(text[end:])]))  # noqa: S308 - every piece is escaped


@register.filter
def clock(moment: datetime) -> str:
    return date_format(timezone.localtime(moment), "H:i")


@register.filter
def day_name(day: date) -> str:
    """Between messages: "Today", "Yesterday", "Tuesday 17 November", with the year when it is not this one."""
    today = timezone.localdate()
    if day == today:
        return gettext("Today")
    if day == today - timedelta(days=1):
        return gettext("Yesterday")
    return date_format(day, "l j F" if day.year == today.year else "l j F Y")


@register.filter
def room_time(moment: datetime | None) -> str:
    """In the list of rooms: "15:04", "Yesterday", "Tue", "9 Nov"."""
    if moment is None:
        return ""
    day, today = timezone.localtime(moment).date(), timezone.localdate()
    if day == today:
        return clock(moment)
    if day == today - timedelta(days=1):
        return gettext("Yesterday")
    if today - day < timedelta(days=7):
        return date_format(day, "D")
    return date_format(day, "j M" if day.year == today.year else "j M Y")


@register.filter
def fact(value: Any) -> str:
    """A fact beside a conversation: amounts and times in the reader's way, anything else as it is."""
    if isinstance(value, Money):
        return ui.money(value)
    return ui.exact_time(value) if isinstance(value, datetime) else str(value)


@register.filter
def file_meta(file: dict[str, Any]) -> str:
    """`attachment|file_meta`: "Picture, 2.1 MB"."""
    kind = str(file["content_type"])
    word = gettext("Picture") if kind.startswith("image/") else str(file["name"]).rpartition(".")[2].upper()[:5]
    return f"{word}, {filesizeformat(file['size'])}"
