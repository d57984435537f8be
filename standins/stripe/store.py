"""Everything the stand-in remembers, in one SQLite file."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from ..common import store
from ..common.errors import ServiceError
from ..common.store import Obj as Obj

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

PLATFORM = ""

OPERATORS = {"eq": "=", "gt": ">", "gte": ">=", "lt": "<", "lte": "<="}


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


class Store(store.Store):
    schema = SCHEMA
    later_columns = (*store.Store.later_columns, ("objects", "account"))

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        """Undo what was written inside when it raises, unless the error says that its changes stay."""
        self._db.execute("SAVEPOINT work")
        try:
            yield
        except Exception as error:
            if not (isinstance(error, ServiceError) and error.keeps_changes):
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
