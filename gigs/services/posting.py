"""Posting and editing a gig."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from accounts.models import Category, User
from accounts.rules import UploadKind
from accounts.selectors import marketplace_rules
from accounts.services import uploads
from core import geo
from core.errors import Conflict, Invalid, require
from core.money import Money
from gigs import policies
from gigs.models import Gig
from gigs.rules import FARTHEST_START, MAX_IMAGES, GigStatus
from gigs.services.loading import lock_gig
from payments.selectors import fee_bps
from payments.services import require_chargeable


@dataclass(frozen=True, kw_only=True)
class GigDetails:
    """What the seeker says about the gig. `lat` and `lng` in degrees; the exact place stays with the two parties."""

    title: str
    description: str
    duration_minutes: int
    budget: Money
    lat: float
    lng: float
    address: str
    area: str = ""
    starts_at: datetime | None = None
    category: Category | None = None
    image_ids: Sequence[int] = ()


@transaction.atomic
def post_gig(actor: User, *, details: GigDetails) -> Gig:
    """Put a gig on the map for helpers nearby."""
    require(policies.why_not_post(actor))
    _check(details)
    gig = Gig.objects.create(
        seeker=actor,
        fee_bps=fee_bps(client=actor),
        approval_days=marketplace_rules().approval_days,
        **_columns(details),
    )
    gig.images.set(uploads.claim(actor, ids=details.image_ids, kind=UploadKind.GIG, field="image_ids"))
    gig.events.create(move="post", to_status=gig.status, actor=actor)
    return gig


@transaction.atomic
def edit_gig(actor: User, *, gig_id: int, details: GigDetails) -> Gig:
    """Change a gig that nobody has accepted yet. Conflict `gig_taken` afterwards."""
    gig = lock_gig(actor, gig_id)
    require(policies.why_not_seeker(actor, gig))
    if gig.status != GigStatus.PENDING:
        raise Conflict("gig_not_editable", f"This gig is {gig.get_status_display().lower()} and cannot be changed.")
    _check(details)
    for column, value in _columns(details).items():
        setattr(gig, column, value)
    gig.updated_at = timezone.now()
    gig.save()
    gig.images.set(uploads.claim(actor, ids=details.image_ids, kind=UploadKind.GIG, field="image_ids"))
    return gig


def _check(details: GigDetails) -> None:
    require_chargeable(details.budget, "budget")
    if details.starts_at and details.starts_at < timezone.now():
        raise Invalid(fields={"starts_at": ["This time has passed."]})
    if details.starts_at and details.starts_at > timezone.now() + FARTHEST_START:
        raise Invalid(fields={"starts_at": ["Choose a time within a hundred years."]})
    if len(details.image_ids) > MAX_IMAGES:
        raise Invalid(fields={"image_ids": [f"At most {MAX_IMAGES} pictures."]})


def _columns(details: GigDetails) -> dict[str, object]:
    place = geo.point(details.lat, details.lng)
    return {
        "title": details.title,
        "description": details.description,
        "category": details.category,
        "duration_minutes": details.duration_minutes,
        "budget_minor": details.budget.minor,
        "currency": details.budget.currency,
        "location": place,
        "public_location": geo.blurred(place),
        "address": details.address,
        "area": details.area,
        "starts_at": details.starts_at,
    }
