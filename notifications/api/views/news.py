"""News for the person who asks."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import generics
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core.pagination import StreamPagination
from notifications import services
from notifications.api.filters import NotificationFilter
from notifications.api.serializers.news import (
    NotificationSerializer,
    ReadAllSerializer,
    ReadInput,
    UnreadCountSerializer,
)
from notifications.models import Notification


class NotificationListView(generics.ListAPIView[Notification]):
    """Newest first."""

    serializer_class = NotificationSerializer
    pagination_class = StreamPagination
    filterset_class = NotificationFilter
    queryset = Notification.objects.none()

    def get_queryset(self) -> Any:
        return Notification.objects.visible_to(self.request.user)

    @extend_schema(operation_id="notifications_list")
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)


class UnreadCountView(APIView):
    @extend_schema(operation_id="notifications_unread_count", responses=UnreadCountSerializer)
    def get(self, request: Request) -> Response:
        return Response({"unread_count": Notification.objects.visible_to(request.user).unread().count()})


class NotificationView(APIView):
    @extend_schema(operation_id="notifications_update", request=ReadInput, responses=NotificationSerializer)
    def patch(self, request: Request, notification_id: int) -> Response:
        """Mark as read, or with `read: false` as unread."""
        given = ReadInput(data=request.data)
        given.is_valid(raise_exception=True)
        mark = services.mark_read if given.validated_data["read"] else services.mark_unread
        return Response(NotificationSerializer(mark(request.user, notification_id=notification_id)).data)


class ReadAllView(APIView):
    @extend_schema(operation_id="notifications_read_all", request=None, responses=ReadAllSerializer)
    def post(self, request: Request) -> Response:
        """Mark everything as read."""
        return Response({"updated": services.mark_all_read(request.user)})
