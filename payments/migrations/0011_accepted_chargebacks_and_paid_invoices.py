"""Chargebacks that staff accept without an answer, and what paid the invoices of subscriptions. Only adds; the previous release runs on it."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("payments", "0010_paypal"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="chargeback",
            name="accepted_at",
            field=models.DateTimeField(blank=True, editable=False, help_text="When staff let it stand.", null=True),
        ),
        migrations.AddField(
            model_name="chargeback",
            name="accepted_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="document",
            name="intent_id",
            field=models.CharField(
                blank=True,
                db_default="",
                editable=False,
                help_text="What paid a subscription's invoice.",
                max_length=80,
            ),
        ),
        migrations.AlterField(
            model_name="journal",
            name="kind",
            field=models.CharField(
                choices=[
                    ("fund", "Funds held"),
                    ("release", "Funds released"),
                    ("refund", "Refund set aside"),
                    ("refund_sent", "Refund sent"),
                    ("credit", "Paid in"),
                    ("reversal", "Correction"),
                    ("payout", "Payout asked for"),
                    ("payout_sent", "Payout sent to the connected account"),
                    ("payout_paid", "Payout arrived"),
                    ("payout_back", "Payout came back"),
                    ("subscription", "Subscription paid"),
                    ("chargeback", "Charged back by the bank"),
                    ("chargeback_won", "Chargeback won"),
                    ("debt_paid", "Debt settled"),
                    ("provider_fee", "Charged by the provider"),
                    ("banked", "Moved between the provider and our bank"),
                    ("write_off", "Written off"),
                ],
                max_length=14,
            ),
        ),
        migrations.AddIndex(
            model_name="document",
            index=models.Index(
                condition=models.Q(("intent_id", ""), _negated=True),
                fields=["intent_id"],
                name="payments_document_intent",
            ),
        ),
        migrations.AddConstraint(
            model_name="chargeback",
            constraint=models.CheckConstraint(
                condition=models.Q(("accepted_at__isnull", True), ("evidence_asked_at__isnull", True), _connector="OR"),
                name="payments_chargeback_answered_or_accepted",
            ),
        ),
    ]
