"""Corruption for tests, planted behind the database's back."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction


@contextmanager
def planted(sql: str, app: str = "payments") -> Iterator[None]:
    """The rows as `sql` leaves them, with no constraint or trigger of the app in the way; undone afterwards."""
    before = transaction.savepoint()
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(
            "SELECT conrelid::regclass::text, conname FROM pg_constraint WHERE contype = 'c' "
            "AND conrelid::regclass::text LIKE %s",
            [f"{app}_%"],
        )
        for table, constraint in cursor.fetchall():
            cursor.execute(f"ALTER TABLE {table} DROP CONSTRAINT {constraint}")
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(sql)
        cursor.execute("SET LOCAL session_replication_role = origin")
    yield
    transaction.savepoint_rollback(before)
