"""The second factor, and proving once more who one is."""

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts import selectors, services
from accounts.api.authentication import session_of
from accounts.api.serializers.second_factors import (
    BackupCodesSerializer,
    ChangeInput,
    ConfirmCodeInput,
    ProofInput,
    SecondStepInput,
    SetupSerializer,
    StatusSerializer,
)
from accounts.api.serializers.sign_in import PairSerializer
from accounts.api.views.sign_in import PublicView, valid
from core.openapi import ErrorSerializer


class VerifyView(PublicView):
    @extend_schema(
        operation_id="auth_2fa_verify", request=SecondStepInput, responses={200: PairSerializer, 401: ErrorSerializer}
    )
    def post(self, request: Request) -> Response:
        """The second step of signing in: a code of the authenticator app, or a backup code."""
        signed_in = services.finish_sign_in(**valid(SecondStepInput, request))
        return Response(services.open_api(signed_in.user, second_factor=signed_in.second_factor))


class EnableView(APIView):
    @extend_schema(operation_id="auth_2fa_enable", request=None, responses=SetupSerializer)
    def post(self, request: Request) -> Response:
        """A secret for an authenticator app. Nothing changes before `confirm`. Needs a fresh proof of who you are."""
        return Response(services.begin_second_factor(request.user, session_of(request))._asdict())


class ConfirmSetupView(APIView):
    @extend_schema(operation_id="auth_2fa_confirm", request=ConfirmCodeInput, responses=StatusSerializer)
    def post(self, request: Request) -> Response:
        """Turn the second factor on with the app's first code."""
        values = valid(ConfirmCodeInput, request)
        services.confirm_second_factor(
            request.user, session_of(request), code=values["code"], end_others=values["end_other_sessions"]
        )
        return Response(selectors.second_factors_of(request.user))


class DisableView(APIView):
    @extend_schema(operation_id="auth_2fa_disable", request=ChangeInput, responses=StatusSerializer)
    def post(self, request: Request) -> Response:
        """Turn the second factor off. Needs a fresh proof of who you are."""
        values = valid(ChangeInput, request)
        services.disable_second_factor(request.user, session_of(request), end_others=values["end_other_sessions"])
        return Response(selectors.second_factors_of(request.user))


class BackupCodesView(APIView):
    @extend_schema(operation_id="auth_2fa_backup_codes", request=ChangeInput, responses=BackupCodesSerializer)
    def post(self, request: Request) -> Response:
        """Eight new backup codes; the old ones end. Needs a fresh proof of who you are."""
        values = valid(ChangeInput, request)
        codes = services.renew_backup_codes(request.user, session_of(request), end_others=values["end_other_sessions"])
        return Response({"backup_codes": codes})


class StatusView(APIView):
    @extend_schema(operation_id="auth_2fa_status", responses=StatusSerializer)
    def get(self, request: Request) -> Response:
        """Whether a second factor is asked for, and what you have."""
        return Response(selectors.second_factors_of(request.user))


class ConfirmView(APIView):
    @extend_schema(operation_id="auth_confirm", request=ProofInput, responses={204: None, 401: ErrorSerializer})
    def post(self, request: Request) -> Response:
        """Prove once more who you are; good for 15 minutes of changes that touch security."""
        services.confirm(request.user, session_of(request), **valid(ProofInput, request))
        return Response(status=status.HTTP_204_NO_CONTENT)
