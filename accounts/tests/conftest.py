from typing import Any

import pytest


@pytest.fixture
def limits(settings: Any) -> None:
    """Limits as in production."""
    settings.RATE_LIMIT_FACTOR = 1
