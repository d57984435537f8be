"""What retries and a change of secret need. New columns have defaults: the release before works on with them."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("notifications", "0002_outgoing_webhooks"),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name="webhookdelivery",
            name="notifications_delivery_newest",
        ),
        migrations.AddField(
            model_name="webhookdelivery",
            name="next_attempt_at",
            field=models.DateTimeField(blank=True, help_text="Empty once it has ended.", null=True),
        ),
        migrations.AddField(
            model_name="webhookendpoint",
            name="failing_since",
            field=models.DateTimeField(blank=True, help_text="The first of these failures.", null=True),
        ),
        migrations.AddField(
            model_name="webhookendpoint",
            name="last_attempt_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="webhookendpoint",
            name="previous_secret",
            field=models.CharField(blank=True, help_text="Signs as well until the time beside it.", max_length=80),
        ),
        migrations.AddField(
            model_name="webhookendpoint",
            name="previous_secret_until",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddIndex(
            model_name="webhookdelivery",
            index=models.Index(fields=["endpoint", "-created_at", "-id"], name="notifications_delivery_newest"),
        ),
        migrations.AddIndex(
            model_name="webhookdelivery",
            index=models.Index(
                condition=models.Q(("next_attempt_at__isnull", False)),
                fields=["next_attempt_at"],
                name="notifications_delivery_due",
            ),
        ),
        migrations.AddIndex(
            model_name="webhookdelivery",
            index=models.Index(fields=["created_at"], name="notifications_delivery_oldest"),
        ),
        migrations.AddConstraint(
            model_name="webhookdelivery",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("next_attempt_at__isnull", True),
                    models.Q(("delivered_at__isnull", True), ("given_up_at__isnull", True)),
                    _connector="OR",
                ),
                name="notifications_delivery_ended_is_not_due",
            ),
        ),
    ]
