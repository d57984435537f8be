"""Whose account's security an event concerns; and the log cannot be emptied at once either.

The column is empty in older rows, so the previous release goes on working.
"""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

FORBID = """
CREATE TRIGGER accounts_auditevent_not_emptied BEFORE TRUNCATE ON accounts_auditevent
    FOR EACH STATEMENT EXECUTE FUNCTION guildhall_append_only();
"""
ALLOW = "DROP TRIGGER accounts_auditevent_not_emptied ON accounts_auditevent;"


class Migration(migrations.Migration):
    dependencies = [("accounts", "0008_audit_without_addresses")]
    operations = [
        migrations.AddField(
            model_name="auditevent",
            name="person",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                help_text="Whose account's security this concerns: they see it in their own history.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.RunSQL(FORBID, ALLOW),
    ]
