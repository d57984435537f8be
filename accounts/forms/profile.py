"""What other people read about a person, and where and when they work."""

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from accounts.forms.fields import ROLES, LanguagesField, LinksField, MonthField, NamesField
from accounts.models import Category, FreelancerProfile, User
from accounts.rules import (
    DAYS,
    MAX_LANGUAGES,
    MAX_LINKS,
    MAX_SKILLS,
    MAX_TRAVEL_RADIUS_KM,
    MIN_TRAVEL_RADIUS_KM,
    EntryKind,
    ExperienceLevel,
    LanguageLevel,
    WeeklyHours,
    checked_day,
    read_spans,
    written_spans,
)
from core.forms import AmountField, currency_choices
from core.money import Money
from core.regions import country_choices, language_codes, language_name, time_zones

PERSON = ("first_name", "last_name", "user_type")
FREELANCER = ("headline", "bio", "category", "hourly_rate", "experience_level", "skills", "languages", "links")
CLIENT = ("company_name", "about", "website")
LEVEL = "level_"
LANGUAGE_LEVELS = [("", _("Not said")), *LanguageLevel.choices]


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
        label=_("Category"),
        queryset=Category.objects.none(),
        required=False,
        to_field_name="slug",
        empty_label=_("Not said"),
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
