"""Payments at PayPal have a page where they are approved; events are stored once per provider."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("payments", "0009_documents_and_subscriptions")]

    operations = [
        migrations.AddField(
            model_name="payment",
            name="approval_url",
            field=models.URLField(
                blank=True,
                default="",
                editable=False,
                help_text="Where the payer agrees, at a provider with pages of its own.",
                max_length=500,
            ),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="providerevent",
            name="provider",
            field=models.CharField(choices=[("stripe", "Card"), ("paypal", "PayPal")], default="stripe", max_length=10),
        ),
        migrations.AlterField(model_name="providerevent", name="event_id", field=models.CharField(max_length=80)),
        migrations.AddConstraint(
            model_name="providerevent",
            constraint=models.UniqueConstraint(
                fields=("provider", "event_id"), name="payments_event_once_per_provider"
            ),
        ),
    ]
