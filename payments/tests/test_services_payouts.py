from datetime import timedelta

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from accounts.models import AuditEvent, User
from accounts.selectors import marketplace_rules
from accounts.tests.factories import FreelancerFactory, UserFactory, staff_of
from core.errors import Conflict, DomainError, Forbidden, Invalid, NotFound
from core.money import Money
from notifications.models import Notification
from payments.models import Journal, Payout, PayoutApproval
from payments.rules import PAYOUT_LIFECYCLE, PayoutStatus, about, payout_part
from payments.selectors import wallet
from payments.services import approve_payout, cancel_payout, reject_payout, request_payout, send_payout
from payments.tests.factories import earn, payable, usd
from payments.tests.fakes import FakeProvider

pytestmark = pytest.mark.django_db


@pytest.fixture
def payee(provider: FakeProvider) -> User:
    """Somebody with 2,000.00 available, and a bank."""
    user = FreelancerFactory.create()
    earn(user, usd(2_000_00), provider)
    payable(user, provider)
    return user


def figures(user: User) -> tuple[Money, Money, Money]:
    [balance] = wallet(user)
    return balance.available, balance.pending, balance.paid_out


def refused(user: User, amount: Money) -> DomainError:
    with pytest.raises(DomainError) as refusal:
        request_payout(user, amount=amount)
    assert not Payout.objects.exists()
    assert not Journal.objects.filter(kind="payout").exists()
    return refusal.value


def test_asking_reserves_and_queues(payee: User) -> None:
    payout = request_payout(payee, amount=usd(300_00))
    assert payout.status == "requested"
    assert payout.bank_label == "Test bank ending 6789"
    assert figures(payee) == (usd(1_700_00), usd(300_00), usd(0))
    assert AuditEvent.objects.filter(action="payout.requested", subject_id=str(payout.pk)).exists()


def test_all_that_is_available_can_be_asked_for_but_not_a_cent_more(payee: User) -> None:
    refusal = refused(payee, usd(2_000_01))
    assert (refusal.status, refusal.code) == (409, "amount_exceeds_available")
    assert "$2,000.00" in refusal.message
    request_payout(payee, amount=usd(2_000_00))
    assert figures(payee) == (usd(0), usd(2_000_00), usd(0))


def test_many_small_ones_within_a_day_are_looked_at_like_a_large_one(payee: User) -> None:
    limit = marketplace_rules().payout_approval_over * 100
    first = request_payout(payee, amount=usd(limit - 10_00))
    assert request_payout(payee, amount=usd(10_00)).status == "requested"
    second = request_payout(payee, amount=usd(10_00))
    assert second.status == "awaiting_approval"
    cancel_payout(payee, payout_id=second.pk)
    Payout.objects.filter(pk=first.pk).update(created_at=timezone.now() - timedelta(days=1, minutes=1))
    assert request_payout(payee, amount=usd(10_00)).status == "requested"


def test_what_a_payout_reserved_is_not_available_to_the_next(payee: User) -> None:
    request_payout(payee, amount=usd(900_00))
    with pytest.raises(Conflict, match=r"\$1,100\.00"):
        request_payout(payee, amount=usd(1_200_00))


def test_too_little(payee: User) -> None:
    refusal = refused(payee, usd(4_99))
    assert isinstance(refusal, Invalid)
    assert refusal.fields == {"amount": ["The least that is paid out is $5.00."]}
    assert request_payout(payee, amount=usd(5_00)).status == "requested"


@pytest.mark.parametrize(
    ("currency", "earned", "asked", "near"),
    [
        ("KWD", 100_000, 50_005, "KWD\u00a050.000 or KWD\u00a050.010"),
        ("HUF", 90_000_00, 80_000_50, "HUF\u00a080,000.00 or HUF\u00a080,001.00"),
    ],
)
def test_what_a_bank_could_not_be_paid(
    provider: FakeProvider, currency: str, earned: int, asked: int, near: str
) -> None:
    user = FreelancerFactory.create()
    earn(user, Money(earned, currency), provider)
    payable(user, provider, currency=currency)
    refusal = refused(user, Money(asked, currency))
    assert refusal.fields == {"amount": [f"Payouts in {currency} need a rounder amount, such as {near}."]}  # type: ignore[attr-defined]
    request_payout(user, amount=payout_part(Money(asked, currency)))


