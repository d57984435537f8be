"""Writing off much money takes two of the staff."""

from collections.abc import Callable
from datetime import timedelta
from html import unescape

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEvent, User
from accounts.tests.factories import ClientFactory, FreelancerFactory, set_rules, staff_of
from core.errors import Conflict
from notifications.models import Notification
from payments.models import Chargeback, Journal, ReconciliationException, WriteOff
from payments.services import (
    pay_debt,
    reconcile,
    refresh_chargeback,
    release_hold,
    resolve_exception,
    to_write_off,
    write_off_debt,
)
from payments.services.exceptions import Difference, list_exceptions
from payments.tests.factories import add_credit, earn, funded_hold, usd
from payments.tests.fakes import VISA, FakeProvider

pytestmark = pytest.mark.django_db
Row = ReconciliationException | Chargeback
SUM = usd(2_000_00)
BOTH = pytest.mark.parametrize("row", ["difference", "debt"], indirect=True)


@pytest.fixture
def difference(provider: FakeProvider, monkeypatch: pytest.MonkeyPatch) -> ReconciliationException:
    """The provider does not know of what was paid in."""
    monkeypatch.setattr("payments.services.reconciliation.GRACE", timedelta(seconds=-60))
    funded_hold(SUM, provider=provider)
    provider.transactions.clear()
    reconcile()
    return ReconciliationException.objects.get()


@pytest.fixture
def debt(provider: FakeProvider) -> Chargeback:
    """Lost, after the freelancer was paid."""
    return lose(provider, earn(FreelancerFactory.create(), SUM, provider).payments.get().intent_id)


@pytest.fixture
def row(request: pytest.FixtureRequest) -> Row:
    found: Row = request.getfixturevalue(request.param)
    return found


@pytest.fixture
def first() -> User:
    return staff_of("finance")


@pytest.fixture
def second() -> User:
    return staff_of("finance")


def lose(provider: FakeProvider, intent_id: str | None) -> Chargeback:
    dispute = provider.dispute(intent_id or "")
    refresh_chargeback(dispute.id)
    provider.decide_dispute(dispute.id, "lost")
    chargeback = refresh_chargeback(dispute.id)
    assert chargeback
    return chargeback


def shown(row: Row) -> int:
    if isinstance(row, Chargeback):
        return to_write_off(row).minor
    row.refresh_from_db()
    return row.amount_minor


def write_off(row: Row, staff: User, *, seen: int | None = None) -> None:
    seen_minor = shown(row) if seen is None else seen
    if isinstance(row, Chargeback):
        write_off_debt(staff, chargeback_id=row.pk, seen_minor=seen_minor, reason="It is lost.")
    else:
        resolve_exception(staff, exception_id=row.pk, seen_minor=seen_minor, reason="It is lost.")


def refused(row: Row, staff: User, *, seen: int | None = None) -> str:
    with pytest.raises(Conflict) as refusal:
        write_off(row, staff, seen=seen)
    return refusal.value.code


def journals() -> list[Journal]:
    return list(Journal.objects.filter(kind="write_off"))


@BOTH
def test_much_is_written_off_when_a_second_confirms_it(row: Row, first: User, second: User) -> None:
    amount = shown(row)
    write_off(row, first)
    asked = row.write_offs.get()
    assert (journals(), asked.waits, asked.amount_minor, asked.asked_by, asked.reason) == (
        [],
        True,
        amount,
        first,
        "It is lost.",
    )
    told = Notification.objects.get(user=second, data__about=f"write_off:{asked.pk}")
    assert f"/{row.pk}/change/" in told.url and "It is lost." in told.message
    assert refused(row, first) == "needs_two_people"
    write_off(row, second)
    [journal] = journals()
    asked.refresh_from_db()
    assert (journal.actor, asked.confirmed_by, asked.waits) == (second, second, False)
    steps = AuditEvent.objects.filter(action__startswith="write_off.").order_by("pk").values_list("action", "actor")
    assert list(steps) == [("write_off.asked", first.pk), ("write_off.confirmed", second.pk)]


@BOTH
def test_up_to_the_limit_one_is_enough(row: Row, first: User, second: User) -> None:
    write_off(row, first)
    set_rules(dispute_two_staff_over=2_000)
    write_off(row, second)
    asked = row.write_offs.get()
    assert (len(journals()), asked.confirmed_by, asked.overtaken_at is None) == (1, None, False)


@BOTH
def test_another_amount_than_was_shown_is_refused(row: Row, first: User) -> None:
    assert refused(row, first, seen=shown(row) + 1) == "amount_changed"
    assert (journals(), row.write_offs.count()) == ([], 0)


def test_the_database_knows_that_it_takes_two(difference: ReconciliationException, first: User) -> None:
    with pytest.raises(IntegrityError, match="payments_write_off_two_people"), transaction.atomic():
        WriteOff.objects.create(
            exception=difference,
            amount_minor=1,
            currency="USD",
            asked_by=first,
            confirmed_by=first,
            confirmed_at=timezone.now(),
        )


