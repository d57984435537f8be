"""Reviews as the API shows and takes them."""

from typing import Any

from rest_framework import serializers

from accounts.api.serializers import PersonSerializer, person_json
from core.formats import iso
from reviews.models import Review
from reviews.rules import MAX_COMMENT, Side


class ReviewSerializer(serializers.Serializer[Review]):
    """Needs reviewer with both profiles."""

    id = serializers.IntegerField()
    contract_id = serializers.UUIDField(allow_null=True)
    gig_id = serializers.IntegerField(allow_null=True)
    reviewer = PersonSerializer()
    reviewee_id = serializers.IntegerField()
    side = serializers.ChoiceField(choices=Side.choices, help_text="As what the reviewed person took part.")
    rating = serializers.IntegerField(min_value=1, max_value=5)
    comment = serializers.CharField()
    published_at = serializers.DateTimeField(allow_null=True, help_text="Empty while hidden.")
    created_at = serializers.DateTimeField()

    def to_representation(self, review: Review) -> dict[str, Any]:
        return {
            "id": review.pk,
            "contract_id": str(review.contract_id) if review.contract_id else None,
            "gig_id": review.gig_id,
            "reviewer": person_json(review.reviewer, "client" if review.side == Side.FREELANCER else "freelancer"),
            "reviewee_id": review.reviewee_id,
            "side": review.side,
            "rating": review.rating,
            "comment": review.comment,
            "published_at": iso(review.published_at),
            "created_at": iso(review.created_at),
        }


class ReviewInput(serializers.Serializer[Any]):
    """Exactly one of `contract_id` and `gig_id`."""

    contract_id = serializers.UUIDField(required=False, allow_null=True, default=None)
    gig_id = serializers.IntegerField(min_value=1, required=False, allow_null=True, default=None)
    rating = serializers.IntegerField(min_value=1, max_value=5)
    comment = serializers.CharField(max_length=MAX_COMMENT, required=False, default="", allow_blank=True)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if (attrs["contract_id"] is None) == (attrs["gig_id"] is None):
            raise serializers.ValidationError({"contract_id": ["Give either contract_id or gig_id."]})
        return attrs
