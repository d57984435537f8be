"""What a client gives on top: paid in, and released in the same moment."""

from uuid import UUID

from django.db import transaction
from django.urls import reverse

from accounts.models import User
from accounts.services import audit
from contracts import policies
from contracts.models import Bonus, Contract
from contracts.services.loading import lock_contract
from core.errors import Conflict, Invalid, require
from core.money import Money
from core.queries import get_or_refuse
from notifications.services import notify
from payments.models import Hold, Payment
from payments.rules import HoldStatus
from payments.services import open_hold, pay_hold, refund_hold, release_hold, require_chargeable


@transaction.atomic
def prepare_bonus(actor: User, *, contract_id: UUID, amount: Money, note: str = "", afresh: bool = False) -> Bonus:
    """Ready to be paid in. The same bonus that was not paid yet is used again; `afresh`: only if no payment was begun for it.

    Conflict `bonus_too_late` 30 days after the contract was completed, `contract_cancelled` when it was called off.
    """
    contract = lock_contract(actor, contract_id)
    require(policies.why_not_client(actor, contract))
    _require_open_to_bonus(contract)
    if amount.currency != contract.currency:
        raise Invalid(fields={"currency": [f"This contract is in {contract.currency}."]})
    require_chargeable(amount, "amount")
    unpaid = contract.bonuses.filter(hold__status=HoldStatus.PENDING, hold__amount_minor=amount.minor, note=note)
    if afresh:
        unpaid = unpaid.filter(hold__payments=None)
    if found := unpaid.select_related("hold").first():
        return found
    hold = open_hold(
        payer=contract.client,
        payee=contract.freelancer,
        amount=amount,
        fee_bps=contract.fee_bps,
        purpose=Hold.Purpose.BONUS,
        title=f"Bonus: {contract.title}",
        url=reverse("contracts:money", args=[contract.pk]),
    )
    bonus: Bonus = Bonus.objects.create(contract=contract, hold=hold, note=note)
    audit.record(actor, "bonus.started", bonus, amount=amount.as_string(), currency=amount.currency)
    return bonus


def give_bonus(
    actor: User,
    *,
    contract_id: UUID,
    amount: Money,
    note: str = "",
    payment_method: str = "",
    token: UUID | None = None,
) -> tuple[Bonus, Payment]:
    """Pay a bonus in. Given when the provider says so: at once with a working `payment_method`, else after confirmation.

    Each `token` names a bonus of its own: repeating it goes on with that one, also when it was given, and never with one
    that another token has begun.
    Not one transaction: the bonus and the payment are written and committed before the provider is called.
    """
    begun: Bonus | None = Bonus.objects.visible_to(actor).filter(hold__payments__token=token).first() if token else None
    bonus = begun or prepare_bonus(actor, contract_id=contract_id, amount=amount, note=note, afresh=token is not None)
    payment = pay_hold(actor, hold_id=bonus.hold_id, payment_method=payment_method, token=None if begun else token)
    bonus.hold.refresh_from_db()
    return bonus, payment


@transaction.atomic
def drop_bonus(actor: User, *, bonus_id: int) -> Bonus:
    """Think better of a bonus that was not paid in. Conflict `bonus_given` afterwards."""
    contract_id = get_or_refuse(Bonus.objects.visible_to(actor), pk=bonus_id).contract_id
    require(policies.why_not_client(actor, lock_contract(actor, contract_id)))
    bonus = Bonus.objects.select_related("hold").get(pk=bonus_id)
    if bonus.hold.status == HoldStatus.RELEASED:
        raise Conflict("bonus_given", "This bonus was given already.")
    refund_hold(actor, hold=bonus.hold, reason="The bonus was not given.", cause=f"bonus:{bonus.pk}")
    return bonus


def require_payable(hold: Hold) -> None:
    """Conflict once it is too late for it. Called by payments before a hold is paid in, whichever way leads there."""
    _require_open_to_bonus(Contract.objects.get(bonuses__hold=hold))


def _require_open_to_bonus(contract: Contract) -> None:
    if refusal := policies.why_no_bonus(contract):
        raise Conflict(refusal.code, refusal.message)


def lock_for_bonus(hold_id: int) -> None:
    """Take the contract's lock before payments locks the hold."""
    Contract.objects.select_for_update(no_key=True).get(bonuses__hold=hold_id)


def bonus_funded(hold: Hold) -> None:
    """The money is here: it goes on to the freelancer at once. Called by payments inside its transaction."""
    bonus = Bonus.objects.select_related("contract__client", "contract__freelancer").get(hold=hold)
    contract = bonus.contract
    figures = hold.quote()
    release_hold(hold.payer, hold=hold, cause=f"bonus:{bonus.pk}")
    notify(
        contract.freelancer,
        kind="bonus_received",
        title=f"{contract.client.get_full_name()} gave you a bonus of {figures.net}",
        message=bonus.note or contract.title,
        url=hold.url,
        data={"contract_id": str(contract.pk), "bonus_id": bonus.pk},
        email="contracts/emails/bonus_received",
        context={
            "client": contract.client.get_full_name(),
            "contract": contract.title,
            "note": bonus.note,
            "gross": figures.gross,
            "fee": figures.fee,
            "net": figures.net,
        },
    )
