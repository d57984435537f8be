"""Tags and filters of the design system; loaded into every template by the settings (`builtins`)."""

import json
import math
import re
import unicodedata
from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Any, NamedTuple, TypeGuard

from babel import Locale, UnknownLocaleError, numbers
from babel.dates import format_timedelta
from django import forms, template
from django.contrib.humanize.templatetags.humanize import naturalday
from django.contrib.messages import constants as levels
from django.core.serializers.json import DjangoJSONEncoder
from django.forms.boundfield import BoundField
from django.templatetags.static import static
from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.timesince import timeuntil
from django.utils.translation import get_language, gettext, ngettext, to_locale

from core.clock import hours_text
from core.money import Money, format_money, tidy

register = template.Library()

SPRITE = "vendor/bootstrap-icons/sprite.svg"
# Icons that point the reading way, and so turn round in a right-to-left page.
DIRECTIONAL = {
    "arrow-left", "arrow-right", "arrow-return-left", "box-arrow-in-right", "box-arrow-right", "chevron-left",
    "chevron-right", "list-ul", "reply", "send",
}  # fmt: skip
AVATAR_TINTS = ("", "brass", "plain")
IN_SCRIPT = {ord(char): f"\\u{ord(char):04X}" for char in "<>&\u2028\u2029"}
AVATAR_PIXELS = {"xs": "24px", "s": "32px", "l": "72px", "xl": "112px"}
# Pictures that people sent, which have thumbnails beside them; not those of the design itself.
WITH_THUMBNAILS = re.compile(r"(?P<stem>.*/public/(?:profile|gig)/[0-9a-f]{32})\.webp")


# --- Icons, pictures, badges ------------------------------------------------------------------------------


@register.simple_tag
def icon(name: str) -> SafeString:
    """`{% icon "search" %}`: a decorative symbol from the sprite; the words beside it carry the meaning."""
    turn = " icon--turn" if name in DIRECTIONAL else ""
    return format_html(
        '<svg class="icon{}" aria-hidden="true"><use href="{}#{}"></use></svg>',
        turn,
        static(SPRITE),
        name,
    )


@register.simple_tag
def picture(
    src: str, *, widths: str, sizes: str, width: int, height: int, alt: str = "", css: str = "", lazy: Any = False
) -> SafeString:
    """`{% picture src widths="96 384" sizes="48px" width=112 height=112 %}`: in the size and format that serve best.

    `widths`: those that its kind has (accounts.rules.THUMBNAILS) · `sizes`: how wide it is shown · `css`: its classes
    """
    attributes = {"class": css or None, "width": width, "height": height, "loading": "lazy" if lazy else None}
    found = WITH_THUMBNAILS.fullmatch(src)
    if not found:
        return format_html('<img src="{}" alt="{}"{}>', src, alt, _attributes(attributes))

    def srcset(ending: str) -> str:
        return ", ".join(f"{found['stem']}.{each}.{ending} {each}w" for each in widths.split())

    return format_html(
        '<picture><source type="image/avif" srcset="{}" sizes="{}">'
        '<img src="{}" srcset="{}" sizes="{}" alt="{}"{}></picture>',
        srcset("avif"), sizes, src, srcset("webp"), sizes, alt, _attributes(attributes),
    )  # fmt: skip


@register.filter
def avatar_pixels(size: str) -> str:
    """How wide an avatar of that size is shown."""
    return AVATAR_PIXELS.get(size, "48px")


@register.inclusion_tag("components/badge_status.html")
def status_badge(status: Any) -> dict[str, Any]:
    """`{% status_badge contract.badge %}`: for anything with `label`, `tone` and `icon` (tone "" is neutral)."""
    return {"label": status.label, "tone": status.tone, "icon": status.icon}


@register.filter
def message_tone(level: int) -> str:
    """The tone of a message of django.contrib.messages."""
    if level >= levels.ERROR:
        return "danger"
    if level >= levels.WARNING:
        return "waiting"
    return "success" if level == levels.SUCCESS else "info"


@register.filter
def tone_icon(tone: str) -> str:
    return {
        "danger": "exclamation-circle",
        "waiting": "clock",
        "success": "check-circle",
    }.get(tone, "info-circle")


