from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from itertools import permutations
from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from accounts import hooks
from accounts.models import AuditEvent, User
from accounts.tests.factories import ClientFactory, FreelancerFactory, UserFactory
from core.errors import Conflict, DomainError, Forbidden, NotFound, Unavailable
from core.money import Money
from notifications.models import Notification
from payments.errors import ProviderRefused, SettlementMismatch
from payments.models import Account, Document, Journal, Plan, Subscription
from payments.rules import GRACE, SUBSCRIPTION_LIFECYCLE, Audience, SubscriptionStatus
from payments.selectors import fee_bps, fees_with, project_files
from payments.services import (
    billing,
    cancel_subscription,
    follow_overdue,
    pay_subscription,
    recover,
    refresh_subscription,
    refuse_declined_subscription,
    resume_subscription,
    subscribe,
)
from payments.tests.factories import make_plan, on_plan
from payments.tests.fake_billing import invoice_object, subscription_object
from payments.tests.fakes import DECLINED, THREE_D_SECURE, VISA, FakeProvider

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("provider")]


@pytest.fixture
def plan() -> Plan:
    return make_plan()


@pytest.fixture
def person() -> User:
    return FreelancerFactory.create()


def fresh(subscription: Subscription) -> Subscription:
    return Subscription.objects.select_related("plan", "user").get(pk=subscription.pk)


def overdue(person: User, provider: FakeProvider) -> Subscription:
    subscription = on_plan(person, provider=provider)
    provider.renew(subscription.subscription_id or "", paid=False)
    return refresh_subscription(subscription.pk)


def news(person: User) -> list[str]:
    return list(Notification.objects.filter(user=person).order_by("id").values_list("kind", flat=True))


# --- Beginning ----------------------------------------------------------------------------------


def test_a_good_card_begins_it(plan: Plan, person: User, provider: FakeProvider) -> None:
    subscription = subscribe(person, plan="pro", payment_method=VISA)
    assert (subscription.status, subscription.price) == ("active", plan.price)
    assert subscription.current_period_end
    journal = Journal.objects.get(kind="subscription")
    assert journal.cause == f"invoice:{provider.invoice(subscription.subscription_id or '').id}"
    assert {line.account.kind: line.amount_minor for line in journal.lines.all()} == {
        "provider": -15_00,
        "subscriptions": 15_00,
    }
    document = Document.objects.get()
    assert (document.kind, document.recipient, document.subscription) == ("invoice", person, subscription)
    assert news(person) == ["subscription_paid", "subscription_started"]
    actions = set(AuditEvent.objects.values_list("action", flat=True))
    assert {"subscription.begun", "subscription.active", "subscription.paid"} <= actions


def test_tax_goes_to_its_own_account(settings: Any, plan: Plan) -> None:
    settings.TAX_RATE_BPS = {"DE": 1900}
    on_plan(FreelancerFactory.create(country="DE"))
    moved = {line.account.kind: line.amount_minor for line in Journal.objects.get().lines.all()}
    assert moved == {"provider": -15_00, "subscriptions": 12_61, "taxes": 2_39}
    assert Document.objects.get().tax_minor == 2_39


def test_a_declined_card_and_then_a_good_one(plan: Plan, person: User, provider: FakeProvider) -> None:
    first = subscribe(person, plan="pro", payment_method=DECLINED)
    assert (first.status, first.failure_message) == ("incomplete", "Your card was declined.")
    with pytest.raises(Conflict) as refusal:
        refuse_declined_subscription(first)
    assert refusal.value.code == "card_declined"
    second = subscribe(person, plan="pro", payment_method=VISA)
    assert (second.pk, second.status, second.failure_message) == (first.pk, "active", "")
    assert len(provider.subscriptions) == 1


def test_the_bank_is_asked_and_agrees(plan: Plan, person: User, provider: FakeProvider) -> None:
    waiting = subscribe(person, plan="pro", payment_method=THREE_D_SECURE)
    assert (waiting.status, waiting.failure_message) == ("incomplete", "")
    provider.pay(waiting.intent_id)
    assert refresh_subscription(waiting.pk).status == "active"


