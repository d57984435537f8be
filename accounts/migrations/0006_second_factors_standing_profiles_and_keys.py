"""Second factors, passkeys, API keys; suspensions, appeals, identity checks and exports; entries and hours of profiles.

Only adds: the previous release runs on it.
"""

import django.contrib.postgres.fields
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0005_directory_indexes"),
        ("auth", "0012_alter_user_first_name_max_length"),
    ]

    operations = [
        migrations.CreateModel(
            name="ApiKey",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=60)),
                ("prefix", models.CharField(max_length=12, unique=True)),
                ("digest", models.CharField(max_length=64)),
                (
                    "scopes",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=40), default=list, size=None
                    ),
                ),
                ("daily_quota", models.PositiveIntegerField(default=10000, help_text="Requests a day (UTC).")),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("expires_at", models.DateTimeField(blank=True, null=True)),
                ("revoked_at", models.DateTimeField(blank=True, null=True)),
                ("last_used_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "verbose_name": "API key",
                "ordering": ["-id"],
            },
        ),
        migrations.CreateModel(
            name="ApiKeyUsage",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("day", models.DateField()),
                ("requests", models.PositiveIntegerField(default=0)),
                ("refused", models.PositiveIntegerField(default=0, help_text="Of these, answered with 4xx.")),
                ("failed", models.PositiveIntegerField(default=0, help_text="Of these, answered with 5xx.")),
            ],
            options={
                "verbose_name_plural": "API key usage",
                "ordering": ["-day"],
            },
        ),
        migrations.CreateModel(
            name="Appeal",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("text", models.TextField(max_length=5000)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("decided_at", models.DateTimeField(blank=True, null=True)),
                ("is_upheld", models.BooleanField(help_text="True: the suspension was lifted.", null=True)),
                ("answer", models.TextField(blank=True, max_length=5000)),
            ],
            options={
                "ordering": ["id"],
            },
        ),
        migrations.CreateModel(
            name="BackupCode",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("digest", models.CharField(max_length=64)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("used_at", models.DateTimeField(blank=True, null=True)),
            ],
        ),
        migrations.CreateModel(
            name="DataExport",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("file", models.FileField(blank=True, max_length=200, upload_to="private/exports")),
                ("size", models.PositiveBigIntegerField(default=0, help_text="Bytes.")),
                ("requested_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("finished_at", models.DateTimeField(blank=True, null=True)),
                ("expires_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "ordering": ["-id"],
            },
        ),
        migrations.CreateModel(
            name="IdentityCheck",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "document",
                    models.CharField(
                        choices=[
                            ("passport", "Passport"),
                            ("id_card", "Identity card"),
                            ("driving_licence", "Driving licence"),
                            ("residence_permit", "Residence permit"),
                        ],
                        max_length=24,
                    ),
                ),
                ("submitted_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("decided_at", models.DateTimeField(blank=True, null=True)),
                ("is_approved", models.BooleanField(null=True)),
                (
                    "reason",
                    models.TextField(blank=True, help_text="Shown to the person when refused.", max_length=1000),
                ),
            ],
            options={
                "ordering": ["-id"],
            },
        ),
        migrations.CreateModel(
            name="Passkey",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=60)),
                ("credential_id", models.BinaryField(max_length=1023, unique=True)),
                ("public_key", models.BinaryField()),
                ("sign_count", models.PositiveBigIntegerField(default=0)),
                ("transports", models.JSONField(blank=True, default=list)),
                (
                    "is_backed_up",
                    models.BooleanField(default=False, help_text="Kept by a service that copies it to other devices."),
                ),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("last_used_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "ordering": ["id"],
            },
        ),
        migrations.CreateModel(
            name="ProfileEntry",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[("education", "Education"), ("work", "Work"), ("certificate", "Certificate")],
                        max_length=12,
                    ),
                ),
                ("title", models.CharField(help_text="The degree, the position or the certificate.", max_length=120)),
                (
                    "organisation",
                    models.CharField(help_text="The school, the employer or who issued it.", max_length=120),
                ),
                ("started", models.DateField(blank=True, null=True)),
                ("ended", models.DateField(blank=True, help_text="Empty while it lasts.", null=True)),
                ("description", models.TextField(blank=True, max_length=1000)),
                ("link", models.URLField(blank=True, max_length=300)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                "verbose_name_plural": "profile entries",
                "ordering": [
                    models.OrderBy(models.F("ended"), descending=True, nulls_first=True),
                    models.OrderBy(models.F("started"), descending=True, nulls_last=True),
                    "-id",
                ],
            },
        ),
        migrations.CreateModel(
            name="Suspension",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "rule",
                    models.CharField(
                        choices=[
                            ("contact_details", "Repeatedly moving work off the site"),
                            ("fraud", "Fraud or a stolen payment method"),
                            ("false_identity", "Somebody else's identity or several accounts"),
                            ("abuse", "Abuse, threats or discrimination"),
                            ("forbidden_work", "Work that is not allowed here"),
                            ("not_delivering", "Taking money or work and not appearing, repeatedly"),
                        ],
                        max_length=24,
                    ),
                ),
                (
                    "evidence",
                    models.CharField(
                        choices=[
                            ("messages", "Messages on the site"),
                            ("reports", "Reports of several people"),
                            ("payments", "Payment records"),
                            ("documents", "Documents"),
                            ("technical", "Sign-in and device records"),
                        ],
                        max_length=24,
                    ),
                ),
                ("reason", models.TextField(help_text="Shown to the person.", max_length=2000)),
                ("imposed_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("appeal_until", models.DateTimeField()),
                ("lifted_at", models.DateTimeField(blank=True, null=True)),
                ("lifted_reason", models.TextField(blank=True, max_length=2000)),
            ],
            options={
                "ordering": ["-id"],
            },
        ),
        migrations.RemoveConstraint(
            model_name="upload",
            name="accounts_upload_kind_known",
        ),
        migrations.AddField(
            model_name="authsession",
            name="confirmed_at",
            field=models.DateTimeField(
                default=django.utils.timezone.now,
                help_text="When the person last proved who they are; security changes ask for it again.",
            ),
        ),
        migrations.AddField(
            model_name="authsession",
            name="second_factor",
            field=models.CharField(
                blank=True,
                choices=[("totp", "Authenticator app"), ("backup_code", "Backup code"), ("passkey", "Passkey")],
                help_text="What was shown besides the password.",
                max_length=12,
            ),
        ),
        migrations.AddField(
            model_name="freelancerprofile",
            name="weekly_hours",
            field=models.JSONField(
                blank=True,
                default=dict,
                help_text='In the person\'s own time zone: {"mon": [["09:00", "12:30"]], ...}.',
            ),
        ),
        migrations.AddField(
            model_name="user",
            name="deactivated_at",
            field=models.DateTimeField(
                blank=True, editable=False, help_text="Closed by the person, who may come back.", null=True
            ),
        ),
        migrations.AddField(
            model_name="user",
            name="erased_at",
            field=models.DateTimeField(
                blank=True, editable=False, help_text="Deleted: only the shell is left.", null=True
            ),
        ),
        migrations.AddField(
            model_name="user",
            name="handle",
            field=models.SlugField(
                blank=True, help_text="The person's own profile address.", max_length=40, null=True, unique=True
            ),
        ),
        migrations.AddField(
            model_name="user",
            name="identity_verified_at",
            field=models.DateTimeField(blank=True, editable=False, null=True),
        ),
        migrations.AddField(
            model_name="user",
            name="suspended_at",
            field=models.DateTimeField(
                blank=True, editable=False, help_text="While a Suspension stands; its row says why.", null=True
            ),
        ),
        migrations.AlterField(
            model_name="authsession",
            name="ip_address",
            field=models.GenericIPAddressField(blank=True, help_text="Of the last use.", null=True),
        ),
        migrations.AlterField(
            model_name="upload",
            name="kind",
            field=models.CharField(
                choices=[
                    ("profile", "Profile picture"),
                    ("gig", "Gig picture"),
                    ("attachment", "Attachment"),
                    ("identity", "Identity document"),
                ],
                max_length=12,
            ),
        ),
        migrations.AddConstraint(
            model_name="upload",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", ["profile", "gig", "attachment", "identity"])),
                name="accounts_upload_kind_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="user",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("is_active", False),
                    models.Q(("deactivated_at__isnull", True), ("erased_at__isnull", True)),
                    _connector="OR",
                ),
                name="accounts_user_active_is_not_closed",
            ),
        ),
        migrations.AddConstraint(
            model_name="user",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("handle__isnull", True), ("handle__regex", "^[a-z][a-z0-9-]{1,38}[a-z0-9]$"), _connector="OR"
                ),
                name="accounts_user_handle_readable",
            ),
        ),
        migrations.AddField(
            model_name="apikey",
            name="user",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="api_keys", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="apikeyusage",
            name="key",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="usage", to="accounts.apikey"
            ),
        ),
        migrations.AddField(
            model_name="appeal",
            name="decided_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="backupcode",
            name="user",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="backup_codes", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="dataexport",
            name="user",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="exports", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="identitycheck",
            name="decided_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="identitycheck",
            name="files",
            field=models.ManyToManyField(related_name="identity_checks", to="accounts.upload"),
        ),
        migrations.AddField(
            model_name="identitycheck",
            name="user",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="identity_checks", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="passkey",
            name="user",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="passkeys", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="profileentry",
            name="user",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="profile_entries", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="suspension",
            name="imposed_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="suspension",
            name="lifted_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="suspension",
            name="user",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="suspensions", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="appeal",
            name="suspension",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.PROTECT, related_name="appeal", to="accounts.suspension"
            ),
        ),
        migrations.AddConstraint(
            model_name="apikeyusage",
            constraint=models.UniqueConstraint(fields=("key", "day"), name="accounts_api_usage_once_a_day"),
        ),
        migrations.AddConstraint(
            model_name="backupcode",
            constraint=models.UniqueConstraint(fields=("user", "digest"), name="accounts_backup_code_once"),
        ),
        migrations.AddConstraint(
            model_name="dataexport",
            constraint=models.UniqueConstraint(
                condition=models.Q(("finished_at__isnull", True)),
                fields=("user",),
                name="accounts_export_one_in_the_making",
            ),
        ),
        migrations.AddConstraint(
            model_name="identitycheck",
            constraint=models.UniqueConstraint(
                condition=models.Q(("decided_at__isnull", True)), fields=("user",), name="accounts_identity_one_waits"
            ),
        ),
        migrations.AddConstraint(
            model_name="identitycheck",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("decided_at__isnull", True), ("decided_by__isnull", True), ("is_approved__isnull", True)),
                    models.Q(
                        ("decided_at__isnull", False), ("decided_by__isnull", False), ("is_approved__isnull", False)
                    ),
                    _connector="OR",
                ),
                name="accounts_identity_decided_whole",
            ),
        ),
        migrations.AddIndex(
            model_name="profileentry",
            index=models.Index(fields=["user", "kind"], name="accounts_entry_of_user"),
        ),
        migrations.AddConstraint(
            model_name="profileentry",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", ["education", "work", "certificate"])), name="accounts_entry_kind_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="profileentry",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("started__isnull", True),
                    ("ended__isnull", True),
                    ("ended__gte", models.F("started")),
                    _connector="OR",
                ),
                name="accounts_entry_ends_after_it_starts",
            ),
        ),
        migrations.AddConstraint(
            model_name="suspension",
            constraint=models.UniqueConstraint(
                condition=models.Q(("lifted_at__isnull", True)), fields=("user",), name="accounts_suspension_one_stands"
            ),
        ),
        migrations.AddConstraint(
            model_name="suspension",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("lifted_at__isnull", True), ("lifted_by__isnull", True)),
                    models.Q(("lifted_at__isnull", False), ("lifted_by__isnull", False)),
                    _connector="OR",
                ),
                name="accounts_suspension_lifted_by_somebody",
            ),
        ),
        migrations.AddConstraint(
            model_name="appeal",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("decided_at__isnull", True), ("decided_by__isnull", True), ("is_upheld__isnull", True)),
                    models.Q(
                        ("decided_at__isnull", False), ("decided_by__isnull", False), ("is_upheld__isnull", False)
                    ),
                    _connector="OR",
                ),
                name="accounts_appeal_decided_whole",
            ),
        ),
    ]
