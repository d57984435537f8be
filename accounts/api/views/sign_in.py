"""Registration, tokens, passwords, sessions."""

from typing import Any

from django.contrib.auth import logout
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import generics, serializers, status
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts import services
from accounts.api.authentication import session_of
from accounts.api.serializers.people import RegisteredSerializer
from accounts.api.serializers.sign_in import (
    ChangePasswordInput,
    DetailSerializer,
    EmailInput,
    LoginInput,
    LoginSerializer,
    LogoutInput,
    PairSerializer,
    RefreshInput,
    RegisterInput,
    ResetPasswordInput,
    SessionSerializer,
    TokenInput,
)
from accounts.errors import NotSignedIn
from accounts.models import AuthSession
from core.idempotency import idempotent
from core.openapi import ErrorSerializer
from core.pagination import StreamPagination

SECOND_STEP = {"requires_2fa": True, "access_token": None, "refresh_token": None, "token_type": "bearer"}
LETTER_SENT = "If this address belongs to somebody here, a letter is on its way to it."


class PublicView(APIView):
    """Asks nothing about the caller: an old cookie or token in the request does not get in the way."""

    authentication_classes: list[Any] = []
    permission_classes = [AllowAny]


class RegisterView(PublicView):
    @extend_schema(operation_id="auth_register", request=RegisterInput, responses={201: RegisteredSerializer})
    @idempotent
    def post(self, request: Request) -> Response:
        """Make an account. Nobody becomes staff this way. A link to confirm the address is mailed."""
        user = services.register(**valid(RegisterInput, request))
        return Response(RegisteredSerializer(user).data, status=status.HTTP_201_CREATED)


class LoginView(PublicView):
    @extend_schema(
        operation_id="auth_login", request=LoginInput, responses={200: LoginSerializer, 401: ErrorSerializer}
    )
    def post(self, request: Request) -> Response:
        """Tokens for an address and its password; or, with a second factor, a token for the second step (`2fa/verify`).

        Ten failures in five minutes close the door for a while.
        """
        given = valid(LoginInput, request)
        known = services.begin_sign_in(email=given["email"], password=given["password"], come_back=given["reactivate"])
        if known.two_factor_token:
            return Response(SECOND_STEP | {"two_factor_token": known.two_factor_token})
        return Response({**services.open_api(known.user), "requires_2fa": False})


class RefreshView(PublicView):
    @extend_schema(
        operation_id="auth_refresh", request=RefreshInput, responses={200: PairSerializer, 401: ErrorSerializer}
    )
    def post(self, request: Request) -> Response:
        """A new pair. The refresh token is used up; showing an older one ends the whole session."""
        return Response(services.refresh(valid(RefreshInput, request)["refresh_token"]))


class LogoutView(APIView):
    permission_classes = [AllowAny]  # a refresh token is enough

    @extend_schema(operation_id="auth_logout", request=LogoutInput, responses={204: None, 401: ErrorSerializer})
    def post(self, request: Request) -> Response:
        """End this session: its tokens are refused from now on."""
        raw = valid(LogoutInput, request).get("refresh_token")
        if raw:
            services.end_session_of_token(raw)
        elif isinstance(request.auth, AuthSession):
            services.end_session(request.user, session_id=str(request.auth.pk), reason="signed_out")
        elif request.user.is_authenticated:
            services.end_browser_session(request.user, session_key=request.session.session_key)
            logout(request._request)
        else:
            raise NotSignedIn
        return Response(status=status.HTTP_204_NO_CONTENT)


class VerifyEmailView(PublicView):
    @extend_schema(operation_id="auth_verify_email", request=TokenInput, responses=RegisteredSerializer)
    def post(self, request: Request) -> Response:
        """Confirm the address with the token from the letter. Doing it again is fine."""
        return Response(RegisteredSerializer(services.verify_email(**valid(TokenInput, request))).data)


class ResendVerificationView(PublicView):
    @extend_schema(operation_id="auth_resend_verification", request=EmailInput, responses=DetailSerializer)
    def post(self, request: Request) -> Response:
        """Send the link again, if it is still needed. The answer does not tell."""
        services.resend_verification(**valid(EmailInput, request))
        return Response({"detail": LETTER_SENT})


class ForgotPasswordView(PublicView):
    @extend_schema(operation_id="auth_forgot_password", request=EmailInput, responses=DetailSerializer)
    def post(self, request: Request) -> Response:
        """Mail a link to choose a new password. The answer is the same for unknown addresses."""
        services.forgot_password(**valid(EmailInput, request))
        return Response({"detail": LETTER_SENT})


class ResetPasswordView(PublicView):
    @extend_schema(operation_id="auth_reset_password", request=ResetPasswordInput, responses=DetailSerializer)
    def post(self, request: Request) -> Response:
        """Choose a new password with the token from the letter (one hour, one use). Ends all sessions."""
        services.reset_password(**valid(ResetPasswordInput, request))
        return Response({"detail": "The new password is set. Sign in with it."})


class ChangePasswordView(APIView):
    @extend_schema(operation_id="auth_change_password", request=ChangePasswordInput, responses=DetailSerializer)
    def post(self, request: Request) -> Response:
        """Ends all other sessions; this one stays."""
        values = valid(ChangePasswordInput, request)
        services.change_password(request.user, **values, keep=session_of(request))
        return Response({"detail": "The new password is set. All other sessions have ended."})


KEEP_CURRENT = OpenApiParameter("keep_current", bool, description="Leave the session that asks.")


class SessionPagination(StreamPagination):
    ordering = ("-last_used_at", "-id")


class SessionListView(generics.ListAPIView[AuthSession]):
    """Where you are signed in."""

    serializer_class = SessionSerializer
    pagination_class = SessionPagination
    queryset = AuthSession.objects.none()

    def get_queryset(self) -> Any:
        return AuthSession.objects.visible_to(self.request.user).standing()

    @extend_schema(operation_id="auth_sessions_list")
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)

    @extend_schema(operation_id="auth_sessions_revoke_all", parameters=[KEEP_CURRENT], responses={204: None})
    def delete(self, request: Request) -> Response:
        """Sign out everywhere; with `keep_current=true` everywhere else."""
        if request.query_params.get("keep_current") == "true":
            services.end_other_sessions(request.user, keep=session_of(request))
        else:
            services.end_every_session(request.user)
        return Response(status=status.HTTP_204_NO_CONTENT)


class SessionView(APIView):
    @extend_schema(operation_id="auth_sessions_revoke", responses={204: None})
    def delete(self, request: Request, session_id: str) -> Response:
        """End one of your sessions. Its tokens are refused from now on."""
        services.end_session(request.user, session_id=session_id)
        return Response(status=status.HTTP_204_NO_CONTENT)


def valid(serializer: type[serializers.Serializer[Any]], request: Request) -> dict[str, Any]:
    given = serializer(data=request.data)
    given.is_valid(raise_exception=True)
    values: dict[str, Any] = given.validated_data
    return values
