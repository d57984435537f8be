"""The ledger's rules, in the database, where no code path can go around them.

Journals and lines are append-only. A line's currency is its account's. Each inserted line moves its account's cached
balance. At commit every new journal has at least two lines that sum to zero per currency. A held account's balance is
what its hold says is held.
"""

from django.db import migrations

CREATE = """
CREATE TRIGGER payments_journal_append_only BEFORE UPDATE OR DELETE ON payments_journal
    FOR EACH ROW EXECUTE FUNCTION guildhall_append_only();
CREATE TRIGGER payments_line_append_only BEFORE UPDATE OR DELETE ON payments_line
    FOR EACH ROW EXECUTE FUNCTION guildhall_append_only();

ALTER TABLE payments_line ADD CONSTRAINT payments_line_account_currency
    FOREIGN KEY (account_id, currency) REFERENCES payments_account (id, currency);

CREATE FUNCTION payments_line_moves_balance() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE payments_account SET balance_minor = balance_minor + NEW.amount_minor WHERE id = NEW.account_id;
    RETURN NULL;
END $$;
CREATE TRIGGER payments_line_moves_balance AFTER INSERT ON payments_line
    FOR EACH ROW EXECUTE FUNCTION payments_line_moves_balance();

CREATE FUNCTION payments_journal_is_balanced() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    checked bigint;
BEGIN
    IF TG_TABLE_NAME = 'payments_journal' THEN checked := NEW.id; ELSE checked := NEW.journal_id; END IF;
    IF (SELECT count(*) FROM payments_line WHERE journal_id = checked) < 2 THEN
        RAISE EXCEPTION 'journal % has fewer than two lines', checked USING ERRCODE = 'check_violation';
    END IF;
    IF EXISTS (
        SELECT FROM payments_line WHERE journal_id = checked GROUP BY currency HAVING sum(amount_minor) <> 0
    ) THEN
        RAISE EXCEPTION 'journal % does not sum to zero', checked USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER payments_journal_balanced AFTER INSERT ON payments_journal
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION payments_journal_is_balanced();
CREATE CONSTRAINT TRIGGER payments_line_balanced AFTER INSERT ON payments_line
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION payments_journal_is_balanced();

CREATE FUNCTION payments_hold_matches_ledger() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    checked bigint;
    says bigint;
    has bigint;
BEGIN
    IF TG_TABLE_NAME = 'payments_hold' THEN checked := NEW.id; ELSE checked := NEW.hold_id; END IF;
    IF checked IS NULL THEN RETURN NULL; END IF;
    SELECT held_minor INTO says FROM payments_hold WHERE id = checked;
    SELECT coalesce(sum(balance_minor), 0) INTO has FROM payments_account WHERE hold_id = checked;
    IF says <> has THEN
        RAISE EXCEPTION 'hold % says % is held, its account has %', checked, says, has
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER payments_hold_matches_ledger AFTER INSERT OR UPDATE ON payments_hold
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION payments_hold_matches_ledger();
CREATE CONSTRAINT TRIGGER payments_account_matches_hold AFTER INSERT OR UPDATE ON payments_account
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION payments_hold_matches_ledger();
"""
DROP = """
DROP TRIGGER payments_account_matches_hold ON payments_account;
DROP TRIGGER payments_hold_matches_ledger ON payments_hold;
DROP FUNCTION payments_hold_matches_ledger();
DROP TRIGGER payments_line_balanced ON payments_line;
DROP TRIGGER payments_journal_balanced ON payments_journal;
DROP FUNCTION payments_journal_is_balanced();
DROP TRIGGER payments_line_moves_balance ON payments_line;
DROP FUNCTION payments_line_moves_balance();
ALTER TABLE payments_line DROP CONSTRAINT payments_line_account_currency;
DROP TRIGGER payments_line_append_only ON payments_line;
DROP TRIGGER payments_journal_append_only ON payments_journal;
"""


class Migration(migrations.Migration):
    dependencies = [("payments", "0001_initial"), ("accounts", "0002_append_only_audit")]
    operations = [migrations.RunSQL(CREATE, DROP)]
