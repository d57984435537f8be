"""Plain tables on the terminal."""

from collections.abc import Sequence


def say(text: str) -> None:
    print(text, flush=True)


def heading(text: str) -> None:
    say(f"\n{text}\n{'-' * len(text)}")


def row(cells: Sequence[str], widths: Sequence[int]) -> None:
    """The first cell to the left, the others to the right; negative widths to the left as well."""
    padded = [
        f"{cell:<{abs(width)}}" if index == 0 or width < 0 else f"{cell:>{width}}"
        for index, (cell, width) in enumerate(zip(cells, widths, strict=True))
    ]
    say("  ".join(padded).rstrip())


def figure(value: float | None) -> str:
    """Three digits are as many as a benchmark can mean."""
    if value is None:
        return "–"
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}"
