"""How quick new accounts may be. Only adds; the previous release runs on it."""

import django.core.validators
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0014_strikes"),
    ]

    operations = [
        migrations.AddField(
            model_name="marketplacerules",
            name="new_account_days",
            field=models.PositiveSmallIntegerField(
                default=7,
                help_text="So long it may write and propose only so often: what spam and fraud need most is speed. 0: never.",
                validators=[django.core.validators.MinValueValidator(0), django.core.validators.MaxValueValidator(90)],
                verbose_name="days an account is new",
            ),
        ),
        migrations.AddField(
            model_name="marketplacerules",
            name="new_account_messages",
            field=models.PositiveSmallIntegerField(
                default=60,
                help_text="In an hour, to people it has no contract or gig with.",
                validators=[
                    django.core.validators.MinValueValidator(1),
                    django.core.validators.MaxValueValidator(10000),
                ],
                verbose_name="messages of a new account",
            ),
        ),
        migrations.AddField(
            model_name="marketplacerules",
            name="new_account_proposals",
            field=models.PositiveSmallIntegerField(
                default=10,
                help_text="In a day.",
                validators=[
                    django.core.validators.MinValueValidator(1),
                    django.core.validators.MaxValueValidator(1000),
                ],
                verbose_name="proposals of a new account",
            ),
        ),
        migrations.AddConstraint(
            model_name="marketplacerules",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("new_account_days__lte", 90), ("new_account_messages__gte", 1), ("new_account_proposals__gte", 1)
                ),
                name="accounts_rules_new_accounts",
            ),
        ),
    ]
