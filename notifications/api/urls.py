"""API paths of notifications."""

from django.urls import path

from notifications.api.views import news, webhooks

urlpatterns = [
    path("notifications", news.NotificationListView.as_view(), name="notifications"),
    path("notifications/unread-count", news.UnreadCountView.as_view(), name="notifications-unread-count"),
    path("notifications/read-all", news.ReadAllView.as_view(), name="notifications-read-all"),
    path("notifications/<int:notification_id>", news.NotificationView.as_view(), name="notification"),
    path("webhooks", webhooks.WebhookListView.as_view(), name="webhooks"),
    path("webhooks/events", webhooks.WebhookEventsView.as_view(), name="webhooks-events"),
    path("webhooks/<int:webhook_id>", webhooks.WebhookView.as_view(), name="webhook"),
    path("webhooks/<int:webhook_id>/secret", webhooks.WebhookSecretView.as_view(), name="webhook-secret"),
    path("webhooks/<int:webhook_id>/test", webhooks.WebhookTestView.as_view(), name="webhook-test"),
    path("webhooks/<int:webhook_id>/deliveries", webhooks.WebhookDeliveryListView.as_view(), name="webhook-deliveries"),
    path(
        "webhooks/<int:webhook_id>/deliveries/<uuid:delivery_id>/replay",
        webhooks.WebhookReplayView.as_view(),
        name="webhook-replay",
    ),
]
