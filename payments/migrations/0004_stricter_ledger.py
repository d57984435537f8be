"""Further rules of money that no code path can go around.

A journal takes lines only in the transaction that posted it. The balance of an account changes only by a line, and the
line notes the balance after it; ids of lines are given under the account's lock, so that they order its statement.
Accounts keep their identity, holds and payments their terms, and sums that were reached never shrink. What happened to
a hold, payment or refund is append-only.
"""

from django.db import migrations

CREATE = """
CREATE FUNCTION payments_journal_notes_transaction() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.posted_in := txid_current();
    RETURN NEW;
END $$;
CREATE TRIGGER payments_journal_notes_transaction BEFORE INSERT ON payments_journal
    FOR EACH ROW EXECUTE FUNCTION payments_journal_notes_transaction();

DROP TRIGGER payments_line_moves_balance ON payments_line;
CREATE OR REPLACE FUNCTION payments_line_moves_balance() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM payments_journal WHERE id = NEW.journal_id AND posted_in = txid_current()) THEN
        RAISE EXCEPTION 'journal % is closed', NEW.journal_id USING ERRCODE = 'restrict_violation';
    END IF;
    UPDATE payments_account SET balance_minor = balance_minor + NEW.amount_minor
        WHERE id = NEW.account_id RETURNING balance_minor INTO NEW.balance_after_minor;
    NEW.id := nextval(pg_get_serial_sequence('payments_line', 'id'));
    RETURN NEW;
END $$;
CREATE TRIGGER payments_line_moves_balance BEFORE INSERT ON payments_line
    FOR EACH ROW EXECUTE FUNCTION payments_line_moves_balance();

CREATE FUNCTION payments_account_starts_empty() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.balance_minor <> 0 THEN
        RAISE EXCEPTION 'an account starts at zero' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER payments_account_starts_empty BEFORE INSERT ON payments_account
    FOR EACH ROW EXECUTE FUNCTION payments_account_starts_empty();

CREATE FUNCTION payments_account_moves_by_lines() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.id, NEW.kind, NEW.owner_id, NEW.hold_id, NEW.currency)
        IS DISTINCT FROM (OLD.id, OLD.kind, OLD.owner_id, OLD.hold_id, OLD.currency) THEN
        RAISE EXCEPTION 'account % keeps its identity', OLD.id USING ERRCODE = 'restrict_violation';
    END IF;
    -- Depth 1 is this trigger for a statement from outside; a line's trigger comes in at depth 2.
    IF NEW.balance_minor <> OLD.balance_minor AND pg_trigger_depth() < 2 THEN
        RAISE EXCEPTION 'the balance of account % moves only by lines', OLD.id USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER payments_account_moves_by_lines BEFORE UPDATE ON payments_account
    FOR EACH ROW EXECUTE FUNCTION payments_account_moves_by_lines();

CREATE FUNCTION payments_hold_terms_are_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.purpose, NEW.payer_id, NEW.payee_id, NEW.amount_minor, NEW.currency, NEW.fee_bps)
        IS DISTINCT FROM (OLD.purpose, OLD.payer_id, OLD.payee_id, OLD.amount_minor, OLD.currency, OLD.fee_bps) THEN
        RAISE EXCEPTION 'the terms of hold % are frozen', OLD.id USING ERRCODE = 'restrict_violation';
    END IF;
    IF NEW.funded_minor < OLD.funded_minor OR NEW.released_minor < OLD.released_minor
        OR NEW.fee_minor < OLD.fee_minor OR NEW.refunded_minor < OLD.refunded_minor THEN
        RAISE EXCEPTION 'what hold % reached never shrinks', OLD.id USING ERRCODE = 'restrict_violation';
    END IF;
    IF OLD.status IN ('released', 'refunded', 'cancelled') AND NEW.status <> OLD.status THEN
        RAISE EXCEPTION 'hold % has ended', OLD.id USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER payments_hold_terms_are_frozen BEFORE UPDATE ON payments_hold
    FOR EACH ROW EXECUTE FUNCTION payments_hold_terms_are_frozen();

CREATE FUNCTION payments_payment_terms_are_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.payer_id, NEW.hold_id, NEW.amount_minor, NEW.currency, NEW.capture_method)
        IS DISTINCT FROM (OLD.payer_id, OLD.hold_id, OLD.amount_minor, OLD.currency, OLD.capture_method)
        OR (OLD.intent_id IS NOT NULL AND NEW.intent_id IS DISTINCT FROM OLD.intent_id) THEN
        RAISE EXCEPTION 'the terms of payment % are frozen', OLD.id USING ERRCODE = 'restrict_violation';
    END IF;
    IF NEW.received_minor < OLD.received_minor OR NEW.refunded_minor < OLD.refunded_minor THEN
        RAISE EXCEPTION 'what payment % reached never shrinks', OLD.id USING ERRCODE = 'restrict_violation';
    END IF;
    IF OLD.status IN ('succeeded', 'cancelled') AND NEW.status <> OLD.status THEN
        RAISE EXCEPTION 'payment % has ended', OLD.id USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER payments_payment_terms_are_frozen BEFORE UPDATE ON payments_payment
    FOR EACH ROW EXECUTE FUNCTION payments_payment_terms_are_frozen();

CREATE TRIGGER payments_journal_not_emptied BEFORE TRUNCATE ON payments_journal
    FOR EACH STATEMENT EXECUTE FUNCTION guildhall_append_only();
CREATE TRIGGER payments_line_not_emptied BEFORE TRUNCATE ON payments_line
    FOR EACH STATEMENT EXECUTE FUNCTION guildhall_append_only();
CREATE TRIGGER payments_holdevent_append_only BEFORE UPDATE OR DELETE ON payments_holdevent
    FOR EACH ROW EXECUTE FUNCTION guildhall_append_only();
CREATE TRIGGER payments_paymentevent_append_only BEFORE UPDATE OR DELETE ON payments_paymentevent
    FOR EACH ROW EXECUTE FUNCTION guildhall_append_only();
CREATE TRIGGER payments_refundevent_append_only BEFORE UPDATE OR DELETE ON payments_refundevent
    FOR EACH ROW EXECUTE FUNCTION guildhall_append_only();
"""
DROP = """
DROP TRIGGER payments_line_not_emptied ON payments_line;
DROP TRIGGER payments_journal_not_emptied ON payments_journal;
DROP TRIGGER payments_refundevent_append_only ON payments_refundevent;
DROP TRIGGER payments_paymentevent_append_only ON payments_paymentevent;
DROP TRIGGER payments_holdevent_append_only ON payments_holdevent;
DROP TRIGGER payments_payment_terms_are_frozen ON payments_payment;
DROP FUNCTION payments_payment_terms_are_frozen();
DROP TRIGGER payments_hold_terms_are_frozen ON payments_hold;
DROP FUNCTION payments_hold_terms_are_frozen();
DROP TRIGGER payments_account_moves_by_lines ON payments_account;
DROP FUNCTION payments_account_moves_by_lines();
DROP TRIGGER payments_account_starts_empty ON payments_account;
DROP FUNCTION payments_account_starts_empty();
DROP TRIGGER payments_line_moves_balance ON payments_line;
CREATE OR REPLACE FUNCTION payments_line_moves_balance() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE payments_account SET balance_minor = balance_minor + NEW.amount_minor WHERE id = NEW.account_id;
    RETURN NULL;
END $$;
CREATE TRIGGER payments_line_moves_balance AFTER INSERT ON payments_line
    FOR EACH ROW EXECUTE FUNCTION payments_line_moves_balance();
DROP TRIGGER payments_journal_notes_transaction ON payments_journal;
DROP FUNCTION payments_journal_notes_transaction();
"""


class Migration(migrations.Migration):
    dependencies = [("payments", "0003_statement_and_refund_attempts")]
    operations = [migrations.RunSQL(CREATE, DROP)]
