"""Exported tables run nothing in a spreadsheet."""

import csv
import io

import pytest

from core import sheets
from tests.security.checks import Check, fails_without_protection, replaced, table

FORMULAS = (
    "=1+1", "+1+1", "-1+1", "@SUM(A1)", "\t=1+1", "\r=1+1", "\n=1+1", "=cmd|' /C calc'!A0", "=HYPERLINK(\"https://evil.example\")",
    "\N{FULLWIDTH EQUALS SIGN}1+1",
)  # fmt: skip
HARMLESS = ("Gent", "a=b", "3 - 2", "'quoted'", "", "née @home")


def cells_of(values: list[object]) -> list[str]:
    text = "".join(sheets.csv_lines(["column"], [[value] for value in values]))
    return [row[0] for row in csv.reader(io.StringIO(text, newline=""))][1:]


def no_cell_is_a_formula() -> None:
    assert all(cell.startswith("'") for cell in cells_of(list(FORMULAS)))


CHECKS = [Check("no cell is a formula", no_cell_is_a_formula, replaced("core.sheets.STARTS_A_FORMULA", ()))]


@table(CHECKS)
def test_it_holds(check: Check) -> None:
    check.holds()


@table(CHECKS)
def test_without_its_protection_the_check_fails(check: Check) -> None:
    fails_without_protection(check)


@pytest.mark.parametrize("text", HARMLESS)
def test_other_text_stays_as_it_is(text: str) -> None:
    assert sheets.safe_cell(text) == text


def test_numbers_stay_numbers_and_nothing_is_empty() -> None:
    assert [sheets.safe_cell(value) for value in (-5, 2.5, None, True)] == [-5, 2.5, "", True]