@register.filter
def file_icon(content_type: str) -> str:
    """`file.content_type|file_icon`"""
    kinds = {
        "image/": "file-earmark-image", "video/": "file-earmark-play", "application/pdf": "file-earmark-pdf",
        "text/csv": "file-earmark-spreadsheet", "text/": "file-earmark-text", "application/zip": "file-earmark-zip",
    }  # fmt: skip
    if "spreadsheet" in content_type or "excel" in content_type:
        return "file-earmark-spreadsheet"
    return next(
        (name for start, name in kinds.items() if content_type.startswith(start)),
        "file-earmark",
    )


@register.simple_tag
def structured_data(data: Any, nonce: str) -> SafeString:
    """`{% structured_data facts CSP_NONCE %}`: what a page is about, for search engines. Nothing in it ends the script."""
    text = json.dumps(data, cls=DjangoJSONEncoder, ensure_ascii=False).translate(IN_SCRIPT)
    return format_html('<script type="application/ld+json" nonce="{}">{}</script>', nonce, SafeString(text))


# --- People -------------------------------------------------------------------------------------


@register.filter
def initials(name: str) -> str:
    """Two letters of the name, or one ideograph; what an avatar shows without a photo."""
    parts = [match.group() for match in re.finditer(r"\w+", str(name))]
    if not parts:
        return "?"
    if _is_ideograph(parts[0][0]):
        return parts[0][0]
    letters = parts[0][0] + (parts[-1][0] if len(parts) > 1 else parts[0][1:2])
    return letters.upper()


@register.filter
def avatar_tint(name: str) -> str:
    """One of the quiet background colours, always the same for the same name."""
    return AVATAR_TINTS[sum(map(ord, str(name))) % len(AVATAR_TINTS)]


def _is_ideograph(char: str) -> bool:
    name = unicodedata.name(char, "")
    return name.startswith(("CJK", "HIRAGANA", "KATAKANA", "HANGUL"))


# --- Money --------------------------------------------------------------------------------------


@register.filter
def money(amount: Money | None) -> str:
    """`{{ contract.amount|money }}`: kept together and left-to-right wherever it stands. Nothing for nothing."""
    return _figure(money_text(amount)) if _is_money(amount) else ""


@register.filter
def money_text(amount: Money | None) -> str:
    """The same as bare text, for attributes, sentences of dialogs and elements that bring their own <bdi>."""
    return format_money(amount, str(_locale(_locale_name()))) if _is_money(amount) else ""


@register.filter
def signed_money(amount: Money | None) -> str:
    """With its sign, for lines of a statement: "+€20.00", "−€2.00"."""
    if not _is_money(amount):
        return ""
    sign = "+" if amount.minor > 0 else ""
    return _figure(sign + money_text(amount))


@register.filter
def negated(amount: Money | None) -> Money | None:
    """`fee|negated|money`: a fee shown as what it takes away."""
    return -amount if _is_money(amount) else None


@register.filter
def short_money(amount: Money | None) -> str:
    """Without decimals when they are zero, for map pins and rows: "€45", "€4.50"."""
    return _figure(_short(amount)) if _is_money(amount) else ""


@register.simple_tag
def money_range(low: Money | None, high: Money | None, per: str = "") -> SafeString:
    """`{% money_range project.budget_min project.budget_max per="h" %}`: "£4,000 – 5,500", "€55 – 70 / h"."""
    ends = [end for end in (low, high) if _is_money(end)]
    if not ends:
        return SafeString("")
    text = _short(ends[0])
    if len(ends) == 2 and low != high:
        text = f"{_short(ends[0])} – {_short(ends[1])}"
        if _symbol_leads():
            text = f"{_short(ends[0])} – {_plain_number(ends[1])}"
    return _figure(f"{text} / {per}" if per else text)


def _is_money(value: Any) -> TypeGuard[Money]:
    """A name that is missing from the context reaches a filter as an empty string, not as None."""
    return isinstance(value, Money)


def _figure(text: str) -> SafeString:
    return format_html('<bdi dir="ltr" class="num">{}</bdi>', text)


def _locale_name() -> str:
    return to_locale(get_language() or "en")


@lru_cache(maxsize=64)
def _locale(name: str) -> Locale:
    """Babel's data for a Django locale; its language alone, or English, for one that Babel does not know."""
    for candidate in (name, name.partition("_")[0]):
        try:
            return Locale.parse(candidate)
        except (UnknownLocaleError, ValueError):
            continue
    return Locale("en")


