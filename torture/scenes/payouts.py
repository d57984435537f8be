"""Earned money on its way to the bank."""

from datetime import timedelta

from accounts.models import User
from accounts.tests.factories import FreelancerFactory, staff_of
from core.errors import DomainError
from core.money import Money
from payments import providers
from payments.models import ConnectAccount, Payout
from payments.services import (
    approve_payout,
    cancel_payout,
    process_event,
    refresh_connect_account,
    reject_payout,
    release_hold,
    request_payout,
    store_event,
)
from torture.books import Bank
from torture.later import work_off
from torture.scenes.stage import AT_ONCE, PRICE, Scene, balance_of, fresh, journals, paid_hold, posted, scene

OUT = {"payout": 1, "payout_sent": 1}
BACK = {"payout": 1, "payout_sent": 1, "payout_back": 1, "reversal": 1}
LARGE = 2_000_00


def earner(bank: Bank, amount: int = PRICE) -> User:
    """Somebody who has earned so much, can be paid out, and has been here for a month."""
    payee: User = FreelancerFactory.create()
    User.objects.filter(pk=payee.pk).update(date_joined=payee.date_joined - timedelta(days=30))
    paid_hold(AT_ONCE)  # out of which the bank has its fees
    hold = paid_hold(AT_ONCE, amount, payee=payee, fee_bps=0)
    release_hold(None, hold=hold, cause=f"torture:{hold.pk}")
    account = ConnectAccount.objects.create(user=payee, country="US")
    account.account_id = (
        providers.main()
        .create_account(key=f"connect-{account.token}", user_id=payee.pk, email=payee.email, country="US")
        .id
    )
    account.save()
    bank.onboard(account.account_id)
    refresh_connect_account(account.pk)
    bank.make_available()
    return fresh(payee)


def sent(bank: Bank, payee: User) -> Payout:
    payout = request_payout(payee, amount=Money(PRICE, "USD"))
    work_off()
    return fresh(payout)


def story(bank: Bank, payee: User) -> tuple[list[tuple[str, dict[str, int]]], tuple[int, int], object]:
    """Of each payout its status and journals; (available, reserved) of the person; what the bank moved."""
    payouts = [(one.status, journals(f"payout:{one.pk}")) for one in Payout.objects.filter(user=payee)]
    return payouts, (balance_of(payee, "available"), balance_of(payee, "payouts")), bank.paid_out(account_of(payee))


def account_of(payee: User) -> str:
    return ConnectAccount.objects.get(user=payee).account_id or ""


@scene
def ask_for_a_payout_with_a_key(bank: Bank) -> Scene:
    payee = earner(bank)
    ask = posted(payee, "/api/wallet/payouts", {"amount": PRICE, "currency": "usd"})

    def act() -> None:
        ask()
        work_off()

    return Scene(
        act,
        lambda: story(bank, payee),
        ([("sent", OUT)], (0, PRICE), ([(PRICE, 0)], [(PRICE, "pending")])),
    )


@scene
def approve_a_large_payout(bank: Bank) -> Scene:
    payee = earner(bank, LARGE)
    payout = request_payout(payee, amount=Money(LARGE, "USD"))
    deciders = staff_of("finance"), staff_of("finance")

    def act() -> None:
        refusal = None
        for staff in deciders:
            try:
                approve_payout(staff, payout_id=payout.pk)
            except DomainError as error:  # they have done so already
                refusal = error
        work_off()
        if refusal:
            raise refusal

    return Scene(
        act,
        lambda: (payout.approvals.count(), story(bank, payee)),
        (2, ([("sent", OUT)], (0, LARGE), ([(LARGE, 0)], [(LARGE, "pending")]))),
    )


@scene
def reject_a_large_payout(bank: Bank) -> Scene:
    payee = earner(bank, LARGE)
    payout = request_payout(payee, amount=Money(LARGE, "USD"))
    staff = staff_of("finance")
    return Scene(
        lambda: reject_payout(staff, payout_id=payout.pk, reason="Not yours."),
        lambda: story(bank, payee),
        ([("rejected", {"payout": 1, "payout_back": 1})], (LARGE, 0), ([], [])),
    )


@scene
def cancel_a_payout(bank: Bank) -> Scene:
    payee = earner(bank, LARGE)
    payout = request_payout(payee, amount=Money(LARGE, "USD"))
    return Scene(
        lambda: cancel_payout(payee, payout_id=payout.pk),
        lambda: story(bank, payee),
        ([("cancelled", {"payout": 1, "payout_back": 1})], (LARGE, 0), ([], [])),
    )


@scene
def a_payout_arrives(bank: Bank) -> Scene:
    payee = earner(bank)
    payout = sent(bank, payee)
    event = bank.decided_payout(account_of(payee), payout.payout_id, "paid")
    return Scene(
        lambda: process_event(store_event(event).pk),
        lambda: story(bank, payee),
        ([("paid", {**OUT, "payout_paid": 1})], (0, 0), ([(PRICE, 0)], [(PRICE, "paid")])),
    )


@scene
def a_payout_fails(bank: Bank) -> Scene:
    payee = earner(bank)
    payout = sent(bank, payee)
    event = bank.decided_payout(account_of(payee), payout.payout_id, "failed")

    def act() -> None:
        process_event(store_event(event).pk)
        work_off()

    return Scene(
        act,
        lambda: story(bank, payee),
        ([("failed", BACK)], (PRICE, 0), ([(PRICE, PRICE)], [(PRICE, "failed")])),
    )


@scene
def a_payout_comes_back_after_its_arrival(bank: Bank) -> Scene:
    payee = earner(bank)
    payout = sent(bank, payee)
    process_event(store_event(bank.decided_payout(account_of(payee), payout.payout_id, "paid")).pk)
    event = bank.decided_payout(account_of(payee), payout.payout_id, "failed")

    def act() -> None:
        process_event(store_event(event).pk)
        work_off()

    return Scene(
        act,
        lambda: (story(bank, payee), journals(f"payout-paid:{payout.pk}")),
        (
            ([("failed", {**BACK, "payout_paid": 1})], (PRICE, 0), ([(PRICE, PRICE)], [(PRICE, "failed")])),
            {"reversal": 1},
        ),
    )
