"""Tags and filters of core.templatetags.ui, as a template sees them."""

from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from django import forms
from django.template import engines
from django.utils import timezone, translation

from core.money import Money
from core.templatetags import ui

NOW = timezone.now()


def rendered(source: str, **context: object) -> str:
    return engines["django"].from_string(source).render(context)


@pytest.mark.parametrize(
    ("name", "letters"),
    [
        ("Mateusz Wiśniewski", "MW"),
        ("João Pedro de Albuquerque Cavalcanti", "JC"),
        ("Niamh", "NI"),
        ("紙林 Kōrin Paper", "紙"),
        ("Harbour & Hythe", "HH"),
        ("", "?"),
        ("…", "?"),
    ],
)
def test_initials(name: str, letters: str) -> None:
    assert ui.initials(name) == letters


def test_money_is_isolated_from_the_direction_of_the_text() -> None:
    assert rendered("{{ amount|money }}", amount=Money(60_001, "USD")) == '<bdi dir="ltr" class="num">$600.01</bdi>'


def test_money_of_nothing_is_empty() -> None:
    assert rendered("{{ amount|money }}", amount=None) == ""


@pytest.mark.parametrize(
    ("amount", "short"),
    [
        (Money(4_500, "EUR"), "€45"),
        (Money(4_550, "EUR"), "€45.50"),
        (Money(1_150_000, "KWD"), "KWD\u00a01,150"),
        (Money(620_000, "JPY"), "¥620,000"),
    ],
)
def test_short_money_drops_only_decimals_that_are_zero(amount: Money, short: str) -> None:
    assert ui.short_money(amount) == f'<bdi dir="ltr" class="num">{short}</bdi>'


def test_signed_money_shows_both_signs() -> None:
    assert "+€20.00" in ui.signed_money(Money(2_000, "EUR"))
    assert "−€20.00" in ui.signed_money(Money(-2_000, "EUR"))


@pytest.mark.parametrize(
    ("low", "high", "text"),
    [
        (Money(400_000, "GBP"), Money(550_000, "GBP"), "£4,000 – 5,500"),
        (Money(620_000, "JPY"), Money(620_000, "JPY"), "¥620,000"),
        (None, Money(5_000, "EUR"), "€50"),
    ],
)
def test_money_range(low: Money | None, high: Money, text: str) -> None:
    assert f">{text}<" in rendered("{% money_range low high %}", low=low, high=high)


def test_money_range_repeats_no_symbol_that_stands_behind() -> None:
    with translation.override("de"):
        assert "4.000\u00a0£ – 5.500\u00a0£" in ui.money_range(Money(400_000, "GBP"), Money(550_000, "GBP"))


def test_money_range_of_nothing_is_empty() -> None:
    assert rendered("{% money_range low high %}", low=None, high=None) == ""


@pytest.mark.parametrize(
    ("moment", "words"),
    [
        (-timedelta(seconds=5), "just now"),
        (-timedelta(hours=2, seconds=5), "2 hours ago"),
        (timedelta(days=3, minutes=1), "in 3 days"),
        (timezone.localdate() + timedelta(days=1), "tomorrow"),
        (date(2020, 2, 29), "29 February 2020"),
    ],
)
def test_relative_time(moment: timedelta | date, words: str) -> None:
    when = timezone.now() + moment if isinstance(moment, timedelta) else moment
    assert f">{words}</time>" in ui.relative_time(when)


def test_relative_time_carries_the_exact_one() -> None:
    moment = datetime(2026, 11, 20, 14, 5, tzinfo=timezone.get_default_timezone())
    assert 'datetime="2026-11-20T14:05:00+00:00" title="20 November 2026, 14:05"' in ui.relative_time(moment)


def test_relative_time_speaks_the_readers_language() -> None:
    with translation.override("de"):
        assert "vor 2 Stunden" in ui.relative_time(timezone.now() - timedelta(hours=2, seconds=5))


def test_when_names_the_day_for_a_week() -> None:
    noon = timezone.localtime().replace(hour=12, minute=0)
    assert ">Today, 12:00<" in ui.when(noon)
    assert ">Tomorrow, 12:00<" in ui.when(noon + timedelta(days=1))
    assert f">{noon + timedelta(days=4):%A}, 12:00<" in ui.when(noon + timedelta(days=4))
    later = noon + timedelta(days=20)
    assert f">{later.day} {later:%B}, 12:00<" in ui.when(later)


