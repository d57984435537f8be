"""The ledger, and what the database refuses however it is asked."""

from collections.abc import Callable, Iterator

import pytest
from django.db import DatabaseError, connection, transaction
from psycopg import ClientCursor

from accounts.tests.factories import UserFactory
from core.money import Money
from payments import ledger
from payments.models import Account, Hold, Journal, Line, Payment
from payments.rules import AccountKind, JournalKind
from payments.services import release_hold
from payments.tests.factories import funded_hold, make_hold

pytestmark = pytest.mark.django_db
TEN = Money(10_00, "USD")


def post(cause: str = "test:1", amount: Money = TEN) -> Journal:
    """Money from the provider to the platform's fees: enough for a journal."""
    return ledger.post(
        JournalKind.REVERSAL, cause=cause, lines={ledger.clearing("stripe"): -amount, ledger.FEES: amount}
    )


def fees() -> Account:
    return Account.objects.get(kind=AccountKind.FEES, currency="USD")


def refuses(sql: str, *params: object) -> str:
    """What the database says when this is done by hand, up to the checks at commit."""
    connection.ensure_connection()
    by_hand = ClientCursor(connection.connection)  # it takes several statements at once
    with (
        pytest.raises(DatabaseError) as refusal,
        transaction.atomic(),
        connection.wrap_database_errors,
        by_hand as cursor,
    ):
        cursor.execute(sql, params)
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    return str(refusal.value)


@pytest.fixture(autouse=True)
def _undone(_books_are_right: None) -> Iterator[None]:
    """These journals have no cause that the proof accepts, so they are thrown away before it."""
    before = transaction.savepoint()
    yield
    transaction.savepoint_rollback(before)


def test_posting_moves_balances_and_notes_them_on_the_lines() -> None:
    post("test:1")
    post("test:2", Money(2_50, "USD"))
    lines = Line.objects.filter(account=fees()).order_by("id")
    assert [(line.amount_minor, line.balance_after_minor) for line in lines] == [(1000, 1000), (250, 1250)]
    assert fees().balance == Money(12_50, "USD")


def test_one_cause_one_journal() -> None:
    assert post() == post()
    assert Line.objects.count() == 2
    assert fees().balance == TEN


def test_zero_amounts_make_no_line() -> None:
    owner = ledger.available(UserFactory.create().pk)
    ledger.post(
        JournalKind.REVERSAL,
        cause="test:1",
        lines={ledger.clearing("stripe"): -TEN, owner: TEN, ledger.FEES: Money(0, "USD")},
    )
    assert Line.objects.count() == 2


def test_locks_are_taken_by_ascending_account() -> None:
    post()
    ledger.post(JournalKind.REVERSAL, cause="test:2", lines={ledger.FEES: -TEN, ledger.clearing("stripe"): TEN})
    accounts = Line.objects.filter(journal__cause="test:2").order_by("id").values_list("account_id", flat=True)
    assert list(accounts) == sorted(accounts)


def test_currencies_have_accounts_of_their_own() -> None:
    post("test:1", TEN)
    post("test:2", Money(650, "JPY"))
    assert set(Account.objects.filter(kind="fees").values_list("currency", "balance_minor")) == {
        ("USD", 1000),
        ("JPY", 650),
    }


@pytest.mark.parametrize("table", ["payments_journal", "payments_line"])
def test_journals_and_lines_are_never_changed_deleted_or_emptied(table: str) -> None:
    post()
    connection.check_constraints()  # nothing is pending, as after a commit
    assert "append-only" in refuses(f"UPDATE {table} SET id = id")
    assert "append-only" in refuses(f"DELETE FROM {table}")
    assert "append-only" in refuses(f"TRUNCATE {table} CASCADE")


@pytest.mark.parametrize("table", ["payments_holdevent", "payments_paymentevent"])
def test_what_happened_is_never_changed_or_deleted(table: str) -> None:
    funded_hold()
    assert "append-only" in refuses(f"UPDATE {table} SET reason = 'other'")
    assert "append-only" in refuses(f"DELETE FROM {table}")


JOURNAL = "INSERT INTO payments_journal (kind, cause, memo, posted_in, created_at) VALUES ('fund', %s, '', 0, now())"
LINE = "INSERT INTO payments_line (journal_id, account_id, amount_minor, currency, balance_after_minor) VALUES "


def test_a_journal_takes_no_lines_once_its_transaction_has_ended() -> None:
    journal = post()
    account = fees().pk
    with connection.cursor() as cursor:  # as a later transaction finds it
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute("UPDATE payments_journal SET posted_in = posted_in - 1")
        cursor.execute("SET LOCAL session_replication_role = origin")
    lines = f"({journal.pk}, {account}, 5, 'USD', 0), ({journal.pk}, {account}, -5, 'USD', 0)"
    assert "is closed" in refuses(LINE + lines)


def test_a_journal_without_lines_is_refused() -> None:
    assert "fewer than two lines" in refuses(JOURNAL, "by hand")


def test_a_journal_that_does_not_sum_to_zero_is_refused() -> None:
    post()
    account = fees().pk
    line = f"(currval('payments_journal_id_seq'), {account}, %s, 'USD', 0)"
    assert "sum to zero" in refuses(f"{JOURNAL}; {LINE} {line}, {line}", "by hand", 700, -600)


