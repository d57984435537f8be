"""Gigs as the API shows and takes them."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.core.files.storage import default_storage
from drf_spectacular.utils import extend_schema_serializer
from rest_framework import serializers

from accounts.api.serializers import PersonSerializer, avatar_json, person_json
from accounts.models import Category
from core.fields import AmountField, CurrencyField, PlaceField, to_money
from core.formats import iso
from core.money import Money
from gigs.models import Gig, NoShow
from gigs.policies import sees_exact_place
from gigs.rules import MAX_IMAGES, GigStatus, NoShowStatus, Side
from gigs.selectors import Cancellation, GigView
from gigs.services import GigDetails
from payments.api.serializers import PaymentIntentSerializer, ProviderField
from payments.rules import Quote, quote


class ImageSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    url = serializers.CharField()
    width = serializers.IntegerField(allow_null=True)
    height = serializers.IntegerField(allow_null=True)


class CancellationSerializer(serializers.Serializer[Any]):
    """What calling the gig off now does. After the agreed work began, nobody can."""

    free_until = serializers.DateTimeField(allow_null=True, help_text="Null: until the work begins.")
    late = serializers.BooleanField(help_text="It is not free any more.")
    strike = serializers.BooleanField(help_text="It is kept as a strike of yours.")
    to_helper = AmountField(help_text="Of what is held; 20 % of the budget when the seeker is late.")
    fee = AmountField(help_text="Guildhall's fee, out of `to_helper`.")
    net = AmountField(help_text="What of it the helper receives.")
    back = AmountField(help_text="What goes back to the seeker.")


class NoShowSerializer(serializers.Serializer[NoShow]):
    """A report that one side did not come. What is held is frozen until it is settled."""

    status = serializers.ChoiceField(choices=NoShowStatus.choices)
    reported_by = serializers.ChoiceField(choices=Side.choices)
    absent = serializers.ChoiceField(choices=Side.choices, help_text="Who did not come, by the report.")
    note = serializers.CharField()
    answer = serializers.CharField(help_text="Of the other side.")
    answer_by = serializers.DateTimeField(help_text="Silence until then confirms the report.")
    found_absent = serializers.CharField(help_text="Who did not come, once that is settled: seeker or helper.")
    reasons = serializers.CharField(help_text="Of what settled it.")
    created_at = serializers.DateTimeField()

    def to_representation(self, report: NoShow) -> dict[str, Any]:
        return {
            "status": report.status,
            "reported_by": Side.SEEKER if report.absent == Side.HELPER else Side.HELPER,
            "absent": report.absent,
            "note": report.note,
            "answer": report.answer,
            "answer_by": iso(report.answer_by),
            "found_absent": report.found_absent,
            "reasons": report.reasons,
            "created_at": iso(report.created_at),
        }


class GigSerializer(serializers.Serializer[Gig]):
    """Needs `with_people()`, and the reader as context["user"]: strangers get the blurred place and no address."""

    id = serializers.IntegerField()
    title = serializers.CharField()
    description = serializers.CharField()
    category = serializers.CharField(allow_null=True, help_text="Slug.")
    duration_hours = serializers.FloatField()
    budget = AmountField()
    currency = CurrencyField()
    fee_bps = serializers.IntegerField(help_text="Guildhall's fee in basis points, taken from the budget.")
    approval_days = serializers.IntegerField(
        help_text="Silence for so long, once the work is done, releases the funds; agreed on with the fee."
    )
    location = PlaceField(help_text="Exact for the two parties, about 500 m off for everybody else.")
    location_exact = serializers.BooleanField()
    address = serializers.CharField(help_text="Empty unless you are a party.")
    area = serializers.CharField()
    images = ImageSerializer(many=True)
    starts_at = serializers.DateTimeField(allow_null=True)
    status = serializers.ChoiceField(choices=GigStatus.choices)
    funded = serializers.BooleanField(help_text="The funds are held (or were released).")
    released = serializers.BooleanField()
    release_at = serializers.DateTimeField(
        allow_null=True, help_text="When silence releases the funds; known once the work is done."
    )
    seeker = PersonSerializer()
    helper = PersonSerializer(allow_null=True)
    chat_id = serializers.IntegerField(allow_null=True, help_text="Only for the two parties.")
    transaction_id = serializers.IntegerField(allow_null=True, help_text="For /api/transactions; only for the parties.")
    cancellation = CancellationSerializer(allow_null=True, help_text="Null when you cannot call it off.")
    compensation = AmountField(
        allow_null=True,
        help_text="Of what was held, to the helper of a gig that did not come about. Only for the parties.",
    )
    no_show = NoShowSerializer(allow_null=True, help_text="Only for the parties.")
    no_show_until = serializers.DateTimeField(
        allow_null=True, help_text="Until when you may report that the other side did not come; null when you cannot."
    )
    distance_km = serializers.FloatField(allow_null=True, help_text="When searched by place.")
    created_at = serializers.DateTimeField()

    def to_representation(self, gig: Gig) -> dict[str, Any]:
        exact = sees_exact_place(gig, self.context["user"])
        place = gig.location if exact else gig.public_location
        distance = getattr(gig, "distance", None)
        money = gig.hold.status if gig.hold else ""
        view = GigView(gig, self.context["user"])
        return {
            "id": gig.pk,
            "title": gig.title,
            "description": gig.description,
            "category": gig.category.slug if gig.category else None,
            "duration_hours": round(gig.duration_minutes / 60, 2),
            "budget": gig.budget.as_string(),
            "currency": gig.currency,
            "fee_bps": gig.fee_bps,
            "approval_days": gig.approval_days,
            "location": {"lat": round(place.y, 6), "lng": round(place.x, 6)},
            "location_exact": exact,
            "address": gig.address if exact else "",
            "area": gig.area,
            "images": [
                {"id": image.pk, "url": image.url, "width": image.width, "height": image.height}
                for image in gig.images.all()
            ],
            "starts_at": iso(gig.starts_at),
            "status": gig.status,
            "funded": money in {"held", "released"},
            "released": money == "released",
            "release_at": iso(gig.release_at),
            "seeker": person_json(gig.seeker, "client"),
            "helper": person_json(gig.helper, "freelancer") if gig.helper else None,
            "chat_id": gig.room_id if exact else None,
            "transaction_id": gig.hold_id if exact else None,
            "cancellation": cancellation_json(view.cancellation),
            "compensation": gig.compensation.as_string() if exact else None,
            "no_show": NoShowSerializer(view.no_show).data if exact and view.no_show else None,
            "no_show_until": iso(view.no_show_until),
            "distance_km": None if distance is None else round(distance.km, 2),
            "created_at": iso(gig.created_at),
        }


def cancellation_json(found: Cancellation | None) -> dict[str, Any] | None:
    if found is None:
        return None
    return {
        "free_until": iso(found.free_until),
        "late": found.is_late,
        "strike": found.is_strike,
        "to_helper": found.figures.gross.as_string(),
        "fee": found.figures.fee.as_string(),
        "net": found.figures.net.as_string(),
        "back": found.back.as_string(),
    }


def open_gig_json(row: Mapping[str, Any], reader: Any) -> dict[str, Any]:
    """The same for a row of gigs.selectors: an open gig."""
    own = row["seeker_id"] == reader.pk
    nothing = Money(0, row["currency"])
    free = Cancellation(None, False, False, Quote(nothing, nothing, nothing), nothing)
    distance = row.get("distance")
    return {
        "id": row["id"],
        "title": row["title"],
        "description": row["description"],
        "category": row["category__slug"],
        "duration_hours": round(row["duration_minutes"] / 60, 2),
        "budget": Money(row["budget_minor"], row["currency"]).as_string(),
        "currency": row["currency"],
        "fee_bps": row["fee_bps"],
        "approval_days": row["approval_days"],
        "location": {
            "lat": round(row["lat" if own else "public_lat"], 6),
            "lng": round(row["lng" if own else "public_lng"], 6),
        },
        "location_exact": own,
        "address": row["address"] if own else "",
        "area": row["area"],
        "images": [_image_json(picture) for picture in row["pictures"]],
        "starts_at": iso(row["starts_at"]),
        "status": row["status"],
        "funded": False,
        "released": False,
        "release_at": None,
        "seeker": _seeker_json(row),
        "helper": None,
        "chat_id": None,
        "transaction_id": None,
        "cancellation": cancellation_json(free if own else None),
        "compensation": nothing.as_string() if own else None,
        "no_show": None,
        "no_show_until": None,
        "distance_km": None if distance is None else round(distance.km, 2),
        "created_at": iso(row["created_at"]),
    }


def _image_json(picture: Mapping[str, Any]) -> dict[str, Any]:
    sizes = {"width": picture["width"], "height": picture["height"]}
    return {"id": picture["id"], "url": default_storage.url(picture["file"]), **sizes}


def _seeker_json(row: Mapping[str, Any]) -> dict[str, Any]:
    """The same as accounts' person_json(user, "client"), from columns."""
    rating = row["seeker__client_profile__rating_average"]
    name = row["seeker__client_profile__company_name"]
    return {
        "id": row["seeker_id"],
        "name": name or f"{row['seeker__first_name']} {row['seeker__last_name']}".strip(),
        **avatar_json(row["seeker__avatar"]),
        "city": row["seeker__city"],
        "country": row["seeker__country"],
        "rating": None if rating is None else float(rating),
        "rating_count": row["seeker__client_profile__rating_count"],
        "identity_verified": row["seeker__identity_verified_at"] is not None,
    }


