"""Each action on an account is in the history that the person reads, or is left out on purpose."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from accounts.rules import SECURITY_EVENTS
from tests.architecture.source import PACKAGES, name_of, nodes, python_files

ACTION = re.compile(r"[a-z_]+\.[a-z_]+")
# Written by the apps that hold accounts and what acts for them, but deciding nothing about who gets in.
NO_MATTER_OF_SECURITY = {
    "person.changed_address", "person.changed_picture", "person.changed_place", "person.changed_profile",
    "person.lost_address", "person.removed_picture", "person.removed_place",
    "profile_entry.added", "profile_entry.changed", "profile_entry.removed", "profile_entry.taken_off",
    "person.erased",  # nobody is left to read it
    "person.struck",  # told as news and in the settings
    "suspension.appealed", "appeal.decided",  # told in the settings and by letter; the lifting itself is in the history
    "webhook.replayed", "webhook.switched_on", "webhook.switched_off",
}  # fmt: skip
NOT_THE_PERSONS = {"console.added", "console.deleted", "console.viewed", "console.ran", "console.changed"}


def given(call: ast.Call) -> Iterator[str]:
    """The words that a call is given by position, in either branch of a choice."""
    for arg in call.args:
        for one in (arg.body, arg.orelse) if isinstance(arg, ast.IfExp) else (arg,):
            if isinstance(one, ast.Constant) and isinstance(one.value, str):
                yield one.value


def actions_in(path: Path) -> set[str]:
    """What is recorded there, also by a function of its own that takes the action: jobs, permissions and rows begin with an app."""
    words = {word for node in nodes(path) if isinstance(node, ast.Call) for word in given(node)}
    return {word for word in words if ACTION.fullmatch(word) and word.partition(".")[0] not in PACKAGES}


def recorded(*packages: str) -> dict[str, str]:
    """The place of each action."""
    services = [path for path in python_files(*packages) if "services" in path.parts]
    return {action: name_of(path) for path in services for action in actions_in(path)}


def test_an_action_on_an_account_has_words_or_is_left_out_on_purpose() -> None:
    forgotten = recorded("accounts", "notifications").keys() - SECURITY_EVENTS.keys() - NO_MATTER_OF_SECURITY
    assert not forgotten, (
        "Give them words in accounts/rules/security_events.py, or say here that they are no such matter."
    )


def test_nothing_has_words_that_no_service_records() -> None:
    assert SECURITY_EVENTS.keys() - recorded("accounts", "notifications", "payments").keys() - NOT_THE_PERSONS == set()


def test_nothing_is_left_out_that_is_not_recorded_or_has_words() -> None:
    assert recorded("accounts", "notifications").keys() - SECURITY_EVENTS.keys() >= NO_MATTER_OF_SECURITY


@pytest.mark.parametrize(
    ("source", "action"),
    [
        ('audit.record(actor, "badge.given", user)', "badge.given"),
        ('audit.record(actor, "badge.given" if given else "badge.taken", user)', "badge.taken"),
        ('_changed(actor, session, "badge.given", "accounts.send_badge")', "badge.given"),
    ],
)
def test_a_new_action_is_found_however_it_is_recorded(source: str, action: str, tmp_path: Path) -> None:
    path = tmp_path / "source.py"
    path.write_text(source)
    assert action in actions_in(path)
    assert "accounts.send_badge" not in actions_in(path)
