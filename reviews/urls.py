"""Pages of reviews."""

from django.urls import path

from reviews import views

app_name = "reviews"
urlpatterns = [path("new/", views.new, name="new")]
