"""API paths of contracts, milestones, and of accepting a proposal."""

from django.urls import path

from contracts.api.views import changes, contracts, money

urlpatterns = [
    path("proposals/<int:pk>/accept", contracts.AcceptProposal.as_view()),
    path("contracts", contracts.Contracts.as_view()),
    path("contracts/<uuid:pk>", contracts.ContractDetail.as_view()),
    path("contracts/<uuid:pk>/pause", contracts.PauseContract.as_view()),
    path("contracts/<uuid:pk>/resume", contracts.ResumeContract.as_view()),
    path("contracts/<uuid:pk>/complete", contracts.CompleteContract.as_view()),
    path("contracts/<uuid:pk>/end", contracts.EndContract.as_view()),
    path("contracts/<uuid:pk>/changes", changes.Changes.as_view()),
    path("contracts/<uuid:pk>/changes/<int:change_id>/accept", changes.AcceptChange.as_view()),
    path("contracts/<uuid:pk>/changes/<int:change_id>/decline", changes.DeclineChange.as_view()),
    path("contracts/<uuid:pk>/changes/<int:change_id>/withdraw", changes.WithdrawChange.as_view()),
    path("contracts/<uuid:pk>/terms", changes.Terms.as_view()),
    path("contracts/<uuid:pk>/bonus", money.Bonuses.as_view()),
    path("contracts/<uuid:pk>/milestones", contracts.ContractMilestones.as_view()),
    path("contracts/<uuid:pk>/history", contracts.ContractHistory.as_view()),
    path("milestones/<int:pk>", contracts.MilestoneDetail.as_view()),
    path("milestones/<int:pk>/fund", contracts.FundMilestone.as_view()),
    path("milestones/<int:pk>/submit", contracts.SubmitMilestone.as_view()),
    path("milestones/<int:pk>/approve", contracts.ApproveMilestone.as_view()),
    path("milestones/<int:pk>/request-revision", contracts.RequestRevision.as_view()),
    path("milestones/<int:pk>/refund-requests", money.RefundRequests.as_view()),
    path("milestones/<int:pk>/refund-requests/<int:request_id>/agree", money.AgreeToRefund.as_view()),
    path("milestones/<int:pk>/refund-requests/<int:request_id>/refuse", money.RefuseRefund.as_view()),
    path("milestones/<int:pk>/refund-requests/<int:request_id>/withdraw", money.WithdrawRefundRequest.as_view()),
]
