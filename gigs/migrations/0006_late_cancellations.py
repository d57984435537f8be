"""What the helper got of a gig that was called off late, and reports that somebody did not come. Only adds; the previous release runs on it."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0014_strikes"),
        ("chat", "0003_drop_redundant_indexes"),
        ("gigs", "0005_stored_deadlines"),
        ("payments", "0013_what_set_refunds_aside"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="NoShow",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("absent", models.CharField(choices=[("seeker", "Seeker"), ("helper", "Helper")], max_length=6)),
                ("note", models.TextField(blank=True, max_length=2000)),
                ("answer", models.TextField(blank=True, max_length=2000)),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("open", "Reported"),
                            ("contested", "With Guildhall"),
                            ("confirmed", "Confirmed"),
                            ("rejected", "Not confirmed"),
                            ("withdrawn", "Withdrawn"),
                        ],
                        default="open",
                        editable=False,
                        max_length=12,
                    ),
                ),
                ("answer_by", models.DateTimeField(editable=False)),
                (
                    "found_absent",
                    models.CharField(
                        blank=True, choices=[("seeker", "Seeker"), ("helper", "Helper")], editable=False, max_length=6
                    ),
                ),
                (
                    "reasons",
                    models.TextField(blank=True, help_text="Of the decision; both sides read them.", max_length=2000),
                ),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("updated_at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                "verbose_name": "no-show",
                "ordering": ["-id"],
            },
        ),
        migrations.CreateModel(
            name="NoShowEvent",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("move", models.CharField(max_length=40)),
                ("from_status", models.CharField(blank=True, max_length=24)),
                ("to_status", models.CharField(max_length=24)),
                ("reason", models.TextField(blank=True)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                "verbose_name": "no-show event",
                "ordering": ["id"],
                "abstract": False,
            },
        ),
        migrations.AddField(
            model_name="gig",
            name="compensation_minor",
            field=models.BigIntegerField(
                db_default=0,
                default=0,
                editable=False,
                help_text="What the helper got, gross, of a gig that did not come about.",
            ),
        ),
        migrations.AddConstraint(
            model_name="gig",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("compensation_minor", 0),
                    models.Q(
                        ("compensation_minor__gt", 0),
                        ("compensation_minor__lt", models.F("budget_minor")),
                        ("status", "cancelled"),
                    ),
                    _connector="OR",
                ),
                name="gigs_gig_compensation_when_cancelled",
            ),
        ),
        migrations.AddField(
            model_name="noshow",
            name="decided_by",
            field=models.ForeignKey(
                blank=True,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="noshow",
            name="gig",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.PROTECT, related_name="no_show", to="gigs.gig"
            ),
        ),
        migrations.AddField(
            model_name="noshow",
            name="reporter",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="noshowevent",
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
            model_name="noshowevent",
            name="no_show",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="events", to="gigs.noshow"
            ),
        ),
        migrations.AddIndex(
            model_name="noshow",
            index=models.Index(
                condition=models.Q(("status", "open")), fields=["answer_by"], name="gigs_noshow_unanswered"
            ),
        ),
        migrations.AddConstraint(
            model_name="noshow",
            constraint=models.CheckConstraint(
                condition=models.Q(("status__in", ["open", "contested", "confirmed", "rejected", "withdrawn"])),
                name="gigs_noshow_status_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="noshow",
            constraint=models.CheckConstraint(
                condition=models.Q(("absent__in", ["seeker", "helper"])), name="gigs_noshow_absent_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="noshow",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("found_absent__in", ["seeker", "helper"]), ("status", "confirmed")),
                    models.Q(models.Q(("status", "confirmed"), _negated=True), ("found_absent", "")),
                    _connector="OR",
                ),
                name="gigs_noshow_found_when_confirmed",
            ),
        ),
    ]
