"""API paths of notifications."""

urlpatterns: list[object] = []
