"""Fields that several forms share."""

import json
import re
from datetime import date
from typing import Any

from django import forms
from django.utils.functional import lazy
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from accounts.rules import MAX_PASSWORD, UserType
from core.regions import language_choices, language_name

_card = lazy(lambda title, words: format_html('{}<br><span class="small muted">{}</span>', title, words), SafeString)
ROLES = [
    (UserType.CLIENT, _card(_("Hire"), _("Post projects and gigs, agree a price, approve the work."))),
    (UserType.FREELANCER, _card(_("Work"), _("Find projects and gigs nearby, and be paid for them."))),
    (UserType.BOTH, _card(_("Both"), _("One account, one wallet, one name. Switch whenever you like."))),
]

PASSWORD_HINTS = {
    "short": _("Too short yet: ten characters at least."),
    "common": _("Too many people have this one, or one like it."),
    "personal": _("Your name or address is in it. Leave that out."),
    "plain": _("Easy to guess: it repeats or runs on. Add another word or two."),
    "fine": _("This will do."),
    "strong": _("A strong one."),
}


class NewPasswordInput(forms.PasswordInput):
    """Says while somebody types whether the password will do (js/password-hint.js)."""

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        words = {state: str(sentence) for state, sentence in PASSWORD_HINTS.items()}
        return super().get_context(name, value, {**(attrs or {}), "data-password-hint": json.dumps(words)})


def password_field(label: Any, autocomplete: str, **kwargs: Any) -> forms.CharField:
    kind = NewPasswordInput if autocomplete == "new-password" else forms.PasswordInput
    widget = kind(attrs={"autocomplete": autocomplete})
    return forms.CharField(label=label, max_length=MAX_PASSWORD, strip=False, widget=widget, **kwargs)


def email_field(label: Any = None, autocomplete: str = "email") -> forms.EmailField:
    label = label or _("E-mail")
    return forms.EmailField(label=label, max_length=254, widget=forms.EmailInput(attrs={"autocomplete": autocomplete}))


class NamesField(forms.CharField):
    """Several names with commas between them, as a list."""

    def clean(self, value: Any) -> list[str]:
        names = (name.strip() for name in super().clean(value).split(","))
        return list(dict.fromkeys(name for name in names if name))

    def prepare_value(self, value: Any) -> Any:
        return ", ".join(value) if isinstance(value, list) else value


class LanguagesField(NamesField):
    """Names of languages, as codes."""

    def clean(self, value: Any) -> list[str]:
        codes = {name.casefold(): code for code, name in language_choices()}
        names = super().clean(value)
        unknown = [name for name in names if name.casefold() not in codes]
        if unknown:
            raise forms.ValidationError(_("We do not know this language: %(name)s."), params={"name": unknown[0]})
        return [codes[name.casefold()] for name in names]

    def prepare_value(self, value: Any) -> Any:
        return ", ".join(map(language_name, value)) if isinstance(value, list) else value


class LinksField(forms.CharField):
    """Addresses, one a line, as a list."""

    widget = forms.Textarea

    def clean(self, value: Any) -> list[str]:
        links = super().clean(value).split()
        check = forms.URLField(max_length=300, assume_scheme="https")
        return [check.clean(link) for link in dict.fromkeys(links)]

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, list) else value


class MonthField(forms.CharField):
    """A month as the date of its first day. Browsers without a picker for months show text: "2019-09", "9/2019", "2019"."""

    widget = forms.TextInput(attrs={"type": "month", "placeholder": "2019-09"})
    shapes = (r"(?P<year>\d{4})(?:-(?P<month>\d{1,2}))?(?:-\d\d)?", r"(?P<month>\d{1,2})[/.](?P<year>\d{4})")

    def clean(self, value: Any) -> date | None:
        text = super().clean(value).strip()
        if not text:
            return None
        for found in filter(None, (re.fullmatch(shape, text) for shape in self.shapes)):
            year, month = int(found["year"]), int(found["month"] or 1)
            if year >= 1 and 1 <= month <= 12:
                return date(year, month, 1)
        raise forms.ValidationError(_("Write the year and the month, such as 2019-09."))

    def prepare_value(self, value: Any) -> Any:
        return f"{value:%Y-%m}" if isinstance(value, date) else value
