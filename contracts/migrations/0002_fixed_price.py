"""Changes by agreement, kept terms, versions of hand-ins, refunds asked for, bonuses, notices and calendars."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


NUMBER_HAND_INS = """
UPDATE contracts_submission AS submission SET version = numbered.version
FROM (
    SELECT id, row_number() OVER (PARTITION BY milestone_id ORDER BY id) AS version FROM contracts_submission
) AS numbered
WHERE numbered.id = submission.id
"""
HASH = """
ALTER TABLE contracts_termsversion ADD CONSTRAINT contracts_terms_hash
    CHECK (sha256 = encode(sha256(convert_to(text, 'UTF8')), 'hex'))
"""
NO_HASH = "ALTER TABLE contracts_termsversion DROP CONSTRAINT contracts_terms_hash"


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0010_audit_search_indexes"),
        ("contracts", "0001_initial"),
        ("payments", "0006_money_of_every_kind"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Bonus",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("note", models.CharField(blank=True, max_length=500)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                "verbose_name_plural": "bonuses",
                "ordering": ["-id"],
            },
        ),
        migrations.CreateModel(
            name="CalendarFeed",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.CharField(editable=False, max_length=43, unique=True)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
        ),
        migrations.CreateModel(
            name="ChangeEvent",
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
        migrations.CreateModel(
            name="ChangeRequest",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("add_milestone", "Add a milestone"),
                            ("change_milestone", "Change a milestone"),
                            ("remove_milestone", "Take a milestone away"),
                            ("change_scope", "Change what was agreed"),
                        ],
                        max_length=20,
                    ),
                ),
                ("before", models.JSONField(blank=True, default=dict)),
                ("after", models.JSONField(blank=True, default=dict)),
                ("note", models.TextField(blank=True, max_length=2000)),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("proposed", "Waiting for an answer"),
                            ("accepted", "Agreed"),
                            ("declined", "Declined"),
                            ("withdrawn", "Taken back"),
                            ("lapsed", "The contract ended before"),
                        ],
                        default="proposed",
                        editable=False,
                        max_length=12,
                    ),
                ),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("decided_at", models.DateTimeField(blank=True, editable=False, null=True)),
                ("updated_at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                "ordering": ["-id"],
            },
        ),
        migrations.CreateModel(
            name="Notice",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("early_reminder", "Work waits for an answer"),
                            ("late_reminder", "Silence soon approves"),
                            ("hold_warning", "Held for 75 days"),
                            ("hold_review", "Held for 85 days"),
                        ],
                        max_length=16,
                    ),
                ),
                (
                    "about",
                    models.PositiveSmallIntegerField(
                        default=0, help_text="The version of the hand-in; 0 for the hold."
                    ),
                ),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                "ordering": ["id"],
            },
        ),
        migrations.CreateModel(
            name="RefundRequest",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("reason", models.TextField(blank=True, max_length=2000)),
                ("answer", models.TextField(blank=True, max_length=2000)),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("open", "Waiting for an answer"),
                            ("agreed", "Agreed"),
                            ("refused", "Refused"),
                            ("delivered", "Work was handed in"),
                            ("silent", "Refunded by silence"),
                            ("withdrawn", "Taken back"),
                            ("closed", "Settled in another way"),
                        ],
                        default="open",
                        editable=False,
                        max_length=12,
                    ),
                ),
                ("answer_by", models.DateTimeField(editable=False)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("answered_at", models.DateTimeField(blank=True, editable=False, null=True)),
                ("updated_at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                "ordering": ["-id"],
            },
        ),
        migrations.CreateModel(
            name="RefundRequestEvent",
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
        migrations.CreateModel(
            name="TermsAcceptance",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "how",
                    models.CharField(
                        choices=[("proposal", "By the proposal"), ("hiring", "By hiring"), ("change", "By a change")],
                        max_length=10,
                    ),
                ),
                ("accepted_at", models.DateTimeField()),
            ],
            options={
                "ordering": ["accepted_at", "id"],
            },
        ),
        migrations.CreateModel(
            name="TermsVersion",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveSmallIntegerField()),
                ("text", models.TextField()),
                ("sha256", models.CharField(max_length=64)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                "ordering": ["contract", "number"],
            },
        ),
        migrations.AddField(
            model_name="milestone",
            name="agreed_at",
            field=models.DateTimeField(blank=True, default=django.utils.timezone.now, editable=False, null=True),
        ),
        migrations.AddField(
            model_name="milestone",
            name="rolled_into",
            field=models.ForeignKey(
                blank=True,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="rolled",
                to="contracts.milestone",
            ),
        ),
        migrations.AddField(
            model_name="submission",
            name="revision_requested_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="submission",
            name="version",
            field=models.PositiveSmallIntegerField(default=1),
        ),
        migrations.AddConstraint(
            model_name="milestone",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("agreed_at__isnull", False),
                    models.Q(("hold__isnull", True), ("status", "pending")),
                    _connector="OR",
                ),
                name="contracts_milestone_agreed_before_money",
            ),
        ),
        migrations.AddConstraint(
            model_name="milestone",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("rolled_into__isnull", True),
                    models.Q(("status__in", ["pending", "submitted", "revision_requested"]), _negated=True),
                    _connector="OR",
                ),
                name="contracts_milestone_rolled_while_held",
            ),
        ),
        migrations.RunSQL(NUMBER_HAND_INS, migrations.RunSQL.noop),
        migrations.AddConstraint(
            model_name="submission",
            constraint=models.UniqueConstraint(
                fields=("milestone", "version"), name="contracts_submission_version_once"
            ),
        ),
        migrations.AddField(
            model_name="bonus",
            name="contract",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="bonuses", to="contracts.contract"
            ),
        ),
        migrations.AddField(
            model_name="bonus",
            name="hold",
            field=models.OneToOneField(
                editable=False, on_delete=django.db.models.deletion.PROTECT, related_name="bonus", to="payments.hold"
            ),
        ),
        migrations.AddField(
            model_name="calendarfeed",
            name="user",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.CASCADE, related_name="calendar_feed", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="changeevent",
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
            model_name="changerequest",
            name="contract",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="changes", to="contracts.contract"
            ),
        ),
        migrations.AddField(
            model_name="changerequest",
            name="milestone",
            field=models.ForeignKey(
                blank=True,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="changes",
                to="contracts.milestone",
            ),
        ),
        migrations.AddField(
            model_name="changerequest",
            name="proposer",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="changes_proposed",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="changeevent",
            name="change",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="events", to="contracts.changerequest"
            ),
        ),
        migrations.AddField(
            model_name="notice",
            name="milestone",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="notices", to="contracts.milestone"
            ),
        ),
        migrations.AddField(
            model_name="refundrequest",
            name="asked_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="refundrequest",
            name="milestone",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="refund_requests", to="contracts.milestone"
            ),
        ),
        migrations.AddField(
            model_name="refundrequestevent",
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
            model_name="refundrequestevent",
            name="refund_request",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="events", to="contracts.refundrequest"
            ),
        ),
        migrations.AddField(
            model_name="termsacceptance",
            name="person",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="termsversion",
            name="change",
            field=models.OneToOneField(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="terms_version",
                to="contracts.changerequest",
            ),
        ),
        migrations.AddField(
            model_name="termsversion",
            name="contract",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="terms_versions", to="contracts.contract"
            ),
        ),
        migrations.AddField(
            model_name="termsacceptance",
            name="terms",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="acceptances", to="contracts.termsversion"
            ),
        ),
        migrations.AddConstraint(
            model_name="changerequest",
            constraint=models.CheckConstraint(
                condition=models.Q(("status__in", ["proposed", "accepted", "declined", "withdrawn", "lapsed"])),
                name="contracts_change_status_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="changerequest",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("kind__in", ["add_milestone", "change_milestone", "remove_milestone", "change_scope"])
                ),
                name="contracts_change_kind_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="changerequest",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("decided_at__isnull", True), ("status", "proposed")),
                    models.Q(models.Q(("status", "proposed"), _negated=True), ("decided_at__isnull", False)),
                    _connector="OR",
                ),
                name="contracts_change_decided_at_when_decided",
            ),
        ),
        migrations.AddConstraint(
            model_name="changerequest",
            constraint=models.UniqueConstraint(
                condition=models.Q(("status", "proposed")),
                fields=("milestone",),
                name="contracts_change_one_open_per_milestone",
            ),
        ),
        migrations.AddConstraint(
            model_name="changerequest",
            constraint=models.UniqueConstraint(
                condition=models.Q(("kind", "change_scope"), ("status", "proposed")),
                fields=("contract",),
                name="contracts_change_one_open_scope",
            ),
        ),
        migrations.AddConstraint(
            model_name="notice",
            constraint=models.UniqueConstraint(fields=("milestone", "kind", "about"), name="contracts_notice_once"),
        ),
        migrations.AddConstraint(
            model_name="notice",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", ["early_reminder", "late_reminder", "hold_warning", "hold_review"])),
                name="contracts_notice_kind_known",
            ),
        ),
        migrations.AddIndex(
            model_name="refundrequest",
            index=models.Index(
                condition=models.Q(("status", "open")), fields=["answer_by"], name="contracts_refund_unanswered"
            ),
        ),
        migrations.AddConstraint(
            model_name="refundrequest",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("status__in", ["open", "agreed", "refused", "delivered", "silent", "withdrawn", "closed"])
                ),
                name="contracts_refundrequest_status_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="refundrequest",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("answered_at__isnull", False), ("status__in", ("agreed", "refused"))),
                    models.Q(
                        models.Q(("status__in", ("agreed", "refused")), _negated=True), ("answered_at__isnull", True)
                    ),
                    _connector="OR",
                ),
                name="contracts_refundrequest_answered_at_when_answered",
            ),
        ),
        migrations.AddConstraint(
            model_name="refundrequest",
            constraint=models.UniqueConstraint(
                condition=models.Q(("status", "open")), fields=("milestone",), name="contracts_refundrequest_one_open"
            ),
        ),
        migrations.AddConstraint(
            model_name="termsversion",
            constraint=models.UniqueConstraint(fields=("contract", "number"), name="contracts_terms_number_once"),
        ),
        migrations.AddConstraint(
            model_name="termsacceptance",
            constraint=models.UniqueConstraint(fields=("terms", "person"), name="contracts_terms_accepted_once"),
        ),
        migrations.AddConstraint(
            model_name="termsacceptance",
            constraint=models.CheckConstraint(
                condition=models.Q(("how__in", ["proposal", "hiring", "change"])), name="contracts_terms_how_known"
            ),
        ),
        migrations.RunSQL(HASH, NO_HASH),
    ]
