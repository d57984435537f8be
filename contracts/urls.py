"""Pages of contracts."""

from django.urls import path

from contracts.views import disputes, workspace

app_name = "contracts"
urlpatterns = [
    path("", workspace.contract_list, name="list"),
    path("accept-proposal/<int:pk>/", workspace.accept_proposal, name="accept-proposal"),
    path("milestones/<int:pk>/fund/", workspace.fund, name="fund"),
    path("milestones/<int:pk>/submit/", workspace.submit, name="submit"),
    path("milestones/<int:pk>/approve/", workspace.approve, name="approve"),
    path("milestones/<int:pk>/request-revision/", workspace.request_revision, name="request-revision"),
    path("milestones/<int:pk>/dispute/", disputes.open_dispute, name="open-dispute"),
    path("disputes/<int:pk>/", disputes.dispute, name="dispute"),
    path("disputes/<int:pk>/accept/", disputes.accept_claim, name="dispute-accept"),
    path("disputes/<int:pk>/contest/", disputes.contest, name="dispute-contest"),
    path("disputes/<int:pk>/mediation/", disputes.ask_mediation, name="dispute-mediation"),
    path("disputes/<int:pk>/withdraw/", disputes.withdraw, name="dispute-withdraw"),
    path("disputes/<int:pk>/offer/", disputes.offer, name="dispute-offer"),
    path("disputes/<int:pk>/offers/<int:offer_id>/accept/", disputes.accept_offer, name="dispute-accept-offer"),
    path("disputes/<int:pk>/evidence/", disputes.evidence, name="dispute-evidence"),
    path("disputes/<int:pk>/transcript/", disputes.transcript, name="dispute-transcript"),
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
