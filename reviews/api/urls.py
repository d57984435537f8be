"""API paths of reviews."""

from django.urls import path

from reviews.api import views

urlpatterns = [
    path("reviews", views.Reviews.as_view()),
    path("reviews/user/<int:pk>", views.ReviewsOfUser.as_view()),
]
