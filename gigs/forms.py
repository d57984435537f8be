"""What people type on the pages of gigs."""

from datetime import datetime, time, timedelta
from typing import Any

from django import forms
from django.contrib.gis.geos import Polygon
from django.utils import timezone

from accounts.models import Category
from core import geo
from core.forms import AmountField, BoundsField, currency_choices
from core.money import Money
from core.templatetags.ui import minutes
from gigs.models import Gig
from gigs.querysets import GigQuerySet
from gigs.rules import DEFAULT_RADIUS_KM, MAX_IMAGES, MAX_RADIUS_KM
from gigs.services import GigDetails

RADII_KM = (1, 3, 5, 10, 25, 50)
DURATIONS = (15, 30, 45, 60, 90, 120, 150, 180, 240, 300, 360, 480, 720, 1440, 2880, 4320)


class SearchForm(forms.Form):
    """Where, when and what for. Anything that cannot be read is left out, so that an old link still shows gigs."""

    q = forms.CharField(max_length=200, required=False)
    lat = forms.FloatField(min_value=-90, max_value=90, required=False)
    lng = forms.FloatField(min_value=-180, max_value=180, required=False)
    radius_km = forms.FloatField(min_value=0.1, max_value=MAX_RADIUS_KM, required=False)
    bbox = BoundsField(required=False)
    when = forms.ChoiceField(choices=[("today", "Today"), ("weekend", "This weekend")], required=False)
    category = forms.ModelChoiceField(Category.objects.local(), to_field_name="slug", required=False)

    @property
    def read(self) -> dict[str, Any]:
        self.is_valid()
        return self.cleaned_data

    @property
    def radius(self) -> float:
        return float(self.read.get("radius_km") or DEFAULT_RADIUS_KM)

    @property
    def place(self) -> tuple[float, float] | None:
        """(lat, lng) when both were given."""
        lat, lng = self.read.get("lat"), self.read.get("lng")
        return None if lat is None or lng is None else (lat, lng)

    def apply(self, gigs: GigQuerySet) -> GigQuerySet:
        read = self.read
        if words := read.get("q"):
            gigs = gigs.matching(words)
        if category := read.get("category"):
            gigs = gigs.filter(category=category)
        if when := read.get("when"):
            gigs = gigs.filter(starts_at__range=_span(when))
        if bounds := read.get("bbox"):
            return gigs.inside(Polygon.from_bbox(bounds))
        if self.place:
            return gigs.near(geo.point(*self.place), self.radius)
        return gigs


class PlaceForm(forms.Form):
    """A town by name, or the towns of a map."""

    q = forms.CharField(min_length=2, max_length=80, required=False)
    bbox = BoundsField(required=False)


def _span(when: str) -> tuple[datetime, datetime]:
    """The rest of today, or Saturday and Sunday, in the reader's time zone."""
    now = timezone.localtime()
    midnight = timezone.make_aware(datetime.combine(now.date(), time.min), now.tzinfo)
    if when == "today":
        return now, midnight + timedelta(days=1)
    saturday = midnight + timedelta(days=(5 - now.weekday()) % 7 if now.weekday() != 6 else -1)
    return max(now, saturday), saturday + timedelta(days=2)


class GigForm(forms.Form):
    title = forms.CharField(
        label="What needs doing", max_length=160, help_text="One sentence, as you would say it to a neighbour."
    )
    description = forms.CharField(
        label="What a helper should know",
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="Stairs, weights, tools, pets: what would surprise somebody at the door.",
    )
    category = forms.ModelChoiceField(
        Category.objects.local().filter(parent__isnull=False), label="Kind of help", required=False, empty_label="Other"
    )
    starts_at = forms.DateTimeField(
        label="Start",
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        help_text="Leave it empty when the two of you will agree on a time.",
    )
    duration_minutes = forms.TypedChoiceField(label="How long it takes", coerce=int, choices=(), initial=60)
    address = forms.CharField(
        label="Where", max_length=200, widget=forms.TextInput(attrs={"autocomplete": "street-address"})
    )
    area = forms.CharField(
        label="Neighbourhood or town", max_length=120, required=False, help_text="Everybody sees this one."
    )
    lat = forms.FloatField(label="Latitude", min_value=-90, max_value=90)
    lng = forms.FloatField(label="Longitude", min_value=-180, max_value=180)
    budget = AmountField(label="What you pay")
    currency = forms.ChoiceField(label="Currency", choices=currency_choices)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # What a gig has that was posted through the API stays a choice.
        own, kind = {self.initial.get("duration_minutes", DURATIONS[0])}, self.initial.get("category")
        self.fields["duration_minutes"].choices = [(count, minutes(count)) for count in sorted({*DURATIONS, *own})]
        if kind:
            self.fields["category"].queryset |= Category.objects.local().filter(pk=kind.pk)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("budget") is not None and data.get("currency"):
            try:
                data["budget"] = Money.parse(data["budget"], data["currency"])
            except ValueError as error:
                self.add_error("budget", str(error))
        return data

    def details(self) -> GigDetails:
        data = {name: value for name, value in self.cleaned_data.items() if name != "currency"}
        return GigDetails(**data, image_ids=self.image_ids())

    def image_ids(self) -> list[int]:
        """The uploads that the page's uploader put beside the form."""
        return [int(value) for value in self.data.getlist("image_ids") if value.isdecimal()][: MAX_IMAGES + 1]


class CancelForm(forms.Form):
    reason = forms.CharField(
        label="Why",
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="The other side reads it.",
    )


class NoShowForm(forms.Form):
    note = forms.CharField(
        label="What happened",
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="How long you waited, and whether you reached each other. The other side reads it.",
    )


class NoShowAnswerForm(forms.Form):
    answer = forms.CharField(
        label="What happened",
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="When you were there, and what shows it. The other side and our staff read it.",
    )


def initial_of(gig: Gig) -> dict[str, Any]:
    """A posted gig as the form's values."""
    return {
        "title": gig.title,
        "description": gig.description,
        "category": gig.category,
        "starts_at": gig.starts_at,
        "duration_minutes": gig.duration_minutes,
        "address": gig.address,
        "area": gig.area,
        "lat": gig.location.y,
        "lng": gig.location.x,
        "budget": gig.budget.as_string(),
        "currency": gig.currency,
    }
