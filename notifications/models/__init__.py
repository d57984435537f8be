from notifications.models.news import Notification
from notifications.models.webhook import WebhookDelivery, WebhookEndpoint

__all__ = ["Notification", "WebhookDelivery", "WebhookEndpoint"]
