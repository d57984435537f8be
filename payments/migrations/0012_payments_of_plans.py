"""What paid the invoices of plans are payments too, also those of before; documents need not name the intent any more."""

from typing import Any

import django.db.models.deletion
from django.db import migrations, models

BEFORE = ("payer_id", "hold_id", "amount_minor", "currency", "capture_method")
AFTER = (*BEFORE, "subscription_id", "invoice_id")
GUARD = """
CREATE OR REPLACE FUNCTION payments_payment_terms_are_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF ({new}) IS DISTINCT FROM ({old})
        OR (OLD.intent_id IS NOT NULL AND NEW.intent_id IS DISTINCT FROM OLD.intent_id) THEN
        RAISE EXCEPTION 'the terms of payment % are frozen', OLD.id USING ERRCODE = 'restrict_violation';
    END IF;
    IF NEW.received_minor < OLD.received_minor OR NEW.refunded_minor < OLD.refunded_minor THEN
        RAISE EXCEPTION 'what payment % reached never shrinks', OLD.id USING ERRCODE = 'restrict_violation';
    END IF;
    IF OLD.status IN ('succeeded', 'cancelled') AND NEW.status <> OLD.status THEN
        RAISE EXCEPTION 'payment % has ended', OLD.id USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$
"""


def guard(*terms: str) -> str:
    new, old = (", ".join(f"{row}.{term}" for term in terms) for row in ("NEW", "OLD"))
    return GUARD.format(new=new, old=old)


def make_payments(apps: Any, schema_editor: Any) -> None:
    """One for each invoice of a plan. The intents that we do not know are asked for by the recovery."""
    document = apps.get_model("payments", "Document")
    payment = apps.get_model("payments", "Payment")
    event = apps.get_model("payments", "PaymentEvent")
    invoices = document.objects.filter(kind="invoice", journal__kind="subscription").select_related("journal")
    for one in invoices.order_by("id").iterator():
        made = payment.objects.create(
            payer_id=one.recipient_id,
            subscription_id=one.subscription_id,
            invoice_id=one.journal.cause.removeprefix("invoice:"),
            intent_id=one.intent_id or None,
            amount_minor=one.total_minor,
            received_minor=one.total_minor,
            currency=one.currency,
            description=one.title,
            status="succeeded",
            created_at=one.created_at,
            updated_at=one.created_at,
        )
        event.objects.create(payment=made, move="create", to_status="succeeded", created_at=one.created_at)
    schema_editor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # indexes are made of the table after this
    schema_editor.execute("SET CONSTRAINTS ALL DEFERRED")


class Migration(migrations.Migration):
    dependencies = [("payments", "0011_accepted_chargebacks_and_paid_invoices")]

    operations = [
        migrations.AddField(
            model_name="payment",
            name="subscription",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="payments",
                to="payments.subscription",
            ),
        ),
        migrations.AddField(
            model_name="payment",
            name="invoice_id",
            field=models.CharField(
                blank=True,
                editable=False,
                help_text="What it paid, at the provider.",
                max_length=80,
                null=True,
                unique=True,
            ),
        ),
        migrations.AddConstraint(
            model_name="payment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("invoice_id__isnull", True), ("subscription__isnull", True)),
                    models.Q(
                        ("hold__isnull", True),
                        ("invoice_id__isnull", False),
                        ("status", "succeeded"),
                        ("subscription__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="payments_payment_of_plan_paid_its_invoice",
            ),
        ),
        migrations.RunPython(make_payments),
        migrations.RunSQL(guard(*AFTER), guard(*BEFORE)),
        migrations.RemoveIndex(model_name="document", name="payments_document_intent"),
        migrations.RemoveField(model_name="document", name="intent_id"),
    ]
