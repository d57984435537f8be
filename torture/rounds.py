"""Rounds of a race: a few of those who want the same money, all at the same moment, drawn by chance."""

import random
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any

from django.db import connections, transaction
from django.db.models import Sum
from django.utils import timezone

from accounts.models import User
from accounts.tests.factories import ClientFactory, FreelancerFactory, staff_of
from contracts.models import Dispute, Milestone
from contracts.services import (
    approve_milestone,
    cancel_contract,
    end_contract,
    pause_contract,
    release_overdue,
    request_revision,
)
from contracts.services import disputes as dispute_services
from contracts.tests.factories import funded_step, open_dispute_about, submitted_step
from core.errors import DomainError, NotFound
from core.money import Money
from payments import hooks, providers
from payments.models import Chargeback, Hold, Journal, Payment, Payout, Refund
from payments.rules import RESERVED_PAYOUTS, PayoutStatus, RefundStatus
from payments.services import (
    approve_payout,
    cancel_payout,
    create_payment,
    pay_debt,
    refund_hold,
    reject_payout,
    request_payout,
    request_refund,
    send_payout,
    settle_chargeback,
    settle_payout,
)
from payments.tests.factories import earn, payable
from payments.tests.fakes import VISA, FakeProvider
from torture.figures import Figures
from torture.later import work_off
from torture.scenes import chargebacks, fresh
from torture.scenes.stage import balance_of

PRICE = 600_01
EARNED, MUCH, LITTLE = 2_000_00, 1_200_00, 700_00
Act = Callable[[], Any]


def at_once(acts: Sequence[Act]) -> list[Any]:
    """What each act returned or raised. All start together, each on its own connection."""
    barrier = Barrier(len(acts))

    def run_one(act: Act) -> Any:
        barrier.wait(timeout=60)
        try:
            return act()
        except Exception as problem:
            return problem
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run_one, acts))


def is_fault(result: Any) -> bool:
    """A refusal is an answer; a deadlock, a broken constraint or an accident is not."""
    return isinstance(result, Exception) and not isinstance(result, DomainError)


def race_for_a_milestone(chance: random.Random, where: str, figures: Figures) -> None:
    """Approval, parts, silence, giving back, disputes, chargebacks and ends of the contract, some of them."""
    step = (funded_step if chance.random() < 0.3 else submitted_step)([PRICE])
    if step.release_at:
        Milestone.objects.filter(pk=step.pk).update(release_at=timezone.now() - timedelta(minutes=1))
    if chance.random() < 0.3:
        open_dispute_about(step)
    where = _run({name: lambda act=act: act(step) for name, act in FOR_A_MILESTONE.items()}, chance, where, figures)
    figures.add(_torn(fresh(step)), where=where)
    figures.counts[f"ended {fresh(step.hold).status}"] += 1


def race_for_a_payout(chance: random.Random, where: str, figures: Figures) -> None:
    """Asking, cancelling, approving, rejecting, sending, and a bank that sends it back."""
    provider = _provider()
    payee: User = FreelancerFactory.create()
    earn(payee, Money(EARNED, "USD"), provider)
    payable(payee, provider)
    deciders = staff_of("finance"), staff_of("finance")
    if chance.random() < 0.8:
        request_payout(payee, amount=Money(MUCH, "USD"))
    acts: dict[str, Act] = {
        "ask for much": lambda: request_payout(payee, amount=Money(MUCH, "USD")),
        "ask for little": lambda: request_payout(payee, amount=Money(LITTLE, "USD")),
        "cancel": lambda: cancel_payout(payee, payout_id=_newest(payee).pk),
        "approve": lambda: approve_payout(deciders[0], payout_id=_newest(payee).pk),
        "approve as well": lambda: approve_payout(deciders[1], payout_id=_newest(payee).pk),
        "reject": lambda: reject_payout(deciders[0], payout_id=_newest(payee).pk, reason="No."),
        "send": lambda: send_payout(_newest(payee).pk),
    }
    where = _run(acts, chance, where, figures)
    if chance.random() < 0.5:
        news: dict[str, Act] = {
            "arrived": lambda: _hear_of_payout(payee, "paid"),
            "came back": lambda: _hear_of_payout(payee, "failed"),
        }
        _run({**acts, **news}, chance, where, figures)
    payouts = Payout.objects.filter(user=payee)
    reserved = payouts.filter(status__in=RESERVED_PAYOUTS).aggregate(total=Sum("amount_minor"))["total"] or 0
    paid = payouts.filter(status=PayoutStatus.PAID).aggregate(total=Sum("amount_minor"))["total"] or 0
    found = balance_of(payee, "available"), balance_of(payee, "payouts")
    if found != (EARNED - reserved - paid, reserved):
        figures.add([f"(available, reserved) is {found}, {reserved} is on its way, {paid} arrived"], where=where)


