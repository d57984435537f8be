"""The directory by skill and by rate, at many people."""

import django.contrib.postgres.indexes
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0004_sign_ins_and_name_search"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="freelancerprofile",
            index=django.contrib.postgres.indexes.GinIndex(fields=["skill_names"], name="accounts_freelancer_skills"),
        ),
        migrations.AddIndex(
            model_name="freelancerprofile",
            index=models.Index(fields=["hourly_rate_minor", "user"], name="accounts_freelancer_rate"),
        ),
    ]
