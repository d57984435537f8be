"""What the provider tells us of money that leaves: people's accounts, transfers, payouts and disputes.

An event tells that something changed; unless its snapshot is final, the provider is asked how it stands now.
"""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import structlog

from payments import providers
from payments.models import ConnectAccount, Payout
from payments.services.chargebacks import refresh_chargeback
from payments.services.connect import refresh_connect_account
from payments.services.sending import settle_payout, settle_transfer

logger = structlog.get_logger(__name__)

Object = Mapping[str, Any]
LAST_WORDS = frozenset({"failed", "canceled"})


def apply_account(about: Object) -> None:
    if account := ConnectAccount.objects.filter(account_id=about["id"]).first():
        refresh_connect_account(account.pk)


def apply_transfer(about: Object) -> None:
    state = providers.read_transfer(about)
    payout = Payout.objects.filter(transfer_id=state.id).first() or _marked(state.metadata)
    if payout is None:
        logger.error("transfer_is_not_ours", transfer_id=state.id)
        return
    settle_transfer(payout.pk, providers.main().retrieve_transfer(state.id))


def apply_payout(about: Object) -> None:
    """Of a connected account; our own account's payouts to our bank carry no mark, and are none of ours here."""
    state = providers.read_payout(about)
    payout = Payout.objects.select_related("account").filter(payout_id=state.id).first() or _marked(state.metadata)
    if payout is None:
        return
    if state.status not in LAST_WORDS:
        assert payout.account.account_id is not None
        state = providers.main().retrieve_payout(payout.account.account_id, state.id)
    settle_payout(payout.pk, state)


def apply_dispute(about: Object) -> None:
    refresh_chargeback(about["id"])


def _marked(metadata: Mapping[str, str]) -> Payout | None:
    """By our mark on it, when the event came before we noted the answer of our own call."""
    try:
        token = UUID(metadata.get(providers.PAYOUT_KEY, ""))
    except ValueError:
        return None
    return Payout.objects.select_related("account").filter(token=token).first()
