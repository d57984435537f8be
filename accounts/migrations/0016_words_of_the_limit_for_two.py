"""The limit above which two decide also counts for what is written off. Changes words alone; the previous release runs on it."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0015_limits_of_new_accounts"),
    ]

    operations = [
        migrations.AlterField(
            model_name="marketplacerules",
            name="dispute_two_staff_over",
            field=models.PositiveIntegerField(
                default=1000,
                help_text="In dollars, of what a dispute holds or is written off. In a place with one member of staff, set it high.",
                verbose_name="two members of staff decide over",
            ),
        ),
    ]
