"""API paths of contracts, milestones, and of accepting a proposal."""

from django.urls import path

from contracts.api.views import contracts, disputes

urlpatterns = [
    path("proposals/<int:pk>/accept", contracts.AcceptProposal.as_view()),
    path("contracts", contracts.Contracts.as_view()),
    path("contracts/<uuid:pk>", contracts.ContractDetail.as_view()),
    path("contracts/<uuid:pk>/pause", contracts.PauseContract.as_view()),
    path("contracts/<uuid:pk>/resume", contracts.ResumeContract.as_view()),
    path("contracts/<uuid:pk>/complete", contracts.CompleteContract.as_view()),
    path("contracts/<uuid:pk>/milestones", contracts.ContractMilestones.as_view()),
    path("contracts/<uuid:pk>/history", contracts.ContractHistory.as_view()),
    path("milestones/<int:pk>", contracts.MilestoneDetail.as_view()),
    path("milestones/<int:pk>/fund", contracts.FundMilestone.as_view()),
    path("milestones/<int:pk>/submit", contracts.SubmitMilestone.as_view()),
    path("milestones/<int:pk>/approve", contracts.ApproveMilestone.as_view()),
    path("milestones/<int:pk>/request-revision", contracts.RequestRevision.as_view()),
    path("disputes", disputes.Disputes.as_view()),
    path("disputes/<int:pk>", disputes.DisputeDetail.as_view()),
    path("disputes/<int:pk>/accept", disputes.AcceptClaim.as_view()),
    path("disputes/<int:pk>/contest", disputes.ContestDispute.as_view()),
    path("disputes/<int:pk>/mediation", disputes.AskMediation.as_view()),
    path("disputes/<int:pk>/withdraw", disputes.WithdrawDispute.as_view()),
    path("disputes/<int:pk>/offers", disputes.DisputeOffers.as_view()),
    path("disputes/<int:pk>/offers/<int:offer_id>/accept", disputes.AcceptOffer.as_view()),
    path("disputes/<int:pk>/evidence", disputes.DisputeEvidence.as_view()),
    path("disputes/<int:pk>/resolve", disputes.ResolveDispute.as_view()),
    path("disputes/<int:pk>/transcript", disputes.DisputeTranscript.as_view(), name="dispute-transcript"),
    path("disputes/decisions/<int:decision_id>/confirm", disputes.ConfirmDecision.as_view()),
    path("disputes/decisions/<int:decision_id>/refuse", disputes.RefuseDecision.as_view()),
]
