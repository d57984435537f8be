"""The proof must find what it is there for: each kind of corruption is planted behind the database's back."""

from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from accounts.tests.factories import ClientFactory, FreelancerFactory
from core.money import Money
from payments.models import Hold
from payments.selectors import CHECKS, prove
from payments.services import (
    refresh_chargeback,
    refund_hold,
    release_hold,
    request_payout,
    send_payout,
    send_refund,
)
from payments.tasks import check_ledger
from payments.tests.factories import add_credit, earn, funded_hold, payable
from payments.tests.fakes import FakeProvider

pytestmark = pytest.mark.django_db


@pytest.fixture
def hold(provider: FakeProvider) -> Hold:
    """A hold of which a part was released and the rest sent back, beside some credit."""
    hold = funded_hold(Money(600_00, "USD"), provider=provider)
    release_hold(None, hold=hold, amount=Money(200_00, "USD"), cause="part")
    refund_hold(None, hold=hold, reason="", cause="rest")
    send_refund(hold.payments.get().refunds.get().pk)
    add_credit(ClientFactory.create(), Money(50_00, "USD"), provider)
    return hold


@contextmanager
def planted(sql: str) -> Iterator[None]:
    """The rows as `sql` leaves them, with no constraint or trigger in the way; undone afterwards."""
    before = transaction.savepoint()
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(
            "SELECT conrelid::regclass::text, conname FROM pg_constraint WHERE contype = 'c' "
            "AND conrelid::regclass::text SIMILAR TO '(payments|contracts)_%'"
        )
        for table, constraint in cursor.fetchall():
            cursor.execute(f"ALTER TABLE {table} DROP CONSTRAINT {constraint}")
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(sql)
        cursor.execute("SET LOCAL session_replication_role = origin")
    yield
    transaction.savepoint_rollback(before)


FEES = "(SELECT id FROM payments_account WHERE kind = 'fees')"
RELEASE = "(SELECT id FROM payments_journal WHERE kind = 'release')"
LINES = "INSERT INTO payments_line (journal_id, account_id, amount_minor, currency, balance_after_minor) VALUES "
CORRUPTION = {
    "journals_have_two_lines": f"DELETE FROM payments_line WHERE journal_id = {RELEASE} AND amount_minor > 0",
    "journals_sum_to_zero": f"UPDATE payments_line SET amount_minor = amount_minor + 1 WHERE account_id = {FEES}",
    "journals_have_one_currency": f"UPDATE payments_line SET currency = 'EUR' WHERE account_id = {FEES}",
    "ledger_sums_to_zero": "UPDATE payments_account SET balance_minor = balance_minor + 1 WHERE kind = 'fees'",
    "lines_are_in_the_currency_of_their_account": "UPDATE payments_line SET currency = 'EUR'",
    "balances_equal_their_lines": (
        "UPDATE payments_account SET balance_minor = balance_minor + CASE kind WHEN 'fees' THEN 1 ELSE -1 END "
        "WHERE kind IN ('fees', 'available')"
    ),
    "statements_re_add": f"UPDATE payments_line SET balance_after_minor = 1 WHERE account_id = {FEES}",
    "accounts_are_not_negative": "UPDATE payments_account SET balance_minor = -1 WHERE kind = 'refunds'",
    "holds_add_up": "UPDATE payments_hold SET refunded_minor = refunded_minor + 1",
    "holds_are_funded_whole": "UPDATE payments_hold SET funded_minor = 5, released_minor = 5",
    "holds_match_their_accounts": "UPDATE payments_hold SET held_minor = 1, refunded_minor = refunded_minor - 1",
    "holds_match_their_journals": (
        "UPDATE payments_hold SET released_minor = released_minor + 1, refunded_minor = refunded_minor - 1"
    ),
    "fees_are_the_agreed_share": "UPDATE payments_hold SET fee_bps = 900",
    "releases_go_to_the_payee": "UPDATE payments_hold SET payee_id = payer_id, payer_id = payee_id",
    "journals_name_their_cause": "UPDATE payments_journal SET cause = 'payment:0' WHERE kind = 'fund'",
    "payments_match_their_journals": (
        "UPDATE payments_payment SET received_minor = received_minor - 1 WHERE hold_id IS NOT NULL"
    ),
    "payments_stay_within_bounds": "UPDATE payments_payment SET received_minor = amount_minor + 1",
    "payments_match_their_holds": "UPDATE payments_payment SET amount_minor = amount_minor + 1",
    "refunds_match_their_payments": "UPDATE payments_payment SET refunded_minor = refunded_minor - 1 WHERE refunded_minor > 0",
    "refunds_match_their_journals": "UPDATE payments_refund SET status = 'pending'",
    "refunds_on_their_way_are_set_aside": "UPDATE payments_refund SET status = 'failed'",
    "clearing_equals_received_minus_refunded": "UPDATE payments_refund SET amount_minor = amount_minor - 1",
    "money_is_at_the_provider_that_took_it": "UPDATE payments_payment SET provider = 'paypal'",
    "milestones_match_their_holds": (
        "INSERT INTO contracts_milestone (contract_id, position, title, description, amount_minor, currency, status, "
        "hold_id, created_at, updated_at) SELECT gen_random_uuid(), 1, '', '', 1, 'USD', 'funded', id, now(), now() "
        "FROM payments_hold LIMIT 1"
    ),
    "bonuses_are_given_whole": (
        "INSERT INTO contracts_bonus (contract_id, hold_id, note, created_at) "
        "SELECT gen_random_uuid(), id, '', now() FROM payments_hold LIMIT 1"
    ),
    "terms_are_as_they_were_accepted": (
        "INSERT INTO contracts_termsversion (contract_id, number, text, sha256, created_at) "
        "VALUES (gen_random_uuid(), 1, 'Four labels.', 'the fingerprint of three', now())"
    ),
}

