"""Projects and proposals over the API."""

from typing import Any

from django.db import transaction
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import generics
from rest_framework.permissions import SAFE_METHODS, AllowAny, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core.errors import Conflict, NotFound, require
from core.idempotency import idempotent
from core.queries import get_or_refuse
from projects import policies, services
from projects.api import serializers as shapes
from projects.api.filters import OwnProjectFilter, ProjectFilter, ProposalFilter, listing_of
from projects.models import Project, Proposal
from projects.rules import ProjectStatus
from projects.selectors import COLUMNS, currency_of, filter_options, project_row, shown_proposal


class PublicToRead(APIView):
    """Anybody may read, signed-in people may write."""

    def get_permissions(self) -> list[Any]:
        return [AllowAny() if self.request.method in SAFE_METHODS else IsAuthenticated()]


def project_answer(user: Any, project_id: int) -> dict[str, Any]:
    row = project_row(user, project_id)
    if row is None:
        raise NotFound
    return shapes.ProjectDetailSerializer().to_representation(row)


class Projects(PublicToRead, generics.ListAPIView[Project]):
    serializer_class = shapes.ProjectSerializer
    filterset_class = ProjectFilter
    queryset = Project.objects.listed()

    @extend_schema(operation_id="projects_list")
    def get(self, request: Request) -> Response:
        """Public projects of every status but draft: newest first, or by relevance with `search`.

        Relevance ranks the newest 500 matches; older ones follow by age. A search counts and shows at most 2,000.
        """
        wanted = request.query_params.copy()
        for name in ("page", "page_size"):
            wanted.pop(name, None)
        listing = listing_of(wanted)
        return self.get_paginated_response([shapes.project_json(row) for row in self.paginate_queryset(listing)])

    @extend_schema(
        operation_id="projects_create",
        request=shapes.ProjectInput,
        responses={201: shapes.ProjectDetailSerializer},
    )
    @idempotent
    def post(self, request: Request) -> Response:
        """Post a project: open for proposals at once, unless `status` says draft."""
        data = shapes.ProjectInput(data=request.data)
        data.is_valid(raise_exception=True)
        values = dict(data.validated_data)
        status = values.pop("status", ProjectStatus.OPEN)
        project = services.post_project(request.user, details=services.ProjectDetails(**values), status=status)
        return Response(project_answer(request.user, project.pk), status=201)


class OwnProjects(generics.ListAPIView[Project]):
    serializer_class = shapes.ProjectSerializer
    filterset_class = OwnProjectFilter
    queryset = Project.objects.none()

    def get_queryset(self) -> Any:
        return Project.objects.filter(client=self.request.user).newest().values(*COLUMNS)

    @extend_schema(operation_id="projects_mine")
    def get(self, request: Request) -> Response:
        """The person's own projects of every status, newest first."""
        return self.list(request)


class ProjectFilters(APIView):
    permission_classes = (AllowAny,)

    @extend_schema(operation_id="projects_filters", responses=shapes.FilterOptionsSerializer)
    def get(self, request: Request) -> Response:
        """The choices of the list's filters, with how many open projects each has. At most a minute old."""
        return Response(filter_options())


class ProjectDetail(PublicToRead):
    @extend_schema(operation_id="projects_retrieve", responses=shapes.ProjectDetailSerializer)
    def get(self, request: Request, pk: int) -> Response:
        return Response(project_answer(request.user, pk))

    @extend_schema(
        operation_id="projects_replace", request=shapes.ProjectInput, responses=shapes.ProjectDetailSerializer
    )
    def put(self, request: Request, pk: int) -> Response:
        """Change a draft or open project. Once somebody has proposed, currency and budget type stay."""
        return self._change(request, pk, partial=False)

    @extend_schema(
        operation_id="projects_change", request=shapes.ProjectInput, responses=shapes.ProjectDetailSerializer
    )
    def patch(self, request: Request, pk: int) -> Response:
        """The same for a part of it; `status: "open"` publishes a draft."""
        return self._change(request, pk, partial=True)

    @extend_schema(operation_id="projects_delete", responses={204: OpenApiResponse(description="Deleted.")})
    def delete(self, request: Request, pk: int) -> Response:
        """Throw a draft away. Anything that was published is closed instead (409)."""
        services.delete_draft(request.user, project_id=pk)
        return Response(status=204)

    @transaction.atomic
    def _change(self, request: Request, pk: int, *, partial: bool) -> Response:
        project = get_or_refuse(Project.objects.visible_to(request.user), pk=pk)
        require(policies.why_not_manage(request.user, project))
        data = shapes.ProjectInput(project, data=request.data, partial=partial)
        data.is_valid(raise_exception=True)
        changes = dict(data.validated_data)
        status = changes.pop("status", project.status)
        if changes:
            services.edit_project(request.user, project_id=pk, **changes)
        if status == ProjectStatus.OPEN:
            services.publish_project(request.user, project_id=pk)
        elif status != project.status:
            raise Conflict("project_already_published", "A project that was published cannot become a draft again.")
        return Response(project_answer(request.user, pk))


