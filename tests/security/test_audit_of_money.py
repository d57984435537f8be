"""Whatever moves money is in the audit log."""

import ast
from collections.abc import Callable

import pytest

from accounts.models import AuditEvent
from accounts.tests.factories import ClientFactory, UserFactory
from core.money import Money
from gigs.services import cancel_gig, release_gig
from gigs.tests.factories import completed_gig, funded_gig
from payments import services
from payments.models import Hold
from payments.tests.factories import add_credit, funded_hold
from payments.tests.fakes import FakeProvider
from tests.architecture.source import name_of, python_files

pytestmark = pytest.mark.django_db


def recorded(subject: object) -> list[tuple[str, str]]:
    """(action, amount) of what happened to it, in order."""
    events = AuditEvent.objects.filter(subject_type=subject._meta.label_lower, subject_id=str(subject.pk))  # type: ignore[attr-defined]
    return [(event.action, event.data.get("amount", "")) for event in events.order_by("id")]


@pytest.mark.usefixtures("provider")
def test_holding_and_releasing() -> None:
    gig = completed_gig()
    release_gig(gig.seeker, gig_id=gig.pk)
    assert recorded(gig.hold) == [("hold.funded", "45.00"), ("hold.released", "45.00")]
    assert ("gig.released", "45.00") in recorded(gig)
    released = AuditEvent.objects.get(action="hold.released")
    assert (released.actor, released.data["fee"], released.data["currency"]) == (gig.seeker, "4.50", "EUR")


@pytest.mark.usefixtures("provider")
def test_giving_back(run_jobs: Callable[[], list[str]]) -> None:
    gig = funded_gig()
    cancel_gig(gig.seeker, gig_id=gig.pk)
    run_jobs()
    hold = Hold.objects.get(pk=gig.hold_id)
    assert recorded(hold) == [("hold.funded", "45.00"), ("hold.refunded", "45.00")]
    refund = hold.payments.get().refunds.get()
    assert recorded(refund) == [("refund.set_aside", "45.00"), ("refund.sent", "45.00")]


def test_releasing_a_part_and_the_same_cause_twice() -> None:
    hold = funded_hold()
    for _ in range(2):
        services.release_hold(hold.payer, hold=hold, cause="milestone:1:60000", amount=Money(200_00, "USD"))
    assert recorded(hold) == [("hold.funded", "600.00"), ("hold.released", "200.00")]


def test_credit_and_its_refund(provider: FakeProvider) -> None:
    payer = ClientFactory.create()
    payment = add_credit(payer, Money(50_00, "USD"), provider)
    assert recorded(payment) == [("payment.started", "50.00"), ("payment.credited", "50.00")]
    refund = services.request_refund(payer, intent_id=str(payment.intent_id), amount=Money(20_00, "USD"))
    assert recorded(refund)[0] == ("refund.set_aside", "20.00")


def test_a_refund_that_fails_and_is_sent_again(provider: FakeProvider, run_jobs: Callable[[], list[str]]) -> None:
    payment = add_credit(ClientFactory.create(), Money(50_00, "USD"), provider)
    provider.refuse_refunds = True
    refund = services.request_refund(payment.payer, intent_id=str(payment.intent_id))
    staff = UserFactory.create(staff=True)
    services.retry_refund(staff, refund_id=refund.pk)
    assert [action for action, _ in recorded(refund)] == ["refund.set_aside", "refund.failed", "refund.retried"]
    assert AuditEvent.objects.get(action="refund.retried").actor == staff


def test_whoever_posts_to_the_ledger_records_it() -> None:
    """A function that moves money tells the audit log itself."""
    silent = [
        f"{name_of(path)}:{function.name}"
        for path in python_files("payments", "gigs", "contracts")
        for function in ast.walk(ast.parse(path.read_text()))
        if isinstance(function, ast.FunctionDef) and "ledger.post" in _calls(function)
        if "audit.record" not in _calls(function)
    ]
    assert silent == []


def _calls(function: ast.FunctionDef) -> set[str]:
    return {ast.unparse(node.func) for node in ast.walk(function) if isinstance(node, ast.Call)}
