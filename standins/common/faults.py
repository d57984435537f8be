"""Fault switches: what goes wrong with the next calls to some part of the API."""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

# What happens, and whether the work is done first.
ACTIONS = {
    "delay": "waits `seconds`, then works and answers normally",
    "error_before": "answers `status` without working",
    "error_after": "works, then answers `status` instead of the result",
    "drop_before": "closes the connection without working",
    "drop_after": "works, then closes the connection without an answer",
    "hang_before": "never works and never answers; the connection closes after `seconds`",
    "hang_after": "works, then never answers; the connection closes after `seconds`",
}
_numbers = itertools.count(1)


@dataclass(frozen=True)
class Fault:
    """`path` is how the path begins, or with a `*` for each part of it that may be anything, the whole of it.

    `times` None means until it is cleared. An idempotent replay counts as a call.
    """

    action: str
    path: str = "/v"
    method: str | None = None
    times: int | None = 1
    seconds: float = 60.0
    status: int = 503
    id: int = field(default_factory=lambda: next(_numbers))

    def __post_init__(self) -> None:
        if self.action not in ACTIONS:
            raise ValueError(f"action must be one of {', '.join(ACTIONS)}")
        if not self.path.startswith("/v"):
            raise ValueError("path must start with the version, such as /v1/")
        if self.times is not None and self.times < 1:
            raise ValueError("times must be at least 1, or null")

    def applies(self, method: str, path: str) -> bool:
        if "*" in self.path:
            pattern = re.escape(self.path).replace(r"\*", "[^/]+")
            hit = re.fullmatch(pattern, path) is not None
        else:
            hit = path.startswith(self.path)
        return hit and self.method in (None, method)


class Faults:
    def __init__(self) -> None:
        self._waiting: list[Fault] = []

    def add(self, settings: Mapping[str, Any]) -> Fault:
        fault = Fault(**settings)
        self._waiting.append(fault)
        return fault

    def clear(self) -> None:
        self._waiting.clear()

    def listing(self) -> list[dict[str, Any]]:
        return [asdict(fault) for fault in self._waiting]

    def take(self, method: str, path: str) -> Fault | None:
        """The oldest fault that applies; its count goes down."""
        for position, fault in enumerate(self._waiting):
            if fault.applies(method, path):
                if fault.times == 1:
                    del self._waiting[position]
                elif fault.times is not None:
                    self._waiting[position] = replace(fault, times=fault.times - 1)
                return fault
        return None
