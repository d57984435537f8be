"""Fee, limits and days move from the environment to the database. Only adds; the previous release runs on it."""

import os
from typing import Any

import django.core.validators
from django.db import migrations, models


def take_over(apps: Any, schema_editor: Any) -> None:
    """What was set in the environment until now stays as it was."""
    least = int(os.environ.get("PAYOUT_MINIMUM") or 5)
    apps.get_model("accounts", "MarketplaceRules").objects.create(
        pk=1,
        fee_bps=int(os.environ.get("PLATFORM_FEE_BPS") or 1_000),
        dispute_two_staff_over=int(os.environ.get("DISPUTE_TWO_STAFF_MINOR") or 100_000) // 100,
        payout_wait_days=int(os.environ.get("PAYOUT_WAIT_DAYS") or 7),
        payout_minimum=least,
        payout_approval_over=max(least, int(os.environ.get("PAYOUT_APPROVAL_OVER") or 1_000)),
    )


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0012_language_levels"),
    ]

    operations = [
        migrations.CreateModel(
            name="MarketplaceRules",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "fee_bps",
                    models.PositiveSmallIntegerField(
                        default=1000,
                        help_text="Kept of what is released, in hundredths of a percent: 1000 is 10 %. For new contracts and gigs.",
                        validators=[
                            django.core.validators.MinValueValidator(0),
                            django.core.validators.MaxValueValidator(10000),
                        ],
                        verbose_name="platform fee",
                    ),
                ),
                (
                    "approval_days",
                    models.PositiveSmallIntegerField(
                        default=14,
                        help_text="Then work that was handed in is approved and paid, unless another number is agreed on.",
                        validators=[
                            django.core.validators.MinValueValidator(3),
                            django.core.validators.MaxValueValidator(30),
                        ],
                        verbose_name="days until silence approves",
                    ),
                ),
                (
                    "review_reveal_days",
                    models.PositiveSmallIntegerField(
                        default=14,
                        help_text="Or sooner: once both have written.",
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(60),
                        ],
                        verbose_name="days until a review is shown",
                    ),
                ),
                (
                    "dispute_answer_days",
                    models.PositiveSmallIntegerField(
                        default=5,
                        help_text="Who has not answered by then agrees with the claim.",
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(30),
                        ],
                        verbose_name="days to answer a dispute",
                    ),
                ),
                (
                    "dispute_mediation_days",
                    models.PositiveSmallIntegerField(
                        default=30,
                        help_text="Time for staff to mediate.",
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(60),
                        ],
                        verbose_name="days to decide a dispute",
                    ),
                ),
                (
                    "dispute_window_days",
                    models.PositiveSmallIntegerField(
                        default=7,
                        help_text="So long a dispute may still be opened about what is held.",
                        validators=[
                            django.core.validators.MinValueValidator(0),
                            django.core.validators.MaxValueValidator(60),
                        ],
                        verbose_name="days after the end for a dispute",
                    ),
                ),
                (
                    "dispute_two_staff_over",
                    models.PositiveIntegerField(
                        default=1000,
                        help_text="In dollars, of what is held. In a place with one member of staff, set it high.",
                        verbose_name="two members of staff decide a dispute over",
                    ),
                ),
                (
                    "payment_expiry_minutes",
                    models.PositiveSmallIntegerField(
                        default=15,
                        help_text="A payment that nobody confirms ends then.",
                        validators=[
                            django.core.validators.MinValueValidator(5),
                            django.core.validators.MaxValueValidator(1440),
                        ],
                        verbose_name="minutes to confirm a payment",
                    ),
                ),
                (
                    "payout_wait_days",
                    models.PositiveSmallIntegerField(
                        default=7,
                        help_text="Counted from when the account was made.",
                        validators=[
                            django.core.validators.MinValueValidator(0),
                            django.core.validators.MaxValueValidator(90),
                        ],
                        verbose_name="days before a first payout",
                    ),
                ),
                (
                    "payout_minimum",
                    models.PositiveIntegerField(default=5, help_text="In dollars.", verbose_name="least payout"),
                ),
                (
                    "payout_approval_over",
                    models.PositiveIntegerField(
                        default=1000, help_text="In dollars.", verbose_name="two members of staff approve a payout over"
                    ),
                ),
            ],
            options={
                "verbose_name": "marketplace rules",
                "verbose_name_plural": "marketplace rules",
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("pk", 1)), name="accounts_rules_one_row"),
                    models.CheckConstraint(condition=models.Q(("fee_bps__lte", 10000)), name="accounts_rules_fee_sane"),
                    models.CheckConstraint(
                        condition=models.Q(("approval_days__gte", 3), ("approval_days__lte", 30)),
                        name="accounts_rules_approval_days",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("dispute_answer_days__gte", 1),
                            ("dispute_mediation_days__gte", 1),
                            ("payment_expiry_minutes__gte", 5),
                            ("review_reveal_days__gte", 1),
                        ),
                        name="accounts_rules_time_to_answer",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("payout_approval_over__gte", models.F("payout_minimum"))),
                        name="accounts_rules_payout_limits",
                        violation_error_message="The least payout cannot be more than what needs two members of staff.",
                    ),
                ],
            },
        ),
        migrations.RunPython(take_over, migrations.RunPython.noop),
    ]
