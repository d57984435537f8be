"""API paths of projects and proposals."""

from django.urls import path

from projects.api import views

urlpatterns = [
    path("projects", views.Projects.as_view(), name="projects"),
    path("projects/mine", views.OwnProjects.as_view(), name="projects-mine"),
    path("projects/filters", views.ProjectFilters.as_view(), name="projects-filters"),
    path("projects/<int:pk>", views.ProjectDetail.as_view(), name="project"),
    path("projects/<int:pk>/close", views.CloseProject.as_view(), name="project-close"),
    path("proposals", views.Proposals.as_view(), name="proposals"),
    path("proposals/<int:pk>", views.ProposalDetail.as_view(), name="proposal"),
    path("proposals/<int:pk>/reject", views.RejectProposal.as_view(), name="proposal-reject"),
    path("proposals/<int:pk>/shortlist", views.ShortlistProposal.as_view(), name="proposal-shortlist"),
    path("proposals/<int:pk>/withdraw", views.WithdrawProposal.as_view(), name="proposal-withdraw"),
]