class CloseProject(APIView):
    @extend_schema(operation_id="projects_close", request=shapes.ReasonInput, responses=shapes.ProjectDetailSerializer)
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        """Call off a draft or open project; the people who proposed are told."""
        services.close_project(request.user, project_id=pk, reason=reason_of(request))
        return Response(project_answer(request.user, pk))


def reason_of(request: Request) -> str:
    data = shapes.ReasonInput(data=request.data)
    data.is_valid(raise_exception=True)
    return str(data.validated_data["reason"])


def proposal_answer(proposal_id: int) -> Any:
    return shapes.ProposalSerializer(shown_proposal(proposal_id)).data


class Proposals(generics.ListAPIView[Proposal]):
    serializer_class = shapes.ProposalSerializer
    filterset_class = ProposalFilter
    queryset = Proposal.objects.none()

    def get_queryset(self) -> Any:
        return Proposal.objects.visible_to(self.request.user).with_freelancer().prefetch_related("milestones")

    @extend_schema(operation_id="proposals_list")
    def get(self, request: Request) -> Response:
        """Those that the person sent, and those that came in on their projects; newest first."""
        return self.list(request)

    @extend_schema(
        operation_id="proposals_create", request=shapes.NewProposalInput, responses={201: shapes.ProposalSerializer}
    )
    @idempotent
    def post(self, request: Request) -> Response:
        """Offer to do an open project. One undecided proposal a person (409 `already_proposed`)."""
        target = shapes.ProposalTarget(data=request.data)
        target.is_valid(raise_exception=True)
        project_id = target.validated_data["project_id"]
        currency = currency_of(request.user, project_id)
        offer = shapes.ProposalInput(data=request.data, context={"currency": currency})
        offer.is_valid(raise_exception=True)
        proposal = services.send_proposal(
            request.user, project_id=project_id, offer=services.Offer(**offer.validated_data)
        )
        return Response(proposal_answer(proposal.pk), status=201)


class ProposalDetail(APIView):
    @extend_schema(operation_id="proposals_retrieve", responses=shapes.ProposalSerializer)
    def get(self, request: Request, pk: int) -> Response:
        get_or_refuse(Proposal.objects.visible_to(request.user), pk=pk)
        return Response(proposal_answer(pk))

    @extend_schema(operation_id="proposals_replace", request=shapes.ProposalInput, responses=shapes.ProposalSerializer)
    def put(self, request: Request, pk: int) -> Response:
        """Change a proposal to which the client has not reacted."""
        return self._change(request, pk, partial=False)

    @extend_schema(operation_id="proposals_change", request=shapes.ProposalInput, responses=shapes.ProposalSerializer)
    def patch(self, request: Request, pk: int) -> Response:
        """The same for a part of it. Milestones are replaced as a whole."""
        return self._change(request, pk, partial=True)

    @extend_schema(operation_id="proposals_delete", responses={204: OpenApiResponse(description="Withdrawn.")})
    def delete(self, request: Request, pk: int) -> Response:
        """The same as withdrawing it: it stays readable for both."""
        services.withdraw_proposal(request.user, proposal_id=pk)
        return Response(status=204)

    def _change(self, request: Request, pk: int, *, partial: bool) -> Response:
        proposal = get_or_refuse(Proposal.objects.visible_to(request.user), pk=pk)
        require(policies.why_not_change(request.user, proposal))
        offer = shapes.ProposalInput(data=request.data, partial=partial, context={"currency": proposal.currency})
        offer.is_valid(raise_exception=True)
        services.edit_proposal(request.user, proposal_id=pk, **offer.validated_data)
        return Response(proposal_answer(pk))


class RejectProposal(APIView):
    @extend_schema(operation_id="proposals_reject", request=shapes.ReasonInput, responses=shapes.ProposalSerializer)
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        """Say no, with a word why."""
        services.reject_proposal(request.user, proposal_id=pk, reason=reason_of(request))
        return Response(proposal_answer(pk))


class ShortlistProposal(APIView):
    @extend_schema(operation_id="proposals_shortlist", request=None, responses=shapes.ProposalSerializer)
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        """Put it on the client's shortlist."""
        services.shortlist_proposal(request.user, proposal_id=pk)
        return Response(proposal_answer(pk))


class WithdrawProposal(APIView):
    @extend_schema(operation_id="proposals_withdraw", request=None, responses=shapes.ProposalSerializer)
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        """Take an undecided proposal back."""
        services.withdraw_proposal(request.user, proposal_id=pk)
        return Response(proposal_answer(pk))
