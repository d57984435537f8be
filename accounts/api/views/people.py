"""People: oneself, public profiles, the directory, and staff's list."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import generics, status
from rest_framework.permissions import AllowAny, BasePermission
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts import services
from accounts.api.filters import AccountFilter, FreelancerFilter, HelperFilter
from accounts.api.serializers.editing import AvailabilityInput, LocationInput, MeInput
from accounts.api.serializers.filters import FreelancerOptionsSerializer
from accounts.api.serializers.people import (
    AccountSerializer,
    FreelancerRowSerializer,
    FreelancerSerializer,
    HelperSerializer,
    MeSerializer,
    PublicUserSerializer,
    RegisteredSerializer,
)
from accounts.api.serializers.sign_in import RegisterInput
from accounts.models import FreelancerProfile, User
from accounts.policies import why_not_staff
from accounts.selectors import freelancer_options
from core.errors import require
from core.idempotency import idempotent
from core.queries import get_or_refuse


class MeView(APIView):
    """Served under /api/auth/me and, without PATCH, /api/users/me."""

    @extend_schema(responses=MeSerializer)
    def get(self, request: Request) -> Response:
        """Everything about yourself."""
        return self._answer(request)

    @extend_schema(request=MeInput, responses=MeSerializer)
    def put(self, request: Request) -> Response:
        """Replace your names and type; the other parts change where given."""
        return self._update(request, partial=False)

    @extend_schema(request=MeInput, responses=MeSerializer)
    def patch(self, request: Request) -> Response:
        """Change what is given."""
        return self._update(request, partial=True)

    def _update(self, request: Request, *, partial: bool) -> Response:
        me = _with_profiles(request.user)
        given = MeInput(me, data=request.data, partial=partial)
        given.is_valid(raise_exception=True)
        values = dict(given.validated_data)
        client, freelancer = values.pop("client", None), values.pop("freelancer", None)
        services.update_person(request.user, person=values, client=client, freelancer=freelancer)
        return self._answer(request)

    def _answer(self, request: Request) -> Response:
        return Response(MeSerializer(_with_profiles(request.user)).data)


class LocationView(APIView):
    @extend_schema(operation_id="users_set_location", request=LocationInput, responses=MeSerializer)
    def put(self, request: Request) -> Response:
        """Where you are. Others see it blurred to about 500 m."""
        given = LocationInput(data=request.data)
        given.is_valid(raise_exception=True)
        services.set_place(request.user, **given.validated_data)
        return Response(MeSerializer(_with_profiles(request.user)).data)


class AvailabilityView(APIView):
    @extend_schema(operation_id="users_set_availability", request=AvailabilityInput, responses=MeSerializer)
    def put(self, request: Request) -> Response:
        """Whether you are open to work now."""
        given = AvailabilityInput(data=request.data)
        given.is_valid(raise_exception=True)
        services.set_availability(request.user, **given.validated_data)
        return Response(MeSerializer(_with_profiles(request.user)).data)


class PublicUserView(APIView):
    permission_classes = [AllowAny]

    @extend_schema(operation_id="users_retrieve", responses=PublicUserSerializer)
    def get(self, request: Request, user_id: int) -> Response:
        """A public profile."""
        people = User.objects.visible().with_profiles().with_entries()
        return Response(PublicUserSerializer(get_or_refuse(people, pk=user_id)).data)


class HelperListView(generics.ListAPIView[User]):
    """People open to work around a place, nearest first."""

    serializer_class = HelperSerializer
    filterset_class = HelperFilter
    queryset = User.objects.visible().freelancers().filter(is_available=True).with_profiles()

    @extend_schema(operation_id="users_nearby")
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)


class AccountListView(generics.ListAPIView[User]):
    """For staff."""

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        require(why_not_staff(request.user, "accounts.view_user"))

    serializer_class = AccountSerializer
    filterset_class = AccountFilter
    queryset = User.objects.order_by("-id")

    @extend_schema(operation_id="users_list")
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """All accounts."""
        return super().get(request, *args, **kwargs)

    @extend_schema(operation_id="users_create", request=RegisterInput, responses={201: RegisteredSerializer})
    @idempotent
    def post(self, request: Request) -> Response:
        """Enter a person, who then confirms the address."""
        given = RegisterInput(data=request.data)
        given.is_valid(raise_exception=True)
        user = services.add_person(request.user, **given.validated_data)
        return Response(RegisteredSerializer(user).data, status=status.HTTP_201_CREATED)


class FreelancerListView(generics.ListAPIView[FreelancerProfile]):
    """The directory: best rated first, or nearest, or best match."""

    permission_classes: list[type[BasePermission]] = [AllowAny]
    serializer_class = FreelancerRowSerializer
    filterset_class = FreelancerFilter
    queryset = FreelancerProfile.objects.listed().for_rows()

    @extend_schema(operation_id="freelancers_list")
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)


class FreelancerOptionsView(APIView):
    permission_classes = [AllowAny]

    @extend_schema(operation_id="freelancers_filters", responses=FreelancerOptionsSerializer)
    def get(self, request: Request) -> Response:
        """What the directory can be narrowed to, with how many there are. Up to a minute old."""
        return Response(freelancer_options())


class FreelancerView(APIView):
    permission_classes = [AllowAny]

    @extend_schema(operation_id="freelancers_retrieve", responses=FreelancerSerializer)
    def get(self, request: Request, user_id: int) -> Response:
        """One freelancer's offer."""
        profile = get_or_refuse(FreelancerProfile.objects.listed().with_person().with_entries(), pk=user_id)
        return Response(FreelancerSerializer(profile).data)


def _with_profiles(user: Any) -> User:
    return User.objects.with_profiles().with_entries().get(pk=user.pk)
