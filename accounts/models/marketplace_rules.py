"""The figures by which this marketplace is run, as staff set them in the console."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q

from accounts.rules import LONGEST_NEW

MOST_BPS = 10_000


def _from(least: int, most: int) -> list[MinValueValidator | MaxValueValidator]:
    return [MinValueValidator(least), MaxValueValidator(most)]


class MarketplaceRules(models.Model):
    """One row. What runs already keeps what it began with: contracts, gigs and proposals their fee, each its deadlines.

    Limits in dollars are a round figure of about that in other currencies: payments.rules.about.
    """

    fee_bps = models.PositiveSmallIntegerField(
        "platform fee",
        default=1_000,
        validators=_from(0, MOST_BPS),
        help_text="Kept of what is released, in hundredths of a percent: 1000 is 10 %. For new contracts and gigs.",
    )
    approval_days = models.PositiveSmallIntegerField(
        "days until silence approves",
        default=14,
        validators=_from(3, 30),
        help_text="Then work that was handed in is approved and paid, unless another number is agreed on.",
    )
    review_reveal_days = models.PositiveSmallIntegerField(
        "days until a review is shown",
        default=14,
        validators=_from(1, 60),
        help_text="Or sooner: once both have written.",
    )
    dispute_answer_days = models.PositiveSmallIntegerField(
        "days to answer a dispute",
        default=5,
        validators=_from(1, 30),
        help_text="Who has not answered by then agrees with the claim.",
    )
    dispute_mediation_days = models.PositiveSmallIntegerField(
        "days to decide a dispute", default=30, validators=_from(1, 60), help_text="Time for staff to mediate."
    )
    dispute_window_days = models.PositiveSmallIntegerField(
        "days after the end for a dispute",
        default=7,
        validators=_from(0, 60),
        help_text="So long a dispute may still be opened about what is held.",
    )
    dispute_two_staff_over = models.PositiveIntegerField(
        "two members of staff decide over",
        default=1_000,
        help_text="In dollars, of what a dispute holds or is written off. In a place with one member of staff, set it high.",
    )
    payment_expiry_minutes = models.PositiveSmallIntegerField(
        "minutes to confirm a payment",
        default=15,
        validators=_from(5, 1_440),
        help_text="A payment that nobody confirms ends then.",
    )
    payout_wait_days = models.PositiveSmallIntegerField(
        "days before a first payout",
        default=7,
        validators=_from(0, 90),
        help_text="Counted from when the account was made.",
    )
    new_account_days = models.PositiveSmallIntegerField(
        "days an account is new",
        default=7,
        validators=_from(0, LONGEST_NEW.days),
        help_text="So long it may write and propose only so often: what spam and fraud need most is speed. 0: never.",
    )
    new_account_proposals = models.PositiveSmallIntegerField(
        "proposals of a new account", default=10, validators=_from(1, 1_000), help_text="In a day."
    )
    new_account_messages = models.PositiveSmallIntegerField(
        "messages of a new account",
        default=60,
        validators=_from(1, 10_000),
        help_text="In an hour, to people it has no contract or gig with.",
    )
    payout_minimum = models.PositiveIntegerField("least payout", default=5, help_text="In dollars.")
    payout_approval_over = models.PositiveIntegerField(
        "two members of staff approve a payout over", default=1_000, help_text="In dollars."
    )

    class Meta:
        verbose_name = verbose_name_plural = "marketplace rules"
        constraints = [
            models.CheckConstraint(condition=Q(pk=1), name="accounts_rules_one_row"),
            models.CheckConstraint(condition=Q(fee_bps__lte=MOST_BPS), name="accounts_rules_fee_sane"),
            models.CheckConstraint(
                condition=Q(approval_days__gte=3, approval_days__lte=30), name="accounts_rules_approval_days"
            ),
            models.CheckConstraint(
                condition=Q(
                    review_reveal_days__gte=1,
                    dispute_answer_days__gte=1,
                    dispute_mediation_days__gte=1,
                    payment_expiry_minutes__gte=5,
                ),
                name="accounts_rules_time_to_answer",
            ),
            models.CheckConstraint(
                condition=Q(
                    new_account_days__lte=LONGEST_NEW.days, new_account_proposals__gte=1, new_account_messages__gte=1
                ),
                name="accounts_rules_new_accounts",
            ),
            models.CheckConstraint(
                condition=Q(payout_approval_over__gte=F("payout_minimum")),
                name="accounts_rules_payout_limits",
                violation_error_message="The least payout cannot be more than what needs two members of staff.",
            ),
        ]

    def __str__(self) -> str:
        return "Marketplace rules"
