"""Pages of projects."""

from django.urls import path

from projects import views

app_name = "projects"
urlpatterns = [
    path("", views.project_list, name="list"),
    path("new/", views.new, name="new"),
    path("mine/", views.mine, name="mine"),
    path("<int:pk>/", views.detail, name="detail"),
    path("<int:pk>/edit/", views.edit, name="edit"),
    path("<int:pk>/publish/", views.publish, name="publish"),
    path("<int:pk>/close/", views.close, name="close"),
    path("<int:pk>/delete/", views.delete, name="delete"),
    path("<int:pk>/propose/", views.propose, name="propose"),
    path("<int:pk>/proposals/", views.compare, name="proposals"),
    path("proposals/<int:pk>/", views.proposal, name="proposal"),
    path("proposals/<int:pk>/edit/", views.edit_proposal, name="edit-proposal"),
    path("proposals/<int:pk>/shortlist/", views.shortlist, name="shortlist"),
    path("proposals/<int:pk>/unshortlist/", views.unshortlist, name="unshortlist"),
    path("proposals/<int:pk>/reject/", views.reject, name="reject"),
    path("proposals/<int:pk>/withdraw/", views.withdraw, name="withdraw"),
]
