"""API paths of accounts."""

urlpatterns: list[object] = []