def test_a_browser_confirms_by_the_secret(plan: Plan, person: User, provider: FakeProvider) -> None:
    waiting = subscribe(person, plan="pro")
    assert (waiting.status, bool(waiting.client_secret)) == ("incomplete", True)
    assert subscribe(person, plan="pro").client_secret == waiting.client_secret
    provider.pay(waiting.intent_id)
    after = refresh_subscription(waiting.pk)
    assert (after.status, after.client_secret) == ("active", "")


def test_the_same_request_again_after_it_began(plan: Plan, person: User, provider: FakeProvider) -> None:
    token = uuid4()
    first = subscribe(person, plan="pro", payment_method=VISA, token=token)
    again = subscribe(person, plan="pro", payment_method=VISA, token=token)
    assert (again.pk, again.status, provider.charges()) == (first.pk, "active", 1)


def test_a_server_whose_clock_is_ahead_does_not_outdate_the_others(
    plan: Plan, person: User, provider: FakeProvider, time_machine: Any
) -> None:
    now = timezone.now()
    time_machine.move_to(now + timedelta(days=2), tick=True)
    assert subscribe(person, plan="pro").status == "incomplete"
    time_machine.move_to(now, tick=True)
    assert subscribe(person, plan="pro", payment_method=VISA).status == "active"


def test_twice_is_refused(plan: Plan, person: User) -> None:
    on_plan(person)
    with pytest.raises(Conflict) as refusal:
        subscribe(person, plan="pro")
    assert refusal.value.code == "already_subscribed"


def test_another_plan_that_waits_comes_first(plan: Plan, person: User) -> None:
    Plan.objects.create(code="pro-max", name="Max", audience=plan.audience, summary="", price_minor=1)
    subscribe(person, plan="pro")
    with pytest.raises(Conflict) as refusal:
        subscribe(person, plan="pro-max")
    assert refusal.value.code == "other_plan_waits"


def test_both_sides_can_have_a_plan(person: User) -> None:
    on_plan(person)
    assert on_plan(person, make_plan(Audience.CLIENT)).status == "active"


@pytest.mark.parametrize("offered", [False, None])
def test_a_plan_that_is_not_there(person: User, offered: bool | None) -> None:
    if offered is not None:
        make_plan(is_offered=offered)
    with pytest.raises(NotFound):
        subscribe(person, plan="pro" if offered is not None else "none")


def test_who_may_not_pay_is_refused(plan: Plan) -> None:
    with pytest.raises(Forbidden):
        subscribe(UserFactory.create(email_verified_at=None), plan="pro")
    assert not Subscription.objects.exists()


@pytest.mark.parametrize("moment", ["fail_before", "fail_after"])
@pytest.mark.parametrize("call", ["create_customer", "create_price", "create_subscription", "confirm_intent"])
def test_a_lost_answer_is_found_again(plan: Plan, person: User, provider: FakeProvider, moment: str, call: str) -> None:
    getattr(provider, moment).add(call)
    with pytest.raises(Unavailable):
        subscribe(person, plan="pro", payment_method=VISA)
    after = refresh_subscription(Subscription.objects.get().pk)
    if after.status != "active":
        after = subscribe(person, plan="pro", payment_method=VISA)
    assert after.status == "active"
    assert (len(provider.subscriptions), provider.charges()) == (1, 1)
    assert Journal.objects.filter(kind="subscription").count() == 1


def test_a_subscription_of_long_ago_is_looked_up(plan: Plan, person: User, provider: FakeProvider) -> None:
    provider.fail_after.add("create_subscription")
    with pytest.raises(Unavailable):
        subscribe(person, plan="pro")
    provider.answers.clear()
    Subscription.objects.update(created_at=timezone.now() - timedelta(days=2))
    refresh_subscription(Subscription.objects.get().pk)
    assert len(provider.subscriptions) == 1


