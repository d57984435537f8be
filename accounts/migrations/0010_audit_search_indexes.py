"""An index for each way to search the audit log, built while it is written to."""

from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("accounts", "0009_audit_whose_account")]
    operations = [
        AddIndexConcurrently(
            "auditevent",
            models.Index(
                fields=["person", "-id"], name="accounts_audit_person", condition=models.Q(person__isnull=False)
            ),
        ),
        AddIndexConcurrently("auditevent", models.Index(fields=["action", "-id"], name="accounts_audit_action")),
        AddIndexConcurrently(
            "auditevent", models.Index(fields=["subject_id", "subject_type", "-id"], name="accounts_audit_of_subject")
        ),
        AddIndexConcurrently(
            "auditevent",
            models.Index(
                fields=["ip_address", "-id"],
                name="accounts_audit_address",
                condition=models.Q(ip_address__isnull=False),
            ),
        ),
        AddIndexConcurrently(
            "auditevent",
            models.Index(fields=["request_id"], name="accounts_audit_request", condition=~models.Q(request_id="")),
        ),
        AddIndexConcurrently("auditevent", models.Index(fields=["created_at"], name="accounts_audit_time")),
        RemoveIndexConcurrently("auditevent", "accounts_audit_subject"),
    ]