def _short(amount: Money) -> str:
    locale = _locale(_locale_name())
    if amount.decimal != amount.decimal.to_integral_value():
        return money_text(amount)
    pattern = re.sub(r"\.0+", "", locale.currency_formats["standard"].pattern)
    return tidy(numbers.format_currency(amount.decimal, amount.currency, pattern, locale=locale, currency_digits=False))


def _plain_number(amount: Money) -> str:
    return numbers.format_decimal(amount.decimal, locale=_locale(_locale_name()))


def _symbol_leads() -> bool:
    return bool(_locale(_locale_name()).currency_formats["standard"].pattern.startswith("¤"))


# --- Time ---------------------------------------------------------------------------------------


@register.filter
def relative_time(moment: datetime | date | None) -> str:
    """`{{ message.created_at|relative_time }}`: "2 hours ago", "in 3 days", "tomorrow"; the exact time on hover."""
    if not moment:
        return ""
    if not isinstance(moment, datetime):
        return _time(moment, str(naturalday(moment, "j F Y")))
    ahead = moment - timezone.now()
    if abs(ahead) < timedelta(minutes=1):
        return _time(moment, gettext("just now"))
    return _time(
        moment,
        format_timedelta(ahead, add_direction=True, threshold=1, locale=_locale(_locale_name())),
    )


@register.filter
def exact_time(moment: datetime | date | None) -> str:
    """For deadlines: "Tuesday 1 December, 16:40", with the year when it is not this one."""
    if not moment:
        return ""
    local = timezone.localtime(moment) if isinstance(moment, datetime) else moment
    year = "" if local.year == timezone.localdate().year else " Y"
    clock = ", H:i" if isinstance(moment, datetime) else ""
    return _time(moment, date_format(local, f"l j F{year}{clock}"))


@register.filter
def when(moment: datetime | None) -> str:
    """For something soon: "Today, 18:30", "Tomorrow, 10:00", "Sunday, 14:00", "28 November, 09:00"."""
    if not moment:
        return ""
    local = timezone.localtime(moment)
    ahead = (local.date() - timezone.localdate()).days
    day = naturalday(local.date(), "l" if 1 < ahead < 7 else "j F")
    return _time(moment, f"{capfirst(day)}, {date_format(local, 'H:i')}")


@register.filter
def short_date(moment: datetime | date | None) -> str:
    """For columns: "20 Nov", with the year when it is not this one."""
    if not moment:
        return ""
    local = timezone.localtime(moment) if isinstance(moment, datetime) else moment
    return _time(
        moment,
        date_format(local, "j M" if local.year == timezone.localdate().year else "j M Y"),
    )


@register.filter
def time_left(moment: datetime) -> str:
    """ "11 days", "4 hours": what is left until then, in its largest unit."""
    return timeuntil(moment, depth=1)


@register.filter
def duration(span: timedelta | Decimal | float | None) -> str:
    """How long something takes, from a timedelta or from hours: "45 min", "1½ h", "2 h 15 min"."""
    if not isinstance(span, timedelta | Decimal | float | int):
        return ""
    minutes = round(span.total_seconds() / 60) if isinstance(span, timedelta) else round(span * 60)
    hours, rest = divmod(minutes, 60)
    if not hours:
        return gettext("%(minutes)d min") % {"minutes": rest}
    if rest in (0, 30):
        return gettext("%(hours)s h") % {"hours": f"{hours}½" if rest else str(hours)}
    return gettext("%(hours)d h %(minutes)d min") % {"hours": hours, "minutes": rest}


@register.filter
def minutes(count: int) -> str:
    """`{{ gig.duration_minutes|minutes }}`: the same from whole minutes."""
    return duration(timedelta(minutes=count))


@register.filter
def hours(count: int) -> SafeString:
    """`{{ week.minutes|hours }}`: whole minutes for columns of hours: "7:05"."""
    return _figure(hours_text(count))


@register.filter
def days(count: int | None) -> str:
    """A number of days as people say it: "10 days", "6 weeks"."""
    if not isinstance(count, int):
        return ""
    if count >= 14 and count % 7 == 0:
        weeks = count // 7
        return ngettext("%(weeks)d week", "%(weeks)d weeks", weeks) % {"weeks": weeks}
    return ngettext("%(days)d day", "%(days)d days", count) % {"days": count}


