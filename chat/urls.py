"""Pages of chat."""

from django.urls import path

from chat import views

app_name = "chat"
urlpatterns = [
    path("", views.room_list, name="list"),
    path("start/", views.start, name="start"),
    path("<int:room_id>/", views.room, name="room"),
    path("<int:room_id>/archive/", views.archive, name="archive"),
]