def test_a_difference_of_another_amount_is_asked_for_anew(
    difference: ReconciliationException, first: User, second: User
) -> None:
    write_off(difference, first)
    found = Difference(difference.kind, difference.about, "stripe", -1_900_00, "USD")
    list_exceptions([difference.kind], [found], provider="stripe")
    write_off(difference, second)
    old, new = difference.write_offs.all()
    assert (old.overtaken_at is None, new.asked_by, new.amount_minor, journals()) == (False, second, -1_900_00, [])
    reconcile()
    new.refresh_from_db()
    assert not new.waits


def test_a_difference_that_comes_right_overtakes_what_was_asked(
    difference: ReconciliationException, provider: FakeProvider, first: User, second: User
) -> None:
    write_off(difference, first)
    journal = Journal.objects.get(pk=difference.about.removeprefix("journal:"))
    paid = journal.hold.payments.get()  # type: ignore[union-attr]
    provider.move("charge", SUM.minor, "USD", source_id="ch_late", intent_id=paid.intent_id or "")
    reconcile()
    assert not difference.write_offs.get().waits
    assert refused(difference, second) == "exception_resolved"


def test_what_is_settled_of_a_debt_overtakes_what_was_asked(
    debt: Chargeback, provider: FakeProvider, first: User, second: User
) -> None:
    payer = debt.payment.payer
    write_off(debt, first)
    add_credit(payer, usd(500_00), provider)
    assert not debt.write_offs.get().waits
    assert refused(debt, second, seen=SUM.minor) == "amount_changed"
    write_off(debt, second)
    assert (debt.write_offs.waiting().get().amount, journals()) == (usd(1_500_00), [])
    pay_debt(payer, currency="USD", payment_method=VISA)
    assert not debt.write_offs.waiting().exists()
    assert refused(debt, first) == "no_debt"


def test_a_debt_that_grew_is_asked_for_anew(provider: FakeProvider, first: User, second: User) -> None:
    payer = ClientFactory.create()
    holds = [funded_hold(amount, payer=payer, provider=provider) for amount in (SUM, usd(300_00))]
    for hold in holds:
        release_hold(None, hold=hold, cause=f"test:{hold.pk}")
    large, small = (hold.payments.get().intent_id for hold in holds)
    debt = lose(provider, large)
    add_credit(payer, usd(500_00), provider)
    write_off(debt, first)
    lose(provider, small)
    write_off(debt, second)
    old, new = debt.write_offs.all()
    assert (old.waits, new.waits, new.amount, journals()) == (False, True, usd(1_800_00), [])


# --- The console --------------------------------------------------------------------------------


class Console:
    """A member of staff at the pages of one row."""

    def __init__(self, client: Client, row: Row) -> None:
        self.client, self.name = client, row._meta.model_name
        self.dialog = f"/admin/payments/{self.name}/{row.pk}/{'write_off' if self.name == 'chargeback' else 'resolve'}/"
        self.page = reverse(f"admin:payments_{self.name}_change", args=[row.pk])

    def reads(self, address: str) -> str:
        return unescape(self.client.get(address).content.decode())

    def list(self) -> str:
        return self.reads(reverse(f"admin:payments_{self.name}_changelist"))

    def confirms(self, seen: int) -> str:
        told = {"reason": "It is lost.", "seen_minor": str(seen), "_form_submitted": "True"}
        self.client.post(self.dialog, told)
        return self.reads(self.page)


@BOTH
def test_two_of_finance_write_off_in_the_console(
    console_as: Callable[[User], Client], row: Row, first: User, second: User
) -> None:
    seen, amount = shown(row), str(usd(shown(row)))
    one, other = Console(console_as(first), row), Console(console_as(second), row)
    dialog = one.reads(one.dialog)
    assert f"{amount} is over $1,000.00" in dialog and f'value="{seen}"' in dialog
    assert "Waits for a second" not in one.list()
    assert "Asked for. It is written off when a second" in one.confirms(seen)
    assert "Waits for a second" in one.list()
    assert "Waits for a second. " in one.reads(one.page)
    assert "Somebody else of the staff has to confirm it." in one.reads(one.dialog)
    dialog = other.reads(other.dialog)
    assert f"to write off {amount}: “It is lost.” You are the second" in dialog and str(first) in dialog
    assert "Asked for" not in other.confirms(seen)
    assert len(journals()) == 1
    assert "Waits for a second" not in other.list()


@BOTH
def test_the_dialog_says_that_the_amount_has_changed(
    console_as: Callable[[User], Client], row: Row, first: User, second: User
) -> None:
    write_off(row, first)
    row.write_offs.overtake()
    other = Console(console_as(second), row)
    assert "The amount has changed since, so this counts as a new request." in other.reads(other.dialog)
    assert "not what you were shown" in other.confirms(1)
    assert journals() == []
