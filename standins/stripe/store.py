"""Everything the stand-in remembers, in one SQLite file."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Obj = dict[str, Any]

SCHEMA = """
CREATE TABLE IF NOT EXISTS objects (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    created INTEGER NOT NULL,
    data TEXT NOT NULL,
    private TEXT NOT NULL,
    account TEXT NOT NULL DEFAULT ''
);
CREATE INDEX IF NOT EXISTS objects_kind ON objects (kind, seq);
CREATE INDEX IF NOT EXISTS objects_customer ON objects (kind, json_extract(data, '$.customer'));
CREATE INDEX IF NOT EXISTS objects_payment_intent ON objects (kind, json_extract(data, '$.payment_intent'));
CREATE INDEX IF NOT EXISTS objects_charge ON objects (kind, json_extract(data, '$.charge'));
CREATE TABLE IF NOT EXISTS deliveries (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    event TEXT NOT NULL,
    endpoint TEXT NOT NULL,
    state TEXT NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'delivered', 'failed')),
    is_copy INTEGER NOT NULL DEFAULT 0,
    tries INTEGER NOT NULL DEFAULT 0,
    due REAL NOT NULL,
    status INTEGER,
    error TEXT
);
CREATE INDEX IF NOT EXISTS deliveries_pending ON deliveries (due) WHERE state = 'pending';
CREATE INDEX IF NOT EXISTS deliveries_event ON deliveries (event);
CREATE TABLE IF NOT EXISTS answers (
    key TEXT PRIMARY KEY,
    path TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    status INTEGER NOT NULL,
    body TEXT NOT NULL,
    request TEXT NOT NULL,
    created REAL NOT NULL
);
"""
TABLES = ("objects", "deliveries", "answers")

# What files of earlier versions lack.
LATER_COLUMNS = {"account": "ALTER TABLE objects ADD COLUMN account TEXT NOT NULL DEFAULT ''"}

PLATFORM = ""

OPERATORS = {"eq": "=", "gt": ">", "gte": ">=", "lt": "<", "lte": "<="}


@dataclass(frozen=True)
class Delivery:
    """One event on its way to one webhook endpoint."""

    id: int
    event: str
    endpoint: str
    state: str
    is_copy: int
    tries: int
    due: float
    status: int | None
    error: str | None


@dataclass(frozen=True)
class Answer:
    """The answer kept for an idempotency key."""

    key: str
    path: str
    fingerprint: str
    status: int
    body: str
    request: str
    created: float


class Store:
    """All calls come from one thread and none waits in mid-transaction, so calls never interleave."""

    def __init__(self, path: str) -> None:
        if path != ":memory:":
            Path(path).parent.mkdir(parents=True, exist_ok=True)
        self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._db.row_factory = sqlite3.Row
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = NORMAL")
        self._db.executescript(SCHEMA)
        present = {row["name"] for row in self._db.execute("PRAGMA table_info(objects)")}
        for column, statement in LATER_COLUMNS.items():
            if column not in present:
                self._db.execute(statement)

    def close(self) -> None:
        self._db.close()

    def clear(self) -> None:
        with self.transaction():
            for table in TABLES:
                self._db.execute(f"DELETE FROM {table}")

    @contextmanager
    def transaction(self) -> Iterator[None]:
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        """Undo what was written inside when it raises, unless the error says that its changes stay."""
        self._db.execute("SAVEPOINT work")
        try:
            yield
        except Exception as error:
            if not getattr(error, "keeps_changes", False):
                self._db.execute("ROLLBACK TO work")
            raise
        finally:
            self._db.execute("RELEASE work")

    # Objects

    def insert(self, obj: Obj, *, account: str = PLATFORM, **private: Any) -> Obj:
        """`account` is the connected account that owns it; `private` belongs to it but is never shown."""
        self._db.execute(
            "INSERT INTO objects (id, kind, created, data, private, account) VALUES (?, ?, ?, ?, ?, ?)",
            (obj["id"], obj["object"], obj.get("created", 0), json.dumps(obj), json.dumps(private), account),
        )
        return obj

    def save(self, obj: Obj, **private: Any) -> Obj:
        """Write the object back; `private` adds to what is kept beside it."""
        self._db.execute(
            "UPDATE objects SET data = ?, private = json_patch(private, ?) WHERE id = ?",
            (json.dumps(obj), json.dumps(private), obj["id"]),
        )
        return obj

    def delete(self, id: str) -> None:
        self._db.execute("DELETE FROM objects WHERE id = ?", (id,))

    def get(self, id: str, *, account: str | None = None) -> Obj | None:
        """The object, whoever owns it unless an account is named."""
        row = self._db.execute("SELECT data, account FROM objects WHERE id = ?", (id,)).fetchone()
        if row is None or account not in (None, row["account"]):
            return None
        return dict(json.loads(row["data"]))

    def owner(self, id: str) -> str:
        """The connected account that owns the object."""
        row = self._db.execute("SELECT account FROM objects WHERE id = ?", (id,)).fetchone()
        return str(row["account"]) if row else PLATFORM

    def private(self, id: str) -> dict[str, Any]:
        row = self._db.execute("SELECT private FROM objects WHERE id = ?", (id,)).fetchone()
        return dict(json.loads(row["private"])) if row else {}

    def find(
        self,
        kind: str,
        *,
        account: str | None = None,
        where: Mapping[str, Any] | None = None,
        created: Mapping[str, int] | None = None,
        before: str | None = None,
        after: str | None = None,
        newest_first: bool = True,
        limit: int | None = None,
    ) -> list[Obj]:
        """Objects whose top-level fields equal `where` (a list: any of it), before or after another in time.

        Of one account, or of all when none is named. Tombstones are left out.
        """
        clauses = ["kind = ?", "json_extract(data, '$.deleted') IS NULL"]
        values: list[Any] = [kind]
        if account is not None:
            clauses.append("account = ?")
            values.append(account)
        for name, wanted in (where or {}).items():
            options = wanted if isinstance(wanted, list) else [wanted]
            clauses.append(f"json_extract(data, '$.{name}') IN ({', '.join('?' * len(options))})")
            values += options
        for bound, moment in (created or {}).items():
            clauses.append(f"created {OPERATORS[bound]} ?")
            values.append(moment)
        for cursor, comparison in ((before, "<"), (after, ">")):
            if cursor is not None:
                clauses.append(f"seq {comparison} (SELECT seq FROM objects WHERE id = ?)")
                values.append(cursor)
        order = "DESC" if newest_first else "ASC"
        statement = f"SELECT data FROM objects WHERE {' AND '.join(clauses)} ORDER BY seq {order} LIMIT ?"
        rows = self._db.execute(statement, (*values, -1 if limit is None else limit))
        return [json.loads(row["data"]) for row in rows]

    def net_by_currency(self, account: str, *, now: int) -> tuple[dict[str, int], dict[str, int]]:
        """Sums of the account's balance transactions: what is available, and what is pending."""
        rows = self._db.execute(
            "SELECT json_extract(data, '$.currency') AS currency, json_extract(data, '$.available_on') <= ? AS ready,"
            " sum(json_extract(data, '$.net')) AS net FROM objects"
            " WHERE kind = 'balance_transaction' AND account = ? GROUP BY 1, 2",
            (now, account),
        )
        sums: tuple[dict[str, int], dict[str, int]] = ({}, {})
        for row in rows:
            sums[0 if row["ready"] else 1][row["currency"]] = row["net"]
        return sums

    # Deliveries

    def add_delivery(self, event: str, endpoint: str, *, due: float, is_copy: bool = False) -> None:
        self._db.execute(
            "INSERT INTO deliveries (event, endpoint, due, is_copy) VALUES (?, ?, ?, ?)",
            (event, endpoint, due, is_copy),
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

    # Answers to idempotent requests

    def keep_answer(self, answer: Answer) -> None:
        self._db.execute(
            "INSERT OR REPLACE INTO answers (key, path, fingerprint, status, body, request, created)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            (answer.key, answer.path, answer.fingerprint, answer.status, answer.body, answer.request, answer.created),
        )

    def answer(self, key: str, *, since: float) -> Answer | None:
        row = self._db.execute("SELECT * FROM answers WHERE key = ? AND created >= ?", (key, since)).fetchone()
        return Answer(**row) if row else None
