"""Changes of address that both mailboxes agree to, who is suspended by index, and the right to give rights.

Only adds: the previous release runs on it.
"""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0006_second_factors_standing_profiles_and_keys"),
        ("auth", "0012_alter_user_first_name_max_length"),
    ]

    operations = [
        migrations.CreateModel(
            name="EmailChange",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("old_email", models.EmailField(max_length=254)),
                ("new_email", models.EmailField(max_length=254)),
                ("requested_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "old_confirmed_at",
                    models.DateTimeField(blank=True, help_text="Set at once for an unproven address.", null=True),
                ),
                ("new_confirmed_at", models.DateTimeField(blank=True, null=True)),
                ("completed_at", models.DateTimeField(blank=True, null=True)),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="email_changes",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["-id"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("completed_at__isnull", True)),
                        fields=("user",),
                        name="accounts_email_change_one_waits",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("completed_at__isnull", True),
                            models.Q(("new_confirmed_at__isnull", False), ("old_confirmed_at__isnull", False)),
                            _connector="OR",
                        ),
                        name="accounts_email_change_both_agreed",
                    ),
                ],
            },
        ),
        migrations.AlterModelOptions(
            name="user",
            options={"ordering": ["id"], "permissions": [("give_staff_rights", "Can give and take staff rights")]},
        ),
        migrations.AddIndex(
            model_name="user",
            index=models.Index(
                condition=models.Q(("suspended_at__isnull", False)), fields=["id"], name="accounts_user_suspended"
            ),
        ),
    ]
