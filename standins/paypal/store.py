"""Everything the stand-in remembers, in one SQLite file. Calls run one at a time, each in one transaction."""

from __future__ import annotations

import json
import secrets
import sqlite3
import string
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

Obj = dict[str, Any]

SCHEMA = """
CREATE TABLE IF NOT EXISTS objects (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, data TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS invoices (invoice TEXT PRIMARY KEY);
CREATE TABLE IF NOT EXISTS answers (
    key TEXT NOT NULL, path TEXT NOT NULL, request TEXT NOT NULL, status INTEGER NOT NULL, body TEXT NOT NULL,
    PRIMARY KEY (key)
);
CREATE TABLE IF NOT EXISTS deliveries (
    id INTEGER PRIMARY KEY AUTOINCREMENT, event TEXT NOT NULL, state TEXT NOT NULL DEFAULT 'pending',
    tries INTEGER NOT NULL DEFAULT 0, is_copy INTEGER NOT NULL DEFAULT 0, due REAL NOT NULL, status INTEGER, error TEXT
);
CREATE TABLE IF NOT EXISTS transmissions (id TEXT PRIMARY KEY, webhook TEXT NOT NULL, sig TEXT NOT NULL,
    moment TEXT NOT NULL, body TEXT NOT NULL);
"""
TABLES = ("objects", "invoices", "answers", "deliveries", "transmissions")
LETTERS = string.ascii_uppercase + string.digits


class Store:
    def __init__(self, path: str) -> None:
        if path != ":memory:":
            Path(path).parent.mkdir(parents=True, exist_ok=True)
        self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._db.row_factory = sqlite3.Row
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = NORMAL")
        self._db.executescript(SCHEMA)

    def close(self) -> None:
        self._db.close()

    def clear(self) -> None:
        with self.transaction():
            for table in TABLES:
                self._db.execute(f"DELETE FROM {table}")

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Undo what was written inside when it raises, unless the error says that its changes stay."""
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException as error:
            self._db.execute("COMMIT" if getattr(error, "keeps_changes", False) else "ROLLBACK")
            raise
        self._db.execute("COMMIT")

    def insert(self, kind: str, obj: Obj) -> Obj:
        self._db.execute("INSERT INTO objects (id, kind, data) VALUES (?, ?, ?)", (obj["id"], kind, json.dumps(obj)))
        return obj

    def save(self, obj: Obj) -> Obj:
        self._db.execute("UPDATE objects SET data = ? WHERE id = ?", (json.dumps(obj), obj["id"]))
        return obj

    def get(self, kind: str, id: str) -> Obj | None:
        row = self._db.execute("SELECT data FROM objects WHERE id = ? AND kind = ?", (id, kind)).fetchone()
        return json.loads(row["data"]) if row else None

    def find(self, kind: str, *, order: str = "", limit: int = -1) -> list[Obj]:
        """Oldest first; those of an order, if it is named."""
        rows = self._db.execute(
            "SELECT data FROM (SELECT * FROM objects WHERE kind = ? AND (? = '' OR json_extract(data, '$._order') = ?)"
            " ORDER BY seq DESC LIMIT ?) ORDER BY seq",
            (kind, order, order, limit),
        )
        return [json.loads(row["data"]) for row in rows]

    def take_invoice(self, invoice: str) -> bool:
        """False when a payment with this invoice was taken before."""
        return bool(self._db.execute("INSERT OR IGNORE INTO invoices VALUES (?)", (invoice,)).rowcount)

    def answer(self, key: str) -> sqlite3.Row | None:
        row: sqlite3.Row | None = self._db.execute("SELECT * FROM answers WHERE key = ?", (key,)).fetchone()
        return row

    def keep_answer(self, key: str, path: str, request: str, status: int, body: str) -> None:
        self._db.execute("INSERT INTO answers VALUES (?, ?, ?, ?, ?)", (key, path, request, status, body))

    def add_delivery(self, event: str, *, is_copy: bool = False) -> None:
        self._db.execute("INSERT INTO deliveries (event, due, is_copy) VALUES (?, ?, ?)", (event, time.time(), is_copy))

    def pending(self) -> list[sqlite3.Row]:
        """The next ones due first."""
        return list(self._db.execute("SELECT * FROM deliveries WHERE state = 'pending' ORDER BY due, id LIMIT 100"))

    def deliveries(self, limit: int = 100) -> list[dict[str, Any]]:
        """Newest first."""
        rows = self._db.execute("SELECT * FROM deliveries ORDER BY id DESC LIMIT ?", (limit,))
        return [dict(row) for row in rows]

    def settle_delivery(self, id: int, *, state: str, status: int | None, error: str | None, due: float) -> None:
        self._db.execute(
            "UPDATE deliveries SET tries = tries + 1, state = ?, status = ?, error = ?, due = ? WHERE id = ?",
            (state, status, error, due, id),
        )

    def hasten(self) -> None:
        self._db.execute("UPDATE deliveries SET due = 0 WHERE state = 'pending'")

    def keep_transmission(self, id: str, *, webhook: str, sig: str, moment: str, body: str) -> None:
        values = (id, webhook, sig, moment, body)
        self._db.execute("INSERT INTO transmissions VALUES (?, ?, ?, ?, ?)", values)

    def transmission(self, id: str) -> sqlite3.Row | None:
        row: sqlite3.Row | None = self._db.execute("SELECT * FROM transmissions WHERE id = ?", (id,)).fetchone()
        return row


def new_id(length: int = 17) -> str:
    return "".join(secrets.choice(LETTERS) for _ in range(length))


def now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
