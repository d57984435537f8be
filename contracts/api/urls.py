"""API paths of contracts, milestones, and of accepting a proposal."""

from django.urls import path

from contracts.api.views import contracts

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
]
