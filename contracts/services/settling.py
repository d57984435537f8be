"""What the jobs of the clocks share: one transaction for each case, and none that stops the others."""

from collections.abc import Callable, Iterable
from typing import Any

import structlog

logger = structlog.get_logger(__name__)

BATCH = 500


def settle_each(cases: Iterable[tuple[Any, ...]], act: Callable[..., bool]) -> int:
    """How many `act(*case)` settled. Whatever goes wrong with one is logged, and tried again the next time."""
    done = 0
    for case in cases:
        try:
            done += act(*case)
        except Exception:  # a fault of ours, too, must not hold the money of all others
            logger.exception("clock_failed", act=act.__qualname__, case=[str(part) for part in case])
    return done
