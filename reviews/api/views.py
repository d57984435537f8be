"""Reviews over the API."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import generics
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import User
from core.idempotency import idempotent
from core.queries import get_or_refuse
from reviews import services
from reviews.api.filters import ReviewFilter
from reviews.api.serializers import ReviewInput, ReviewSerializer
from reviews.models import Review


class Reviews(generics.ListAPIView[Review]):
    """Reviews that the person wrote or received (received ones once they are public)."""

    serializer_class = ReviewSerializer
    filterset_class = ReviewFilter
    queryset = Review.objects.none()

    def get_queryset(self) -> Any:
        user = self.request.user
        mine = Review.objects.filter(reviewer=user) | Review.objects.published().filter(reviewee=user)
        return mine.with_reviewer().order_by("-id")

    @extend_schema(operation_id="reviews_create", request=ReviewInput, responses={201: ReviewSerializer})
    @idempotent
    def post(self, request: Request) -> Response:
        """Review the other side after completed, paid work. Hidden until both wrote or 14 days passed."""
        serializer = ReviewInput(data=request.data)
        serializer.is_valid(raise_exception=True)
        data = dict(serializer.validated_data)
        contract_id, gig_id = data.pop("contract_id"), data.pop("gig_id")
        if contract_id:
            review = services.review_contract(request.user, contract_id=contract_id, **data)
        else:
            review = services.review_gig(request.user, gig_id=gig_id, **data)
        return Response(ReviewSerializer(Review.objects.with_reviewer().get(pk=review.pk)).data, status=201)


class ReviewsOfUser(generics.ListAPIView[Review]):
    """Public reviews of a person, newest first."""

    serializer_class = ReviewSerializer
    permission_classes = [AllowAny]

    @extend_schema(operation_id="reviews_of_user")
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)

    def get_queryset(self) -> Any:
        if getattr(self, "swagger_fake_view", False):
            return Review.objects.none()
        person = get_or_refuse(User.objects.visible(), pk=self.kwargs["pk"])
        return Review.objects.published().filter(reviewee=person).with_reviewer().order_by("-id")