def test_the_price_of_the_beginning_holds(plan: Plan, person: User, provider: FakeProvider) -> None:
    on_plan(person, provider=provider)
    Plan.objects.update(price_minor=99_00, price_id="")
    later = on_plan(FreelancerFactory.create(), Plan.objects.get(code="pro"), provider)
    assert (Subscription.objects.get(user=person).price_minor, later.price_minor) == (15_00, 99_00)
    assert sorted(price.minor for price in provider.prices.values()) == [15_00, 99_00]


# --- What it gives ------------------------------------------------------------------------------


def test_the_fee_of_new_work_is_lower_while_on_a_plan(person: User, provider: FakeProvider) -> None:
    client = ClientFactory.create()
    assert fee_bps(client=client, freelancer=person) == 1000
    subscription = on_plan(person, provider=provider)
    assert fee_bps(client=client, freelancer=person) == 800
    assert fee_bps(client=person) == 1000  # a freelancer's plan is not for what they order
    on_plan(client, make_plan(Audience.CLIENT, fee_bps=700), provider)
    other = FreelancerFactory.create()
    assert fees_with(client, [person.pk, other.pk]) == {person.pk: 700, other.pk: 700}
    assert fees_with(ClientFactory.create(), [person.pk, other.pk]) == {person.pk: 800, other.pk: 1000}
    provider.end_subscription(subscription.subscription_id or "", key="x")
    refresh_subscription(subscription.pk)
    assert fee_bps(freelancer=person) == 1000


def test_one_that_waits_for_its_payment_gives_nothing(plan: Plan, person: User) -> None:
    subscribe(person, plan="pro")
    assert fee_bps(freelancer=person) == 1000


def test_more_files_for_projects(provider: FakeProvider) -> None:
    client = ClientFactory.create()
    assert project_files(client, usual=10) == 10
    on_plan(client, make_plan(Audience.CLIENT, project_files=25), provider)
    assert project_files(client, usual=10) == 25


# --- Month after month --------------------------------------------------------------------------


def test_each_month_is_booked_once(person: User, provider: FakeProvider) -> None:
    subscription = on_plan(person, provider=provider)
    provider.renew(subscription.subscription_id or "")
    for _ in range(3):
        refresh_subscription(subscription.pk)
    assert Journal.objects.filter(kind="subscription").count() == 2
    assert [one.reference[-1] for one in Document.objects.order_by("id")] == ["1", "2"]


def test_a_renewal_that_fails_has_grace(person: User, provider: FakeProvider) -> None:
    subscription = overdue(person, provider)
    assert subscription.status == "past_due"
    assert subscription.grace_ends_at
    assert fee_bps(freelancer=person) == 800
    assert news(person)[-1] == "subscription_overdue"


def test_another_card_pays_what_is_overdue(person: User, provider: FakeProvider) -> None:
    subscription = overdue(person, provider)
    declined = pay_subscription(person, subscription=subscription, payment_method=DECLINED)
    assert (declined.status, declined.failure_message) == ("past_due", "Your card was declined.")
    paid = pay_subscription(person, subscription=subscription, payment_method=VISA)
    assert (paid.status, paid.grace_ends_at, paid.failure_message) == ("active", None, "")
    with pytest.raises(Conflict) as refusal:
        pay_subscription(person, subscription=paid, payment_method=VISA)
    assert refusal.value.code == "nothing_to_pay"
    assert news(person).count("subscription_started") == 1


def test_it_is_reminded_once_and_ends_after_the_grace(person: User, provider: FakeProvider, time_machine: Any) -> None:
    time_machine.move_to(timezone.now(), tick=True)
    subscription = overdue(person, provider)
    assert follow_overdue() == {"reminded": 0, "ended": 0}
    time_machine.shift(GRACE - timedelta(days=2))
    assert follow_overdue() == {"reminded": 1, "ended": 0}
    assert follow_overdue() == {"reminded": 0, "ended": 0}
    time_machine.shift(timedelta(days=3))
    assert follow_overdue() == {"reminded": 0, "ended": 1}
    assert fresh(subscription).status == "ended"
    assert provider.subscriptions[subscription.subscription_id or ""].has_ended
    assert news(person)[-1] == "subscription_ended"
    assert follow_overdue() == {"reminded": 0, "ended": 0}


