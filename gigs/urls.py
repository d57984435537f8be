"""Pages of gigs."""

from django.urls import path

from gigs import views

app_name = "gigs"
urlpatterns = [
    path("", views.gig_list, name="list"),
    path("new/", views.new, name="new"),
    path("mine/", views.mine, name="mine"),
    path("<int:pk>/", views.detail, name="detail"),
    path("<int:pk>/edit/", views.edit, name="edit"),
    path("<int:pk>/accept/", views.accept, name="accept"),
    path("<int:pk>/fund/", views.fund, name="fund"),
    path("<int:pk>/start/", views.start, name="start"),
    path("<int:pk>/complete/", views.complete, name="complete"),
    path("<int:pk>/release/", views.release, name="release"),
    path("<int:pk>/cancel/", views.cancel, name="cancel"),
    path("<int:pk>/no-show/", views.report_no_show, name="no-show"),
    path("<int:pk>/no-show/contest/", views.contest_no_show, name="contest-no-show"),
    path("<int:pk>/no-show/withdraw/", views.withdraw_no_show, name="withdraw-no-show"),
]
