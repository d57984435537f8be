"""The proof must find what it is there for: each kind of corruption is planted behind the database's back."""

from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction

from accounts.tests.factories import ClientFactory, FreelancerFactory, staff_of
from core.money import Money
from payments.models import Account, Hold, LedgerCheck, ProviderEvent
from payments.rules import SIDES, JournalKind
from payments.selectors import CHECKS, TRUTHS, all_checks, fingerprint, prove
from payments.services import (
    process_event,
    reconcile,
    refresh_chargeback,
    refund_hold,
    refund_invoice,
    release_hold,
    request_payout,
    send_payout,
    send_refund,
)
from payments.services.balances import rebuild_balances
from payments.tasks import check_ledger
from payments.tests.factories import add_credit, earn, funded_hold, on_plan, payable
from payments.tests.fakes import FakeProvider
from payments.tests.planting import planted

pytestmark = pytest.mark.django_db


@pytest.fixture
def hold(provider: FakeProvider) -> Hold:
    """A hold of which a part was released and the rest sent back, beside some credit. The provider told and was asked."""
    hold = funded_hold(Money(600_00, "USD"), provider=provider)
    release_hold(None, hold=hold, amount=Money(200_00, "USD"), cause="part")
    refund_hold(None, hold=hold, reason="", cause="rest")
    send_refund(hold.payments.get().refunds.get().pk)
    add_credit(ClientFactory.create(), Money(50_00, "USD"), provider)
    about = {"object": "none", "id": hold.payments.get().intent_id, "amount_received": 600_00}
    event = ProviderEvent.objects.create(
        event_id="evt_1", type="payment_intent.succeeded", payload={"data": {"object": about}}
    )
    process_event(event.pk)
    reconcile()
    return hold


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
    "refunds_name_what_set_them_aside": "UPDATE payments_refund SET journal_id = NULL",
    "frozen_holds_stand_still": "UPDATE payments_hold SET frozen_at = now() - interval '1 day'",
    "the_ledger_is_guarded": "ALTER TABLE payments_line DISABLE TRIGGER payments_line_append_only",
    "corrections_mirror_what_they_correct": "UPDATE payments_journal SET kind = 'reversal' WHERE kind = 'refund_sent'",
    "journals_move_only_their_accounts": "UPDATE payments_journal SET kind = 'payout' WHERE kind = 'release'",
    "causes_are_used_once": (
        "ALTER TABLE payments_journal DROP CONSTRAINT payments_journal_one_per_cause; "
        "INSERT INTO payments_journal (kind, cause, memo, posted_in, created_at) "
        "SELECT kind, cause, memo, posted_in, created_at FROM payments_journal WHERE kind = 'release'"
    ),
    "frozen_holds_stay": (
        "INSERT INTO payments_holdevent (hold_id, move, from_status, to_status, reason, created_at) "
        "SELECT id, 'freeze', 'held', 'held', '', now() FROM payments_hold"
    ),
    "events_are_stored_once": "UPDATE payments_providerevent SET attempts = 0",
    "events_ended_where_they_should": "UPDATE payments_payment SET received_minor = 599 WHERE hold_id IS NOT NULL",
    "provider_equals_books": "UPDATE payments_providertransaction SET net_minor = net_minor - 1 WHERE type = 'refund'",
    "money_is_at_the_provider_that_took_it": "UPDATE payments_payment SET provider = 'paypal'",
    "clearing_equals_received_minus_refunded": "UPDATE payments_refund SET amount_minor = amount_minor - 1",
    "documents_match_their_journals": "UPDATE payments_document SET total_minor = total_minor + 1 WHERE kind = 'invoice'",
    "document_numbers_have_no_gaps": "UPDATE payments_document SET number = 7 WHERE kind = 'invoice'",
    "what_goes_back_has_its_credit_note": (
        "UPDATE payments_document SET payload = payload - 'corrects' WHERE kind = 'credit_note'"
    ),
    "money_has_its_document": (
        "DELETE FROM payments_document WHERE id = (SELECT max(id) FROM payments_document); "
        "UPDATE payments_documentcounter SET last = last - 1 WHERE kind = 'receipt'"
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

PLANS = {
    "plans_go_back_by_their_documents": "UPDATE payments_document SET payment_id = NULL WHERE kind = 'credit_note'",
    "journals_name_their_cause": "UPDATE payments_payment SET invoice_id = 'in_other'",
    "payments_match_their_journals": "UPDATE payments_payment SET received_minor = received_minor - 1",
    "documents_match_their_journals": (
        "UPDATE payments_document SET tax_minor = tax_minor - 1, net_minor = net_minor + 1 WHERE kind = 'credit_note'"
    ),
    "clearing_equals_received_minus_refunded": "UPDATE payments_payment SET received_minor = received_minor - 1",
    "money_is_at_the_provider_that_took_it": "UPDATE payments_payment SET provider = 'paypal'",
}


@pytest.fixture
def _plans(provider: FakeProvider, settings: Any) -> None:
    """A month of a plan that a bank took in part and gave back, and of which a part was refunded."""
    settings.TAX_RATE_BPS = {"DE": 1900}
    payment = on_plan(FreelancerFactory.create(country="DE"), provider=provider).payments.get()
    dispute = provider.dispute(payment.intent_id or "", Money(5_00, "USD"))
    refresh_chargeback(dispute.id)
    provider.decide_dispute(dispute.id, "won")
    refresh_chargeback(dispute.id)
    send_refund(
        refund_invoice(
            staff_of("finance"), payment_id=payment.pk, amount=Money(4_00, "USD"), reason="Paid by mistake."
        ).pk
    )


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


@pytest.mark.usefixtures("_plans")
@pytest.mark.parametrize("name", PLANS)
def test_planted_corruption_of_plans_is_found(name: str) -> None:
    assert failing() == set()
    with planted(PLANS[name]):
        assert name in failing()


@pytest.mark.usefixtures("_plans")
@pytest.mark.parametrize("off", [3, -3])
def test_tax_out_of_proportion_is_found(off: int) -> None:
    with planted(
        f"UPDATE payments_document SET tax_minor = tax_minor + {off} * 2 WHERE kind = 'credit_note' AND id = "
        "(SELECT max(id) FROM payments_document)"
    ):
        assert "plans_go_back_by_their_documents" in failing()


def test_every_assertion_has_its_corruption() -> None:
    assert {check.name for check in CHECKS} == CORRUPTION.keys() | MONEY_OUT.keys() | PLANS.keys()


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
        assert f"     0  {check.name} ({check.proves[0]}" in out.getvalue()
    assert "The ledger is right." in out.getvalue()


def test_the_command_fails_and_says_which(hold: Hold) -> None:
    out = StringIO()
    with planted(CORRUPTION["holds_add_up"]), pytest.raises(CommandError, match="holds_add_up"):
        call_command("check_ledger", stdout=out)
    assert f"hold {hold.pk}" in out.getvalue()


def test_every_check_names_the_truths_it_proves_and_every_truth_has_one() -> None:
    assert [check.name for check in all_checks() if not set(check.proves) & set(TRUTHS)] == []
    proven = {number for check in all_checks() for number in check.proves}
    assert proven == set(TRUTHS)


def test_every_kind_of_journal_has_its_accounts() -> None:
    assert set(SIDES) == set(JournalKind)


def test_a_hold_that_moved_while_frozen_is_found(hold: Hold) -> None:
    sql = (
        "INSERT INTO payments_holdevent (hold_id, move, from_status, to_status, reason, created_at) SELECT id, move, "
        "'held', 'held', '', now() FROM payments_hold, (VALUES ('freeze'), ('release_part'), ('unfreeze')) AS m (move)"
    )
    with planted(sql):
        assert "frozen_holds_stay" in failing()


def test_an_event_stored_twice_is_found(hold: Hold) -> None:
    sql = (
        "DO $$ BEGIN EXECUTE (SELECT format('ALTER TABLE payments_providerevent DROP CONSTRAINT %I', conname) "
        "FROM pg_constraint WHERE conrelid = 'payments_providerevent'::regclass AND contype = 'u'); END $$; "
        "INSERT INTO payments_providerevent "
        "(provider, event_id, type, live_mode, payload, received_at, attempts, last_error) "
        "SELECT provider, event_id, type, live_mode, payload, received_at, attempts, last_error FROM payments_providerevent"
    )
    with planted(sql):
        assert "events_are_stored_once" in failing()


# --- Runs by the clock --------------------------------------------------------------------------


def test_the_job_keeps_what_it_found(hold: Hold) -> None:
    check_ledger(0)
    run = LedgerCheck.objects.get()
    assert run.is_right
    assert {check["name"] for check in run.checks} == {check.name for check in all_checks()}
    assert run.findings["counts"]["accounts"] == Account.objects.count()
    fees = next(row for row in run.findings["sums"] if row["kind"] == "fees")
    assert (fees["minor"], fees["amount"], fees["accounts"]) == (20_00, "$20.00", 1)
    with planted(CORRUPTION["holds_add_up"]):
        check_ledger(0)
        last = LedgerCheck.objects.first()
        assert last is not None
        assert not last.is_right
        assert "holds_add_up" in last.broken
        assert str(last).startswith("Wrong: ")


def test_the_job_reports_an_error(hold: Hold, monkeypatch: pytest.MonkeyPatch) -> None:
    reported: list[str] = []
    monkeypatch.setattr(
        "payments.services.proving.logger.error", lambda event, **about: reported.append(about["check"])
    )
    check_ledger(0)
    assert reported == []
    with planted(CORRUPTION["holds_add_up"]):
        check_ledger(0)
    assert "holds_add_up" in reported


# --- Rebuilding, and telling copies apart -------------------------------------------------------


def test_balances_are_rebuilt_from_their_lines(hold: Hold) -> None:
    wrong = "UPDATE payments_account SET balance_minor = balance_minor + 7 WHERE kind = 'fees'"
    with planted(wrong):
        with pytest.raises(CommandError, match="1 cached balances are wrong"):
            call_command("rebuild_balances", check=True, stdout=StringIO())
        assert "balances_equal_their_lines" in failing()
        assert [(one.cached, one.lines) for one in rebuild_balances()] == [(20_07, 20_00)]
        assert "balances_equal_their_lines" not in failing()
        with pytest.raises(Exception, match="moves only by lines"), transaction.atomic():
            Account.objects.filter(kind="fees").update(balance_minor=1)  # the guard is back
    out = StringIO()
    call_command("rebuild_balances", check=True, stdout=out)
    assert "Every balance is right." in out.getvalue()


def test_the_hash_changes_with_any_line(hold: Hold) -> None:
    out = StringIO()
    call_command("check_ledger", hash=True, stdout=out)
    before = out.getvalue().strip()
    assert len(before) == 64
    assert fingerprint() == before
    with planted("UPDATE payments_journal SET memo = 'other' WHERE kind = 'release'"):
        assert fingerprint() != before
    with planted("UPDATE payments_account SET balance_minor = balance_minor + 1 WHERE kind = 'fees'"):
        assert fingerprint() != before
    assert fingerprint() == before