def race_for_a_purse(chance: random.Random, where: str, figures: Figures) -> None:
    """A chargeback told several times, and its outcome, while the payer pays in, takes back, and settles what is owed."""
    provider = _provider()
    payer: User = ClientFactory.create()
    hold = earn(FreelancerFactory.create(), Money(PRICE, "USD"), provider, payer=payer)
    charged = chargebacks.payment_of(hold)
    credit = create_payment(payer, amount=Money(LITTLE, "USD"), payment_method=VISA)
    dispute = provider.dispute(charged.intent_id or "")
    decided = provider.decide_dispute(dispute.id, chance.choice(["won", "lost"]))
    acts: dict[str, Act] = {
        "told": lambda: settle_chargeback(charged.pk, dispute),
        "told again": lambda: settle_chargeback(charged.pk, dispute),
        "decided": lambda: settle_chargeback(charged.pk, decided),
        "pay in": lambda: create_payment(payer, amount=Money(LITTLE, "USD"), payment_method=VISA),
        "take back": lambda: request_refund(payer, intent_id=credit.intent_id or "", amount=Money(100_00, "USD")),
        "settle": lambda: pay_debt(payer, currency="USD", payment_method=VISA),
    }
    where = _run(acts, chance, where, figures)
    figures.add(_wrong_purse(payer), where=where)


def _run(acts: Mapping[str, Act], chance: random.Random, where: str, figures: Figures) -> str:
    """Some of the acts at once, and then the jobs that they queued; where that was."""
    names = chance.choices([*acts], k=chance.randint(2, 6))
    results = at_once([acts[name] for name in names])
    work_off()
    where = f"{where} {names}"
    figures.counts["acts at once"] += len(names)
    figures.add(
        [f"{name} raised {result!r}" for name, result in zip(names, results, strict=True) if is_fault(result)],
        where=where,
    )
    return where


def _torn(step: Milestone) -> list[str]:
    """Where the milestone, its hold and the journals tell different stories."""
    hold = step.hold
    assert hold is not None
    kinds = Counter(Journal.objects.filter(hold=hold).values_list("kind", flat=True))
    problems = []
    ends = {"released": {"released", "refunded"} if hold.released_minor else {"released"}, "refunded": {"refunded"}}
    if hold.status not in ends.get(step.status, {"held"}):
        problems.append(f"the milestone is {step.status}, its hold {hold.status}")
    if (step.status == "disputed") != (hold.frozen_at is not None):
        problems.append(f"the milestone is {step.status}, its hold frozen at {hold.frozen_at}")
    if Dispute.objects.live().filter(hold=hold).count() != (step.status == "disputed"):
        problems.append("the milestone is disputed without a dispute, or the other way round")
    if hold.funded_minor != hold.released_minor + hold.fee_minor + hold.refunded_minor + hold.held_minor:
        problems.append("the hold does not add up")
    if kinds["fund"] != 1 or kinds["refund"] > 1 or kinds["chargeback"] > 1:
        problems.append(f"journals: {dict(kinds)}")
    return problems