def test_one_paid_in_the_last_moment_goes_on(person: User, provider: FakeProvider, time_machine: Any) -> None:
    time_machine.move_to(timezone.now(), tick=True)
    subscription = overdue(person, provider)
    provider.pay(subscription.intent_id)
    time_machine.shift(GRACE + timedelta(days=1))
    follow_overdue()
    assert fresh(subscription).status == "active"


def test_one_that_cannot_be_ended_does_not_keep_the_others(
    person: User, provider: FakeProvider, time_machine: Any
) -> None:
    time_machine.move_to(timezone.now(), tick=True)
    both = [overdue(someone, provider) for someone in (person, FreelancerFactory.create())]
    time_machine.shift(GRACE + timedelta(days=1))
    provider.fail_before.add("end_subscription")
    assert follow_overdue() == {"reminded": 0, "ended": 1}
    assert {fresh(one).status for one in both} == {"past_due", "ended"}
    assert follow_overdue() == {"reminded": 0, "ended": 1}
    assert {fresh(one).status for one in both} == {"ended"}


# --- Leaving ------------------------------------------------------------------------------------


def test_cancelling_ends_it_with_the_month(person: User, provider: FakeProvider) -> None:
    subscription = on_plan(person, provider=provider)
    leaving = cancel_subscription(person, subscription=subscription)
    assert (leaving.status, leaving.cancel_at_period_end) == ("active", True)
    assert cancel_subscription(person, subscription=leaving).pk == leaving.pk
    assert fee_bps(freelancer=person) == 800
    provider.end_subscription(subscription.subscription_id or "", key="x")
    assert refresh_subscription(subscription.pk).status == "ended"


def test_going_on_after_all(person: User, provider: FakeProvider) -> None:
    subscription = on_plan(person, provider=provider)
    with_end = cancel_subscription(person, subscription=subscription)
    kept = resume_subscription(person, subscription=with_end)
    assert (kept.status, kept.cancel_at_period_end) == ("active", False)
    assert resume_subscription(person, subscription=kept).status == "active"
    assert not provider.subscriptions[kept.subscription_id or ""].cancel_at_period_end


def test_an_ended_one_does_not_go_on(person: User, provider: FakeProvider) -> None:
    subscription = on_plan(person, provider=provider)
    provider.end_subscription(subscription.subscription_id or "", key="x")
    ended = refresh_subscription(subscription.pk)
    with pytest.raises(Conflict) as refusal:
        resume_subscription(person, subscription=ended)
    assert refusal.value.code == "subscription_ended"
    assert cancel_subscription(person, subscription=ended).status == "ended"
    assert on_plan(person, provider=provider).pk != ended.pk


def test_one_that_was_never_paid_ends_at_once(plan: Plan, person: User) -> None:
    waiting = subscribe(person, plan="pro")
    assert cancel_subscription(person, subscription=waiting).status == "ended"


def test_an_account_with_a_plan_that_goes_on_is_not_deleted(person: User, provider: FakeProvider) -> None:
    subscription = on_plan(person, provider=provider)
    assert "plan_goes_on" in {tie.code for tie in hooks.ties_of(person)}
    cancel_subscription(person, subscription=subscription)
    assert "plan_goes_on" not in {tie.code for tie in hooks.ties_of(person)}


# --- What the provider says, in any order -------------------------------------------------------


