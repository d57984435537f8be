"""Projects and proposals over the API."""

from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import F, OuterRef
from django.db.models.functions import JSONObject
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import generics
from rest_framework.permissions import SAFE_METHODS, AllowAny, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.models import User
from core.errors import Conflict
from core.idempotency import idempotent
from core.queries import get_or_refuse
from projects import services
from projects.api import serializers as shapes
from projects.api.filters import OwnProjectFilter, ProjectFilter, ProposalFilter
from projects.models import Project, Proposal
from projects.rules import ProjectStatus
from projects.selectors import Listing, filter_options


class PublicToRead(APIView):
    """Anybody may read, signed-in people may write."""

    def get_permissions(self) -> list[Any]:
        return [AllowAny() if self.request.method in SAFE_METHODS else IsAuthenticated()]
