"""A refund that is refused because the payer's bank has the payment: what becomes of it once that is decided."""

from collections.abc import Callable, Iterator

import pytest

from accounts.tests.factories import staff_of
from core.errors import Conflict
from core.money import Money
from notifications.models import Notification
from payments.models import Account, Chargeback, Journal, Refund
from payments.selectors import prove, wallet
from payments.services import (
    follow_dispute,
    refresh_chargeback,
    refund_hold,
    retry_refund,
    send_refund,
    settle_refund,
    write_off_debt,
)
from payments.tests.factories import funded_hold, usd
from payments.tests.fakes import FakeProvider

pytestmark = pytest.mark.django_db
RunJobs = Callable[[], list[str]]


@pytest.fixture(autouse=True)
def _books_are_right(_django_db_helper: None) -> Iterator[None]:
    yield
    assert [finding for finding in prove() if finding.offenders] == []


SUM, NOTHING = usd(600_00), usd(0)


@pytest.fixture
def refund(provider: FakeProvider) -> Refund:
    """Of 600.00 that was held; not sent yet."""
    hold = funded_hold(SUM, provider=provider)
    refund_hold(None, hold=hold, reason="The work was called off.", cause="test")
    return Refund.objects.get()


def take(provider: FakeProvider, refund: Refund, amount: Money = SUM) -> Chargeback:
    chargeback = refresh_chargeback(provider.dispute(refund.payment.intent_id or "", amount).id)
    assert chargeback
    return chargeback


def refuse(provider: FakeProvider, refund: Refund) -> None:
    provider.refuse_refunds = True
    assert send_refund(refund.pk).status == "failed"
    provider.refuse_refunds = False


def decide(provider: FakeProvider, chargeback: Chargeback, outcome: str) -> None:
    provider.decide_dispute(chargeback.dispute_id, outcome)
    refresh_chargeback(chargeback.dispute_id)


def purse(refund: Refund) -> tuple[Money, Money]:
    """(credit, debt)"""
    [balance] = wallet(refund.payment.payer)
    return balance.credit, balance.debt


def aside() -> int:
    return Account.objects.get(kind="refunds", currency="USD").balance_minor


@pytest.mark.parametrize("outcome", ["won", "warning_closed"])
def test_it_is_sent_by_itself_when_the_bank_decides_for_us(
    provider: FakeProvider, refund: Refund, run_jobs: RunJobs, outcome: str
) -> None:
    asked = outcome == "warning_closed"
    found = refresh_chargeback(provider.inquire(refund.payment.intent_id or "").id) if asked else take(provider, refund)
    refuse(provider, refund)
    run_jobs()
    refund.refresh_from_db()
    assert refund.status == "failed"  # nobody knows yet
    assert found
    decide(provider, found, outcome)
    run_jobs()
    refund.refresh_from_db()
    assert (refund.status, refund.attempt, aside(), len(provider.refunds)) == ("succeeded", 2, 0, 1)
    assert purse(refund) == (NOTHING, NOTHING)
    assert refund.events.get(move="retry").actor is None


@pytest.mark.parametrize(("taken", "credit"), [(SUM, NOTHING), (usd(200_00), usd(400_00))], ids=["all", "a part"])
def test_what_was_set_aside_settles_the_debt_when_the_bank_decides_for_the_payer(
    provider: FakeProvider, refund: Refund, run_jobs: RunJobs, taken: Money, credit: Money
) -> None:
    chargeback = take(provider, refund, taken)
    refuse(provider, refund)
    assert purse(refund) == (NOTHING, taken)
    decide(provider, chargeback, "lost")
    run_jobs()
    refund.refresh_from_db()
    assert (refund.status, aside(), purse(refund)) == ("by_bank", 0, (credit, NOTHING))
    assert provider.refunds == {}
    news = Notification.objects.filter(user=refund.payment.payer, kind="chargeback_news").latest("id")
    assert "is not sent" in news.title
    assert f"{taken} of what you owed is settled" in news.message
    follow_dispute(refund.pk)
    assert Journal.objects.filter(cause=f"refund-by-bank:{refund.pk}").count() == 1


def test_one_that_is_refused_after_the_decision_ends_the_same(
    provider: FakeProvider, refund: Refund, run_jobs: RunJobs
) -> None:
    decide(provider, take(provider, refund), "lost")
    provider.refuse_refunds = True
    run_jobs()
    refund.refresh_from_db()
    assert (refund.status, purse(refund)) == ("by_bank", (NOTHING, NOTHING))


def test_staff_who_send_it_again_in_vain_change_nothing(
    provider: FakeProvider, refund: Refund, run_jobs: RunJobs
) -> None:
    chargeback = take(provider, refund)
    refuse(provider, refund)
    provider.refuse_refunds = True
    retry_refund(staff_of("finance"), refund_id=refund.pk)
    run_jobs()
    decide(provider, chargeback, "lost")
    run_jobs()
    refund.refresh_from_db()
    assert (refund.status, aside(), purse(refund)) == ("by_bank", 0, (NOTHING, NOTHING))


def test_nothing_is_written_off_that_it_will_settle(provider: FakeProvider, refund: Refund, run_jobs: RunJobs) -> None:
    chargeback = take(provider, refund)
    decide(provider, chargeback, "lost")
    with pytest.raises(Conflict) as refusal:
        write_off_debt(staff_of("finance"), chargeback_id=chargeback.pk, seen_minor=600_00, reason="It is gone.")
    assert refusal.value.code == "refund_under_way"
    provider.refuse_refunds = True
    run_jobs()
    assert purse(refund) == (NOTHING, NOTHING)


def test_one_that_is_refused_without_a_dispute_waits_for_staff(provider: FakeProvider, refund: Refund) -> None:
    refuse(provider, refund)
    assert follow_dispute(refund.pk).status == "failed"
    assert aside() == 600_00


def test_what_was_left_to_the_bank_stays_so_when_the_news_of_its_failure_comes_again(
    provider: FakeProvider, refund: Refund, run_jobs: RunJobs
) -> None:
    provider.refunds_stay_pending = True
    sent = send_refund(refund.pk)
    chargeback = take(provider, refund)
    failed = provider.move_refund(sent.refund_id or "", "failed")
    settle_refund(refund.pk, failed)
    decide(provider, chargeback, "lost")
    run_jobs()
    refund = settle_refund(refund.pk, failed)
    assert (refund.status, aside(), purse(refund)) == ("by_bank", 0, (NOTHING, NOTHING))
