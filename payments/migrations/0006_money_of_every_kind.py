"""Further accounts and journals: second provider, payouts, subscriptions, chargebacks; holds frozen by a dispute."""

import django.db.models.expressions
from django.conf import settings
from django.db import migrations, models

FREEZE = """
CREATE FUNCTION payments_frozen_hold_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'hold % is in dispute', OLD.id USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER payments_frozen_hold_stays BEFORE UPDATE ON payments_hold FOR EACH ROW
    WHEN (OLD.frozen_at IS NOT NULL AND NEW.frozen_at IS NOT NULL AND NEW.held_minor <> OLD.held_minor)
    EXECUTE FUNCTION payments_frozen_hold_stays();
"""
THAW = """
DROP TRIGGER payments_frozen_hold_stays ON payments_hold;
DROP FUNCTION payments_frozen_hold_stays();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("payments", "0005_payment_token"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="account",
            name="payments_account_kind_known",
        ),
        migrations.RemoveConstraint(
            model_name="account",
            name="payments_account_not_negative",
        ),
        migrations.RemoveConstraint(
            model_name="account",
            name="payments_account_belongs",
        ),
        migrations.RemoveConstraint(
            model_name="payment",
            name="payments_payment_captured_and_refunded_within",
        ),
        migrations.AddField(
            model_name="hold",
            name="frozen_at",
            field=models.DateTimeField(
                blank=True, editable=False, help_text="In dispute since: moves only by its outcome.", null=True
            ),
        ),
        migrations.AddField(
            model_name="payment",
            name="charged_back_minor",
            field=models.BigIntegerField(default=0, editable=False, help_text="Taken back by the payer's bank."),
        ),
        migrations.AddField(
            model_name="payment",
            name="provider",
            field=models.CharField(choices=[("stripe", "Card"), ("paypal", "PayPal")], default="stripe", max_length=10),
        ),
        migrations.AlterField(
            model_name="account",
            name="kind",
            field=models.CharField(
                choices=[
                    ("provider", "Money at Stripe"),
                    ("paypal", "Money at PayPal"),
                    ("connected", "Money at connected accounts, on its way to banks"),
                    ("fees", "Platform fees"),
                    ("subscriptions", "Subscriptions"),
                    ("taxes", "Taxes to hand on"),
                    ("costs", "What providers charged"),
                    ("losses", "Charged back and not covered"),
                    ("held", "Held for one piece of work"),
                    ("refunds", "Refunds on their way"),
                    ("available", "Available to pay out"),
                    ("payouts", "Payouts on their way"),
                    ("credit", "Paid in, not yet assigned"),
                    ("debt", "Owed to Guildhall after a chargeback"),
                ],
                max_length=13,
            ),
        ),
        migrations.AlterField(
            model_name="hold",
            name="purpose",
            field=models.CharField(
                choices=[
                    ("milestone", "Milestone"),
                    ("gig", "Gig"),
                    ("timesheet", "Week of hours"),
                    ("bonus", "Bonus"),
                ],
                max_length=12,
            ),
        ),
        migrations.AlterField(
            model_name="journal",
            name="kind",
            field=models.CharField(
                choices=[
                    ("fund", "Funds held"),
                    ("release", "Funds released"),
                    ("refund", "Refund set aside"),
                    ("refund_sent", "Refund sent"),
                    ("credit", "Paid in"),
                    ("reversal", "Correction"),
                    ("payout", "Payout asked for"),
                    ("payout_sent", "Payout sent to the connected account"),
                    ("payout_paid", "Payout arrived"),
                    ("payout_back", "Payout came back"),
                    ("subscription", "Subscription paid"),
                    ("chargeback", "Charged back by the bank"),
                    ("chargeback_won", "Chargeback won"),
                    ("debt_paid", "Debt settled"),
                    ("provider_fee", "Charged by the provider"),
                ],
                max_length=14,
            ),
        ),
        migrations.AddConstraint(
            model_name="account",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "kind__in",
                        [
                            "provider",
                            "paypal",
                            "connected",
                            "fees",
                            "subscriptions",
                            "taxes",
                            "costs",
                            "losses",
                            "held",
                            "refunds",
                            "available",
                            "payouts",
                            "credit",
                            "debt",
                        ],
                    )
                ),
                name="payments_account_kind_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="account",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("balance_minor__gte", 0),
                    ("kind__in", ("provider", "paypal", "connected", "costs", "losses", "debt")),
                    _connector="OR",
                ),
                name="payments_account_not_negative",
            ),
        ),
        migrations.AddConstraint(
            model_name="account",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("balance_minor__lte", 0), models.Q(("kind", "debt"), _negated=True), _connector="OR"
                ),
                name="payments_account_debt_not_positive",
            ),
        ),
        migrations.AddConstraint(
            model_name="account",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("hold__isnull", False), ("kind", "held"), ("owner__isnull", True)),
                    models.Q(
                        ("hold__isnull", True),
                        ("kind__in", ("available", "payouts", "credit", "debt")),
                        ("owner__isnull", False),
                    ),
                    models.Q(
                        models.Q(("kind__in", ["held", "available", "payouts", "credit", "debt"]), _negated=True),
                        ("hold__isnull", True),
                        ("owner__isnull", True),
                    ),
                    _connector="OR",
                ),
                name="payments_account_belongs",
            ),
        ),
        migrations.AddConstraint(
            model_name="hold",
            constraint=models.CheckConstraint(
                condition=models.Q(("frozen_at__isnull", True), ("status", "held"), _connector="OR"),
                name="payments_hold_frozen_while_held",
            ),
        ),
        migrations.AddConstraint(
            model_name="payment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("charged_back_minor__gte", 0),
                    ("received_minor__gte", 0),
                    ("received_minor__lte", models.F("amount_minor")),
                    ("refunded_minor__gte", 0),
                    (
                        "refunded_minor__lte",
                        django.db.models.expressions.CombinedExpression(
                            models.F("received_minor"), "-", models.F("charged_back_minor")
                        ),
                    ),
                ),
                name="payments_payment_captured_and_refunded_within",
            ),
        ),
        migrations.RunSQL(FREEZE, THAW),
    ]
