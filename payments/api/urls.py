"""API paths of payments."""

urlpatterns: list[object] = []
