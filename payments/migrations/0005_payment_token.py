"""Payments get a token of their own for the provider's idempotency keys."""

import uuid

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("payments", "0004_stricter_ledger")]
    operations = [
        migrations.AddField("payment", "token", models.UUIDField(null=True, editable=False)),
        migrations.RunSQL("UPDATE payments_payment SET token = gen_random_uuid()", migrations.RunSQL.noop),
        migrations.AlterField("payment", "token", models.UUIDField(default=uuid.uuid4, unique=True, editable=False)),
    ]
