"""Pages of notifications, and among a person's settings those of webhooks."""

from django.urls import path

from notifications.views import news, webhooks

app_name = "notifications"
urlpatterns = [
    path("", news.news, name="list"),
    path("read-all/", news.read_all, name="read-all"),
    path("<int:notification_id>/", news.open_news, name="open"),
]
webhook_urls = [
    path("", webhooks.webhooks, name="list"),
    path("add/", webhooks.add, name="add"),
    path("<int:webhook_id>/", webhooks.detail, name="detail"),
    path("<int:webhook_id>/change/", webhooks.change, name="change"),
    path("<int:webhook_id>/do/", webhooks.act, name="act"),
    path("<int:webhook_id>/replay/<uuid:delivery_id>/", webhooks.replay, name="replay"),
]
