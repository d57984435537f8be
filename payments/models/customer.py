"""Who a person is at the payment provider."""

from django.db import models
from django.utils import timezone


class PaymentCustomer(models.Model):
    user = models.OneToOneField("accounts.User", on_delete=models.PROTECT, related_name="payment_customer")
    customer_id = models.CharField(max_length=80, unique=True)
    created_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return self.customer_id
