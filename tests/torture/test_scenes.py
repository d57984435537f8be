from contextlib import suppress
from unittest import mock

import pytest

from core.errors import DomainError
from torture.books import Bank, violated
from torture.later import work_off
from torture.scenes import SCENES


@pytest.mark.parametrize("name", SCENES)
def test_undisturbed_it_ends_as_wanted_and_a_repeat_changes_nothing(bank: Bank, name: str) -> None:
    script, last = SCENES[name], bank.last()
    with mock.patch("payments.services.events.mirror"), script.clock():
        scene = script.make(bank)
        scene.act()
        assert scene.reached() == scene.wanted
        with suppress(DomainError):
            scene.act()
        work_off()
        assert scene.reached() == scene.wanted
        assert violated() + bank.differences(bank.since(last)) == []
