"""Copies of the provider's objects."""

from django.apps import apps
from django.contrib import admin
from djstripe import models as stripe_models

from core.admin import ReadOnlyAdmin

# dj-stripe brings an admin for each of its models. Its actions would change things at the provider behind the ledger's
# back, and its page of API keys shows them.
for mirror in apps.get_app_config("djstripe").get_models():
    if admin.site.is_registered(mirror):
        admin.site.unregister(mirror)


@admin.register(
    stripe_models.Customer,
    stripe_models.PaymentMethod,
    stripe_models.PaymentIntent,
    stripe_models.Charge,
    stripe_models.Refund,
)
class MirrorAdmin(ReadOnlyAdmin):
    """What `payments.services.mirror` keeps."""

    list_display = ["id", "livemode", "created"]
    search_fields = ["=id"]
    ordering = ["-djstripe_id"]
    fields = ["id", "livemode", "created"]  # the rest may hold the secret of a payment
