"""Asking a provider how something stands."""

from collections.abc import Callable
from typing import Any

from core.errors import Conflict
from payments.errors import SettlementMismatch

Ask = Callable[[Any], object]


def or_mismatch(ask: Ask) -> Ask:
    """What contradicts our records is told like a refusal: staff ask because something is wrong."""

    def run(row: Any) -> object:
        try:
            return ask(row)
        except SettlementMismatch as mismatch:
            raise Conflict("settlement_mismatch", f"{mismatch}.") from mismatch

    return run
