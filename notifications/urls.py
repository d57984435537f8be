"""Pages of notifications."""

from django.urls import path

from notifications import views

app_name = "notifications"
urlpatterns = [
    path("", views.news, name="list"),
    path("read-all/", views.read_all, name="read-all"),
    path("<int:notification_id>/", views.open_news, name="open"),
]