MONEY_OUT = {
    "payouts_are_reserved": "UPDATE payments_payout SET amount_minor = amount_minor - 1",
    "payouts_match_their_journals": "UPDATE payments_payout SET status = 'cancelled' WHERE status = 'requested'",
    "money_at_connected_accounts_is_on_its_way": "UPDATE payments_payout SET status = 'paid' WHERE status = 'sent'",
    "large_payouts_were_approved_by_two": "UPDATE payments_payout SET needs_approval = true WHERE status = 'sent'",
    "chargebacks_match_their_journals": "UPDATE payments_chargeback SET taken_at = NULL",
    "chargebacks_match_their_payments": (
        "UPDATE payments_payment SET charged_back_minor = charged_back_minor - 1 WHERE charged_back_minor > 0"
    ),
    "chargebacks_take_no_earnings": (
        "UPDATE payments_line SET account_id = (SELECT min(id) FROM payments_account WHERE kind = 'available') "
        "WHERE account_id IN (SELECT id FROM payments_account WHERE kind = 'debt')"
    ),
    "nobody_has_credit_and_a_debt": "UPDATE payments_account SET balance_minor = 5 WHERE kind = 'credit'",
}


@pytest.fixture
def money_out(provider: FakeProvider) -> None:
    """A payout that is asked for, one on its way to the bank, and a chargeback that left a debt."""
    payee = FreelancerFactory.create()
    hold = earn(payee, Money(500_00, "USD"), provider)
    payable(payee, provider)
    request_payout(payee, amount=Money(100_00, "USD"))
    send_payout(request_payout(payee, amount=Money(200_00, "USD")).pk)
    refresh_chargeback(provider.dispute(hold.payments.get().intent_id or "").id)


def failing() -> set[str]:
    return {finding.check.name for finding in prove() if finding.offenders}


@pytest.mark.parametrize("name", CORRUPTION)
def test_planted_corruption_is_found(hold: Hold, name: str) -> None:
    assert failing() == set()
    with planted(CORRUPTION[name]):
        assert name in failing()


@pytest.mark.parametrize("name", MONEY_OUT)
def test_planted_corruption_of_money_out_is_found(money_out: None, name: str) -> None:
    assert failing() == set()
    with planted(MONEY_OUT[name]):
        assert name in failing()


def test_every_assertion_has_its_corruption() -> None:
    assert {check.name for check in CHECKS} == CORRUPTION.keys() | MONEY_OUT.keys()


def test_money_from_nowhere_is_found(hold: Hold) -> None:
    sql = (
        "INSERT INTO payments_journal (kind, cause, memo, posted_in, created_at) VALUES ('fund', 'x', '', 0, now()); "
        f"{LINES} (currval('payments_journal_id_seq'), {FEES}, 5, 'USD', 5)"
    )
    with planted(sql):
        assert {"journals_have_two_lines", "journals_sum_to_zero", "balances_equal_their_lines"} <= failing()


def test_the_command_lists_every_assertion(hold: Hold) -> None:
    out = StringIO()
    call_command("check_ledger", stdout=out)
    for check in CHECKS:
        assert f"     0  {check.name}" in out.getvalue()
    assert "The ledger is right." in out.getvalue()


def test_the_command_fails_and_says_which(hold: Hold) -> None:
    out = StringIO()
    with planted(CORRUPTION["holds_add_up"]), pytest.raises(CommandError, match="holds_add_up"):
        call_command("check_ledger", stdout=out)
    assert f"hold {hold.pk}" in out.getvalue()


def test_the_job_reports_an_error(hold: Hold, monkeypatch: pytest.MonkeyPatch) -> None:
    reported: list[str] = []
    monkeypatch.setattr("payments.tasks.logger.error", lambda event, **about: reported.append(about["check"]))
    check_ledger(0)
    assert reported == []
    with planted(CORRUPTION["holds_add_up"]):
        check_ledger(0)
    assert "holds_add_up" in reported
