"""The gallery: every component of templates/components/ in every state and both themes, made of samples. For staff."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from django import forms
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.utils import timezone
from django.utils.safestring import mark_safe

from core.errors import NotFound
from core.lifecycle import Badge
from core.money import Money, share

FEE_BPS = 1000


class Section(NamedTuple):
    """One part of the page: templates/gallery/<name>.html, shown once a theme. `tall`: below each other, not beside."""

    name: str
    title: str
    note: str = ""
    tall: bool = False


SECTIONS = [
    Section("colour", "Colour", "tokens.css is the only file with raw values."),
    Section("type", "Type", "Inter for text and figures; Fraunces, soft, for titles."),
    Section(
        "button",
        "Button",
        "One primary per view. A button that commits money says the amount.",
    ),
    Section(
        "avatar",
        "Avatar and person",
        "Rounded squares. Without a photo: two letters of the name, or one ideograph.",
    ),
    Section("status", "Status", "Icon, word and colour, always three."),
    Section(
        "next_step",
        "What happens next",
        "One sentence, one button. Brass only when it waits for the reader.",
        True,
    ),
    Section(
        "money",
        "Money",
        "Gross, fee, net. Zero and three decimals line up on the right.",
    ),
    Section("ledger", "Ledger and balances", "Rows fold into blocks on phones.", True),
    Section(
        "rows",
        "Result rows",
        "The four facts that decide: price, time, skills, the person’s rating.",
        True,
    ),
    Section("stars", "Stars and reviews"),
    Section("skills", "Skills, chips, filters"),
    Section("search", "Search, tabs, pages"),
    Section("stepper", "Stepper and timeline"),
    Section("field", "Fields", "Errors: what happened, what was kept, what to do."),
    Section("price", "Price with its live sum", "Type a price: gross, fee and net follow."),
    Section(
        "files",
        "Files",
        "Ready, going up, refused; and a zone that sends what is dropped on it.",
    ),
    Section("chat", "Chat parts", "Sent, delivered, read, waiting, refused, deleted."),
    Section("place", "Place to choose", "Search, move the pin, or type the coordinates."),
    Section("chart", "Chart"),
    Section("portfolio", "Portfolio"),
    Section("empty", "Empty and loading", "What will be here, and one next step."),
    Section("notices", "Toast and banner"),
    Section(
        "dialog",
        "Dialog and menu",
        "Native dialog and details. The amount is restated on the button.",
    ),
    Section("facts", "Facts and checks"),
]


class SampleForm(forms.Form):
    """One field of every kind; bound with the samples below, two of them wrong."""

    headline = forms.CharField(label="Headline", max_length=80, help_text="What you do, for whom. 80 letters.")
    about = forms.CharField(label="About you", required=False, widget=forms.Textarea(attrs={"rows": 3}))
    start = forms.DateField(label="Start", widget=forms.DateInput(attrs={"type": "date"}))
    length = forms.ChoiceField(label="How long it takes", choices=[("90", "1½ hours"), ("120", "2 hours")])
    currency = forms.ChoiceField(label="Currency", choices=[("EUR", "Euro")], disabled=True, required=False)
    skills = forms.CharField(label="Skills", required=False, help_text="Up to 15. Type a few letters.")
    payout = forms.ChoiceField(
        label="Pay out to",
        choices=[
            (
                "ing",
                mark_safe('ING ···· 4471<br><span class="small muted">Arrives by Tuesday</span>'),
            ),
            ("revolut", "Revolut ···· 0912"),
        ],
        widget=forms.RadioSelect,
    )
    languages = forms.MultipleChoiceField(
        label="Languages",
        choices=[("en", "English"), ("ar", "العربية")],
        widget=forms.CheckboxSelectMultiple,
    )
    password = forms.CharField(label="Password", widget=forms.PasswordInput(attrs={"autocomplete": "off"}))
    budget = forms.DecimalField(label="What you pay", min_value=5, widget=forms.TextInput)
    radius = forms.IntegerField(
        label="How far you travel",
        widget=forms.TextInput(attrs={"inputmode": "numeric"}),
    )
    picture = forms.FileField(label="Picture", required=False)
    rating = forms.IntegerField(label="How was it to work with Amara?")
    available = forms.BooleanField(label="Open to new work", required=False)
    agree = forms.BooleanField(label="I have read the terms", required=False)

    def clean_start(self) -> date:
        start: date = self.cleaned_data["start"]
        if start < timezone.localdate():
            raise forms.ValidationError("This day is over. Choose today or later.")
        return start


class PriceForm(forms.Form):
    amount = forms.DecimalField(label="Price", help_text="What the client pays in all.", widget=forms.TextInput)
    currency = forms.ChoiceField(choices=[("EUR", "EUR"), ("JPY", "JPY"), ("KWD", "KWD")])


class PlaceForm(forms.Form):
    lat = forms.FloatField(label="Latitude", widget=forms.TextInput)
    lng = forms.FloatField(label="Longitude", widget=forms.TextInput)
    address = forms.CharField(label="Address")


def gallery(request: HttpRequest) -> HttpResponse:
    if not request.user.is_staff:  # type: ignore[union-attr]
        raise NotFound
    return render(
        request,
        "gallery.html",
        {"sections": SECTIONS, "themes": _themes(), **_samples()},
    )


def _themes() -> list[dict[str, Any]]:
    """Ids and names must differ between the two halves of the page."""
    return [{"name": name, **_forms(name)} for name in ("light", "dark")]


def _forms(prefix: str) -> dict[str, forms.Form]:
    yesterday = timezone.localdate() - timedelta(days=1)
    values = {
        "headline": "Brand and packaging for small makers",
        "start": yesterday.isoformat(),
        "length": "90",
        "skills": "Packaging, Lettering",
        "payout": "ing",
        "languages": ["en"],
        "password": "kept-as-typed",
        "budget": "4.50",
        "radius": "5",
        "rating": "4",
        "available": "on",
    }
    place = {"lat": "51.0543", "lng": "3.7174", "address": "Vrijdagmarkt 14, 9000 Gent"}
    return {
        "form": SampleForm({f"{prefix}-{key}": value for key, value in values.items()}, prefix=prefix),
        "price_form": PriceForm(initial={"amount": "4850.00", "currency": "EUR"}, prefix=f"{prefix}-price"),
        "place_form": PlaceForm(initial=place, prefix=f"{prefix}-place"),
    }


BADGES = [
    Badge("Draft", "", "pencil"),
    Badge("Open", "success", "door-open"),
    Badge("In progress", "info", "arrow-repeat"),
    Badge("Funds held", "info", "lock"),
    Badge("Handed in", "waiting", "box-arrow-in-right"),
    Badge("Waiting for you", "waiting", "hourglass-split"),
    Badge("Changes asked", "waiting", "arrow-counterclockwise"),
    Badge("Released", "success", "check2"),
    Badge("Completed", "success", "check2-all"),
    Badge("Not funded yet", "", "circle"),
    Badge("Paused", "", "pause"),
    Badge("In dispute", "danger", "exclamation-triangle"),
    Badge("Cancelled", "", "x-lg"),
    Badge("Refunded", "", "arrow-return-left"),
    Badge("Pending", "info", "clock"),
    Badge("Failed", "danger", "x-octagon"),
    Badge("Sent", "info", "send"),
    Badge("Shortlisted", "success", "bookmark-check"),
    Badge("Counter-offer", "info", "arrow-left-right"),
]


def _sum(amount: str, currency: str) -> dict[str, Money]:
    gross = Money.parse(amount, currency)
    fee = share(gross, FEE_BPS)
    return {"gross": gross, "fee": fee, "net": gross - fee}


def _samples() -> dict[str, Any]:
    now = timezone.now()
    return {
        "badges": BADGES,
        **_money_samples(now),
        **_list_samples(now),
        **_navigation_samples(),
        **_work_samples(now),
    }


def _money_samples(now: datetime) -> dict[str, Any]:
    return {
        "fee_bps": FEE_BPS,
        "price": {
            "fixed": Money(400_000, "GBP"),
            "fixed_to": Money(550_000, "GBP"),
            "yen": Money(620_000, "JPY"),
            "hour": Money(4_800, "USD"),
            "gig": Money(2_500, "EUR"),
            "tap": Money(4_050, "EUR"),
        },
        "sums": [_sum("600.01", "USD"), _sum("620000", "JPY"), _sum("1150.000", "KWD")],
        "parts": [
            {"kind": "released", "label": "Released", "amount": Money(120_000, "GBP")},
            {"kind": "held", "label": "Held", "amount": Money(325_000, "GBP")},
            {"kind": "due", "label": "To pay in", "amount": Money(65_000, "GBP")},
        ],
        "hold": {"held": Money(325_000, "GBP"), "entries_url": "#money"},
        "lines": _ledger(now),
        "balances": [
            {"label": "Available", "amount": Money(248_100, "EUR"), "hint": "Yours to pay out now"},
            {"label": "Pending", "amount": Money(54_000, "EUR"), "hint": "Clears on Tuesday", "icon": "clock"},
            {"label": "Held for you", "amount": Money(396_000, "EUR"), "hint": "Before the fee", "icon": "lock"},
        ],
        "chart": {
            "type": "bar",
            "currency": "EUR",
            "labels": ["Jul", "Aug", "Sep", "Oct", "Nov"],
            "series": [{"label": "Earned", "values": [1720, 3080, 3410, 2955, 3788.55]}],
        },
        "chart_rows": [("Jul", ["€1,720.00"]), ("Aug", ["€3,080.00"]), ("Sep", ["€3,410.00"])],
    }


def _ledger(now: datetime) -> list[dict[str, Any]]:
    return [
        {
            "moment": now - timedelta(days=1),
            "title": "Library catalogue search, week of 9 November",
            "detail": "Stadtbücherei Görlitz · contract 7F3A",
            "url": "#ledger",
            "balance": Money(248_100, "EUR"),
            **_sum("1188.00", "EUR"),
        },
        {
            "moment": now - timedelta(days=3),
            "title": "Payout to ING ···· 4471",
            "detail": "Arrived two days later",
            "gross": None,
            "fee": None,
            "net": Money(-150_000, "EUR"),
            "balance": Money(141_180, "EUR"),
        },
    ]


def _list_samples(now: datetime) -> dict[str, Any]:
    return {
        "skills": ["PostgreSQL", "Right-to-left", "Διόρθωση κειμένων", "日本語"],
        "matched": ["Django"],
        "all_skills": ["Packaging", "Lettering", "Print production", "PostgreSQL", "Proofreading"],
        "moment": now - timedelta(hours=2),
        "soon": now + timedelta(days=1, hours=2),
        "hours": Decimal("1.5"),
        "bars": [(5, 57), (4, 6), (3, 1), (2, 0), (1, 0)],
        "chips": [
            {"label": "Within 3 km", "url": "#skills", "on": True},
            {"label": "Today", "url": "#skills"},
            {"label": "€30 and up", "url": "#skills"},
        ],
        "used": [{"label": "Web and software", "url": "#skills"}, {"label": "€500 to €6,000", "url": "#skills"}],
        "group": {
            "legend": "How it is paid",
            "name": "kind",
            "kind": "checkbox",
            "options": [
                {"value": "fixed", "label": "Fixed price", "count": 151, "checked": True},
                {"value": "hourly", "label": "By the hour", "count": 63},
                {"value": "barter", "label": "By barter", "count": 0},
            ],
        },
        "range_group": {
            "legend": "Budget, in euros",
            "kind": "range",
            "low_name": "low",
            "high_name": "high",
            "low": 5,
        },
    }


def _navigation_samples() -> dict[str, Any]:
    return {
        "tabs": [
            {"label": "Overview", "url": "#search", "current": True},
            {"label": "Files", "url": "#search", "count": 7},
            {"label": "Chat", "url": "#search", "count": 2, "fresh": True},
            {"label": "Money", "url": "#search"},
        ],
        "segments": [
            {"label": "List", "url": "#search", "icon": "list-ul", "current": True},
            {"label": "Map", "url": "#search", "icon": "map"},
        ],
        "page": Paginator(range(214), 6).page(2),
        "crumbs": [("Your work", "#search"), ("Contracts", "#search")],
        "steps": ["Agree", "Hold", "Deliver", "Release"],
        "menu_items": [
            {"label": "Pause the contract", "hint": "Keeps the held funds.", "icon": "pause", "url": "#dialog"},
            None,
            {"label": "Open a dispute", "icon": "exclamation-triangle", "open": "gallery-ask-light", "danger": True},
        ],
    }


def _work_samples(now: datetime) -> dict[str, Any]:
    return {
        "milestones": _milestones(now),
        "history": [
            {
                "title": "Mateusz handed in Booking flow, English",
                "icon": "box-arrow-in-right",
                "tone": "waiting",
                "moment": now - timedelta(days=3),
            },
            {
                "title": "You released £1,200.00 for Timetable and fare model",
                "icon": "check2",
                "tone": "success",
                "moment": now - timedelta(days=24),
            },
        ],
        "works": [
            {"title": title, "detail": detail, "image_url": static(f"img/work-{picture}.svg"), "url": "#portfolio"}
            for title, detail, picture in (
                ("Three roasts", "Packaging", "coffee"),
                ("An ampersand", "Lettering", "type"),
                ("Cloth labels", "Print", "textile"),
            )
        ],
        "facts": [("Contracts finished", "71 of 72"), ("Usually answers in", "2 hours"), ("Here since", "June 2021")],
        "checks": [("E-mail", True), ("Payout account in her name", True), ("No company registered", False)],
    }


def _milestones(now: datetime) -> list[dict[str, Any]]:
    released, handed_in, held, not_funded = (BADGES[index] for index in (7, 4, 3, 9))
    steps = [
        ("Timetable and fare model", released, 120_000, -24),
        ("Booking flow, English", handed_in, 185_000, -3),
        ("Irish and Welsh versions", held, 140_000, 20),
        ("Handover", not_funded, 65_000, None),
    ]
    return [
        {
            "title": title,
            "badge": badge,
            "tone": badge.tone,
            "icon": badge.icon,
            "amount": Money(minor, "GBP"),
            "moment": None if offset is None else now + timedelta(days=offset),
        }
        for title, badge, minor, offset in steps
    ]
