"""What a service refuses."""

from __future__ import annotations

from typing import Any


class ServiceError(Exception):
    """An answer other than 2xx, in the service's own shape. `keeps_changes`: what was written before it stays."""

    status: int
    keeps_changes = False

    def body(self) -> dict[str, Any]:
        raise NotImplementedError