def test_events_in_any_order_and_repeated(person: User, plan: Plan, provider: FakeProvider) -> None:
    """The end state, the books and the documents are the same."""
    outcomes = set()
    for number, order in enumerate(permutations(range(4))):
        somebody = FreelancerFactory.create()
        waiting = subscribe(somebody, plan="pro")
        sub_id = waiting.subscription_id or ""
        events: list[Any] = [("subscription", subscription_object(provider.shown(sub_id)))]
        provider.pay(waiting.intent_id)
        events.append(("invoice", invoice_object(provider.invoice(sub_id))))
        events.append(("subscription", subscription_object(provider.shown(sub_id))))
        provider.renew(sub_id)
        events.append(("invoice", invoice_object(provider.invoice(sub_id))))
        for index in [*order, *order]:
            kind, about = events[index]
            {"subscription": billing.apply_subscription, "invoice": billing.apply_invoice}[kind](about)
        after = fresh(waiting)
        made = Document.objects.filter(recipient=somebody).count()
        outcomes.add((after.status, made, news(somebody).count("subscription_started")))
        assert number < 24
    assert outcomes == {("active", 2, 1)}


def test_news_that_comes_before_our_own_note(plan: Plan, person: User, provider: FakeProvider) -> None:
    provider.fail_after.add("create_subscription")
    with pytest.raises(Unavailable):
        subscribe(person, plan="pro")
    [sub_id] = provider.subscriptions
    provider.pay(provider.subscriptions[sub_id].invoices[0][1])
    billing.apply_invoice(invoice_object(provider.invoice(sub_id)))
    assert Subscription.objects.get().status == "active"
    assert subscribe_again_is_refused(person)


def subscribe_again_is_refused(person: User) -> bool:
    try:
        subscribe(person, plan="pro")
    except Conflict as refusal:
        return refusal.code == "already_subscribed"
    return False


def test_an_older_answer_changes_nothing(person: User, provider: FakeProvider) -> None:
    subscription = overdue(person, provider)
    old = provider.shown(subscription.subscription_id or "")
    asked_at = timezone.now()
    provider.pay(subscription.intent_id)
    assert refresh_subscription(subscription.pk).status == "active"
    assert billing.settle_subscription(subscription.pk, old, asked_at=asked_at).status == "active"


def test_ended_is_for_ever(person: User, provider: FakeProvider) -> None:
    subscription = on_plan(person, provider=provider)
    before = subscription_object(provider.shown(subscription.subscription_id or ""))
    provider.end_subscription(subscription.subscription_id or "", key="x")
    billing.apply_subscription(subscription_object(provider.shown(subscription.subscription_id or "")))
    billing.apply_subscription(before)
    assert fresh(subscription).status == "ended"


def test_what_is_not_ours_is_left_alone(person: User, provider: FakeProvider) -> None:
    subscription = on_plan(person, provider=provider)
    invoice = provider.invoice(subscription.subscription_id or "")
    foreign = {"parent": {"subscription_details": {"subscription": "sub_other", "metadata": {}}}}
    billing.apply_invoice(invoice_object(invoice, id="in_other", **foreign))
    billing.apply_invoice(invoice_object(invoice, id="in_2", parent=None))
    billing.apply_subscription(
        subscription_object(provider.shown(subscription.subscription_id or ""), id="sub_x", metadata={})
    )
    assert Journal.objects.count() == 1


@pytest.fixture
def another(person: User, provider: FakeProvider, monkeypatch: pytest.MonkeyPatch) -> Callable[..., dict[str, Any]]:
    """Another invoice of a subscription, like the first but for `changes`, as the provider sends and answers it."""
    first = provider.invoice(on_plan(person, provider=provider).subscription_id or "")

    def make(**changes: Any) -> dict[str, Any]:
        invoice = replace(first, id="in_2", **changes)
        monkeypatch.setattr(provider, "retrieve_invoice", lambda invoice_id: invoice)
        return invoice_object(invoice)

    return make