class GigInput(serializers.Serializer[Any]):
    title = serializers.CharField(max_length=160)
    description = serializers.CharField(max_length=5000)
    category = serializers.SlugRelatedField(
        slug_field="slug", queryset=Category.objects.local(), required=False, allow_null=True
    )
    duration_hours = serializers.DecimalField(
        max_digits=5, decimal_places=2, min_value=Decimal("0.25"), max_value=Decimal(336)
    )
    budget = AmountField()
    currency = CurrencyField()
    location = PlaceField()
    address = serializers.CharField(max_length=200)
    area = serializers.CharField(max_length=120, required=False, allow_blank=True)
    starts_at = serializers.DateTimeField(required=False, allow_null=True)
    image_ids = serializers.ListField(
        child=serializers.IntegerField(min_value=1), required=False, max_length=MAX_IMAGES
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Budget and currency only make sense together, so a PATCH of one takes the other from the gig."""
        gig: Gig | None = self.instance
        amount = attrs.get("budget", gig and gig.budget.decimal)
        currency = attrs.get("currency", gig and gig.currency)
        return attrs | {"budget": to_money(amount, currency, "budget")}

    def details(self) -> GigDetails:
        """The whole gig: what was sent, and for a PATCH the rest as it is."""
        sent = self.validated_data
        before = _as_input(self.instance) if self.instance else {}
        merged = before | {name: value for name, value in sent.items() if name in GigDetails.__dataclass_fields__}
        if "duration_hours" in sent:
            merged["duration_minutes"] = int(sent["duration_hours"] * 60)
        if "location" in sent:
            merged |= sent["location"]
        return GigDetails(**merged)


def _as_input(gig: Gig) -> dict[str, Any]:
    return {
        "title": gig.title,
        "description": gig.description,
        "category": gig.category,
        "duration_minutes": gig.duration_minutes,
        "budget": gig.budget,
        "lat": gig.location.y,
        "lng": gig.location.x,
        "address": gig.address,
        "area": gig.area,
        "starts_at": gig.starts_at,
        "image_ids": [image.pk for image in gig.images.all()],
    }


class GigStatusInput(serializers.Serializer[Any]):
    status = serializers.ChoiceField(choices=[GigStatus.IN_PROGRESS, GigStatus.COMPLETED, GigStatus.CANCELLED])
    late = serializers.BooleanField(
        default=True, help_text="Of a cancellation. False: a 409 `cancellation_is_late` instead of a cost."
    )


class NoShowInput(serializers.Serializer[Any]):
    note = serializers.CharField(max_length=2000, required=False, default="", allow_blank=True)


class NoShowAnswerInput(serializers.Serializer[Any]):
    answer = serializers.CharField(max_length=2000)


class EscrowInput(serializers.Serializer[Any]):
    gig_id = serializers.IntegerField(min_value=1)
    payment_method = serializers.CharField(max_length=80, required=False, default="", allow_blank=True)
    provider = ProviderField()


@extend_schema_serializer(component_name="GigTransaction")
class TransactionSerializer(serializers.Serializer[Any]):
    """The held funds of a gig. Amounts in minor units."""

    id = serializers.IntegerField()
    gig_id = serializers.IntegerField()
    status = serializers.CharField(help_text="pending, held, released, refunded or cancelled.")
    amount = serializers.IntegerField()
    fee = serializers.IntegerField()
    net = serializers.IntegerField()
    currency = serializers.CharField()
    payment_intent = PaymentIntentSerializer(required=False, help_text="Only in the answer to a POST.")

    def to_representation(self, gig: Gig) -> dict[str, Any]:
        hold = gig.hold
        assert hold is not None
        figures = quote(hold.amount, hold.fee_bps)
        return {
            "id": hold.pk,
            "gig_id": gig.pk,
            "status": hold.status,
            "amount": hold.amount_minor,
            "fee": figures.fee.minor,
            "net": figures.net.minor,
            "currency": hold.currency.lower(),
        }
