"""Everything the stand-in remembers, in one SQLite file. Calls run one at a time, each in one transaction."""

from __future__ import annotations

import json
import secrets
import sqlite3
import string
from datetime import UTC, datetime

from ..common import store
from ..common.store import Obj as Obj

SCHEMA = """
CREATE TABLE IF NOT EXISTS objects (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, data TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS invoices (invoice TEXT PRIMARY KEY);
CREATE TABLE IF NOT EXISTS answers (
    key TEXT NOT NULL, path TEXT NOT NULL, request TEXT NOT NULL, status INTEGER NOT NULL, body TEXT NOT NULL,
    PRIMARY KEY (key)
);
CREATE TABLE IF NOT EXISTS transmissions (id TEXT PRIMARY KEY, webhook TEXT NOT NULL, sig TEXT NOT NULL,
    moment TEXT NOT NULL, body TEXT NOT NULL);
"""
LETTERS = string.ascii_uppercase + string.digits


class Store(store.Store):
    schema = SCHEMA

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
