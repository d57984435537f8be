"""What a stand-in remembers, in one SQLite file: here what all have, which is the events on their way."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from .errors import ServiceError

Obj = dict[str, Any]

DELIVERIES = """
CREATE TABLE IF NOT EXISTS deliveries (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    event TEXT NOT NULL,
    endpoint TEXT NOT NULL DEFAULT '',
    state TEXT NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'delivered', 'failed')),
    is_copy INTEGER NOT NULL DEFAULT 0,
    tries INTEGER NOT NULL DEFAULT 0,
    due REAL NOT NULL,
    status INTEGER,
    error TEXT
);
CREATE INDEX IF NOT EXISTS deliveries_pending ON deliveries (due) WHERE state = 'pending';
CREATE INDEX IF NOT EXISTS deliveries_event ON deliveries (event);
"""


@dataclass(frozen=True)
class Delivery:
    """One event on its way to one webhook endpoint, which has no name if there is only one."""

    id: int
    event: str
    endpoint: str
    state: str
    is_copy: int
    tries: int
    due: float
    status: int | None
    error: str | None


class Store:
    """All calls come from one thread and none waits in mid-transaction, so calls never interleave."""

    schema: ClassVar[str]
    later_columns: ClassVar[tuple[tuple[str, str], ...]] = (("deliveries", "endpoint"),)  # texts that old files lack

    def __init__(self, path: str) -> None:
        if path != ":memory:":
            Path(path).parent.mkdir(parents=True, exist_ok=True)
        self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._db.row_factory = sqlite3.Row
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = NORMAL")
        self._db.executescript(self.schema + DELIVERIES)
        for table, column in self.later_columns:
            if column not in {row["name"] for row in self._db.execute(f"PRAGMA table_info({table})")}:
                self._db.execute(f"ALTER TABLE {table} ADD COLUMN {column} TEXT NOT NULL DEFAULT ''")

    def close(self) -> None:
        self._db.close()

    def clear(self) -> None:
        with self.transaction():
            tables = self._db.execute("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%'")
            for table in tables.fetchall():
                self._db.execute(f"DELETE FROM {table['name']}")

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Undo what was written inside when it raises, unless the error says that its changes stay."""
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException as error:
            keeps_changes = isinstance(error, ServiceError) and error.keeps_changes
            self._db.execute("COMMIT" if keeps_changes else "ROLLBACK")
            raise
        self._db.execute("COMMIT")

    # Deliveries

    def add_delivery(self, event: str, endpoint: str = "", *, is_copy: bool = False) -> None:
        self._db.execute(
            "INSERT INTO deliveries (event, endpoint, due, is_copy) VALUES (?, ?, ?, ?)",
            (event, endpoint, time.time(), is_copy),
        )

    def deliveries(self, *, state: str | None = None, event: str | None = None, limit: int = -1) -> list[Delivery]:
        """Oldest first."""
        rows = self._db.execute(
            "SELECT * FROM (SELECT * FROM deliveries WHERE (:state IS NULL OR state = :state)"
            " AND (:event IS NULL OR event = :event) ORDER BY id DESC LIMIT :limit) ORDER BY id",
            {"state": state, "event": event, "limit": limit},
        )
        return [Delivery(**row) for row in rows]

    def pending_deliveries(self, *, limit: int = 1000) -> list[Delivery]:
        """The next ones due first."""
        rows = self._db.execute("SELECT * FROM deliveries WHERE state = 'pending' ORDER BY due, id LIMIT ?", (limit,))
        return [Delivery(**row) for row in rows]

    def settle_delivery(
        self, id: int, *, state: str, status: int | None, error: str | None, due: float | None = None
    ) -> None:
        """Record one try."""
        self._db.execute(
            "UPDATE deliveries SET tries = tries + 1, state = ?, status = ?, error = ?, due = coalesce(?, due)"
            " WHERE id = ?",
            (state, status, error, due, id),
        )

    def hasten_deliveries(self) -> None:
        self._db.execute("UPDATE deliveries SET due = ? WHERE state = 'pending'", (time.time(),))

    def count_deliveries(self, *, state: str, event: str | None = None) -> int:
        row = self._db.execute(
            "SELECT count(*) FROM deliveries WHERE state = :state AND (:event IS NULL OR event = :event)",
            {"state": state, "event": event},
        ).fetchone()
        return int(row[0])
