"""All checks in order, and trying them."""

import time
from typing import NamedTuple

from django.db import connection

from payments.selectors.proof import chargebacks, documents, holds, ledger, payments, payouts, providers
from payments.selectors.proof.check import Check

SHOWN = 5

CHECKS = (
    *ledger.CHECKS,
    *holds.CHECKS,
    *payments.CHECKS,
    *providers.CHECKS,
    *payouts.CHECKS,
    *chargebacks.CHECKS,
    *documents.CHECKS,
)
_further: dict[str, Check] = {}


class Finding(NamedTuple):
    check: Check
    offenders: int
    examples: list[str]
    seconds: float


def register_checks(*checks: Check) -> None:
    """Assertions of an app above about its own rows and the money behind them; called in its AppConfig.ready."""
    _further.update({check.name: check for check in checks})


def all_checks() -> tuple[Check, ...]:
    return (*CHECKS, *_further.values())


def prove() -> list[Finding]:
    """Try every assertion, each on one consistent view of the database."""
    return [_try(check) for check in all_checks()]


def _try(check: Check) -> Finding:
    start = time.perf_counter()
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT count(*), (array_agg(what ORDER BY what))[1:{SHOWN}] FROM ({check.sql}) AS offenders (what)"  # noqa: S608 - our own text
        )
        offenders, examples = cursor.fetchone()
    return Finding(check, offenders, examples or [], time.perf_counter() - start)
