"""What a service refuses."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any


class ServiceError(Exception, ABC):
    """An answer other than 2xx, in the service's own shape. `keeps_changes`: what was written before it stays."""

    status: int
    keeps_changes = False

    @abstractmethod
    def body(self) -> dict[str, Any]:
        """As JSON."""
