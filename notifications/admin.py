from django.contrib import admin

from core.admin import ReadOnlyAdmin
from notifications.models import Notification, WebhookDelivery, WebhookEndpoint


@admin.register(Notification)
class NotificationAdmin(ReadOnlyAdmin):
    list_display = ["created_at", "user", "kind", "title", "read_at"]
    list_filter = ["kind"]
    search_fields = ["user__email", "title"]
    list_select_related = ["user"]


@admin.register(WebhookEndpoint)
class WebhookEndpointAdmin(ReadOnlyAdmin):
    list_display = ["url", "user", "failures", "failing_since", "disabled_at", "created_at"]
    list_filter = [("disabled_at", admin.EmptyFieldListFilter)]
    search_fields = ["url", "user__email"]
    list_select_related = ["user"]
    exclude = ["secret", "previous_secret"]


@admin.register(WebhookDelivery)
class WebhookDeliveryAdmin(ReadOnlyAdmin):
    """Without what was said: that is between the person and their program."""

    list_display = ["created_at", "endpoint", "event", "attempts", "response_status", "delivered_at", "given_up_at"]
    list_filter = ["event"]
    search_fields = ["=id", "endpoint__url", "endpoint__user__email"]
    list_select_related = ["endpoint"]
    exclude = ["payload", "problem"]
