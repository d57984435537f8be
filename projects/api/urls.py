"""API paths of projects."""

urlpatterns: list[object] = []
