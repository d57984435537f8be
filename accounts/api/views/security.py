"""What happened to the security of one's own account."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import generics
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.serializers.security import SecurityEventSerializer
from accounts.models import AuditEvent
from core.pagination import StreamPagination


class SecurityEventListView(generics.ListAPIView[AuditEvent]):
    serializer_class = SecurityEventSerializer
    pagination_class = StreamPagination
    queryset = AuditEvent.objects.none()

    def get_queryset(self) -> Any:
        return AuditEvent.objects.security_of(self.request.user)

    @extend_schema(operation_id="account_security_events_list")
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Sign-ins, refused ones, and changes of what lets you in. Newest first."""
        return super().get(request, *args, **kwargs)
