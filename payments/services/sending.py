"""Payouts on their way: a transfer to the person's account at the provider, then from there to the bank.

Each step is written down before the next, and called with a key made of the payout. So a crash anywhere leaves
something that can be repeated, and the recovery job does. Money that a bank sends back is the person's again at once;
taking the transfer back from their account at the provider follows by a job.
"""

from typing import Any

import structlog
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from accounts.services import audit
from core import jobs
from payments import ledger, providers
from payments.errors import NotYet, ProviderRefused, SettlementMismatch
from payments.models import Payout
from payments.providers import ProviderPayout, Transfer
from payments.rules import PAYOUT_LIFECYCLE, JournalKind, PayoutStatus, ProviderName
from payments.services.payouts import give_back, tell_payee

logger = structlog.get_logger(__name__)

ENDED_AT_PROVIDER = frozenset({"failed", "canceled"})


def send_payout(payout_id: int) -> Payout:
    """Send a payout, or find out what became of it. Safe to repeat; not within a transaction.

    Unavailable: the outcome is unknown, or the money is not there yet; it stays "being sent" and is tried again.
    """
    payout = _claim(payout_id)
    if payout.status != PayoutStatus.SENDING:
        return payout
    try:
        if payout.transfer_id is None:
            payout = settle_transfer(payout.pk, _transferred(payout))
        if payout.status == PayoutStatus.SENDING and payout.payout_id is None:
            payout = settle_payout(payout.pk, _paid_out(payout))
    except NotYet:
        Payout.objects.filter(pk=payout.pk).update(attempt=F("attempt") + 1)
        raise
    except ProviderRefused as refusal:
        payout = _refused(payout.pk, refusal.message)
    return payout


def refresh_payout(payout_id: int) -> Payout:
    """Ask the provider how a sent payout stands."""
    payout = Payout.objects.select_related("account").get(pk=payout_id)
    if payout.status != PayoutStatus.SENT or payout.payout_id is None:
        return payout
    payout = settle_payout(payout.pk, providers.main().retrieve_payout(_account_id(payout), payout.payout_id))
    Payout.objects.filter(pk=payout.pk).update(updated_at=timezone.now())  # so that it is not asked about again soon
    return payout


def return_transfer(payout_id: int) -> Payout:
    """Take the transfer of a failed payout back from the person's account at the provider. Safe to repeat."""
    payout = Payout.objects.get(pk=payout_id)
    if payout.status != PayoutStatus.FAILED or payout.transfer_id is None or payout.returned_at:
        return payout
    key = f"payout-{payout.token}-back-{payout.attempt}"
    try:
        transfer = providers.main().reverse_transfer(payout.transfer_id, key=key)
    except NotYet:
        Payout.objects.filter(pk=payout.pk).update(attempt=F("attempt") + 1)
        raise
    return settle_transfer(payout.pk, transfer)


@transaction.atomic
def settle_transfer(payout_id: int, state: Transfer) -> Payout:
    """Bring a payout up to the provider's snapshot of its transfer, made or taken back. Any order, any number of times."""
    payout = _lock(payout_id)
    is_new = payout.transfer_id is None
    if is_new:
        if payout.status != PayoutStatus.SENDING:
            raise SettlementMismatch(f"transfer {state.id} was made for payout {payout.pk}, which is {payout.status}")
        payout.transfer_id = state.id
    expected = (payout.transfer_id, payout.account.account_id, payout.amount_minor, payout.currency)
    if (state.id, state.account_id, state.amount_minor, state.currency) != expected:
        raise SettlementMismatch(f"transfer {state.id} is not that of payout {payout.pk}: {expected}")
    if is_new:
        payout.save(update_fields=["transfer_id"])
        ledger.post(
            JournalKind.PAYOUT_SENT,
            cause=f"payout:{payout.pk}",
            lines={ledger.clearing(ProviderName.STRIPE): payout.amount, ledger.CONNECTED: -payout.amount},
            memo=payout.bank_label,
        )
        audit.record(None, "payout.transferred", payout, amount=payout.amount.as_string(), currency=payout.currency)
    if state.reversed_minor:
        _note_reversal(payout, state)
    return payout


