"""API paths of reviews."""

urlpatterns: list[object] = []