@pytest.mark.parametrize(
    ("span", "text"),
    [
        (timedelta(minutes=45), "45 min"),
        (Decimal("1.5"), "1½ h"),
        (2, "2 h"),
        (timedelta(hours=2, minutes=15), "2 h 15 min"),
        (0.25, "15 min"),
        (None, ""),
    ],
)
def test_duration(span: timedelta | Decimal | float | None, text: str) -> None:
    assert ui.duration(span) == text


@pytest.mark.parametrize(("count", "text"), [(1, "1 day"), (10, "10 days"), (42, "6 weeks"), (43, "43 days")])
def test_days(count: int, text: str) -> None:
    assert ui.days(count) == text


@pytest.mark.parametrize(
    ("metres", "text"), [(12, "50 m"), (620, "600 m"), (949, "950 m"), (1_100, "1.1 km"), (12_340, "12 km")]
)
def test_distance(metres: float, text: str) -> None:
    assert ui.distance(metres) == text


@pytest.mark.parametrize(("bps", "text"), [(1000, "10\xa0%"), (250, "2.5\xa0%"), (0, "0\xa0%")])
def test_percent(bps: int, text: str) -> None:
    assert ui.percent(bps) == text


@pytest.mark.parametrize(
    ("rating", "kinds"),
    [(5, "full full full full full"), (3.5, "full full full half none"), (4.2, "full full full full none")],
)
def test_star_kinds(rating: float, kinds: str) -> None:
    names = {"full": "star-fill", "half": "star-half", "none": "star"}
    assert ui.star_kinds(rating) == [names[kind] for kind in kinds.split()]


def test_split_segments_fill_the_bar_and_skip_empty_parts() -> None:
    parts = [
        {"kind": "released", "amount": Money(100, "EUR")},
        {"kind": "held", "amount": Money(0, "EUR")},
        {"kind": "due", "amount": Money(300, "EUR")},
    ]
    assert ui.split_segments(parts) == [("0.00", "25.00", "released"), ("25.00", "75.00", "due")]


class OneOfEach(forms.Form):
    title = forms.CharField(help_text="As you would say it.")
    note = forms.CharField(required=False, widget=forms.Textarea)
    length = forms.ChoiceField(choices=[("60", "1 hour")])
    kind = forms.ChoiceField(choices=[("a", "One"), ("b", "Other")], widget=forms.RadioSelect)
    tags = forms.MultipleChoiceField(choices=[("x", "X")], widget=forms.CheckboxSelectMultiple)
    agreed = forms.BooleanField()
    picture = forms.FileField()
    token = forms.CharField(widget=forms.HiddenInput)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("title", "text"),
        ("note", "text"),
        ("length", "select"),
        ("kind", "radios"),
        ("tags", "checkboxes"),
        ("agreed", "checkbox"),
        ("picture", "file"),
        ("token", "hidden"),
    ],
)
def test_control_kind(name: str, kind: str) -> None:
    assert ui.control_kind(OneOfEach()[name]) == kind


def test_a_field_ties_its_hint_and_error_to_the_control() -> None:
    html = rendered('{% include "components/field.html" with field=form.title only %}', form=OneOfEach({"title": ""}))
    assert 'aria-describedby="id_title_helptext id_title_error"' in html
    assert 'id="id_title_helptext"' in html
    assert 'id="id_title_error"' in html
    assert "is-invalid" in html


def test_a_field_says_that_it_is_optional() -> None:
    form = OneOfEach()
    assert "(optional)" in rendered('{% include "components/field.html" with field=form.note only %}', form=form)
    assert "(optional)" not in rendered('{% include "components/field.html" with field=form.title only %}', form=form)


def test_radio_cards_keep_what_was_chosen() -> None:
    form = OneOfEach({"kind": "b"})
    html = rendered('{% include "components/field.html" with field=form.kind only %}', form=form)
    assert html.count(" checked") == 1
    assert 'value="b" id="id_kind_1" checked' in html


def test_the_summary_counts_and_links_what_is_wrong() -> None:
    form = OneOfEach({"length": "60", "kind": "a", "tags": ["x"], "agreed": "on", "token": "t"})
    html = rendered('{% include "components/form_errors.html" with form=form only %}', form=form)
    assert "2 things to put right." in html
    assert '<a href="#id_title">Title</a>' in html


def test_people_cannot_write_markup_into_a_component() -> None:
    html = rendered('{% include "components/person.html" with name=name sub=name only %}', name="<b>&")
    assert "<b>" not in html
