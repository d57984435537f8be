"""Addresses, hours, entries and completeness of profiles."""

from datetime import date, datetime, time, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.rules import (
    CLIENT_STEPS,
    DAYS,
    FREELANCER_STEPS,
    MAX_SPANS,
    checked_hours,
    completeness,
    entry_faults,
    handle_fault,
    handle_ideas,
    hours_elsewhere,
    read_spans,
    steps_of,
    written_spans,
)

# --- The address --------------------------------------------------------------------------------


@pytest.mark.parametrize("handle", ["nora", "nora-veld", "n0r", "a" * 40, "helpful-anna", "van-der-meulen"])
def test_an_address_of_letters_digits_and_hyphens_is_good(handle: str) -> None:
    assert handle_fault(handle) == ""


@pytest.mark.parametrize(
    "handle",
    [
        "", "ab", "a" * 41, "Nora", "1nora", "-nora", "nora-", "no--ra",
        "nora_veld", "nora.veld", "n\u043era", "nöra", "nora veld", "nora\n",
        "admin", "settings", "people", "robots", "me", "guildhall-support", "the-staff", "official-nora",
    ],
)  # fmt: skip
def test_an_address_that_is_unreadable_or_ours_is_refused(handle: str) -> None:
    assert handle_fault(handle)


@pytest.mark.parametrize(
    ("first", "last", "best"),
    [
        ("Mateusz", "Wiśniewski", "mateusz-wisniewski"),
        ("Ferhat", "Y\u0131ld\u0131z", "ferhat-yildiz"),
        ("Siobhán", "O'Flaherty-Byrne", "siobhan-oflaherty-byrne"),
        ("Björn", "Þorsteinsson", "bjorn-thorsteinsson"),
        ("Admin", "", None),
        ("ليلى", "بن عيسى", None),
        ("健一", "森田", None),
    ],
)
def test_an_address_is_proposed_from_the_name(first: str, last: str, best: str | None) -> None:
    assert next(iter(handle_ideas(first, last, 7)), None) == best


@given(st.text(max_size=80), st.text(max_size=80), st.integers(1, 10**9))
def test_every_proposed_address_may_be_had(first: str, last: str, number: int) -> None:
    assert [idea for idea in handle_ideas(first, last, number) if handle_fault(idea)] == []


# --- Hours --------------------------------------------------------------------------------------


def spans_of(marks: list[int]) -> list[list[str]]:
    ends = [f"{minute // 60:02}:{minute % 60:02}" for minute in sorted(marks)]
    return [[start, end] for start, end in zip(ends[::2], ends[1::2], strict=True)]


MARKS = st.sets(st.integers(0, 24 * 60), max_size=2 * MAX_SPANS).filter(lambda marks: len(marks) % 2 == 0)
DAY = MARKS.map(lambda marks: spans_of(list(marks)))
WEEK = st.dictionaries(st.sampled_from(list(DAYS)), DAY)
ZONES = st.sampled_from(["UTC", "Europe/Brussels", "Asia/Kolkata", "Pacific/Auckland", "America/St_Johns"]).map(
    ZoneInfo
)


@given(WEEK, st.randoms())
def test_hours_that_do_not_overlap_are_kept_in_order(week: Any, random: Any) -> None:
    shuffled = {day: random.sample(spans, len(spans)) for day, spans in week.items()}
    checked = checked_hours(shuffled)
    assert checked == {day: week[day] for day in DAYS if week.get(day)}
    assert checked_hours(checked) == checked
    assert list(checked) == [day for day in DAYS if day in checked]


@given(DAY)
def test_hours_are_read_as_they_are_written(spans: list[list[str]]) -> None:
    assert read_spans(written_spans(spans)) == spans


@given(st.recursive(st.none() | st.integers() | st.text(max_size=6), lambda inner: st.lists(inner, max_size=5)))
def test_hours_of_any_shape_are_kept_whole_or_refused(day: Any) -> None:
    try:
        checked = checked_hours({"mon": day})
    except ValueError:
        return
    for (_start, end), (next_start, _end) in pairwise(checked.get("mon", [])):
        assert end <= next_start


@pytest.mark.parametrize(
    "hours",
    [
        None, [], "mon", {"monday": []}, {"mon": "09:00"}, {"mon": [["09:00"]]}, {"mon": [["9:00", "12:00"]]},
        {"mon": [["12:00", "09:00"]]}, {"mon": [["09:00", "09:00"]]}, {"mon": [["09:00", "24:30"]]}, {"mon": [[9, 12]]},
        {"mon": [["09:00", "12:00"], ["11:59", "13:00"]]}, {"mon": spans_of(list(range(0, 600, 60)))},
        {"mon": [["24:00", "24:00"]]}, {"mon": [["09:00", "12:00\n"]]},
    ],
)  # fmt: skip
def test_hours_that_make_no_sense_are_refused(hours: Any) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        checked_hours(hours)


