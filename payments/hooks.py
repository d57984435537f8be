"""News of a hold for the app whose work it pays: filled by that app's AppConfig.ready, called inside the transaction."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

HoldHook = Callable[[Any], None]


def _nothing(_: Any) -> None:
    pass


@dataclass(frozen=True)
class Hooks:
    """`lock` takes a hold's id and locks the rows of the work, which come before the hold in the locking order.

    `before_paying` takes a locked hold that is to be paid in, and raises when the work cannot be paid in now.
    The others take the locked, changed hold. `on_charged_back`: the payer's bank took what was held, or a part of it;
    if it took everything, `on_refunded` was called before.
    """

    lock: Callable[[int], None] = _nothing
    before_paying: HoldHook = _nothing
    on_funded: HoldHook = _nothing
    on_released: HoldHook = _nothing
    on_refunded: HoldHook = _nothing
    on_charged_back: HoldHook = _nothing


_registry: dict[str, Hooks] = {}
_none = Hooks()


def register(
    purpose: str,
    *,
    lock: Callable[[int], None] = _nothing,
    before_paying: HoldHook = _nothing,
    on_funded: HoldHook = _nothing,
    on_released: HoldHook = _nothing,
    on_refunded: HoldHook = _nothing,
    on_charged_back: HoldHook = _nothing,
) -> None:
    _registry[purpose] = Hooks(lock, before_paying, on_funded, on_released, on_refunded, on_charged_back)


def of(purpose: str) -> Hooks:
    return _registry.get(purpose, _none)
