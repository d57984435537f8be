"""API paths of chat."""

urlpatterns: list[object] = []
