"""How well people speak the languages that they name."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0011_reset_second_factor"),
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
