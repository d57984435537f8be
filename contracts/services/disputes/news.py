"""Telling the two sides, and the staff, what happened in a dispute and what is expected of them."""

from collections.abc import Mapping
from typing import Any

from django.urls import reverse

from accounts.models import User
from contracts.models import Dispute, DisputeOffer
from contracts.rules import DisputeStatus, Side
from core.money import Money
from notifications.services import notify
from payments.rules import Quote


def tell_opened(dispute: Dispute) -> None:
    _tell(
        _other(dispute),
        dispute,
        "dispute_opened",
        f"{dispute.opener.get_full_name()} opened a dispute",
        email="contracts/emails/dispute_opened",
        context={
            "name": dispute.opener.get_full_name(),
            "reason": dispute.get_reason_display(),
            "explanation": dispute.explanation,
            "amount": dispute.claim,
            "held": dispute.held,
            "answer_by": dispute.answer_by,
        },
    )


def tell_offer(dispute: Dispute, offer: DisputeOffer) -> None:
    person = _across(dispute, offer.by_id)
    _tell(
        person,
        dispute,
        "dispute_offered",
        f"{offer.by.get_full_name()} offers a split",
        email="contracts/emails/dispute_offered",
        context={
            "name": offer.by.get_full_name(),
            "note": offer.note,
            "freelancer": dispute.contract.freelancer.get_full_name(),
            "client": dispute.contract.client.get_full_name(),
            "to_freelancer": offer.to_freelancer,
            "to_client": offer.to_client,
            "answer_by": dispute.answer_by if dispute.status == DisputeStatus.ANSWERED else None,
        },
    )


def tell_evidence(dispute: Dispute, actor: User) -> None:
    name = actor.get_full_name()
    _tell(_across(dispute, actor.pk), dispute, "dispute_evidence", f"{name} added evidence to your dispute")


def tell_mediation(dispute: Dispute, actor: User | None) -> None:
    """Both, unless they did it themselves: from now on staff read along."""
    for person in _sides(dispute):
        if actor is None or person.pk != actor.pk:
            _tell(
                person,
                dispute,
                "dispute_mediation",
                "Guildhall mediates your dispute",
                email="contracts/emails/dispute_mediation",
                context={"answer": dispute.answer, "mediation_by": dispute.mediation_by},
            )


def tell_withdrawn(dispute: Dispute) -> None:
    name = dispute.opener.get_full_name()
    _tell(_other(dispute), dispute, "dispute_withdrawn", f"{name} withdrew the dispute. Work goes on")


def tell_dropped(dispute: Dispute, reason: str) -> None:
    for person in _sides(dispute):
        _tell(person, dispute, "dispute_withdrawn", f"Your dispute is over. {reason.rstrip('.')}")


def tell_reduced(dispute: Dispute, taken: Money) -> None:
    title = f"The client’s bank took back {taken}. Your dispute goes on over {dispute.held}"
    for person in _sides(dispute):
        _tell(person, dispute, "dispute_reduced", title)


def tell_outcome(dispute: Dispute, figures: Quote) -> None:
    """Both, with the figures and the reasons. `figures`: of the freelancer's part."""
    for person in _sides(dispute):
        _tell(
            person,
            dispute,
            "dispute_ended",
            "Your dispute is settled" if dispute.status == DisputeStatus.SETTLED else "Your dispute is decided",
            email="contracts/emails/dispute_ended",
            context={
                "client": dispute.contract.client.get_full_name(),
                "freelancer": dispute.contract.freelancer.get_full_name(),
                "gross": figures.gross,
                "fee": figures.fee,
                "net": figures.net,
                "to_client": dispute.to_client,
                "reasons": dispute.reasons,
            },
        )


def remind(dispute: Dispute) -> None:
    """Whoever has to answer until tomorrow, and what silence does."""
    is_open = dispute.status == DisputeStatus.OPEN
    _tell(
        _other(dispute) if is_open else dispute.opener,
        dispute,
        "dispute_reminder",
        "Your answer to a dispute is due",
        email="contracts/emails/dispute_reminder",
        context={"amount": dispute.claim if is_open else None, "answer_by": dispute.answer_by},
    )


def alarm_staff(dispute: Dispute) -> None:
    """Everybody whose group decides disputes: this mediation ends soon without a decision."""
    url = reverse("admin:contracts_dispute_record", args=[dispute.pk])
    right = {
        "groups__permissions__codename": "change_dispute",
        "groups__permissions__content_type__app_label": "contracts",
    }
    for person in User.objects.active().filter(is_staff=True, **right).distinct():
        notify(
            person,
            kind="dispute_waits_for_staff",
            title="A dispute has to be decided soon",
            message=dispute.title,
            url=url,
            data={"dispute_id": dispute.pk},
        )


def _sides(dispute: Dispute) -> tuple[User, User]:
    return dispute.contract.client, dispute.contract.freelancer


def _other(dispute: Dispute) -> User:
    return dispute.contract.freelancer if dispute.side == Side.CLIENT else dispute.contract.client


def _across(dispute: Dispute, person_id: int) -> User:
    client, freelancer = _sides(dispute)
    return freelancer if person_id == client.pk else client


def _tell(
    person: User,
    dispute: Dispute,
    kind: str,
    title: str,
    *,
    email: str | None = None,
    context: Mapping[str, Any] | None = None,
) -> None:
    notify(
        person,
        kind=kind,
        title=title,
        message=dispute.title,
        url=reverse("contracts:dispute", args=[dispute.pk]),
        data={"dispute_id": dispute.pk, "contract_id": str(dispute.contract_id)},
        email=email,
        context={"about": dispute.title, **(context or {})},
    )
