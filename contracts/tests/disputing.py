"""What tests of disputes share."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from contracts.models import Dispute
from contracts.services import disputes as services
from contracts.tests.factories import disputed_step, mediated
from core.errors import DomainError
from payments.selectors import wallet
from payments.tests.factories import usd


def available(user: User) -> int:
    return next((balance.available.minor for balance in wallet(user) if balance.currency == "USD"), 0)


def again(dispute: Dispute) -> Dispute:
    return Dispute.objects.select_related("contract__client", "contract__freelancer", "milestone", "hold").get(
        pk=dispute.pk
    )


def let_time_pass(dispute: Dispute) -> None:
    """Until its deadline is over."""
    past = timezone.now() - timedelta(seconds=1)
    Dispute.objects.filter(pk=dispute.pk, answer_by__isnull=False).update(answer_by=past)
    Dispute.objects.filter(pk=dispute.pk, mediation_by__isnull=False).update(mediation_by=past)


def refusal_of(act: Callable[[], Any]) -> str:
    with pytest.raises(DomainError) as refusal, transaction.atomic():
        act()
    return refusal.value.code


def brought_to(status: str) -> Dispute:
    """A dispute of the client in any status, by the moves that lead there."""
    dispute = disputed_step([500_00])
    client, freelancer = dispute.contract.client, dispute.contract.freelancer
    match status:
        case "answered":
            services.offer_split(freelancer, dispute_id=dispute.pk, to_freelancer=usd(400_00))
        case "mediation":
            mediated(dispute)
        case "resolved":
            let_time_pass(dispute)
            services.meet_deadlines()
        case "settled":
            services.accept_claim(freelancer, dispute_id=dispute.pk)
        case "withdrawn":
            services.withdraw_dispute(client, dispute_id=dispute.pk)
    return again(dispute)
