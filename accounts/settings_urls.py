"""Pages of a person's own settings."""

app_name = "settings"
urlpatterns: list[object] = []
