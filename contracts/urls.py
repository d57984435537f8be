"""Pages of contracts."""

from django.urls import path

from contracts.views import workspace

app_name = "contracts"
urlpatterns = [
    path("", workspace.contract_list, name="list"),
    path("accept-proposal/<int:pk>/", workspace.accept_proposal, name="accept-proposal"),
    path("milestones/<int:pk>/fund/", workspace.fund, name="fund"),
    path("milestones/<int:pk>/submit/", workspace.submit, name="submit"),
    path("milestones/<int:pk>/approve/", workspace.approve, name="approve"),
    path("milestones/<int:pk>/request-revision/", workspace.request_revision, name="request-revision"),
    path("<uuid:pk>/", workspace.overview, name="detail"),
    path("<uuid:pk>/files/", workspace.files, name="files"),
    path("<uuid:pk>/money/", workspace.money, name="money"),
    path("<uuid:pk>/history/", workspace.history, name="history"),
    path("<uuid:pk>/add-milestone/", workspace.add_milestone, name="add-milestone"),
    path("<uuid:pk>/cancel/", workspace.cancel, name="cancel"),
    path("<uuid:pk>/complete/", workspace.complete, name="complete"),
    path("<uuid:pk>/pause/", workspace.pause, name="pause"),
    path("<uuid:pk>/resume/", workspace.resume, name="resume"),
]
