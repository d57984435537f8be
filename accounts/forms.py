"""Forms of the door and of the settings."""

import json
import re
from datetime import date, timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.utils import timezone
from django.utils.functional import lazy
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from accounts.models import Category, FreelancerProfile, User
from accounts.rules import (
    DAYS,
    MAX_LANGUAGES,
    MAX_LINKS,
    MAX_PASSWORD,
    MAX_SKILLS,
    MAX_TRAVEL_RADIUS_KM,
    MIN_TRAVEL_RADIUS_KM,
    EntryKind,
    ExperienceLevel,
    IdentityDocument,
    LanguageLevel,
    UserType,
    WeeklyHours,
    checked_day,
    read_spans,
    written_spans,
)
from accounts.scopes import SCOPES
from core.forms import AmountField, currency_choices
from core.money import Money
from core.regions import country_choices, language_choices, language_codes, language_name, time_zones

_card = lazy(lambda title, words: format_html('{}<br><span class="small muted">{}</span>', title, words), SafeString)
ROLES = [
    (UserType.CLIENT, _card(_("Hire"), _("Post projects and gigs, agree a price, approve the work."))),
    (UserType.FREELANCER, _card(_("Work"), _("Find projects and gigs nearby, and be paid for them."))),
    (UserType.BOTH, _card(_("Both"), _("One account, one wallet, one name. Switch whenever you like."))),
]

API_KEY_LIFETIMES = [(30, _("30 days")), (90, _("90 days")), (365, _("A year")), (0, _("Never, until I revoke it"))]

PASSWORD_HINTS = {
    "short": _("Too short yet: ten characters at least."),
    "common": _("Too many people have this one, or one like it."),
    "personal": _("Your name or address is in it. Leave that out."),
    "plain": _("Easy to guess: it repeats or runs on. Add another word or two."),
    "fine": _("This will do."),
    "strong": _("A strong one."),
}
PERSON = ("first_name", "last_name", "user_type")
LEVEL = "level_"
LANGUAGE_LEVELS = [("", _("Not said")), *LanguageLevel.choices]
FREELANCER = ("headline", "bio", "category", "hourly_rate", "experience_level", "skills", "languages", "links")
CLIENT = ("company_name", "about", "website")


class NewPasswordInput(forms.PasswordInput):
    """Says while somebody types whether the password will do (js/password-hint.js)."""

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        words = {state: str(sentence) for state, sentence in PASSWORD_HINTS.items()}
        return super().get_context(name, value, {**(attrs or {}), "data-password-hint": json.dumps(words)})


def _password(label: Any, autocomplete: str, **kwargs: Any) -> forms.CharField:
    kind = NewPasswordInput if autocomplete == "new-password" else forms.PasswordInput
    widget = kind(attrs={"autocomplete": autocomplete})
    return forms.CharField(label=label, max_length=MAX_PASSWORD, strip=False, widget=widget, **kwargs)


def _email(label: Any = None, autocomplete: str = "email") -> forms.EmailField:
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


# --- The door -----------------------------------------------------------------------------------


class SignInForm(forms.Form):
    email = _email(autocomplete="username")
    password = _password(_("Password"), "current-password")
    remember = forms.BooleanField(label=_("Stay signed in for 7 days"), required=False)
    come_back = forms.BooleanField(label=_("Open my account again"), required=False)


class RegisterForm(forms.Form):
    user_type = forms.ChoiceField(
        label=_("What brings you here?"),
        choices=ROLES,
        widget=forms.RadioSelect,
        initial=UserType.CLIENT,
    )
    first_name = forms.CharField(
        label=_("First name"), max_length=80, widget=forms.TextInput(attrs={"autocomplete": "given-name"})
    )
    last_name = forms.CharField(
        label=_("Last name"),
        max_length=80,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "family-name"}),
    )
    email = _email()
    password = _password(
        _("Password"), "new-password", help_text=_("Ten characters or more. A few words in a row do well.")
    )
    time_zone = forms.CharField(required=False, widget=forms.HiddenInput(attrs={"data-time-zone": ""}))

    def clean_time_zone(self) -> str:
        """Filled in by the browser; anything odd is simply not used."""
        zone: str = self.cleaned_data["time_zone"]
        return zone if zone in time_zones() else "UTC"


