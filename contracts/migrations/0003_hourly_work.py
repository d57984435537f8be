"""Hourly contracts, their weeks and the time logged in them; contracts that exist are of a fixed price."""

import django.contrib.postgres.constraints
import django.contrib.postgres.fields.ranges
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("chat", "0003_drop_redundant_indexes"),
        ("contracts", "0002_fixed_price"),
        ("payments", "0006_money_of_every_kind"),
        ("projects", "0004_indexes_with_the_client"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="TimeEntry",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("started_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                (
                    "minutes",
                    models.GeneratedField(
                        db_persist=True,
                        expression=models.Func(
                            models.F("ended_at"),
                            models.F("started_at"),
                            arg_joiner=" - ",
                            template="coalesce(extract(epoch FROM %(expressions)s)::integer / 60, 0)",
                        ),
                        output_field=models.IntegerField(),
                    ),
                ),
                ("memo", models.CharField(blank=True, max_length=500)),
                (
                    "is_manual",
                    models.BooleanField(default=False, help_text="Written down afterwards, not measured by the timer."),
                ),
                ("rejection", models.CharField(blank=True, help_text="Why the client does not agree.", max_length=500)),
                ("rejected_at", models.DateTimeField(blank=True, null=True)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("updated_at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                "verbose_name_plural": "time entries",
                "ordering": ["started_at", "id"],
            },
        ),
        migrations.CreateModel(
            name="Timesheet",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("week_start", models.DateField(help_text="A Monday; the week is Monday to Sunday in UTC.")),
                ("rate_minor", models.BigIntegerField()),
                ("currency", models.CharField(max_length=3)),
                ("cap_minutes", models.PositiveIntegerField()),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("pending", "Not paid in yet"),
                            ("open", "Open"),
                            ("submitted", "To be reviewed"),
                            ("returned", "Hours sent back"),
                            ("approved", "Approved"),
                            ("billed", "Paid out"),
                            ("contested", "Not agreed"),
                            ("refunded", "Returned"),
                            ("cancelled", "Not used"),
                        ],
                        default="pending",
                        editable=False,
                        max_length=12,
                    ),
                ),
                ("edits_until", models.DateTimeField()),
                ("review_until", models.DateTimeField()),
                ("submitted_at", models.DateTimeField(blank=True, editable=False, null=True)),
                ("billed_at", models.DateTimeField(blank=True, editable=False, null=True)),
                (
                    "billed_minor",
                    models.BigIntegerField(default=0, editable=False, help_text="Gross, what was released."),
                ),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("updated_at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                "ordering": ["-week_start", "-id"],
            },
        ),
        migrations.CreateModel(
            name="TimesheetEvent",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("move", models.CharField(max_length=40)),
                ("from_status", models.CharField(blank=True, max_length=24)),
                ("to_status", models.CharField(max_length=24)),
                ("reason", models.TextField(blank=True)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                "ordering": ["id"],
                "abstract": False,
            },
        ),
        migrations.AddField(
            model_name="contract",
            name="hourly_rate_minor",
            field=models.BigIntegerField(blank=True, editable=False, null=True),
        ),
        migrations.AddField(
            model_name="contract",
            name="kind",
            field=models.CharField(
                choices=[("fixed", "Fixed price"), ("hourly", "By the hour")],
                default="fixed",
                editable=False,
                max_length=8,
            ),
        ),
        migrations.AddField(
            model_name="contract",
            name="weekly_cap_minutes",
            field=models.PositiveIntegerField(
                blank=True, help_text="Of weeks that are not paid in yet; the others keep theirs.", null=True
            ),
        ),
        migrations.AddConstraint(
            model_name="contract",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("hourly_rate_minor__isnull", True), ("kind", "fixed"), ("weekly_cap_minutes__isnull", True)
                    ),
                    models.Q(
                        ("hourly_rate_minor__gt", 0),
                        ("kind", "hourly"),
                        ("weekly_cap_minutes__gt", 0),
                        ("weekly_cap_minutes__lte", 10080),
                    ),
                    _connector="OR",
                ),
                name="contracts_contract_rate_and_cap_when_hourly",
            ),
        ),
        migrations.AddField(
            model_name="timeentry",
            name="freelancer",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="time_entries", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="timesheet",
            name="contract",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="timesheets", to="contracts.contract"
            ),
        ),
        migrations.AddField(
            model_name="timesheet",
            name="hold",
            field=models.OneToOneField(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="timesheet",
                to="payments.hold",
            ),
        ),
        migrations.AddField(
            model_name="timeentry",
            name="timesheet",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="entries", to="contracts.timesheet"
            ),
        ),
        migrations.AddField(
            model_name="timesheetevent",
            name="actor",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="timesheetevent",
            name="timesheet",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="events", to="contracts.timesheet"
            ),
        ),
        migrations.AddIndex(
            model_name="timesheet",
            index=models.Index(
                condition=models.Q(("status__in", ["pending", "open"])),
                fields=["edits_until"],
                name="contracts_week_to_send",
            ),
        ),
        migrations.AddIndex(
            model_name="timesheet",
            index=models.Index(
                condition=models.Q(("status__in", ["submitted", "returned"])),
                fields=["review_until"],
                name="contracts_week_to_bill",
            ),
        ),
        migrations.AddConstraint(
            model_name="timesheet",
            constraint=models.UniqueConstraint(fields=("contract", "week_start"), name="contracts_timesheet_week_once"),
        ),
        migrations.AddConstraint(
            model_name="timesheet",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "status__in",
                        [
                            "pending",
                            "open",
                            "submitted",
                            "returned",
                            "approved",
                            "billed",
                            "contested",
                            "refunded",
                            "cancelled",
                        ],
                    )
                ),
                name="contracts_timesheet_status_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="timesheet",
            constraint=models.CheckConstraint(
                condition=models.Q(("week_start__iso_week_day", 1)), name="contracts_timesheet_from_monday"
            ),
        ),
        migrations.AddConstraint(
            model_name="timesheet",
            constraint=models.CheckConstraint(
                condition=models.Q(("rate_minor__gt", 0)), name="contracts_timesheet_rate_positive"
            ),
        ),
        migrations.AddConstraint(
            model_name="timesheet",
            constraint=models.CheckConstraint(
                condition=models.Q(("cap_minutes__gt", 0), ("cap_minutes__lte", 10080)),
                name="contracts_timesheet_cap_sane",
            ),
        ),
        migrations.AddConstraint(
            model_name="timesheet",
            constraint=models.CheckConstraint(
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
                name="contracts_timesheet_currency_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="timesheet",
            constraint=models.CheckConstraint(
                condition=models.Q(("status__in", ["pending", "cancelled"]), ("hold__isnull", False), _connector="OR"),
                name="contracts_timesheet_held_before_work",
            ),
        ),
        migrations.AddConstraint(
            model_name="timesheet",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("billed_at__isnull", False), ("status", "billed")),
                    models.Q(models.Q(("status", "billed"), _negated=True), ("billed_at__isnull", True)),
                    _connector="OR",
                ),
                name="contracts_timesheet_billed_at_when_billed",
            ),
        ),
        migrations.AddConstraint(
            model_name="timesheet",
            constraint=models.CheckConstraint(
                condition=models.Q(("billed_minor__gte", 0)), name="contracts_timesheet_billed_not_negative"
            ),
        ),
        migrations.AddConstraint(
            model_name="timeentry",
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(
                expressions=[
                    (models.F("freelancer"), "="),
                    (
                        models.Func(
                            models.F("started_at"),
                            models.F("ended_at"),
                            django.contrib.postgres.fields.ranges.RangeBoundary(),
                            function="TSTZRANGE",
                            output_field=django.contrib.postgres.fields.ranges.DateTimeRangeField(),
                        ),
                        "&&",
                    ),
                ],
                name="contracts_timeentry_no_overlap",
            ),
        ),
        migrations.AddConstraint(
            model_name="timeentry",
            constraint=models.UniqueConstraint(
                condition=models.Q(("ended_at__isnull", True)),
                fields=("freelancer",),
                name="contracts_timeentry_one_running",
            ),
        ),
        migrations.AddConstraint(
            model_name="timeentry",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("ended_at__isnull", True), ("ended_at__gte", models.F("started_at")), _connector="OR"
                ),
                name="contracts_timeentry_forwards",
            ),
        ),
        migrations.AddConstraint(
            model_name="timeentry",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("started_at__second", 0),
                    models.Q(("ended_at__isnull", True), ("ended_at__second", 0), _connector="OR"),
                ),
                name="contracts_timeentry_whole_minutes",
            ),
        ),
        migrations.AddConstraint(
            model_name="timeentry",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("rejected_at__isnull", True), ("rejection", "")),
                    models.Q(("rejected_at__isnull", False), models.Q(("rejection", ""), _negated=True)),
                    _connector="OR",
                ),
                name="contracts_timeentry_rejected_with_reason",
            ),
        ),
    ]
