"""Pages of contracts."""

from django.urls import path

from contracts import views

app_name = "contracts"
urlpatterns = [
    path("", views.contract_list, name="list"),
    path("accept-proposal/<int:pk>/", views.accept_proposal, name="accept-proposal"),
    path("milestones/<int:pk>/fund/", views.fund, name="fund"),
    path("milestones/<int:pk>/submit/", views.submit, name="submit"),
    path("milestones/<int:pk>/approve/", views.approve, name="approve"),
    path("milestones/<int:pk>/request-revision/", views.request_revision, name="request-revision"),
    path("<uuid:pk>/", views.overview, name="detail"),
    path("<uuid:pk>/files/", views.files, name="files"),
    path("<uuid:pk>/money/", views.money, name="money"),
    path("<uuid:pk>/history/", views.history, name="history"),
    path("<uuid:pk>/add-milestone/", views.add_milestone, name="add-milestone"),
    path("<uuid:pk>/cancel/", views.cancel, name="cancel"),
    path("<uuid:pk>/complete/", views.complete, name="complete"),
    path("<uuid:pk>/pause/", views.pause, name="pause"),
    path("<uuid:pk>/resume/", views.resume, name="resume"),
]
