"""Receipts and invoices numbered without gaps; plans and who is on them. Only adds, so the previous release runs on it."""

import uuid
from typing import Any

import django.db.models.deletion
import django.db.models.expressions
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

CURRENCIES = [
    "AED", "AUD", "BHD", "BRL", "CAD", "CHF", "CLP", "COP", "CZK", "DKK", "EGP", "EUR", "GBP", "GHS",
    "HUF", "IDR", "ILS", "INR", "JOD", "JPY", "KES", "KRW", "KWD", "MAD", "MXN", "NGN", "NOK", "NZD",
    "OMR", "PHP", "PLN", "RON", "SEK", "SGD", "THB", "TND", "TRY", "UAH", "USD", "VND", "ZAR",
]  # fmt: skip

FREEZE = """
CREATE TRIGGER payments_document_append_only BEFORE UPDATE OR DELETE ON payments_document
    FOR EACH ROW EXECUTE FUNCTION guildhall_append_only();
CREATE TRIGGER payments_subscriptionevent_append_only BEFORE UPDATE OR DELETE ON payments_subscriptionevent
    FOR EACH ROW EXECUTE FUNCTION guildhall_append_only();
"""
THAW = """
DROP TRIGGER payments_subscriptionevent_append_only ON payments_subscriptionevent;
DROP TRIGGER payments_document_append_only ON payments_document;
"""
PLANS = (
    {
        "code": "plus",
        "name": "Plus",
        "audience": "client",
        "summary": "For those who hire often: the people you hire keep more of what you pay.",
        "price_minor": 50_00,
        "fee_bps": 800,
        "project_files": 25,
    },
    {
        "code": "pro",
        "name": "Pro",
        "audience": "freelancer",
        "summary": "For those who live from their work: keep more of every contract that you begin.",
        "price_minor": 15_00,
        "fee_bps": 800,
    },
)


def add_plans(apps: Any, schema_editor: Any) -> None:
    plan = apps.get_model("payments", "Plan")
    for values in PLANS:
        plan.objects.get_or_create(code=values["code"], defaults=values)


