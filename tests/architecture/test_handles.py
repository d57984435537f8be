"""The addresses that people choose for their profiles cannot pass for the site's own."""

import re

from accounts.rules import HANDLE, RESERVED_HANDLES, handle_fault
from tests.architecture.routes import all_routes


def test_the_first_part_of_every_address_of_the_site_is_reserved() -> None:
    firsts = {route.template.split("/")[1] for route in all_routes()}
    wishes = {first for first in firsts if re.fullmatch(HANDLE, first)}
    assert "people" in wishes
    assert wishes - RESERVED_HANDLES == set()


def test_every_reserved_word_is_refused() -> None:
    assert [word for word in RESERVED_HANDLES if not handle_fault(word)] == []