def test_a_line_of_zero_is_refused() -> None:
    post()
    account = fees().pk
    sql = f"{JOURNAL}; {LINE} (currval('payments_journal_id_seq'), {account}, 0, 'USD', 0)"
    assert "payments_line_not_zero" in refuses(sql, "by hand")


def test_a_line_in_another_currency_than_its_account_is_refused() -> None:
    post()
    account = fees().pk
    sql = f"{JOURNAL}; {LINE} (currval('payments_journal_id_seq'), {account}, 5, 'EUR', 0)"
    assert "payments_line_account_currency" in refuses(sql, "by hand")


def test_the_same_cause_twice_is_refused() -> None:
    journal = post()
    sql = JOURNAL.replace("'fund'", f"'{journal.kind}'")
    assert "payments_journal_one_per_cause" in refuses(sql, journal.cause)


def test_a_balance_does_not_move_by_hand() -> None:
    post()
    assert "moves only by lines" in refuses("UPDATE payments_account SET balance_minor = balance_minor + 1")


def test_an_account_keeps_its_identity() -> None:
    post()
    assert "keeps its identity" in refuses("UPDATE payments_account SET currency = 'EUR'")
    assert "keeps its identity" in refuses("UPDATE payments_account SET kind = 'refunds' WHERE kind = 'fees'")


ACCOUNT = "INSERT INTO payments_account (kind, owner_id, hold_id, currency, balance_minor, created_at) VALUES "


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ("('fees', NULL, NULL, 'USD', 5, now())", "starts at zero"),
        ("('fees', NULL, NULL, 'XXX', 0, now())", "currency_known"),
        ("('loot', NULL, NULL, 'USD', 0, now())", "account_"),
        ("('available', NULL, NULL, 'USD', 0, now())", "account_belongs"),
        ("('held', NULL, NULL, 'USD', 0, now())", "account_belongs"),
        ("('fees', NULL, NULL, 'USD', 0, now()), ('fees', NULL, NULL, 'USD', 0, now())", "account_once"),
    ],
)
def test_accounts_that_make_no_sense_are_refused(values: str, reason: str) -> None:
    assert reason in refuses(ACCOUNT + values)


@pytest.mark.parametrize(
    "bucket",
    [
        lambda hold: ledger.held(hold),
        lambda hold: ledger.available(hold.payee_id),
        lambda hold: ledger.credit(hold.payer_id),
        lambda hold: ledger.FEES,
        lambda hold: ledger.REFUNDS,
    ],
)
def test_nothing_but_the_clearing_account_falls_below_zero(bucket: Callable[[Hold], ledger.Bucket]) -> None:
    hold = funded_hold(TEN)
    with pytest.raises(DatabaseError, match="account_not_negative"), transaction.atomic():
        ledger.post(
            JournalKind.REVERSAL,
            cause="too much",
            lines={bucket(hold): Money(-10_01, "USD"), ledger.clearing("stripe"): Money(10_01, "USD")},
        )


def test_a_hold_cannot_say_more_than_its_account_has() -> None:
    hold = make_hold(TEN)
    sql = (
        "UPDATE payments_hold SET status = 'held', funded_minor = 1000, held_minor = 1000, funded_at = now() "
        "WHERE id = %s"
    )
    assert "says 1000 is held" in refuses(sql, hold.pk)


def test_a_held_account_cannot_move_without_its_hold() -> None:
    hold = funded_hold(TEN)
    with pytest.raises(DatabaseError, match="is held, its account has"), transaction.atomic():
        ledger.post(JournalKind.REVERSAL, cause="leak", lines={ledger.held(hold): -TEN, ledger.clearing("stripe"): TEN})
        connection.check_constraints()


@pytest.mark.parametrize(
    "change",
    [
        "released_minor = released_minor + 1",
        "held_minor = held_minor - 1",
        "status = 'released'",
        "status = 'pending'",
        "status = 'lost'",
        "funded_minor = 0",
        "amount_minor = 1",
        "currency = 'EUR'",
        "fee_bps = 0",
        "payee_id = payer_id",
    ],
)
def test_a_hold_cannot_be_bent(change: str) -> None:
    hold = funded_hold(TEN)
    assert refuses(f"UPDATE payments_hold SET {change} WHERE id = %s", hold.pk)


@pytest.mark.parametrize("change", ["status = 'held'", "released_minor = 0, fee_minor = 1000", "refunded_minor = 1"])
def test_an_ended_hold_cannot_be_bent(change: str) -> None:
    hold = funded_hold(TEN)
    release_hold(hold.payer, hold=hold, cause="test")
    assert refuses(f"UPDATE payments_hold SET {change} WHERE id = %s", hold.pk)


@pytest.mark.parametrize(
    "change",
    [
        "received_minor = amount_minor + 1",
        "received_minor = 0",
        "refunded_minor = received_minor + 1",
        "status = 'created'",
        "status = 'cancelled'",
        "amount_minor = amount_minor + 1",
        "currency = 'EUR'",
        "intent_id = 'pi_other'",
        "hold_id = NULL",
    ],
)
def test_a_received_payment_cannot_be_bent(change: str) -> None:
    hold = funded_hold(TEN)
    assert refuses(f"UPDATE payments_payment SET {change} WHERE hold_id = %s", hold.pk)


def test_a_hold_has_one_live_payment() -> None:
    hold = funded_hold(TEN)
    with pytest.raises(DatabaseError, match="one_live_per_hold"), transaction.atomic():
        Payment.objects.create(payer=hold.payer, hold=hold, amount_minor=1000, currency="USD")
