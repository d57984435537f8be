"""Where a person is paid: their account at the payment provider, which knows their bank."""

from collections.abc import Sequence
from uuid import uuid4

from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuthSession, User
from accounts.services import audit, require_confirmed
from core.errors import Conflict, require
from notifications.services import notify
from payments import policies, providers
from payments.models import ConnectAccount
from payments.providers import Connected


def open_connect_account(actor: User, *, country: str, session: AuthSession | None) -> ConnectAccount:
    """Open an account to be paid at, in the country of the person's bank. Repeating it returns the same account.

    Needs a sign-in that was proven lately. Calls the provider, so not within a transaction. The country of an account
    can't change: Conflict `payout_account_elsewhere`, also when another one was chosen while the provider was asked.
    """
    require_confirmed(actor, session)
    require(policies.why_not_open_account(actor))
    account = _own_account(actor, country)
    if account.account_id:
        return account
    state = providers.main().create_account(
        key=f"connect-{account.token}", user_id=actor.pk, email=actor.email, country=account.country
    )
    return _keep(account, state)


def begin_onboarding(actor: User, *, session: AuthSession | None, return_url: str, refresh_url: str) -> str:
    """The provider's page on which the person says who they are, and gives or changes their bank account; for one visit.

    Needs a sign-in that was proven lately. Conflict `no_payout_account`.
    """
    require_confirmed(actor, session)
    account = _ready(actor)
    assert account.account_id is not None
    if account.details_submitted and not account.missing:
        url = providers.main().dashboard_link(account.account_id)
    else:
        url = providers.main().onboarding_link(account.account_id, return_url=return_url, refresh_url=refresh_url)
    audit.record(actor, "payout_account.opened_page", account)
    return url


def refresh_connect_account(account_id: int) -> ConnectAccount:
    """Ask the provider how the account stands."""
    account = ConnectAccount.objects.get(pk=account_id)
    if account.account_id is None:
        return account
    return settle_account(account.pk, providers.main().retrieve_account(account.account_id))


@transaction.atomic
def settle_account(account_id: int, state: Connected) -> ConnectAccount:
    """Bring our copy up to the provider's, and tell the person of what matters: a new bank, or payouts switched."""
    account = (
        ConnectAccount.objects.select_related("user").select_for_update(of=("self",), no_key=True).get(pk=account_id)
    )
    is_new = account.account_id is None
    other_bank = bool(account.bank_ids) and sorted(account.bank_ids) != sorted(state.bank_ids)
    could, can = account.payouts_enabled, state.payouts_enabled
    account.account_id = state.id
    account.details_submitted = state.details_submitted
    account.payouts_enabled = can
    account.missing = _short(state.missing)
    account.disabled_reason = state.disabled_reason[:120]
    account.currencies = list(state.currencies)
    account.bank_label = state.bank_label[:80]
    account.bank_ids = list(state.bank_ids)
    account.checked_at = timezone.now()
    account.save()
    if is_new:
        audit.record(account.user, "payout_account.opened", account, country=account.country)
        _tell(account, "payout_account_changed", "You opened an account to be paid at")
    elif other_bank:
        audit.record(account.user, "payout_account.changed_bank", account)
        _tell(account, "payout_account_changed", "The bank account that you are paid at was changed")
    elif can and not could:
        audit.record(None, "payout_account.ready", account)
        _tell(account, "payout_account_ready", "You can be paid out now", email=False)
    elif could and not can:
        audit.record(None, "payout_account.stopped", account, reason=account.disabled_reason)
        _tell(account, "payout_account_changed", "Payouts to you are stopped until something is completed")
    return account


def erase_of(user: User) -> None:
    """The person deletes their account: nothing leads to their bank any more. Payouts stay, as the law wants of books."""
    ConnectAccount.objects.filter(user=user).update(bank_label="", bank_ids=[], missing=[])


@transaction.atomic(durable=True)
def _own_account(actor: User, country: str) -> ConnectAccount:
    account, _ = ConnectAccount.objects.get_or_create(user=actor, defaults={"country": country})
    if account.country != country:
        if account.account_id:
            raise Conflict("payout_account_elsewhere", f"Your account is in {account.country} already.")
        account.country, account.token = country, uuid4()  # another call, so another key
        account.save(update_fields=["country", "token"])
    return account


@transaction.atomic
def _keep(account: ConnectAccount, state: Connected) -> ConnectAccount:
    """The answer to a call that nothing overtook: the token tells which one the row waits for."""
    current = ConnectAccount.objects.select_for_update(no_key=True).get(pk=account.pk)
    if current.token != account.token:
        raise Conflict("payout_account_elsewhere", f"You chose {current.country} meanwhile.")
    return settle_account(account.pk, state)


def _ready(actor: User) -> ConnectAccount:
    account: ConnectAccount | None = ConnectAccount.objects.filter(user=actor, account_id__isnull=False).first()
    if account is None:
        raise Conflict("no_payout_account", "Say first in which country your bank is.")
    return account


def _short(missing: Sequence[str]) -> list[str]:
    return [name[:120] for name in missing]


def _tell(account: ConnectAccount, kind: str, title: str, *, email: bool = True) -> None:
    notify(
        account.user,
        kind=kind,
        title=title,
        message=account.bank_label,
        url=reverse("payout-account:home"),
        email="payments/emails/payout_account_changed" if email else None,
        context={"bank": account.bank_label},
    )
