"""Pages of contracts."""

from django.urls import path

from contracts.views import calendar, changes, money, workspace

app_name = "contracts"
urlpatterns = [
    path("", workspace.contract_list, name="list"),
    path("accept-proposal/<int:pk>/", workspace.accept_proposal, name="accept-proposal"),
    path("milestones/<int:pk>/fund/", workspace.fund, name="fund"),
    path("milestones/<int:pk>/submit/", workspace.submit, name="submit"),
    path("milestones/<int:pk>/versions/", workspace.versions, name="versions"),
    path("milestones/<int:pk>/approve/", workspace.approve, name="approve"),
    path("milestones/<int:pk>/release-part/", money.release_part, name="release-part"),
    path("milestones/<int:pk>/request-revision/", workspace.request_revision, name="request-revision"),
    path("milestones/<int:pk>/request-refund/", money.request_refund, name="request-refund"),
    path("milestones/<int:pk>/change/", changes.change_milestone, name="change-milestone"),
    path("milestones/<int:pk>/remove/", changes.remove_milestone, name="remove-milestone"),
    path("refund-requests/<int:pk>/", money.answer_refund, name="answer-refund"),
    path("refund-requests/<int:pk>/agree/", money.agree_to_refund, name="agree-to-refund"),
    path("refund-requests/<int:pk>/withdraw/", money.withdraw_refund_request, name="withdraw-refund-request"),
    path("changes/<int:pk>/accept/", changes.accept, name="accept-change"),
    path("changes/<int:pk>/decline/", changes.decline, name="decline-change"),
    path("changes/<int:pk>/withdraw/", changes.withdraw, name="withdraw-change"),
    path("bonuses/<int:pk>/drop/", money.drop_bonus, name="drop-bonus"),
    path("<uuid:pk>/", workspace.overview, name="detail"),
    path("<uuid:pk>/files/", workspace.files, name="files"),
    path("<uuid:pk>/money/", workspace.money, name="money"),
    path("<uuid:pk>/changes/", changes.changes, name="changes"),
    path("<uuid:pk>/history/", workspace.history, name="history"),
    path("<uuid:pk>/add-milestone/", changes.add_milestone, name="add-milestone"),
    path("<uuid:pk>/change-scope/", changes.change_scope, name="change-scope"),
    path("<uuid:pk>/bonus/", money.bonus, name="bonus"),
    path("<uuid:pk>/end/", workspace.end, name="end"),
    path("<uuid:pk>/complete/", workspace.complete, name="complete"),
    path("<uuid:pk>/pause/", workspace.pause, name="pause"),
    path("<uuid:pk>/resume/", workspace.resume, name="resume"),
]
calendar_urls = [
    path("", calendar.settings, name="settings"),
    path("switch/", calendar.switch, name="switch"),
]