def test_a_new_account_waits_a_week(payee: User) -> None:
    for age, waits in ((timedelta(days=6, hours=23), True), (timedelta(days=7, minutes=1), False)):
        User.objects.filter(pk=payee.pk).update(date_joined=timezone.now() - age)
        payee.refresh_from_db()
        if waits:
            refusal = refused(payee, usd(10_00))
            assert (refusal.status, refusal.code) == (403, "account_too_new")
        else:
            request_payout(payee, amount=usd(10_00))


def test_a_suspension_never_takes_earned_money(payee: User) -> None:
    User.objects.filter(pk=payee.pk).update(suspended_at=timezone.now())
    payee.refresh_from_db()
    assert request_payout(payee, amount=usd(10_00)).status == "requested"


@pytest.mark.parametrize(
    ("change", "code"),
    [({"is_active": False}, "account_inactive"), ({"email_verified_at": None}, "email_not_verified")],
)
def test_who_is_not_paid_out(payee: User, change: dict[str, object], code: str) -> None:
    User.objects.filter(pk=payee.pk).update(**change)
    payee.refresh_from_db()
    refusal = refused(payee, usd(10_00))
    assert (refusal.status, refusal.code) == (403, code)


def test_without_an_account_to_be_paid_at(provider: FakeProvider) -> None:
    user = FreelancerFactory.create(date_joined=timezone.now() - timedelta(days=30))
    assert refused(user, usd(10_00)).code == "no_payout_account"


def test_while_the_provider_needs_more(payee: User) -> None:
    type(payee.connect_account).objects.update(payouts_enabled=False)
    assert refused(payee, usd(10_00)).code == "payouts_not_enabled"


def test_a_currency_that_no_bank_of_theirs_takes(payee: User, provider: FakeProvider) -> None:
    earn(payee, Money(100_00, "EUR"), provider)
    refusal = refused(payee, Money(50_00, "EUR"))
    assert (refusal.code, "takes USD" in refusal.message) == ("currency_not_payable", True)


@pytest.mark.parametrize(("currency", "minimum"), [("JPY", 750), ("KWD", 5_000), ("EUR", 5_00)])
def test_limits_are_round_figures_of_each_currency(currency: str, minimum: int) -> None:
    assert about(5, currency) == Money(minimum, currency)


# --- Cancelling ---------------------------------------------------------------------------------


def test_cancelling_gives_back_once(payee: User) -> None:
    payout = request_payout(payee, amount=usd(300_00))
    for _ in range(2):
        assert cancel_payout(payee, payout_id=payout.pk).status == "cancelled"
    assert figures(payee) == (usd(2_000_00), usd(0), usd(0))
    assert Journal.objects.filter(kind="payout_back").count() == 1


def test_a_cancelled_payout_is_not_sent(payee: User, provider: FakeProvider) -> None:
    payout = request_payout(payee, amount=usd(300_00))
    cancel_payout(payee, payout_id=payout.pk)
    send_payout(payout.pk)
    assert not provider.transfers


def test_a_sent_payout_is_not_cancelled(payee: User, provider: FakeProvider) -> None:
    payout = request_payout(payee, amount=usd(300_00))
    send_payout(payout.pk)
    with pytest.raises(Conflict) as refusal:
        cancel_payout(payee, payout_id=payout.pk)
    assert refusal.value.code == "payout_already_sent"


def test_somebody_elses_payout_is_not_there(payee: User) -> None:
    payout = request_payout(payee, amount=usd(300_00))
    with pytest.raises(NotFound):
        cancel_payout(UserFactory.create(), payout_id=payout.pk)


# --- Approving ----------------------------------------------------------------------------------


@pytest.fixture
def large(payee: User) -> Payout:
    return request_payout(payee, amount=usd(1_000_01))