def _time(moment: datetime | date, words: str) -> SafeString:
    local = timezone.localtime(moment) if isinstance(moment, datetime) else moment
    exact = date_format(local, "j F Y, H:i" if isinstance(moment, datetime) else "j F Y")
    return format_html('<time datetime="{}" title="{}">{}</time>', moment.isoformat(), exact, words)


# --- Distance, numbers --------------------------------------------------------------------------


@register.filter
def distance(length: Any) -> str:
    """From metres or a GIS distance: "600 m", "1.1 km", "12 km"."""
    if length is None or length == "":
        return ""
    metres = float(getattr(length, "m", length))
    if metres < 950:
        return f"{max(50, round(metres / 50) * 50)} m"
    return f"{number_format(metres / 1000, 0 if metres >= 9_950 else 1)} km"


@register.filter
def percent(bps: int) -> str:
    """Basis points as a percentage, never broken: 1000 is "10 %", 250 is "2.5 %"."""
    return f"{number_format(Decimal(bps) / 100 if bps % 100 else bps // 100)}\N{NO-BREAK SPACE}%"


@register.filter
def words(text: str) -> list[str]:
    """`{% for name in "one two"|words %}`"""
    return text.split()


@register.filter
def star_kinds(rating: float | Decimal | None) -> list[str]:
    """Five icon names for a rating, rounded to halves."""
    halves = math.floor(float(rating or 0) * 2 + 0.5)
    return ["star-fill" if halves >= 2 * n else "star-half" if halves == 2 * n - 1 else "star" for n in range(1, 6)]


class Segment(NamedTuple):
    """A piece of a split bar, on a scale of 0 to 100."""

    start: str
    width: str
    kind: str


@register.filter
def split_segments(parts: Iterable[dict[str, Any]]) -> list[Segment]:
    """Geometry of the bar over `parts`, dicts with `amount` (Money) and `kind`; parts of nothing are left out."""
    filled = [(part["kind"], part["amount"].minor) for part in parts if part["amount"].minor > 0]
    whole = sum(minor for _, minor in filled)
    segments, start = [], 0.0
    for kind, minor in filled:
        width = 100 * minor / whole
        segments.append(Segment(f"{start:.2f}", f"{width:.2f}", kind))
        start += width
    return segments


# --- Forms --------------------------------------------------------------------------------------


@register.filter
def control_kind(field: BoundField) -> str:
    """Which shape components/field.html gives a field: text, select, checkbox, radios, checkboxes, file or hidden."""
    widget = field.field.widget
    if widget.is_hidden:
        return "hidden"
    if isinstance(widget, forms.CheckboxInput):
        return "checkbox"
    if isinstance(widget, forms.CheckboxSelectMultiple):
        return "checkboxes"
    if isinstance(widget, forms.RadioSelect):
        return "radios"
    if isinstance(widget, forms.FileInput):
        return "file"
    return "select" if isinstance(widget, forms.Select) else "text"


@register.simple_tag
def control(
    field: BoundField,
    classes: str = "",
    attrs: dict[str, Any] | None = None,
    **named: Any,
) -> SafeString:
    """The field's widget with the design system's classes; `data_price="x"` becomes the attribute data-price."""
    kind = control_kind(field)
    base = {"checkbox": "form-check-input", "select": "form-select", "hidden": ""}.get(kind, "form-control")
    given = field.field.widget.attrs.get("class", "")
    names = [base, given, classes, "is-invalid" if field.errors else ""]
    html = {key.replace("_", "-"): value for key, value in named.items() if value not in ("", None)}
    return field.as_widget(attrs=html | (attrs or {}) | {"class": " ".join(filter(None, names))})


@register.filter
def invalid_fields(form: forms.BaseForm) -> Iterator[BoundField]:
    """The visible fields that have errors, for the summary on top."""
    return (field for field in form.visible_fields() if field.errors)


@register.filter
def error_count(form: forms.BaseForm) -> int:
    """How many things are wrong: a field counts once."""
    return len(list(invalid_fields(form))) + len(form.non_field_errors())


@register.simple_tag
def attributes(values: dict[str, Any] | None) -> SafeString:
    """`{% attributes data %}`: extra HTML attributes from a dict; True is a bare attribute, None and False none."""
    return _attributes(values or {})


def _attributes(values: dict[str, Any]) -> SafeString:
    pairs = [(key, value) for key, value in values.items() if value is not None and value is not False]
    return format_html_join("", ' {}="{}"', ((key, "" if value is True else value) for key, value in pairs))
