"""Pages of payments."""

urlpatterns: list[object] = []
