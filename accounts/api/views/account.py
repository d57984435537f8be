"""An account's own life: its standing, its address, its identity, its copy, its end."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import generics, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts import services
from accounts.api.authentication import session_of
from accounts.api.serializers.sign_in import DetailSerializer, TokenInput
from accounts.api.serializers.standing import (
    AppealInput,
    AppealSerializer,
    EmailChangeInput,
    EraseInput,
    ExportSerializer,
    IdentityCheckSerializer,
    IdentityInput,
    StandingSerializer,
)
from accounts.api.views.sign_in import PublicView
from accounts.models import DataExport, IdentityCheck
from core.idempotency import idempotent


class StandingView(APIView):
    @extend_schema(operation_id="account_standing", responses=StandingSerializer)
    def get(self, request: Request) -> Response:
        """Whether the account is open or suspended, by which rule, on what evidence, and until when to appeal."""
        return Response(StandingSerializer(request.user).data)


class AppealView(APIView):
    @extend_schema(operation_id="account_appeal", request=AppealInput, responses={201: AppealSerializer})
    @idempotent
    def post(self, request: Request) -> Response:
        """Answer a suspension, once. Staff other than who imposed it decide."""
        given = AppealInput(data=request.data)
        given.is_valid(raise_exception=True)
        appeal = services.appeal(request.user, **given.validated_data)
        return Response(AppealSerializer(appeal).data, status=status.HTTP_201_CREATED)


class EmailChangeView(APIView):
    @extend_schema(operation_id="auth_change_email", request=EmailChangeInput, responses=DetailSerializer)
    def post(self, request: Request) -> Response:
        """Ask for another address. A link goes to it and one to the present address; both have to be opened."""
        given = EmailChangeInput(data=request.data)
        given.is_valid(raise_exception=True)
        services.request_email_change(request.user, **given.validated_data)
        return Response({"detail": "Open the links that we sent to both addresses. Until then nothing changes."})


class ConfirmEmailChangeView(PublicView):
    @extend_schema(operation_id="auth_confirm_email_change", request=TokenInput, responses=DetailSerializer)
    def post(self, request: Request) -> Response:
        """Agree to a change of address with the token of either letter. Doing it again is fine."""
        given = TokenInput(data=request.data)
        given.is_valid(raise_exception=True)
        change = services.confirm_email_change(**given.validated_data)
        done = "The address has changed." if change.completed_at else "Thank you. The other mailbox has to agree too."
        return Response({"detail": done})


class IdentityView(generics.ListAPIView[IdentityCheck]):
    """Documents that you sent, and what came of them."""

    serializer_class = IdentityCheckSerializer
    queryset = IdentityCheck.objects.none()

    def get_queryset(self) -> Any:
        return IdentityCheck.objects.visible_to(self.request.user)

    @extend_schema(operation_id="account_identity_list")
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)

    @extend_schema(
        operation_id="account_identity_submit", request=IdentityInput, responses={201: IdentityCheckSerializer}
    )
    @idempotent
    def post(self, request: Request) -> Response:
        """Send one to three pictures of a document. Only you and the staff who check it can see them."""
        given = IdentityInput(data=request.data)
        given.is_valid(raise_exception=True)
        check = services.submit_identity(request.user, **given.validated_data)
        return Response(IdentityCheckSerializer(check).data, status=status.HTTP_201_CREATED)


class ExportView(generics.ListAPIView[DataExport]):
    """Copies of your data that can be downloaded or are being made."""

    serializer_class = ExportSerializer
    queryset = DataExport.objects.none()

    def get_queryset(self) -> Any:
        return DataExport.objects.visible_to(self.request.user)

    @extend_schema(operation_id="account_exports_list")
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)

    @extend_schema(operation_id="account_exports_create", request=None, responses={201: ExportSerializer})
    @idempotent
    def post(self, request: Request) -> Response:
        """Have a copy of everything made, one at a time. Needs a fresh sign-in; a letter says when it is ready."""
        export = services.request_export(request.user, session=session_of(request))
        return Response(ExportSerializer(export).data, status=status.HTTP_201_CREATED)


class DeactivateView(APIView):
    @extend_schema(operation_id="account_deactivate", request=None, responses={204: None})
    def post(self, request: Request) -> Response:
        """Close the account until you sign in again. Needs a fresh sign-in and no work under way."""
        services.deactivate(request.user, session=session_of(request))
        return Response(status=status.HTTP_204_NO_CONTENT)


class EraseView(APIView):
    @extend_schema(operation_id="account_erase", request=EraseInput, responses={204: None})
    def post(self, request: Request) -> Response:
        """Delete the account for good. Needs a fresh sign-in, an empty wallet and no work under way."""
        given = EraseInput(data=request.data)
        given.is_valid(raise_exception=True)
        services.erase_account(request.user, typed_email=given.validated_data["email"], session=session_of(request))
        return Response(status=status.HTTP_204_NO_CONTENT)