def test_more_than_the_limit_waits_for_staff_the_limit_itself_does_not(payee: User, large: Payout) -> None:
    assert large.status == "awaiting_approval"
    cancel_payout(payee, payout_id=large.pk)
    assert request_payout(payee, amount=usd(1_000_00)).status == "requested"


def test_two_people_approve(large: Payout, provider: FakeProvider) -> None:
    assert approve_payout(staff_of("finance"), payout_id=large.pk).status == "awaiting_approval"
    send_payout(large.pk)
    assert not provider.transfers
    assert approve_payout(staff_of("finance"), payout_id=large.pk).status == "sending"
    assert send_payout(large.pk).status == "sent"


def test_one_person_cannot_approve_twice(large: Payout) -> None:
    staff = staff_of("finance")
    approve_payout(staff, payout_id=large.pk)
    with pytest.raises(Conflict) as refusal:
        approve_payout(staff, payout_id=large.pk)
    assert refusal.value.code == "already_approved_by_you"
    large.refresh_from_db()
    assert (large.status, large.approvals.count()) == ("awaiting_approval", 1)


def test_nobody_decides_about_their_own_payout(large: Payout) -> None:
    User.objects.filter(pk=large.user_id).update(is_staff=True, is_superuser=True)
    me = User.objects.get(pk=large.user_id)
    for act in (
        lambda: approve_payout(me, payout_id=large.pk),
        lambda: reject_payout(me, payout_id=large.pk, reason=""),
    ):
        with pytest.raises(Forbidden) as refusal:
            act()
        assert refusal.value.code == "own_payout"


@pytest.mark.parametrize("group", ["moderator", "support", "analyst"])
def test_only_finance_decides(large: Payout, group: str) -> None:
    staff = staff_of(group)
    with pytest.raises(Forbidden):
        approve_payout(staff, payout_id=large.pk)
    with pytest.raises(Forbidden):
        reject_payout(staff, payout_id=large.pk, reason="No.")


def test_rejecting_gives_back_and_says_why(payee: User, large: Payout) -> None:
    reject_payout(staff_of("finance"), payout_id=large.pk, reason="The name of the bank account is another.")
    assert figures(payee) == (usd(2_000_00), usd(0), usd(0))
    news = Notification.objects.get(user=payee, kind="payout_rejected")
    assert "another" in news.message


def test_rejecting_needs_a_reason(large: Payout) -> None:
    with pytest.raises(Invalid):
        reject_payout(staff_of("finance"), payout_id=large.pk, reason="  ")


def test_what_is_decided_is_decided(large: Payout) -> None:
    staff = staff_of("finance")
    reject_payout(staff, payout_id=large.pk, reason="No.")
    with pytest.raises(Conflict):
        approve_payout(staff, payout_id=large.pk)
    with pytest.raises(Conflict):
        reject_payout(staff, payout_id=large.pk, reason="No.")
    assert Journal.objects.filter(kind="payout_back").count() == 1


def test_the_database_wants_two_approvals_too(large: Payout) -> None:
    with pytest.raises(DatabaseError, match="needs two people"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE payments_payout SET status = 'sending'")


def test_the_database_takes_no_approval_of_the_payee(large: Payout) -> None:
    with pytest.raises(DatabaseError, match="own payout"), transaction.atomic():
        PayoutApproval.objects.create(payout=large, staff=large.user)


@pytest.mark.parametrize("change", ["amount_minor = 1", "currency = 'EUR'", "needs_approval = false"])
def test_the_database_keeps_the_terms(large: Payout, change: str) -> None:
    with pytest.raises(DatabaseError, match="frozen"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE payments_payout SET {change}")


def test_the_moves_of_a_payout() -> None:
    for status in PayoutStatus:
        assert (status in {"requested", "awaiting_approval"}) == (
            "cancel" in PAYOUT_LIFECYCLE.available(status, "payee")
        )
        decides = {"approve", "reject"} if status == "awaiting_approval" else set()
        assert set(PAYOUT_LIFECYCLE.available(status, "staff")) == decides
