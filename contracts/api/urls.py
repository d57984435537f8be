"""API paths of contracts, milestones, and of accepting a proposal."""

from django.urls import path

from contracts.api import views

urlpatterns = [
    path("proposals/<int:pk>/accept", views.AcceptProposal.as_view()),
    path("contracts", views.Contracts.as_view()),
    path("contracts/<uuid:pk>", views.ContractDetail.as_view()),
    path("contracts/<uuid:pk>/pause", views.PauseContract.as_view()),
    path("contracts/<uuid:pk>/resume", views.ResumeContract.as_view()),
    path("contracts/<uuid:pk>/complete", views.CompleteContract.as_view()),
    path("contracts/<uuid:pk>/milestones", views.ContractMilestones.as_view()),
    path("contracts/<uuid:pk>/history", views.ContractHistory.as_view()),
    path("milestones/<int:pk>", views.MilestoneDetail.as_view()),
    path("milestones/<int:pk>/fund", views.FundMilestone.as_view()),
    path("milestones/<int:pk>/submit", views.SubmitMilestone.as_view()),
    path("milestones/<int:pk>/approve", views.ApproveMilestone.as_view()),
    path("milestones/<int:pk>/request-revision", views.RequestRevision.as_view()),
]
