"""What a backup brings back: the same ledger to the last line, proven and guarded."""

import os
import subprocess
from collections.abc import Iterator
from io import StringIO
from urllib.parse import urlsplit

import psycopg
import pytest
from django.core.management import call_command
from django.db import connection

from core.money import Money
from payments.selectors import fingerprint
from payments.services import release_hold
from payments.tests.factories import add_credit, funded_hold

pytestmark = pytest.mark.django_db(transaction=True)


def address(database: str) -> str:
    return urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{database}").geturl()


@pytest.fixture
def restored() -> Iterator[str]:
    """The name of an empty database, gone afterwards."""
    name = f"{connection.settings_dict['NAME']}_restored"
    with psycopg.connect(address("postgres"), autocommit=True) as server:
        server.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        server.execute(f"CREATE DATABASE {name}")
        yield name
        server.execute(f"DROP DATABASE {name} WITH (FORCE)")


def test_a_restored_dump_has_the_same_ledger(restored: str, monkeypatch: pytest.MonkeyPatch) -> None:
    hold = funded_hold(Money(600_01, "USD"))
    release_hold(None, hold=hold, amount=Money(200_00, "USD"), cause="part")
    add_credit(hold.payer, Money(650, "JPY"))
    before = fingerprint()
    original = str(connection.settings_dict["NAME"])
    dump = subprocess.run(["pg_dump", address(original)], capture_output=True, check=True)
    restore = ["psql", "--quiet", "--set", "ON_ERROR_STOP=1", address(restored)]
    subprocess.run(restore, input=dump.stdout, capture_output=True, check=True)
    connection.close()
    with monkeypatch.context() as patch:
        patch.setitem(connection.settings_dict, "NAME", restored)
        out = StringIO()
        call_command("check_ledger", hash=True, stdout=out)
        call_command("check_ledger", stdout=out)
        connection.close()
    assert out.getvalue().splitlines()[0] == before
    assert "The ledger is right." in out.getvalue()