class CodeForm(forms.Form):
    """A code of the authenticator app, or a backup code."""

    code = forms.CharField(
        label=_("Code"),
        max_length=20,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "class": "otp", "spellcheck": "false"}),
    )


class CredentialForm(forms.Form):
    """What the browser answered about a passkey; a script fills it in."""

    credential = forms.JSONField(widget=forms.HiddenInput(attrs={"data-credential": ""}))

    def clean_credential(self) -> dict[str, Any]:
        value = self.cleaned_data["credential"]
        if not isinstance(value, dict) or not isinstance(value.get("response"), dict):
            raise forms.ValidationError(_("The browser gave no passkey."))
        return value


class ConfirmForm(forms.Form):
    """Any one proof is enough."""

    password = _password(_("Password"), "current-password", required=False)
    code = forms.CharField(
        label=_("Or a code"),
        max_length=20,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "spellcheck": "false"}),
        help_text=_("Of your authenticator app, or a backup code."),
    )
    credential = forms.JSONField(required=False, widget=forms.HiddenInput(attrs={"data-credential": ""}))

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        credential = given.get("credential")
        if credential is not None and not (
            isinstance(credential, dict) and isinstance(credential.get("response"), dict)
        ):
            self.add_error(None, _("The browser gave no passkey."))
        elif not self.errors and not any(given.values()):
            self.add_error("password", _("Type your password."))
        return given

    def proof(self) -> dict[str, Any]:
        """The strongest of what was given."""
        given = self.cleaned_data
        if given["credential"]:
            return {"credential": given["credential"]}
        return {"code": given["code"]} if given["code"] else {"password": given["password"]}


class PasskeyForm(CredentialForm):
    name = forms.CharField(
        label=_("Name of the passkey"), max_length=60, help_text=_("So that you know it again: “Phone”, “Desk key”.")
    )


class PasskeyNameForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=60)


class EndOthersForm(forms.Form):
    """Asked with every change of the second factor."""

    end_others = forms.BooleanField(label=_("Sign out my other devices"), required=False)


class SetUpForm(CodeForm, EndOthersForm):
    field_order = ["code", "end_others"]


class EmailForm(forms.Form):
    email = _email(autocomplete="username")


class TokenForm(forms.Form):
    token = forms.CharField(max_length=1000, widget=forms.HiddenInput)


class ResetPasswordForm(TokenForm):
    new_password = _password(
        _("New password"), "new-password", help_text=_("Ten characters or more. A few words in a row do well.")
    )


# --- Settings -----------------------------------------------------------------------------------


