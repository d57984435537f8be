"""API paths of gigs."""

urlpatterns: list[object] = []
