"""Pages of gigs."""

app_name = "gigs"
urlpatterns: list[object] = []