class ProfileForm(forms.Form):
    """Both sides of a person; `user` loses the fields of a side that they do not use."""

    first_name = forms.CharField(label=_("First name"), max_length=80)
    last_name = forms.CharField(label=_("Last name"), max_length=80, required=False)
    user_type = forms.ChoiceField(label=_("You are here to"), choices=ROLES, widget=forms.RadioSelect)

    headline = forms.CharField(
        label=_("Headline"),
        max_length=120,
        required=False,
        help_text=_("What you do, for whom. It decides whether people read on; without it you are not listed."),
    )
    bio = forms.CharField(label=_("About you"), max_length=5000, required=False, widget=forms.Textarea)
    category = forms.ModelChoiceField(
        label=_("Category"), queryset=Category.objects.none(), required=False, to_field_name="slug"
    )
    hourly_rate = AmountField(label=_("An hour costs"), required=False)
    currency = forms.ChoiceField(choices=currency_choices)
    experience_level = forms.ChoiceField(label=_("Experience"), choices=ExperienceLevel.choices)
    skills = NamesField(
        label=_("Skills"),
        max_length=1500,
        required=False,
        help_text=_("At most %(most)d.") % {"most": MAX_SKILLS},
    )
    languages = LanguagesField(
        label=_("Languages"),
        max_length=400,
        required=False,
        help_text=_("At most %(most)d.") % {"most": MAX_LANGUAGES},
    )
    links = LinksField(
        label=_("Links to your work"),
        max_length=1600,
        required=False,
        help_text=_("One a line, at most %(most)d.") % {"most": MAX_LINKS},
    )

    company_name = forms.CharField(
        label=_("Company"), max_length=120, required=False, help_text=_("Shown instead of your name when you hire.")
    )
    about = forms.CharField(label=_("About the company"), max_length=2000, required=False, widget=forms.Textarea)
    website = forms.URLField(label=_("Website"), max_length=300, required=False, assume_scheme="https")

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, initial=_profile_values(user), **kwargs)
        self.fields["category"].queryset = Category.objects.filter(parent__isnull=False)
        hidden = (() if user.is_freelancer else (*FREELANCER, "currency")) + (() if user.is_client else CLIENT)
        for name in hidden:
            del self.fields[name]
        if user.is_freelancer:
            self._ask_levels(user.freelancer_profile)

    def _ask_levels(self, offer: FreelancerProfile) -> None:
        """A field for each language that was named, by now or in what is sent: how well."""
        sent = [name.removeprefix(LEVEL) for name in self.data if name.startswith(LEVEL)]
        for code in dict.fromkeys([*offer.languages, *(code for code in sent if code in language_codes())]):
            level = offer.language_levels.get(code, "")
            self.fields[LEVEL + code] = forms.ChoiceField(
                label=language_name(code), choices=LANGUAGE_LEVELS, required=False, initial=level
            )

    @property
    def levels(self) -> list[forms.BoundField]:
        return [field for field in self if field.name.startswith(LEVEL)]

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or self.cleaned_data
        if values.get("hourly_rate") is not None and values.get("currency"):
            try:
                values["hourly_rate"] = Money.parse(values["hourly_rate"], values["currency"])
            except ValueError as error:
                self.add_error("hourly_rate", str(error))
        return values

    def sides(self) -> dict[str, dict[str, Any]]:
        """What `services.update_person` takes."""
        values = dict(self.cleaned_data)
        if "category" in values:
            values["category"] = values["category"].slug if values["category"] else None
        if "languages" in values:
            levels = {code: values.get(LEVEL + code, "") for code in values["languages"]}
            values["language_levels"] = {code: level for code, level in levels.items() if level}
        groups = {"person": PERSON, "freelancer": (*FREELANCER, "language_levels"), "client": CLIENT}
        return {side: {name: values[name] for name in names if name in values} for side, names in groups.items()}


class AvailabilityForm(forms.Form):
    is_available = forms.TypedChoiceField(choices=[("true", ""), ("false", "")], coerce=lambda value: value == "true")


class PhotoForm(forms.Form):
    """The services look into the file; its name and declared type mean nothing."""

    picture = forms.FileField(label=_("Picture"), max_length=255, allow_empty_file=True)


