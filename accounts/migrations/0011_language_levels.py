"""How well people speak the languages that they name."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0010_audit_search_indexes"),
    ]

    operations = [
        migrations.AddField(
            model_name="freelancerprofile",
            name="language_levels",
            field=models.JSONField(
                blank=True, default=dict, help_text='How well, where it is said: {"nl": "native"}. Only of `languages`.'
            ),
        ),
    ]
