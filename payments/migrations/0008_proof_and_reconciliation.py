"""Runs of the proof, what providers say against the books, exceptions, and payments that nobody answered for. Only adds."""

import django.db.models.deletion
import django.db.models.expressions
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("payments", "0007_payouts_and_chargebacks"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="LedgerCheck",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("started_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("finished_at", models.DateTimeField()),
                ("is_right", models.BooleanField()),
                ("findings", models.JSONField()),
            ],
            options={
                "ordering": ["-id"],
            },
        ),
        migrations.CreateModel(
            name="ProviderTransaction",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("provider", models.CharField(choices=[("stripe", "Card"), ("paypal", "PayPal")], max_length=10)),
                ("transaction_id", models.CharField(max_length=80)),
                ("type", models.CharField(max_length=40)),
                ("amount_minor", models.BigIntegerField()),
                ("fee_minor", models.BigIntegerField()),
                ("net_minor", models.BigIntegerField()),
                ("currency", models.CharField(max_length=3)),
                (
                    "source_id",
                    models.CharField(
                        blank=True, help_text="What moved it: a charge, a refund, a transfer.", max_length=80
                    ),
                ),
                (
                    "parent_id",
                    models.CharField(
                        blank=True,
                        help_text="The payment intent of a charge, the transfer of a reversal.",
                        max_length=80,
                    ),
                ),
                ("created_at", models.DateTimeField(help_text="At the provider.")),
                ("stored_at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                "ordering": ["-id"],
            },
        ),
        migrations.CreateModel(
            name="ReconciliationException",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("not_in_books", "Moved at the provider, not in the books"),
                            ("not_at_provider", "In the books, not at the provider"),
                            ("other_amount", "Another amount at the provider"),
                            ("event_stuck", "News of the provider that cannot be processed"),
                            ("payment_stuck", "Payment without an outcome"),
                            ("refund_stuck", "Refund that was not sent"),
                        ],
                        max_length=20,
                    ),
                ),
                ("about", models.CharField(max_length=100)),
                ("provider", models.CharField(choices=[("stripe", "Card"), ("paypal", "PayPal")], max_length=10)),
                ("amount_minor", models.BigIntegerField(default=0)),
                ("currency", models.CharField(blank=True, max_length=3)),
                ("detail", models.CharField(blank=True, max_length=300)),
                ("opened_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("resolved_at", models.DateTimeField(blank=True, null=True)),
                (
                    "resolution",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("matched", "Came right by itself"),
                            ("written_off", "Written off"),
                            ("noted", "Dealt with elsewhere"),
                        ],
                        max_length=12,
                    ),
                ),
                ("note", models.CharField(blank=True, help_text="Why staff resolved it.", max_length=500)),
            ],
            options={
                "verbose_name": "exception",
                "ordering": ["opened_at", "id"],
            },
        ),
        migrations.CreateModel(
            name="ReconciliationRun",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("provider", models.CharField(choices=[("stripe", "Card"), ("paypal", "PayPal")], max_length=10)),
                (
                    "since",
                    models.DateTimeField(
                        blank=True, help_text="Movements from here on were asked for; empty: all.", null=True
                    ),
                ),
                ("started_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("finished_at", models.DateTimeField()),
                ("judged_until", models.DateTimeField()),
                ("fetched", models.PositiveIntegerField()),
                ("stored", models.PositiveIntegerField()),
                ("matched", models.PositiveIntegerField()),
                ("opened", models.PositiveIntegerField()),
                ("closed", models.PositiveIntegerField()),
            ],
            options={
                "ordering": ["-id"],
            },
        ),
        migrations.RemoveConstraint(
            model_name="account",
            name="payments_account_kind_known",
        ),
        migrations.RemoveConstraint(
            model_name="account",
            name="payments_account_not_negative",
        ),
        migrations.AddField(
            model_name="payment",
            name="unheard_since",
            field=models.DateTimeField(
                blank=True,
                editable=False,
                help_text="The provider was asked to take the money and has not answered.",
                null=True,
            ),
        ),
        migrations.AlterField(
            model_name="account",
            name="kind",
            field=models.CharField(
                choices=[
                    ("provider", "Money at Stripe"),
                    ("paypal", "Money at PayPal"),
                    ("connected", "Money at connected accounts, on its way to banks"),
                    ("fees", "Platform fees"),
                    ("subscriptions", "Subscriptions"),
                    ("taxes", "Taxes to hand on"),
                    ("costs", "What providers charged"),
                    ("bank", "Moved to our own bank"),
                    ("losses", "Charged back and not covered"),
                    ("held", "Held for one piece of work"),
                    ("refunds", "Refunds on their way"),
                    ("available", "Available to pay out"),
                    ("payouts", "Payouts on their way"),
                    ("credit", "Paid in, not yet assigned"),
                    ("debt", "Owed to Guildhall after a chargeback"),
                ],
                max_length=13,
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
                    ("write_off", "Difference written off"),
                ],
                max_length=14,
            ),
        ),
        migrations.AddConstraint(
            model_name="account",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "kind__in",
                        [
                            "provider",
                            "paypal",
                            "connected",
                            "fees",
                            "subscriptions",
                            "taxes",
                            "costs",
                            "bank",
                            "losses",
                            "held",
                            "refunds",
                            "available",
                            "payouts",
                            "credit",
                            "debt",
                        ],
                    )
                ),
                name="payments_account_kind_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="account",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("balance_minor__gte", 0),
                    ("kind__in", ("provider", "paypal", "connected", "bank", "costs", "losses", "debt")),
                    _connector="OR",
                ),
                name="payments_account_not_negative",
            ),
        ),
        migrations.AddIndex(
            model_name="ledgercheck",
            index=models.Index(fields=["started_at"], name="payments_check_started"),
        ),
        migrations.AddField(
            model_name="providertransaction",
            name="journal",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="provider_transactions",
                to="payments.journal",
            ),
        ),
        migrations.AddField(
            model_name="reconciliationexception",
            name="resolved_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddIndex(
            model_name="providertransaction",
            index=models.Index(fields=["source_id"], name="payments_transaction_source"),
        ),
        migrations.AddIndex(
            model_name="providertransaction",
            index=models.Index(
                condition=models.Q(("journal__isnull", True)), fields=["id"], name="payments_transaction_unmatched"
            ),
        ),
        migrations.AddConstraint(
            model_name="providertransaction",
            constraint=models.UniqueConstraint(fields=("provider", "transaction_id"), name="payments_transaction_once"),
        ),
        migrations.AddConstraint(
            model_name="providertransaction",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "net_minor",
                        django.db.models.expressions.CombinedExpression(
                            models.F("amount_minor"), "-", models.F("fee_minor")
                        ),
                    )
                ),
                name="payments_transaction_adds_up",
            ),
        ),
        migrations.AddConstraint(
            model_name="reconciliationexception",
            constraint=models.UniqueConstraint(
                condition=models.Q(("resolved_at__isnull", True)),
                fields=("kind", "about"),
                name="payments_exception_open_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="reconciliationexception",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "kind__in",
                        [
                            "not_in_books",
                            "not_at_provider",
                            "other_amount",
                            "event_stuck",
                            "payment_stuck",
                            "refund_stuck",
                        ],
                    )
                ),
                name="payments_exception_kind_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="reconciliationexception",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("resolution", ""), ("resolved_at__isnull", True)),
                    models.Q(("resolution", "matched"), ("resolved_at__isnull", False), ("resolved_by__isnull", True)),
                    models.Q(
                        ("resolution__in", ["written_off", "noted"]),
                        ("resolved_at__isnull", False),
                        ("resolved_by__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="payments_exception_resolved_by_someone_or_itself",
            ),
        ),
    ]
