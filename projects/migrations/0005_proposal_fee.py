"""A proposal keeps the fee that its freelancer saw. Only adds; the previous release runs on it."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("projects", "0004_indexes_with_the_client"),
    ]

    operations = [
        migrations.AddField(
            model_name="proposal",
            name="fee_bps",
            field=models.PositiveSmallIntegerField(
                editable=False,
                help_text="The fee that its freelancer saw: no more is kept. Nothing for what was sent before this was noted.",
                null=True,
            ),
        ),
        migrations.AddConstraint(
            model_name="proposal",
            constraint=models.CheckConstraint(
                condition=models.Q(("fee_bps__lte", 10000)), name="projects_proposal_fee_sane"
            ),
        ),
    ]