class Migration(migrations.Migration):
    dependencies = [
        ("payments", "0008_proof_and_reconciliation"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="DocumentCounter",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[("receipt", "Receipt"), ("invoice", "Invoice"), ("credit_note", "Credit note")],
                        max_length=11,
                    ),
                ),
                ("year", models.PositiveSmallIntegerField()),
                ("last", models.PositiveIntegerField(default=0)),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("kind", "year"), name="payments_documentcounter_once")],
            },
        ),
        migrations.CreateModel(
            name="Plan",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.SlugField(unique=True)),
                ("name", models.CharField(max_length=40)),
                (
                    "audience",
                    models.CharField(choices=[("client", "Clients"), ("freelancer", "Freelancers")], max_length=10),
                ),
                ("summary", models.CharField(max_length=200)),
                ("price_minor", models.BigIntegerField(help_text="A month, tax included, in minor units.")),
                ("currency", models.CharField(default="USD", max_length=3)),
                (
                    "fee_bps",
                    models.PositiveIntegerField(
                        blank=True,
                        help_text="The platform's fee on contracts begun while on the plan; 800 is 8 %.",
                        null=True,
                    ),
                ),
                (
                    "project_files",
                    models.PositiveSmallIntegerField(
                        blank=True,
                        help_text="Attachments that a project may have, if more than for everybody.",
                        null=True,
                    ),
                ),
                ("is_offered", models.BooleanField(default=True, help_text="Whether people can begin it.")),
                (
                    "price_id",
                    models.CharField(blank=True, editable=False, help_text="The price at the provider.", max_length=80),
                ),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                "ordering": ["audience", "price_minor"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("price_minor__gt", 0)), name="payments_plan_price_positive"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("currency__in", CURRENCIES)), name="payments_plan_currency_known"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("audience__in", ["client", "freelancer"])),
                        name="payments_plan_audience_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("fee_bps__isnull", True), ("fee_bps__lte", 10000), _connector="OR"),
                        name="payments_plan_fee_sane",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Subscription",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("token", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                (
                    "audience",
                    models.CharField(choices=[("client", "Clients"), ("freelancer", "Freelancers")], max_length=10),
                ),
                ("price_minor", models.BigIntegerField()),
                ("currency", models.CharField(max_length=3)),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("created", "Started"),
                            ("incomplete", "Waiting for the first payment"),
                            ("active", "Active"),
                            ("past_due", "Payment overdue"),
                            ("ended", "Ended"),
                        ],
                        default="created",
                        editable=False,
                        max_length=10,
                    ),
                ),
                (
                    "subscription_id",
                    models.CharField(blank=True, editable=False, max_length=80, null=True, unique=True),
                ),
                (
                    "intent_id",
                    models.CharField(
                        blank=True, editable=False, help_text="Of the invoice that is open.", max_length=80
                    ),
                ),
                ("client_secret", models.CharField(blank=True, editable=False, max_length=200)),
                ("current_period_end", models.DateTimeField(blank=True, editable=False, null=True)),
                ("cancel_at_period_end", models.BooleanField(default=False, editable=False)),
                ("past_due_since", models.DateTimeField(blank=True, editable=False, null=True)),
                ("grace_ends_at", models.DateTimeField(blank=True, editable=False, null=True)),
                ("reminded_at", models.DateTimeField(blank=True, editable=False, null=True)),
                ("ended_at", models.DateTimeField(blank=True, editable=False, null=True)),
                ("failure_message", models.CharField(blank=True, editable=False, max_length=300)),
                (
                    "seen_at",
                    models.DateTimeField(
                        blank=True,
                        editable=False,
                        help_text="When the provider was asked for what is known here.",
                        null=True,
                    ),
                ),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("updated_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "plan",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="subscriptions", to="payments.plan"
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="subscriptions",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["-id"],
                "indexes": [models.Index(fields=["user", "-id"], name="payments_subscription_user")],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("status", "ended"), _negated=True),
                        fields=("user", "audience"),
                        name="payments_subscription_one_live",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("price_minor__gt", 0)), name="payments_subscription_price_positive"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("status__in", ["created", "incomplete", "active", "past_due", "ended"])),
                        name="payments_subscription_status_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("ended_at__isnull", False), ("status", "ended")),
                            models.Q(models.Q(("status", "ended"), _negated=True), ("ended_at__isnull", True)),
                            _connector="OR",
                        ),
                        name="payments_subscription_ended_has_time",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("grace_ends_at__isnull", False), ("status", "past_due")),
                            models.Q(models.Q(("status", "past_due"), _negated=True), ("grace_ends_at__isnull", True)),
                            _connector="OR",
                        ),
                        name="payments_subscription_overdue_has_grace",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="SubscriptionEvent",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("move", models.CharField(max_length=40)),
                ("from_status", models.CharField(blank=True, max_length=24)),
                ("to_status", models.CharField(max_length=24)),
                ("reason", models.TextField(blank=True)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "actor",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "subscription",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="events", to="payments.subscription"
                    ),
                ),
            ],
            options={
                "ordering": ["id"],
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Document",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[("receipt", "Receipt"), ("invoice", "Invoice"), ("credit_note", "Credit note")],
                        max_length=11,
                    ),
                ),
                ("year", models.PositiveSmallIntegerField()),
                ("number", models.PositiveIntegerField()),
                ("title", models.CharField(max_length=200)),
                ("net_minor", models.BigIntegerField(help_text="Without tax.")),
                ("tax_minor", models.BigIntegerField(default=0)),
                ("total_minor", models.BigIntegerField()),
                ("currency", models.CharField(max_length=3)),
                ("payload", models.JSONField()),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "journal",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="documents", to="payments.journal"
                    ),
                ),
                (
                    "payment",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="documents",
                        to="payments.payment",
                    ),
                ),
                (
                    "recipient",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="documents",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "subscription",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="documents",
                        to="payments.subscription",
                    ),
                ),
            ],
            options={
                "ordering": ["-id"],
                "indexes": [models.Index(fields=["recipient", "-id"], name="payments_document_recipient")],
                "constraints": [
                    models.UniqueConstraint(fields=("kind", "year", "number"), name="payments_document_number_once"),
                    models.UniqueConstraint(fields=("kind", "journal"), name="payments_document_one_per_journal"),
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["receipt", "invoice", "credit_note"])),
                        name="payments_document_kind_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("currency__in", CURRENCIES)), name="payments_document_currency_known"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("net_minor__gte", 0),
                            ("number__gt", 0),
                            ("tax_minor__gte", 0),
                            ("total_minor__gt", 0),
                            (
                                "total_minor",
                                django.db.models.expressions.CombinedExpression(
                                    models.F("net_minor"), "+", models.F("tax_minor")
                                ),
                            ),
                        ),
                        name="payments_document_adds_up",
                    ),
                ],
            },
        ),
        migrations.RunSQL(FREEZE, THAW),
        migrations.RunPython(add_plans, migrations.RunPython.noop),
    ]
