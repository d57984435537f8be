"""Schools, jobs and certificates of the person who asks."""

from typing import Any

from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import generics, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts import services
from accounts.api.serializers.entries import ProfileEntryChanges, ProfileEntryInput, ProfileEntrySerializer
from accounts.models import ProfileEntry
from core.idempotency import idempotent
from core.queries import get_or_refuse

NOTHING = {"started": None, "ended": None, "description": "", "link": ""}


class EntryListView(generics.ListAPIView[ProfileEntry]):
    serializer_class = ProfileEntrySerializer

    def get_queryset(self) -> Any:
        if getattr(self, "swagger_fake_view", False):
            return ProfileEntry.objects.none()
        return ProfileEntry.objects.filter(user=self.request.user)

    @extend_schema(operation_id="users_entries_list")
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Your education, work and certificates, the newest first."""
        return super().get(request, *args, **kwargs)

    @extend_schema(
        operation_id="users_entries_create", request=ProfileEntryInput, responses={201: ProfileEntrySerializer}
    )
    @idempotent
    def post(self, request: Request) -> Response:
        """Add a school, a job or a certificate. There is a limit for each kind."""
        given = ProfileEntryInput(data=request.data)
        given.is_valid(raise_exception=True)
        entry = services.add_entry(request.user, values=given.validated_data)
        return Response(ProfileEntrySerializer(entry).data, status=status.HTTP_201_CREATED)


class EntryView(APIView):
    @extend_schema(operation_id="users_entries_retrieve", responses=ProfileEntrySerializer)
    def get(self, request: Request, entry_id: int) -> Response:
        """One of yours."""
        return Response(
            ProfileEntrySerializer(get_or_refuse(ProfileEntry.objects.filter(user=request.user), pk=entry_id)).data
        )

    @extend_schema(operation_id="users_entries_replace", request=ProfileEntryChanges, responses=ProfileEntrySerializer)
    def put(self, request: Request, entry_id: int) -> Response:
        """Replace it; what is left out becomes empty. The kind stays."""
        return self._change(request, entry_id, partial=False)

    @extend_schema(operation_id="users_entries_change", request=ProfileEntryChanges, responses=ProfileEntrySerializer)
    def patch(self, request: Request, entry_id: int) -> Response:
        """Change what is given. The kind stays."""
        return self._change(request, entry_id, partial=True)

    @extend_schema(operation_id="users_entries_remove", responses={204: OpenApiResponse(description="Removed.")})
    def delete(self, request: Request, entry_id: int) -> Response:
        """Take it off your profile."""
        services.remove_entry(request.user, entry_id=entry_id)
        return Response(status=status.HTTP_204_NO_CONTENT)

    def _change(self, request: Request, entry_id: int, *, partial: bool) -> Response:
        given = ProfileEntryChanges(data=request.data, partial=partial)
        given.is_valid(raise_exception=True)
        values = given.validated_data if partial else {**NOTHING, **given.validated_data}
        entry = services.change_entry(request.user, entry_id=entry_id, values=values)
        return Response(ProfileEntrySerializer(entry).data)
