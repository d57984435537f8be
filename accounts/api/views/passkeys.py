"""Passkeys: a person's own, and signing in by one."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import generics, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts import services
from accounts.api.authentication import session_of
from accounts.api.serializers.second_factors import (
    CredentialInput,
    OptionsSerializer,
    PasskeyInput,
    PasskeyNameInput,
    PasskeySerializer,
)
from accounts.api.serializers.sign_in import PairSerializer
from accounts.api.views.sign_in import PublicView, valid
from accounts.models import Passkey
from core.idempotency import idempotent
from core.openapi import ErrorSerializer


class PasskeyListView(generics.ListAPIView[Passkey]):
    """Your passkeys."""

    serializer_class = PasskeySerializer
    queryset = Passkey.objects.none()

    def get_queryset(self) -> Any:
        return self.request.user.passkeys.all()

    @extend_schema(operation_id="auth_passkeys_add", request=PasskeyInput, responses={201: PasskeySerializer})
    @idempotent
    def post(self, request: Request) -> Response:
        """Keep the passkey that the browser made with the options asked for before."""
        passkey = services.add_passkey(request.user, **valid(PasskeyInput, request))
        return Response(PasskeySerializer(passkey).data, status=status.HTTP_201_CREATED)


class PasskeyView(APIView):
    @extend_schema(operation_id="auth_passkeys_rename", request=PasskeyNameInput, responses=PasskeySerializer)
    def patch(self, request: Request, passkey_id: int) -> Response:
        passkey = services.rename_passkey(request.user, passkey_id=passkey_id, **valid(PasskeyNameInput, request))
        return Response(PasskeySerializer(passkey).data)

    @extend_schema(operation_id="auth_passkeys_remove", responses={204: None})
    def delete(self, request: Request, passkey_id: int) -> Response:
        """Needs a fresh proof of who you are."""
        services.remove_passkey(request.user, session_of(request), passkey_id=passkey_id)
        return Response(status=status.HTTP_204_NO_CONTENT)


class NewPasskeyOptionsView(APIView):
    @extend_schema(operation_id="auth_passkeys_options", request=None, responses=OptionsSerializer)
    def post(self, request: Request) -> Response:
        """For `navigator.credentials.create`. Needs a fresh proof of who you are."""
        return Response({"public_key": services.begin_passkey(request.user, session_of(request))})


class PasskeyOptionsView(PublicView):
    @extend_schema(operation_id="auth_passkey_options", request=None, responses=OptionsSerializer)
    def post(self, request: Request) -> Response:
        """For `navigator.credentials.get`, to sign in or to confirm."""
        return Response({"public_key": services.ask_for_passkey()})


class PasskeySignInView(PublicView):
    @extend_schema(
        operation_id="auth_passkey_verify",
        request=CredentialInput,
        responses={200: PairSerializer, 401: ErrorSerializer},
    )
    def post(self, request: Request) -> Response:
        """Sign in by a passkey alone; no password and no code."""
        signed_in = services.sign_in_by_passkey(**valid(CredentialInput, request))
        return Response(services.open_api(signed_in.user, second_factor=signed_in.second_factor))
