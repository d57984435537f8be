"""Browser sign-ins beside API ones, and people found by a part of their name."""

import django.contrib.postgres.indexes
import django.db.models.functions.text
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0003_load_taxonomy"),
        ("auth", "0012_alter_user_first_name_max_length"),
    ]

    operations = [
        migrations.AddField(
            model_name="authsession",
            name="session_key",
            field=models.CharField(blank=True, max_length=40),
        ),
        migrations.AlterField(
            model_name="authsession",
            name="refresh_jti",
            field=models.CharField(blank=True, max_length=64),
        ),
        migrations.AddIndex(
            model_name="user",
            index=django.contrib.postgres.indexes.GinIndex(
                django.contrib.postgres.indexes.OpClass(
                    django.db.models.functions.text.Upper(
                        django.db.models.functions.text.Concat("first_name", models.Value(" "), "last_name")
                    ),
                    name="gin_trgm_ops",
                ),
                name="accounts_user_name_trigrams",
            ),
        ),
        migrations.AddIndex(
            model_name="user",
            index=models.Index(
                condition=models.Q(("email_verified_at__isnull", False), ("is_active", True)),
                fields=["-date_joined", "-id"],
                name="accounts_user_newest",
            ),
        ),
    ]
