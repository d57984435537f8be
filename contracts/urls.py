"""Pages of contracts."""

from django.urls import path

from contracts.views import time, workspace

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
    path("<uuid:pk>/start-timer/", time.start_timer, name="start-timer"),
    path("<uuid:pk>/add-time/", time.add_time, name="add-time"),
    path("<uuid:pk>/weekly-cap/", time.weekly_cap, name="weekly-cap"),
    path("time/<int:pk>/stop/", time.stop_timer, name="stop-timer"),
    path("time/<int:pk>/edit/", time.edit_time, name="edit-time"),
    path("time/<int:pk>/delete/", time.delete_time, name="delete-time"),
    path("weeks/<int:pk>/", time.week, name="week"),
    path("weeks/<int:pk>/fund/", time.fund_week, name="fund-week"),
    path("weeks/<int:pk>/submit/", time.submit_week, name="submit-week"),
    path("weeks/<int:pk>/approve/", time.approve_week, name="approve-week"),
    path("weeks/<int:pk>/send-back/", time.send_back, name="send-back"),
    path("weeks/<int:pk>/concede/", time.concede_week, name="concede-week"),
]
