"""API paths of contracts."""

urlpatterns: list[object] = []
