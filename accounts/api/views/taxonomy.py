"""Skills and categories."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import generics
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.filters import SkillFilter
from accounts.api.serializers.taxonomy import CategorySerializer, SkillSerializer
from accounts.models import Category, Skill
from core.pagination import PagePagination


class SkillListView(generics.ListAPIView[Skill]):
    """Skills by name; with `search`, those that match best first."""

    permission_classes = [AllowAny]
    serializer_class = SkillSerializer
    filterset_class = SkillFilter
    queryset = Skill.objects.select_related("category")

    @extend_schema(operation_id="skills_list")
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)


class WholeTree(PagePagination):
    page_size = 100


class CategoryListView(generics.ListAPIView[Category]):
    """The tree of categories, in two levels."""

    permission_classes = [AllowAny]
    serializer_class = CategorySerializer
    pagination_class = WholeTree
    queryset = Category.objects.roots().prefetch_related("children")

    @extend_schema(operation_id="categories_list")
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)