@pytest.mark.parametrize(
    ("text", "spans"),
    [
        ("", []),
        ("9-12:30, 14-18", [["09:00", "12:30"], ["14:00", "18:00"]]),
        ("9.15 – 12h30", [["09:15", "12:30"]]),
        ("9 to 17", [["09:00", "17:00"]]),
        ("20-0", [["20:00", "24:00"]]),
        ("8-10;11-12", [["08:00", "10:00"], ["11:00", "12:00"]]),
    ],
)
def test_hours_may_be_typed_in_many_ways(text: str, spans: list[list[str]]) -> None:
    assert read_spans(text) == spans


@pytest.mark.parametrize("text", ["morning", "9", "9-", "9-12-15", "nine to five"])
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="such as"):
        read_spans(text)


def test_hours_stand_on_the_readers_clock_and_day() -> None:
    hours = {"mon": [["09:00", "12:30"], ["22:00", "24:00"]]}
    brussels, auckland, toronto = ZoneInfo("Europe/Brussels"), ZoneInfo("Pacific/Auckland"), ZoneInfo("America/Toronto")
    winter = date(2026, 1, 5)
    west = hours_elsewhere(hours, brussels, toronto, winter)["mon"]
    east = hours_elsewhere(hours, brussels, auckland, winter)["mon"]
    assert west[0] == ("09:00", "12:30", "mon", "03:00", "06:30")
    assert east[1] == ("22:00", "24:00", "tue", "10:00", "12:00")


@given(WEEK, ZONES, ZONES, st.dates(date(2020, 1, 1), date(2030, 1, 1)))
def test_a_span_elsewhere_is_the_same_moment(week: Any, own: ZoneInfo, reader: ZoneInfo, day: date) -> None:
    monday = day - timedelta(days=day.weekday())
    for name, spans in hours_elsewhere(checked_hours(week), own, reader, monday).items():
        for span in spans:
            there = monday + timedelta(days=list(DAYS).index(name))
            moment = datetime.combine(there, time.fromisoformat(span.start), tzinfo=own)
            here = moment.astimezone(reader)
            assert span.reader_start == f"{here:%H:%M}"
            assert span.reader_day == list(DAYS)[here.weekday()]


# --- Entries ------------------------------------------------------------------------------------

TODAY = date(2026, 11, 26)


@pytest.mark.parametrize(
    ("started", "ended", "fields"),
    [
        (None, None, []),
        (date(2019, 9, 1), date(2019, 9, 1), []),
        (date(2019, 9, 1), date(2030, 1, 1), []),
        (date(2026, 12, 1), None, ["started"]),
        (date(2019, 9, 1), date(2019, 8, 1), ["ended"]),
        (date(1200, 1, 1), None, ["started"]),
        (None, date(2101, 1, 1), ["ended"]),
    ],
)
def test_months_of_an_entry_run_forward(started: date | None, ended: date | None, fields: list[str]) -> None:
    assert list(entry_faults(started, ended, TODAY)) == fields


# --- Completeness -------------------------------------------------------------------------------


@pytest.mark.parametrize("steps", [FREELANCER_STEPS, CLIENT_STEPS])
def test_the_weights_make_a_whole(steps: Any) -> None:
    assert sum(step.weight for step in steps) == 100


@given(
    st.sampled_from(["client", "freelancer", "both"]),
    st.sets(st.sampled_from([step.code for step in FREELANCER_STEPS])),
)
def test_more_is_never_less_complete(user_type: str, done: set[str]) -> None:
    steps = steps_of(user_type)
    found = completeness(done, steps)
    assert 0 <= found.percent <= 100
    assert (found.percent == 100) == (found.next_step is None) == (found.missing == ())
    if found.next_step:
        assert found.next_step.code not in done
        assert completeness(done | {found.next_step.code}, steps).percent > found.percent


def test_the_weightiest_missing_step_is_next() -> None:
    everything = {step.code for step in FREELANCER_STEPS}
    found = completeness(everything - {"links", "bio", "photo"}, FREELANCER_STEPS)
    assert found.percent == 70
    assert found.next_step is not None
    assert found.next_step.code == "bio"
    assert completeness((), CLIENT_STEPS).percent == 0
    assert completeness(everything, FREELANCER_STEPS) == (100, None, ())