def _wrong_purse(payer: User) -> list[str]:
    own = Payment.objects.filter(payer=payer, hold=None, status="succeeded")
    came = own.aggregate(total=Sum("received_minor"))["total"] or 0
    back = Refund.objects.filter(payment__payer=payer).exclude(status=RefundStatus.FAILED)
    went = back.aggregate(total=Sum("amount_minor"))["total"] or 0
    taken = sum(
        one.amount_minor * ((one.taken_at is not None) - (one.given_back_at is not None))
        for one in Chargeback.objects.filter(payment__payer=payer)
    )
    credit, debt = balance_of(payer, "credit"), -balance_of(payer, "debt")
    problems = [f"credit {credit} beside a debt of {debt}"] if credit and debt else []
    if credit - debt != came - went - taken:
        problems.append(f"{credit} - {debt}, where {came} came, {went} went, {taken} was taken")
    return problems


def _provider() -> FakeProvider:
    provider = providers.main()
    assert isinstance(provider, FakeProvider)
    return provider


def _newest(payee: User) -> Payout:
    found: Payout | None = Payout.objects.filter(user=payee).order_by("id").last()
    if found is None:
        raise NotFound
    return found


def _hear_of_payout(payee: User, outcome: str) -> None:
    """Its bank takes it, or sends it back, and we are told."""
    payout = _newest(payee)
    if payout.payout_id:
        settle_payout(payout.pk, _provider().move_payout(payout.payout_id, outcome))


def _with_locks(step: Milestone, act: Callable[[Hold], Any]) -> Any:
    """As payments does itself: the work is locked before its hold."""
    assert step.hold_id is not None
    with transaction.atomic():
        hooks.of(Hold.Purpose.MILESTONE).lock(step.hold_id)
        return act(Hold.objects.get(pk=step.hold_id))


def _give_back(step: Milestone) -> Any:
    cause = f"milestone:{step.pk}"
    return _with_locks(step, lambda hold: refund_hold(None, hold=hold, reason="Never delivered.", cause=cause))


def _about_dispute(step: Milestone, act: Callable[[Dispute], Any]) -> Any:
    dispute = step.disputes.order_by("id").last()
    return act(dispute) if dispute else None


def _charge_back(step: Milestone) -> Any:
    """Told by whoever is first; the others tell the same."""
    provider = _provider()
    payment = chargebacks.payment_of(step.hold)
    with provider.lock:
        known = next((one for one in provider.disputes.values() if one.intent_id == payment.intent_id), None)
        dispute = known or provider.dispute(payment.intent_id or "")
    return settle_chargeback(payment.pk, dispute)


FOR_A_MILESTONE: dict[str, Callable[[Milestone], Any]] = {
    "approve": lambda step: approve_milestone(step.contract.client, milestone_id=step.pk),
    "approve a part": lambda step: approve_milestone(
        step.contract.client, milestone_id=step.pk, amount=Money(200_00, "USD")
    ),
    "silence": lambda step: release_overdue(),
    "give back": _give_back,
    "dispute": lambda step: open_dispute_about(step),
    "dispute from the other side": lambda step: open_dispute_about(step, step.contract.freelancer),
    "agree with the claim": lambda step: _about_dispute(
        step, lambda dispute: dispute_services.accept_claim(step.contract.freelancer, dispute_id=dispute.pk)
    ),
    "withdraw the dispute": lambda step: _about_dispute(
        step, lambda dispute: dispute_services.withdraw_dispute(step.contract.client, dispute_id=dispute.pk)
    ),
    "charge back": _charge_back,
    "end": lambda step: cancel_contract(step.contract.client, contract_id=step.contract_id),
    "end what is left": lambda step: end_contract(step.contract.freelancer, contract_id=step.contract_id),
    "pause": lambda step: pause_contract(step.contract.freelancer, contract_id=step.contract_id),
    "ask for changes": lambda step: request_revision(step.contract.client, milestone_id=step.pk, note="Larger."),
}
ROUNDS = (race_for_a_milestone, race_for_a_milestone, race_for_a_milestone, race_for_a_payout, race_for_a_purse)