class PlaceForm(forms.Form):
    lat = forms.FloatField(label=_("Latitude"), min_value=-90, max_value=90, widget=forms.TextInput)
    lng = forms.FloatField(label=_("Longitude"), min_value=-180, max_value=180, widget=forms.TextInput)
    city = forms.CharField(label=_("Town"), max_length=120, required=False)
    country = forms.ChoiceField(label=_("Country"), required=False)
    travel_radius_km = forms.IntegerField(
        label=_("How far you travel for a gig"),
        min_value=MIN_TRAVEL_RADIUS_KM,
        max_value=MAX_TRAVEL_RADIUS_KM,
        widget=forms.TextInput(attrs={"inputmode": "numeric"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["country"].choices = [("", _("Not said")), *country_choices()]  # type: ignore[attr-defined]


class EntryForm(forms.Form):
    """A school, a job or a certificate: the same parts, by other names."""

    title = forms.CharField(max_length=120)
    organisation = forms.CharField(max_length=120)
    started = MonthField(max_length=10, required=False)
    ended = MonthField(max_length=10, required=False)
    description = forms.CharField(label=_("More about it"), max_length=1000, required=False, widget=forms.Textarea)
    link = forms.URLField(label=_("Link"), max_length=300, required=False, assume_scheme="https")

    LABELS = {
        EntryKind.WORK: (_("Position"), _("Employer or client"), _("From"), _("Until")),
        EntryKind.EDUCATION: (_("Degree or subject"), _("School"), _("From"), _("Until")),
        EntryKind.CERTIFICATE: (_("Certificate"), _("Who issued it"), _("Issued"), _("Valid until")),
    }

    def __init__(self, *args: Any, kind: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, label in zip(
            ("title", "organisation", "started", "ended"), self.LABELS[EntryKind(kind)], strict=True
        ):
            self.fields[name].label = label
        self.fields["ended"].help_text = (
            _("Empty when it does not expire.") if kind == EntryKind.CERTIFICATE else _("Empty while it lasts.")
        )


class HoursForm(forms.Form):
    """A line of text for each day, as people would write it."""

    def __init__(self, *args: Any, hours: WeeklyHours, **kwargs: Any) -> None:
        initial = {day: written_spans(spans) for day, spans in hours.items()}
        super().__init__(*args, initial=initial, **kwargs)
        names = zip(
            DAYS,
            (_("Monday"), _("Tuesday"), _("Wednesday"), _("Thursday"), _("Friday"), _("Saturday"), _("Sunday")),
            strict=True,
        )
        for day, name in names:
            widget = forms.TextInput(attrs={"autocomplete": "off", "placeholder": _("Free")})
            self.fields[day] = forms.CharField(label=name, max_length=100, required=False, widget=widget)

    def clean(self) -> dict[str, Any]:
        """With `weekly_hours`, as they are kept."""
        values: dict[str, Any] = super().clean() or self.cleaned_data
        hours: WeeklyHours = {}
        for day in DAYS:
            try:
                spans = checked_day(read_spans(values.get(day, "")))
            except ValueError as error:
                self.add_error(day, str(error))
            else:
                hours |= {day: spans} if spans else {}
        return values | {"weekly_hours": hours}


class HandleForm(forms.Form):
    handle = forms.CharField(
        label=_("Your address"),
        max_length=40,
        required=False,
        help_text=_("3 to 40 letters, digits and hyphens. Empty for the number that you had at first."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}),
    )


class PreferencesForm(forms.Form):
    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)
    time_zone = forms.ChoiceField(label=_("Time zone"), choices=lambda: [(zone, zone) for zone in time_zones()])
    currency = forms.ChoiceField(label=_("Currency"), choices=currency_choices)


class EmailChangeForm(forms.Form):
    new_email = _email(_("New address"))
    password = _password(_("Your password"), "current-password")


class PasswordChangeForm(forms.Form):
    old_password = _password(_("Present password"), "current-password")
    new_password = _password(
        _("New password"), "new-password", help_text=_("Ten characters or more. A few words in a row do well.")
    )


class ApiKeyForm(forms.Form):
    name = forms.CharField(
        label=_("Name"), max_length=60, help_text=_("What uses it, so that you know it again: “Shop sync”, “Reports”.")
    )
    expires_in = forms.TypedChoiceField(label=_("Ends after"), choices=API_KEY_LIFETIMES, coerce=int, initial=90)
    scopes = forms.MultipleChoiceField(
        label=_("What it may do"),
        choices=lambda: list(SCOPES.items()),
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Tick only what the program needs. A key never reaches your password, your payouts or other keys."),
    )

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or self.cleaned_data
        days = values.pop("expires_in", 0)
        values["expires_at"] = timezone.now() + timedelta(days=days) if days else None
        return values


class DeleteForm(forms.Form):
    typed_email = forms.CharField(
        label=_("The e-mail address of this account"),
        max_length=254,
        widget=forms.TextInput(attrs={"autocomplete": "off", "inputmode": "email"}),
    )


class AppealForm(forms.Form):
    text = forms.CharField(
        label=_("Why this is wrong"), max_length=5000, widget=forms.Textarea, help_text=_("You can appeal once.")
    )


class IdentityForm(forms.Form):
    """The pictures come beside it, as ids (file_ids) or, without scripts, as files."""

    document = forms.ChoiceField(label=_("Kind of document"), choices=IdentityDocument.choices)


def _profile_values(user: User) -> dict[str, Any]:
    offer, client = user.freelancer_profile, user.client_profile
    values = {name: getattr(user, name) for name in PERSON}
    values |= {name: getattr(offer, name) for name in FREELANCER if name not in {"hourly_rate", "category", "skills"}}
    values |= {name: getattr(client, name) for name in CLIENT}
    return values | {
        "category": offer.category.slug if offer.category else None,
        "hourly_rate": offer.hourly_rate.as_string() if offer.hourly_rate else None,
        "currency": offer.currency,
        "skills": offer.skill_names,
    }
