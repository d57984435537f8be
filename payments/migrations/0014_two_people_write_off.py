"""Of much money one member of staff asks for the write-off, and another confirms it. Only adds; the previous release runs on it."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("payments", "0013_what_set_refunds_aside"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="WriteOff",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("amount_minor", models.BigIntegerField()),
                ("currency", models.CharField(max_length=3)),
                ("reason", models.CharField(max_length=500)),
                ("asked_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("confirmed_at", models.DateTimeField(blank=True, null=True)),
                (
                    "overtaken_at",
                    models.DateTimeField(blank=True, help_text="When it was about another amount, or none.", null=True),
                ),
                (
                    "asked_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "chargeback",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="write_offs",
                        to="payments.chargeback",
                    ),
                ),
                (
                    "confirmed_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "exception",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="write_offs",
                        to="payments.reconciliationexception",
                    ),
                ),
            ],
            options={
                "verbose_name": "write-off",
                "ordering": ["id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("chargeback__isnull", True), ("exception__isnull", False)),
                            models.Q(("chargeback__isnull", False), ("exception__isnull", True)),
                            _connector="OR",
                        ),
                        name="payments_write_off_about_one",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("amount_minor", 0), _negated=True), name="payments_write_off_of_something"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "currency__in",
                                [
                                    "AED",
                                    "AUD",
                                    "BHD",
                                    "BRL",
                                    "CAD",
                                    "CHF",
                                    "CLP",
                                    "COP",
                                    "CZK",
                                    "DKK",
                                    "EGP",
                                    "EUR",
                                    "GBP",
                                    "GHS",
                                    "HUF",
                                    "IDR",
                                    "ILS",
                                    "INR",
                                    "JOD",
                                    "JPY",
                                    "KES",
                                    "KRW",
                                    "KWD",
                                    "MAD",
                                    "MXN",
                                    "NGN",
                                    "NOK",
                                    "NZD",
                                    "OMR",
                                    "PHP",
                                    "PLN",
                                    "RON",
                                    "SEK",
                                    "SGD",
                                    "THB",
                                    "TND",
                                    "TRY",
                                    "UAH",
                                    "USD",
                                    "VND",
                                    "ZAR",
                                ],
                            )
                        ),
                        name="payments_write_off_currency_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("confirmed_at__isnull", True), ("confirmed_by__isnull", True)),
                            models.Q(
                                ("confirmed_at__isnull", False),
                                ("confirmed_by__isnull", False),
                                models.Q(("confirmed_by", models.F("asked_by")), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="payments_write_off_two_people",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("confirmed_at__isnull", True), ("overtaken_at__isnull", True), _connector="OR"
                        ),
                        name="payments_write_off_one_end",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("confirmed_at__isnull", True), ("overtaken_at__isnull", True)),
                        fields=("exception",),
                        name="payments_write_off_one_waits_exception",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("confirmed_at__isnull", True), ("overtaken_at__isnull", True)),
                        fields=("chargeback",),
                        name="payments_write_off_one_waits_chargeback",
                    ),
                ],
            },
        ),
    ]
