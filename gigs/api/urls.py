"""API paths of gigs and their held funds."""

from django.urls import path

from gigs.api import views

urlpatterns = [
    path("gigs", views.Gigs.as_view()),
    path("gigs/mine", views.MyGigs.as_view()),
    path("gigs/<int:pk>", views.GigDetail.as_view()),
    path("gigs/<int:pk>/accept", views.AcceptGig.as_view()),
    path("gigs/<int:pk>/status", views.ChangeGigStatus.as_view()),
    path("gigs/<int:pk>/no-show", views.ReportNoShow.as_view()),
    path("gigs/<int:pk>/no-show/contest", views.ContestNoShow.as_view()),
    path("gigs/<int:pk>/no-show/withdraw", views.WithdrawNoShow.as_view()),
    path("transactions/escrow", views.Escrow.as_view()),
    path("transactions/<int:pk>/release", views.ReleaseTransaction.as_view()),
    path("transactions/<int:pk>/cancel", views.CancelTransaction.as_view()),
]
