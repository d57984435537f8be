"""What the apps above know of a person's account. They register in `AppConfig.ready`."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from accounts.models import User


class Tie(NamedTuple):
    """Why an account cannot be closed yet: a sentence, and the page where the person can do something about it.

    `only_deletion`: the account may be deactivated meanwhile, since the person may come back for it.
    """

    code: str
    text: str
    url: str
    only_deletion: bool = False


class Exported(NamedTuple):
    """One file of a person's copy: the name of the JSON file, without its ending, and its rows, read one by one."""

    name: str
    rows: Iterable[Mapping[str, Any]]


def _none(_: Any) -> tuple[()]:
    return ()


def _nothing(_: Any) -> None:
    pass


@dataclass(frozen=True)
class Hooks:
    """`ties`: what holds the account open. `withdraw`, inside the transaction of closing: take back what waits for an
    answer. `erase`, inside the transaction of deleting, after `withdraw`: remove what is personal; uploads that a row
    still points at afterwards are kept. `export`: the app's part of the person's copy, in rows that can be streamed.
    """

    ties: Callable[["User"], Iterable[Tie]] = _none
    withdraw: Callable[["User"], None] = _nothing
    erase: Callable[["User"], None] = _nothing
    export: Callable[["User"], Iterable[Exported]] = _none


_registry: dict[str, Hooks] = {}


def register(
    app: str,
    *,
    ties: Callable[["User"], Iterable[Tie]] = _none,
    withdraw: Callable[["User"], None] = _nothing,
    erase: Callable[["User"], None] = _nothing,
    export: Callable[["User"], Iterable[Exported]] = _none,
) -> None:
    _registry[app] = Hooks(ties, withdraw, erase, export)


def ties_of(user: "User") -> list[Tie]:
    return [tie for hooks in _registry.values() for tie in hooks.ties(user)]


def withdraw(user: "User") -> None:
    for hooks in _registry.values():
        hooks.withdraw(user)


def erase(user: "User") -> None:
    for hooks in _registry.values():
        hooks.erase(user)


def exported(user: "User") -> Iterable[tuple[str, Exported]]:
    """(app, part) of every app that keeps something about the person."""
    return ((app, part) for app, hooks in _registry.items() for part in hooks.export(user))
