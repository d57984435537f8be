"""Refunds name the journal that set them aside, also those of before; a bank may have paid one back. Only adds."""

import django.db.models.deletion
from django.db import migrations, models

# Set aside by the journal that, under the payment's lock, came right after the refund: from the same purse or hold.
NAME_JOURNALS = """
UPDATE payments_refund AS refund SET journal_id = (
    SELECT journal.id
    FROM payments_journal AS journal
    JOIN payments_payment AS payment ON payment.id = refund.payment_id
    JOIN payments_line AS aside ON aside.journal_id = journal.id
    JOIN payments_account AS refunds ON refunds.id = aside.account_id AND refunds.kind = 'refunds'
    WHERE journal.kind = 'refund'
        AND (aside.amount_minor, aside.currency) = (refund.amount_minor, refund.currency)
        AND journal.memo = refund.reason
        AND journal.created_at >= refund.created_at
        AND EXISTS (
            SELECT FROM payments_line AS line JOIN payments_account AS account ON account.id = line.account_id
            WHERE line.journal_id = journal.id
                AND (account.hold_id = payment.hold_id OR account.owner_id = payment.payer_id)
        )
    ORDER BY journal.id LIMIT 1
);
SET CONSTRAINTS ALL IMMEDIATE;
SET CONSTRAINTS ALL DEFERRED;
"""


class Migration(migrations.Migration):
    dependencies = [("payments", "0012_payments_of_plans")]

    operations = [
        migrations.AddField(
            model_name="refund",
            name="journal",
            field=models.OneToOneField(
                blank=True,
                editable=False,
                help_text="What set the money aside.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="refund",
                to="payments.journal",
            ),
        ),
        migrations.RunSQL(NAME_JOURNALS, migrations.RunSQL.noop),
        migrations.AlterField(
            model_name="refund",
            name="status",
            field=models.CharField(
                choices=[
                    ("pending", "On its way"),
                    ("succeeded", "Refunded"),
                    ("failed", "Needs attention"),
                    ("by_bank", "Paid back by the bank"),
                ],
                default="pending",
                editable=False,
                max_length=10,
            ),
        ),
        migrations.RemoveConstraint(model_name="refund", name="payments_refund_status_known"),
        migrations.AddConstraint(
            model_name="refund",
            constraint=models.CheckConstraint(
                condition=models.Q(("status__in", ["pending", "succeeded", "failed", "by_bank"])),
                name="payments_refund_status_known",
            ),
        ),
    ]
