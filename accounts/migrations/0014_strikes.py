"""Strikes, which are only ever added. Only adds; the previous release runs on it."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

FORBID = """
CREATE TRIGGER accounts_strike_append_only BEFORE UPDATE OR DELETE ON accounts_strike
    FOR EACH ROW EXECUTE FUNCTION guildhall_append_only();
"""
ALLOW = "DROP TRIGGER accounts_strike_append_only ON accounts_strike;"


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0013_marketplace_rules"),
    ]

    operations = [
        migrations.CreateModel(
            name="Strike",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "rule",
                    models.CharField(
                        choices=[("cancelled_late", "Calling off a gig late"), ("did_not_come", "Not coming to a gig")],
                        max_length=24,
                    ),
                ),
                ("subject_type", models.CharField(max_length=80)),
                ("subject_id", models.CharField(max_length=64)),
                ("about", models.CharField(max_length=200)),
                ("url", models.CharField(blank=True, max_length=200)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="strikes", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "ordering": ["-id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("rule__in", ["cancelled_late", "did_not_come"])),
                        name="accounts_strike_rule_known",
                    ),
                    models.UniqueConstraint(fields=("user", "subject_type", "subject_id"), name="accounts_strike_once"),
                ],
            },
        ),
        migrations.RunSQL(FORBID, ALLOW),
    ]