@transaction.atomic
def settle_payout(payout_id: int, state: ProviderPayout) -> Payout:
    """Bring a payout up to the provider's snapshot of it. Failed is final; a late "paid" changes nothing then."""
    payout = _lock(payout_id)
    if payout.payout_id not in {None, state.id}:
        raise SettlementMismatch(f"payout {state.id} is not {payout.payout_id} of payout {payout.pk}")
    if (state.amount_minor, state.currency) != (payout.amount_minor, payout.currency):
        raise SettlementMismatch(f"payout {payout.pk} is {state.amount_minor} {state.currency} at the provider")
    if payout.transfer_id is None:
        raise SettlementMismatch(f"payout {payout.pk} is at the provider before its transfer was noted")
    known: dict[str, Any] = {"payout_id": state.id, "arrives_at": state.arrives_at or payout.arrives_at}
    if payout.status == PayoutStatus.SENDING:
        PAYOUT_LIFECYCLE.perform(payout, "sent", **known)
        audit.record(None, "payout.sent", payout, amount=payout.amount.as_string(), currency=payout.currency)
    if state.status in ENDED_AT_PROVIDER:
        if payout.status != PayoutStatus.FAILED:
            _fail(payout, state.failure_code or state.status, state.failure_message)
    elif state.status == "paid" and payout.status == PayoutStatus.SENT:
        PAYOUT_LIFECYCLE.perform(payout, "arrive")
        ledger.post(
            JournalKind.PAYOUT_PAID,
            cause=f"payout:{payout.pk}",
            lines={ledger.CONNECTED: payout.amount, ledger.payouts(payout.user_id): -payout.amount},
            memo=payout.bank_label,
        )
        audit.record(None, "payout.paid", payout, amount=payout.amount.as_string(), currency=payout.currency)
        tell_payee(payout, "payout_paid", f"{payout.amount} arrived at your bank", payout.bank_label)
    return payout


def _claim(payout_id: int) -> Payout:
    with transaction.atomic(durable=True):
        payout = _lock(payout_id)
        if payout.status == PayoutStatus.REQUESTED:
            PAYOUT_LIFECYCLE.perform(payout, "send")
    return payout


def _transferred(payout: Payout) -> Transfer:
    provider, account_id = providers.main(), _account_id(payout)
    if payout.updated_at < timezone.now() - providers.KEYS_ARE_REMEMBERED:
        found = provider.find_transfer(account_id, reference=payout.reference)
        if found:
            return found
    return provider.create_transfer(
        key=f"payout-{payout.token}-transfer-{payout.attempt}",
        account_id=account_id,
        amount=payout.amount,
        reference=payout.reference,
    )


def _paid_out(payout: Payout) -> ProviderPayout:
    provider, account_id = providers.main(), _account_id(payout)
    if payout.updated_at < timezone.now() - providers.KEYS_ARE_REMEMBERED:
        found = provider.find_payout(account_id, reference=payout.reference)
        if found:
            return found
    return provider.create_payout(
        key=f"payout-{payout.token}-payout-{payout.attempt}",
        account_id=account_id,
        amount=payout.amount,
        reference=payout.reference,
    )


def _account_id(payout: Payout) -> str:
    account_id = payout.account.account_id
    assert account_id is not None  # only accounts that the provider opened are paid
    return account_id


@transaction.atomic
def _refused(payout_id: int, why: str) -> Payout:
    payout = _lock(payout_id)
    if payout.status == PayoutStatus.SENDING:
        _fail(payout, "refused", why)
    return payout


def _fail(payout: Payout, code: str, why: str) -> None:
    """The person has the money again, once; what lies at their account at the provider is taken back by a job."""
    arrived = payout.status == PayoutStatus.PAID
    PAYOUT_LIFECYCLE.perform(
        payout, "fail", reason=why, failure_code=code[:80], failure_message=why[:300] or "The bank sent it back."
    )
    if arrived:
        # Both of the person's accounts first, as for who asks for another payout at this moment.
        ledger.balances([ledger.available(payout.user_id), ledger.payouts(payout.user_id)], payout.currency)
        ledger.post(
            JournalKind.REVERSAL,
            cause=f"payout-paid:{payout.pk}",
            lines={ledger.CONNECTED: -payout.amount, ledger.payouts(payout.user_id): payout.amount},
            memo="The bank sent it back.",
        )
    give_back(payout, "The bank did not take this payout.")
    audit.record(None, "payout.failed", payout, code=code, after_arrival=arrived)
    if payout.transfer_id:
        jobs.enqueue("payments.return_transfer", payout_id=payout.pk)
    tell_payee(payout, "payout_failed", f"Your payout of {payout.amount} came back", payout.failure_message)
    logger.warning("payout_failed", payout_id=payout.pk, code=code)


def _note_reversal(payout: Payout, state: Transfer) -> None:
    if payout.returned_at:
        return
    if payout.status != PayoutStatus.FAILED or state.reversed_minor != payout.amount_minor:
        raise SettlementMismatch(f"{state.reversed_minor} of transfer {state.id} was taken back, not by us")
    payout.returned_at = timezone.now()
    payout.save(update_fields=["returned_at"])
    ledger.post(
        JournalKind.REVERSAL,
        cause=f"payout:{payout.pk}",
        lines={ledger.CONNECTED: payout.amount, ledger.clearing(ProviderName.STRIPE): -payout.amount},
        memo="Taken back from the connected account.",
    )
    audit.record(None, "payout.transfer_returned", payout, amount=payout.amount.as_string(), currency=payout.currency)


def _lock(payout_id: int) -> Payout:
    rows = Payout.objects.select_related("user", "account").select_for_update(of=("self",), no_key=True)
    return rows.get(pk=payout_id)
