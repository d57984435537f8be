"""What people type about their hours."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django import forms
from django.forms.utils import from_current_timezone
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html

from contracts.models import TimeEntry

MEMO = {"max_length": 500, "required": False}
TIME_INPUT = forms.TimeInput(attrs={"type": "time"}, format="%H:%M")


class TimerForm(forms.Form):
    memo = forms.CharField(label="What you work on", **MEMO)  # type: ignore[arg-type]


class HoursForm(forms.Form):
    """A stretch of time on the reader's own clock. An end that is not after the start is on the following day.

    Times that stay as they are shown are none of it: a timer may have run longer than a day, or through an hour that
    clocks strike twice, which this form cannot say again.
    """

    day = forms.DateField(label="Day", widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    start = forms.TimeField(label="From", widget=TIME_INPUT)
    end = forms.TimeField(label="To", widget=TIME_INPUT, help_text="Past midnight if it is earlier than the start.")
    memo = forms.CharField(label="What you did", **MEMO)  # type: ignore[arg-type]

    # Where refusals of the services are shown.
    PLACES = {"started_at": "start", "ended_at": "end"}

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        day, start, end = (cleaned.get(name) for name in ("day", "start", "end"))
        if day and start and end and {"day", "start", "end"} & {*self.changed_data}:
            cleaned["started_at"] = self._moment("start", day, start)
            cleaned["ended_at"] = self._moment("end", day, end, days=0 if end > start else 1)
        return cleaned

    def _moment(self, field: str, day: date, clock: time, days: int = 0) -> datetime | None:
        """An hour that clocks skip, or strike twice, is refused at its field; so is a day at the end of the calendar."""
        try:
            moment: datetime = from_current_timezone(datetime.combine(day, clock) + timedelta(days=days))
            return moment.astimezone(UTC)
        except forms.ValidationError:
            self.add_error(field, "Clocks were changed then. Choose a time before or after it.")
        except OverflowError:
            self.add_error("day", "Choose another day.")
        return None

    @staticmethod
    def of(entry: TimeEntry) -> dict[str, Any]:
        start = timezone.localtime(entry.started_at)
        end = timezone.localtime(entry.ended_at) if entry.ended_at else None
        return {"day": start.date(), "start": start.time(), "end": end and end.time(), "memo": entry.memo}


class WeeklyCapForm(forms.Form):
    hours = forms.DecimalField(
        label="Hours a week, at most",
        min_value=0,
        max_value=168,
        max_digits=5,
        decimal_places=2,
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
    )

    PLACES = {"weekly_cap_minutes": "hours"}

    @property
    def minutes(self) -> int:
        return round(self.cleaned_data["hours"] * 60)


class SendBackForm(forms.Form):
    """A reason for each entry that the client does not agree with; the others stay empty."""

    def __init__(self, *args: Any, entries: Sequence[TimeEntry], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.entries = entries
        for entry in entries:
            start, end = timezone.localtime(entry.started_at), timezone.localtime(entry.ended_at)
            # Heard alone, a label still says of which entry it is; what stands above it is seen.
            label = format_html(
                'What is wrong with it<span class="visually-hidden">, {}–{}</span>',
                date_format(start, "D j M, H:i"),
                date_format(end, "H:i"),
            )
            self.fields[f"reason_{entry.pk}"] = forms.CharField(label=label, **MEMO)  # type: ignore[arg-type]

    @property
    def rows(self) -> list[tuple[TimeEntry, Any]]:
        return [(entry, self[f"reason_{entry.pk}"]) for entry in self.entries]

    @property
    def reasons(self) -> dict[int, str]:
        found = {entry.pk: self.cleaned_data[f"reason_{entry.pk}"] for entry in self.entries}
        return {entry_id: reason for entry_id, reason in found.items() if reason}
