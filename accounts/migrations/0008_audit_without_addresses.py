"""The audit log outlives accounts, so it keeps ids: e-mail addresses go from rows that hold one.

The only change ever made to rows of the log; for it, the trigger that refuses changes rests within the transaction.
The previous release runs on it.
"""

from django.db import migrations

STRIP = """
ALTER TABLE accounts_auditevent DISABLE TRIGGER accounts_auditevent_append_only;
UPDATE accounts_auditevent SET data = data - 'email' WHERE action = 'person.failed_sign_in' AND data ? 'email';
UPDATE accounts_auditevent SET data = data - 'before' WHERE action = 'person.changed_email' AND data ? 'before';
ALTER TABLE accounts_auditevent ENABLE TRIGGER accounts_auditevent_append_only;
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0007_address_changes_and_standing")]
    operations = [migrations.RunSQL(STRIP, migrations.RunSQL.noop)]
