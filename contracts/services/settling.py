"""What the jobs of the clocks share: one transaction for each case, and none that stops the others."""

from collections.abc import Callable, Iterable
from typing import Any

import structlog
from django.db import DatabaseError

from core.errors import DomainError

logger = structlog.get_logger(__name__)

BATCH = 500


def settle_each(cases: Iterable[tuple[Any, ...]], act: Callable[..., bool]) -> int:
    """How many `act(*case)` settled. A refusal, ours or the database's, is logged, and tried again the next time."""
    done = 0
    for case in cases:
        try:
            done += act(*case)
        except (DomainError, DatabaseError):
            logger.exception("clock_failed", act=act.__qualname__, case=[str(part) for part in case])
    return done
