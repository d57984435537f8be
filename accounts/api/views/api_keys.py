"""API keys of the person who is signed in. A key cannot make keys."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import generics, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts import services
from accounts.api.authentication import session_of
from accounts.api.serializers.api_keys import ApiKeyInput, ApiKeySerializer, NewApiKeySerializer, UsageSerializer
from accounts.models import ApiKey
from core.queries import get_or_refuse


class ApiKeyListView(generics.ListAPIView[ApiKey]):
    serializer_class = ApiKeySerializer
    filter_backends: list[Any] = []
    queryset = ApiKey.objects.none()

    def get_queryset(self) -> Any:
        return ApiKey.objects.of(self.request.user).standing()

    @extend_schema(operation_id="api_keys_list")
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Your standing keys, newest first."""
        return super().get(request, *args, **kwargs)

    @extend_schema(operation_id="api_keys_create", request=ApiKeyInput, responses={201: NewApiKeySerializer})
    def post(self, request: Request) -> Response:
        """Make a key. Needs a confirmed address and a sign-in of the last minutes. `key` is in this answer only."""
        given = ApiKeyInput(data=request.data)
        given.is_valid(raise_exception=True)
        key, raw = services.create_api_key(request.user, **given.validated_data, session=session_of(request))
        return Response({**ApiKeySerializer(key).data, "key": raw}, status=status.HTTP_201_CREATED)


class ApiKeyView(APIView):
    @extend_schema(operation_id="api_keys_revoke", responses={204: None})
    def delete(self, request: Request, key_id: int) -> Response:
        """Revoke a key: it is refused from now on. Needs a sign-in of the last minutes."""
        services.revoke_api_key(request.user, key_id=key_id, session=session_of(request))
        return Response(status=status.HTTP_204_NO_CONTENT)


class ApiKeyUsageView(APIView):
    @extend_schema(operation_id="api_keys_usage", responses=UsageSerializer)
    def get(self, request: Request, key_id: int) -> Response:
        """What a key was used for, by day."""
        key = get_or_refuse(ApiKey.objects.of(request.user), pk=key_id)
        days = [day._asdict() | {"day": day.day.isoformat()} for day in services.usage_of(key)]
        return Response({"daily_quota": key.daily_quota, "days": days})
