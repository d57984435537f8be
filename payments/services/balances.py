"""The cached balances of accounts, rebuilt from the lines that they repeat."""

from typing import NamedTuple

import structlog
from django.db import connection, transaction

from accounts.services import audit

logger = structlog.get_logger(__name__)

WRONG = """
SELECT account.id, account.balance_minor, coalesce(sums.minor, 0)
FROM payments_account AS account
LEFT JOIN (SELECT account_id, sum(amount_minor) AS minor FROM payments_line GROUP BY account_id) AS sums
    ON sums.account_id = account.id
WHERE account.balance_minor <> coalesce(sums.minor, 0) ORDER BY account.id
"""


class WrongBalance(NamedTuple):
    """An account whose cached balance is not the sum of its lines, both in minor units."""

    account_id: int
    cached: int
    lines: int


def wrong_balances() -> list[WrongBalance]:
    with connection.cursor() as cursor:
        cursor.execute(WRONG)
        return [WrongBalance(account_id, cached, int(lines)) for account_id, cached, lines in cursor.fetchall()]


@transaction.atomic
def rebuild_balances() -> list[WrongBalance]:
    """Set every wrong cached balance to the sum of its lines, while nobody posts. Returns what was wrong.

    Only a damaged database has any: a trigger keeps them, and it is what this has to go around.
    """
    with connection.cursor() as cursor:
        cursor.execute("LOCK TABLE payments_account IN EXCLUSIVE MODE")  # which whoever posts locks first
        wrong = wrong_balances()
        if not wrong:
            return []
        cursor.execute("ALTER TABLE payments_account DISABLE TRIGGER payments_account_moves_by_lines")
        cursor.executemany(
            "UPDATE payments_account SET balance_minor = %s WHERE id = %s",
            [(one.lines, one.account_id) for one in wrong],
        )
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # a table with pending checks cannot be altered
        cursor.execute("ALTER TABLE payments_account ENABLE TRIGGER payments_account_moves_by_lines")
    logger.error("balances_rebuilt", accounts=[one.account_id for one in wrong])
    audit.record(None, "ledger.balances_rebuilt", accounts=[one._asdict() for one in wrong])
    return wrong
