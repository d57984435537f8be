"""The database of a test process is after each test as it was before it, whatever was committed."""

from collections.abc import Iterator

import psycopg
import pytest

from tests.fixtures.databases import DatabaseCopy, Loaded


@pytest.fixture(scope="module")
def copy(slot: int) -> Iterator[DatabaseCopy]:
    made = DatabaseCopy(f"test_{slot}_put_back")
    made.make()
    yield made
    made.drop()


def everything_in(database: psycopg.Connection) -> dict[str, str]:
    tables = database.execute("SELECT relid::regclass::text FROM pg_stat_user_tables").fetchall()
    digest = "SELECT md5(string_agg(row::text, '|' ORDER BY row::text)) FROM {} AS row"
    return {table: database.execute(digest.format(table)).fetchone()[0] for (table,) in tables}


@pytest.mark.parametrize(
    "change",
    [
        "INSERT INTO django_session VALUES ('key', 'data', now())",
        "UPDATE accounts_skill SET name = name || '!'",
        "DELETE FROM accounts_skill",
        "UPDATE gigs_town SET name = name || '!' WHERE id = (SELECT min(id) FROM gigs_town)",
    ],
    ids=["rows added", "rows of a migration changed", "rows of a migration deleted", "a table too large to remember"],
)
def test_what_was_committed_is_put_back(copy: DatabaseCopy, change: str) -> None:
    loaded = Loaded(copy)
    with psycopg.connect(copy.url()) as database:
        before = everything_in(database)
        database.execute("SET LOCAL session_replication_role = replica")
        database.execute(change)
        assert everything_in(database) != before
    loaded.put_back()
    with psycopg.connect(copy.url()) as database:
        assert everything_in(database) == before
