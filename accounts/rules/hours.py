"""Hours of work in a week."""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time, timedelta, tzinfo
from itertools import pairwise
from typing import Any, NamedTuple

DAYS = {
    "mon": "Monday", "tue": "Tuesday", "wed": "Wednesday", "thu": "Thursday", "fri": "Friday", "sat": "Saturday",
    "sun": "Sunday",
}  # fmt: skip
MAX_SPANS = 4  # a day
_CLOCK = re.compile(r"([01]\d|2[0-3]):([0-5]\d)|24:00")
_SPOKEN = re.compile(r"(\d{1,2})(?:[:.h](\d{2})?)?\s*(?:-|–|—|\bto\b)\s*(\d{1,2})(?:[:.h](\d{2})?)?")

WeeklyHours = dict[str, list[list[str]]]


class SpanElsewhere(NamedTuple):
    """Hours of one day as they stand with the person, and on the reader's clock."""

    start: str
    end: str
    reader_day: str
    reader_start: str
    reader_end: str


def checked_hours(hours: Any) -> WeeklyHours:
    """In order and without empty days; ValueError with a sentence where they make no sense. "24:00" ends a day."""
    if not isinstance(hours, Mapping) or not set(hours) <= set(DAYS):
        raise ValueError('Give the days as "mon" to "sun".')
    checked: WeeklyHours = {}
    for day, name in DAYS.items():
        try:
            spans = checked_day(hours.get(day) or [])
        except ValueError as error:
            raise ValueError(f"{name}: {error}") from error
        if spans:
            checked[day] = spans
    return checked


def checked_day(spans: Any) -> list[list[str]]:
    """The hours of one day in order; ValueError as above."""
    if not isinstance(spans, Sequence) or isinstance(spans, str):
        raise ValueError("Give a list of pairs of times.")
    if len(spans) > MAX_SPANS:
        raise ValueError(f"Give at most {MAX_SPANS} spans.")
    pairs = sorted(_checked_span(span) for span in spans)
    for (start, end), (next_start, next_end) in pairwise(pairs):
        if next_start < end:
            raise ValueError(f"{_clock(start)}–{_clock(end)} and {_clock(next_start)}–{_clock(next_end)} overlap.")
    return [[_clock(start), _clock(end)] for start, end in pairs]


def read_spans(text: str) -> list[list[str]]:
    """ "9-12:30, 14-18" as [["09:00", "12:30"], ["14:00", "18:00"]]; ValueError when it is something else."""
    spans = []
    for part in filter(None, (part.strip() for part in re.split(r"[,;+]|\band\b", text))):
        found = _SPOKEN.fullmatch(part)
        if not found:
            raise ValueError("Write times such as 9-12:30, 14-18.")
        start_hour, start_minute, end_hour, end_minute = (int(group or 0) for group in found.groups())
        if (end_hour, end_minute) == (0, 0):
            end_hour = 24
        spans.append([f"{start_hour:02}:{start_minute:02}", f"{end_hour:02}:{end_minute:02}"])
    return spans


def written_spans(spans: Iterable[Sequence[str]]) -> str:
    """The other way round: "09:00–12:30, 14:00–18:00"."""
    return ", ".join(f"{start}–{end}" for start, end in spans)


def hours_elsewhere(hours: WeeklyHours, own: tzinfo, reader: tzinfo, monday: date) -> dict[str, list[SpanElsewhere]]:
    """The hours of the week that begins on `monday`, with each on the reader's clock, which may be another day's."""
    return {
        day: [_elsewhere(span, monday + timedelta(days=number), own, reader) for span in hours[day]]
        for number, day in enumerate(DAYS)
        if hours.get(day)
    }


def _checked_span(span: Any) -> tuple[int, int]:
    """In minutes after midnight."""
    pair = isinstance(span, Sequence) and not isinstance(span, str) and len(span) == 2
    if not pair or not all(isinstance(clock, str) and _CLOCK.fullmatch(clock) for clock in span):
        raise ValueError("Give pairs of times such as 09:00 and 12:30.")
    start, end = (int(clock[:2]) * 60 + int(clock[3:]) for clock in span)
    if start >= end:
        raise ValueError(f"{span[0]}–{span[1]} ends before it starts. Split what goes past midnight.")
    return start, end


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


def _elsewhere(span: Sequence[str], day: date, own: tzinfo, reader: tzinfo) -> SpanElsewhere:
    start, end = (_moment(day, clock, own).astimezone(reader) for clock in span)
    return SpanElsewhere(span[0], span[1], list(DAYS)[start.weekday()], f"{start:%H:%M}", f"{end:%H:%M}")


def _moment(day: date, clock: str, zone: tzinfo) -> datetime:
    days, hour = divmod(int(clock[:2]), 24)
    return datetime.combine(day + timedelta(days=days), time(hour, int(clock[3:])), tzinfo=zone)
