"""Pages of chat."""

app_name = "chat"
urlpatterns: list[object] = []