@pytest.mark.parametrize("wrong", [{"currency": "EUR"}, {"live": True}])
def test_an_invoice_that_does_not_fit_stops(another: Callable[..., dict[str, Any]], wrong: dict[str, Any]) -> None:
    with pytest.raises(SettlementMismatch):
        billing.apply_invoice(another(**wrong))
    assert Journal.objects.count() == 1


def test_an_invoice_over_nothing_is_not_booked(another: Callable[..., dict[str, Any]]) -> None:
    billing.apply_invoice(another(paid_minor=0))
    assert Journal.objects.count() == 1


def test_recovery_looks_after_those_that_should_have_moved(person: User, plan: Plan, provider: FakeProvider) -> None:
    provider.fail_before.add("create_subscription")
    with pytest.raises(Unavailable):
        subscribe(person, plan="pro")
    on_plan(FreelancerFactory.create(), provider=provider)
    renewed = on_plan(FreelancerFactory.create(), provider=provider)
    long_ago = timezone.now() - timedelta(hours=3)
    Subscription.objects.filter(status="created").update(created_at=long_ago)
    Subscription.objects.filter(pk=renewed.pk).update(current_period_end=long_ago, seen_at=long_ago)
    assert recover()["subscriptions"] == 2
    jobs = ProcrastinateJob.objects.filter(task_name="payments.refresh_subscription")
    assert {job.args["subscription_id"] for job in jobs} == {
        Subscription.objects.get(status="created").pk,
        renewed.pk,
    }


# --- Constraints --------------------------------------------------------------------------------


def test_the_database_lets_one_live_for_each_side(person: User, plan: Plan) -> None:
    on_plan(person)
    with pytest.raises(IntegrityError), transaction.atomic():
        Subscription.objects.create(user=person, plan=plan, audience=plan.audience, price_minor=1, currency="USD")


@pytest.mark.parametrize("status", SubscriptionStatus.values)
@pytest.mark.parametrize("name", SUBSCRIPTION_LIFECYCLE.moves)
def test_moves(person: User, status: str, name: str, plan: Plan) -> None:
    now = timezone.now()
    subscription = Subscription.objects.create(
        user=person,
        plan=plan,
        audience=plan.audience,
        price_minor=1,
        currency="USD",
        status=status,
        ended_at=now if status == "ended" else None,
        grace_ends_at=now if status == "past_due" else None,
    )
    move = SUBSCRIPTION_LIFECYCLE.moves[name]
    changes: dict[str, Any] = {"ended_at": now if move.target == "ended" else None}
    changes["grace_ends_at"] = now if move.target == "past_due" else None
    if status in move.sources:
        SUBSCRIPTION_LIFECYCLE.perform(subscription, name, **changes)
        assert fresh(subscription).status == move.target
    else:
        with pytest.raises(DomainError):
            SUBSCRIPTION_LIFECYCLE.perform(subscription, name, **changes)


def test_money_of_subscriptions_stays_with_the_platform(person: User, provider: FakeProvider) -> None:
    on_plan(person, provider=provider)
    assert Account.objects.get(kind="subscriptions").balance == Money(15_00, "USD")
    assert not Account.objects.filter(owner=person).exists()


def test_a_plan_that_was_renamed_asks_for_another_price(provider: FakeProvider) -> None:
    plan = make_plan()
    on_plan(FreelancerFactory.create(), plan, provider)
    Plan.objects.filter(pk=plan.pk).update(name="Renamed", price_id="")  # as the console does
    plan.refresh_from_db()
    on_plan(FreelancerFactory.create(), plan, provider)
    assert list(provider.prices.values()) == [plan.price, plan.price]


def test_repeating_what_the_provider_refused_to_start_gives_what_it_made(
    provider: FakeProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(**about: Any) -> None:
        raise ProviderRefused

    monkeypatch.setattr(provider, "create_subscription", refuse)
    person, plan, token = FreelancerFactory.create(), make_plan(), uuid4()
    with pytest.raises(ProviderRefused):
        subscribe(person, plan=plan.code, token=token)
    assert subscribe(person, plan=plan.code, token=token).status == "ended"
