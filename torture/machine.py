"""Random histories of holds, payments, refunds and news, against the pure model; Hypothesis shortens what breaks.

After every step each balance and each hold is what the model says; after every history all truths hold.
"""

from collections.abc import Callable
from contextlib import ExitStack
from typing import Any, ClassVar

import hypothesis
from django.db import connection
from django.db.models import Q, Sum
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, rule
from hypothesis.stateful import run_state_machine_as_test as play

from accounts.tests.factories import ClientFactory, FreelancerFactory
from core.errors import DomainError, Unavailable
from core.money import Money
from payments.models import Account, Hold, Payment, Refund
from payments.providers import REFUND_KEY, Intent, ProviderRefund
from payments.services import (
    capture_payment,
    create_payment,
    freeze_hold,
    open_hold,
    pay_hold,
    refresh_payment,
    refund_hold,
    release_hold,
    request_refund,
    retry_refund,
    send_refund,
    settle_payment,
    settle_refund,
    split_hold,
    unfreeze_hold,
    withdraw_payment,
)
from payments.tests.factories import NO_HOOKS
from payments.tests.fakes import DECIDED, DECLINED, THREE_D_SECURE, VISA, FakeProvider, use_provider
from torture.books import violated
from torture.figures import Figures
from torture.model import Model, Set

STEPS_OF_A_HISTORY = 50
HISTORIES_AT_ONCE = 10
CURRENCIES = ("USD", "JPY", "KWD")  # two, no and three decimals
PLATFORM = ("fees", "refunds", "provider")

amounts = st.one_of(st.integers(1, 20), st.integers(1, 100_000))
shares = st.sampled_from([0, 1, 250, 1000, 3333, 9999, 10_000])
parts = st.sampled_from([1, 2, 3, 7])  # a half, a third
silences = st.sampled_from(["", "", "", "before", "after"])
cards = st.sampled_from([VISA, VISA, DECLINED, THREE_D_SECURE])


class History(RuleBasedStateMachine):
    """One payer and one payee; the provider may be silent, and its news come late, twice or out of order."""

    holds = Bundle("holds")
    pay_ins = Bundle("pay_ins")
    steps: ClassVar[int] = 0
    histories: ClassVar[int] = 0

    @initialize(currency=st.sampled_from(CURRENCIES))
    def begin(self, currency: str) -> None:
        self.stack = ExitStack()
        self.provider = self.stack.enter_context(use_provider(FakeProvider()))
        self.payer, self.payee = ClientFactory.create(), FreelancerFactory.create()
        self.currency = currency
        self.model = Model()
        self.before = self._platform()
        self.arrived: set[int] = set()
        self.causes: dict[int, str] = {}
        self.seen: dict[str, list[Intent]] = {}
        History.histories += 1

    def teardown(self) -> None:
        if hasattr(self, "stack"):
            self.stack.close()
            with connection.cursor() as cursor:
                cursor.execute("DELETE FROM procrastinate_jobs")
            assert violated() == []

    # Holds

    @rule(target=holds, amount=amounts, bps=shares)
    def agree(self, amount: int, bps: int) -> int:
        hold = open_hold(
            payer=self.payer,
            payee=self.payee,
            amount=Money(amount, self.currency),
            fee_bps=bps,
            purpose=NO_HOOKS,
            title="Labels",
        )
        self.model.holds[hold.pk] = Set(amount, bps)
        return hold.pk

    @rule(hold=holds, part=parts)
    def release(self, hold: int, part: int) -> None:
        gross = self.model.holds[hold].held // part
        cause = self.causes[hold] = f"release:{hold}:{self.steps}"
        self._expect(
            self.model.release(hold, gross),
            lambda: release_hold(None, hold=self._hold(hold), amount=self._money(gross), cause=cause),
        )

    @rule(hold=holds, more=amounts)
    def release_too_much(self, hold: int, more: int) -> None:
        gross = self._money(self.model.holds[hold].held + more)
        self._expect(False, lambda: release_hold(None, hold=self._hold(hold), amount=gross, cause=f"more:{self.steps}"))

    @rule(hold=holds)
    def release_again(self, hold: int) -> None:
        """Of a cause that has had its effect already."""
        if Hold.objects.get(pk=hold).journals.filter(kind="release", cause=self.causes.get(hold)).exists():
            self._expect(True, lambda: release_hold(None, hold=self._hold(hold), cause=self.causes[hold]))

    @rule(hold=holds, part=parts)
    def give_back(self, hold: int, part: int) -> None:
        amount = self.model.holds[hold].held // part
        self._expect(
            self.model.refund(hold, amount),
            lambda: refund_hold(
                None, hold=self._hold(hold), reason="", cause=f"back:{hold}:{self.steps}", amount=self._money(amount)
            ),
        )

    @rule(hold=holds)
    def freeze(self, hold: int) -> None:
        one = self.model.holds[hold]
        is_possible = one.frozen or one.status == "held"
        one.frozen = is_possible
        self._expect(is_possible, lambda: freeze_hold(None, hold=self._hold(hold), reason="In dispute."))

    @rule(hold=holds)
    def unfreeze(self, hold: int) -> None:
        self.model.holds[hold].frozen = False
        self._expect(True, lambda: unfreeze_hold(None, hold=self._hold(hold), reason="Settled."))

    @rule(hold=holds, part=st.sampled_from([0, 1, 2, 3]), more=st.sampled_from([0, 0, 0, 1]))
    def decide(self, hold: int, part: int, more: int) -> None:
        held = self.model.holds[hold].held
        to_payee = (held // part if part else 0) + more
        self._expect(
            self.model.split(hold, to_payee),
            lambda: split_hold(
                None,
                hold=self._hold(hold),
                to_payee=self._money(to_payee),
                reason="Decided.",
                cause=f"dispute:{hold}:{self.steps}",
            ),
        )

    # Paying in

    @rule(hold=holds, card=cards, silence=silences, method=st.sampled_from(["create_intent", "confirm_intent"]))
    def pay(self, hold: int, card: str, silence: str, method: str) -> None:
        is_closed = self.model.holds[hold].status in {"cancelled", "refunded"}
        answered = self._ask(silence, method, lambda: pay_hold(self.payer, hold_id=hold, payment_method=card))
        assert (answered is False) == is_closed
        if answered:
            self._hear(hold)

    @rule(hold=holds, agrees=st.booleans())
    def act_on_the_page(self, hold: int, agrees: bool) -> None:
        """The bank takes or declines without us; we hear of it later."""
        intent = self._intent(hold)
        if intent and intent.status not in DECIDED:
            self.seen.setdefault(intent.id, []).append(intent)
            (self.provider.pay if agrees else self.provider.decline)(intent.id)

    @rule(hold=holds, which=st.integers(0, 9), times=st.integers(1, 2))
    def tell(self, hold: int, which: int, times: int) -> None:
        """News of the payment, possibly old, possibly twice."""
        if intent := self._intent(hold):
            known = [*self.seen.get(intent.id, []), intent]
            news = known[which % len(known)]
            for _ in range(times):
                settle_payment(self._payment(hold).pk, news)
            if news.status == "succeeded":
                self._hear(hold)

    @rule(hold=holds, silence=silences)
    def look(self, hold: int, silence: str) -> None:
        """Recovery asks the bank."""
        if self._intent(hold) and self._ask(
            silence, "retrieve_intent", lambda: refresh_payment(self._payment(hold).pk)
        ):
            self._hear(hold)

    @rule(hold=holds, silence=silences)
    def withdraw(self, hold: int, silence: str) -> None:
        """A job cancels what was called off; the bank may have been quicker."""
        if self._intent(hold) and self._ask(silence, "cancel_intent", lambda: withdraw_payment(self._payment(hold).pk)):
            self._hear(hold)

    # Credit

    @rule(target=pay_ins, amount=amounts, part=parts, is_manual=st.booleans())
    def pay_in(self, amount: int, part: int, is_manual: bool) -> int:
        payment = create_payment(
            self.payer,
            amount=self._money(amount),
            capture_method="manual" if is_manual else "automatic",
            payment_method=VISA,
        )
        taken = amount
        if is_manual:
            taken = max(1, amount // part)
            capture_payment(self.payer, intent_id=payment.intent_id or "", amount=self._money(taken))
        self.model.pay_in(payment.pk, taken)
        return payment.pk

    @rule(payment=pay_ins, part=parts, more=st.sampled_from([0, 0, 1]), silence=silences)
    def ask_back(self, payment: int, part: int, more: int, silence: str) -> None:
        amount = self.model.left_of(payment) // part + more
        resumed = self.model.unsent(payment, amount)
        is_possible = resumed is not None or self.model.ask_back(payment, amount)
        intent_id = Payment.objects.get(pk=payment).intent_id or ""
        answered = self._ask(
            silence,
            "create_refund",
            lambda: request_refund(self.payer, intent_id=intent_id, amount=self._money(amount)),
        )
        assert (answered is not False) == is_possible
        self._note_refunds()
        if answered:
            self._hear_of(resumed or max(self.model.refunds))

    # Refunds

    @rule(which=st.integers(0, 99), silence=silences)
    def send(self, which: int, silence: str) -> None:
        pk = self._one_refund(which)
        if pk and self._ask(silence, "create_refund", lambda: send_refund(pk)):
            self._hear_of(pk)

    @rule(stays=st.booleans())
    def take_time(self, stays: bool) -> None:
        """From now on the bank takes days for a refund, or is quick again."""
        self.provider.refunds_stay_pending = stays

    @rule(which=st.integers(0, 99), outcome=st.sampled_from(["succeeded", "failed"]), times=st.integers(1, 2))
    def decide_refund(self, which: int, outcome: str, times: int) -> None:
        """The card holder's bank takes it, or sends it back, even after it had been taken."""
        pk = self._one_refund(which)
        sent = pk and self._at_bank(pk)
        if not pk or not sent or sent.status == "failed":
            return
        self.provider.move_refund(sent.id, outcome)
        for _ in range(times):
            settle_refund(pk, self.provider.refunds[sent.id])
        self._hear_of(pk)

    @rule(which=st.integers(0, 99))
    def retry(self, which: int) -> None:
        if pk := self._one_refund(which):
            self._expect(self.model.retry(pk), lambda: retry_refund(self.payee, refund_id=pk))

    # What must be so

    @invariant()
    def agrees_with_the_model(self) -> None:
        if not hasattr(self, "model"):
            return
        History.steps += 1
        self._note_refunds()
        found = {
            hold.pk: (
                hold.status,
                hold.frozen_at is not None,
                hold.held_minor,
                hold.released_minor,
                hold.fee_minor,
                hold.refunded_minor,
            )
            for hold in Hold.objects.filter(payer=self.payer)
        }
        assert found == {pk: one.figures for pk, one in self.model.holds.items()}
        assert self._balances() == self.model.balances
        statuses = dict(Refund.objects.filter(payment__payer=self.payer).values_list("pk", "status"))
        assert statuses == {pk: one.status for pk, one in self.model.refunds.items()}

    def _balances(self) -> dict[str, int]:
        own = Account.objects.filter(currency=self.currency).filter(
            Q(owner__in=[self.payer, self.payee]) | Q(hold__payer=self.payer)
        )
        found = dict(own.values_list("kind").annotate(total=Sum("balance_minor")))
        found |= {kind: amount - self.before[kind] for kind, amount in self._platform().items()}
        return {kind: found.get(kind, 0) for kind in self.model.balances}

    def _platform(self) -> dict[str, int]:
        rows = Account.objects.filter(currency=self.currency, kind__in=PLATFORM)
        return dict.fromkeys(PLATFORM, 0) | dict(rows.values_list("kind", "balance_minor"))

    def _note_refunds(self) -> None:
        """Every refund that the model foresaw was set aside, for its amount, and no other was."""
        known = self.model.refunds.keys()
        rows = Refund.objects.filter(payment__payer=self.payer).exclude(pk__in=known).order_by("pk")
        made = [(row.pk, row.payment_id, row.amount_minor) for row in rows]
        assert [amount for _, _, amount in made] == self.model.foreseen
        self.model.note(made)

    # Doing it

    def _try(self, act: Callable[[], Any]) -> bool | None:
        """True: done. False: refused. None: the provider was silent."""
        try:
            act()
        except Unavailable:
            return None
        except DomainError:
            return False
        return True

    def _expect(self, is_possible: bool, act: Callable[[], Any]) -> None:
        assert self._try(act) is is_possible

    def _ask(self, silence: str, method: str, act: Callable[[], Any]) -> bool | None:
        """The same while the provider does not answer `method`, before or after doing what it was asked."""
        switch = {"before": self.provider.fail_before, "after": self.provider.fail_after}.get(silence, set())
        switch.add(method)
        try:
            return self._try(act)
        finally:
            switch.discard(method)

    def _money(self, minor: int) -> Money:
        return Money(minor, self.currency)

    def _hold(self, pk: int) -> Hold:
        return Hold.objects.get(pk=pk)

    def _payment(self, hold: int) -> Payment:
        return Payment.objects.filter(hold=hold).latest("id")

    def _intent(self, hold: int) -> Intent | None:
        payment = Payment.objects.filter(hold=hold).order_by("id").last()
        return self.provider.intents.get(payment.intent_id or "") if payment else None

    def _hear(self, hold: int) -> None:
        """We have asked or been told: if the bank took the money, it has arrived, once."""
        intent = self._intent(hold)
        if intent and intent.status == "succeeded" and hold not in self.arrived:
            self.arrived.add(hold)
            self.model.arrive(hold)

    def _one_refund(self, which: int) -> int | None:
        known = sorted(self.model.refunds)
        return known[which % len(known)] if known else None

    def _at_bank(self, pk: int) -> ProviderRefund | None:
        reference = f"{pk}-{self.model.refunds[pk].attempt}"
        made = self.provider.refunds.values()
        return next((one for one in made if one.metadata.get(REFUND_KEY) == reference), None)

    def _hear_of(self, pk: int) -> None:
        if sent := self._at_bank(pk):
            self.model.hear_of_refund(pk, sent.status)


def run(*, seed: int, steps: int) -> Figures:
    """Histories until so many steps were taken, or something broke."""
    figures = Figures()
    History.steps = History.histories = 0
    while History.steps < steps and not figures.violations:
        machine = hypothesis.seed(seed + History.histories)(type("History", (History,), {}))
        size = min(STEPS_OF_A_HISTORY, steps)
        try:
            play(machine, settings=_settings(min(HISTORIES_AT_ONCE, max(1, steps // size)), size))
        except Exception as problem:
            notes = getattr(problem, "__notes__", [])
            figures.add(["\n".join([repr(problem), *notes])], where=f"history {History.histories}")
    figures.counts["steps"] = History.steps
    figures.counts["histories"] = History.histories
    return figures


def _settings(histories: int, size: int) -> settings:
    return settings(
        max_examples=histories,
        stateful_step_count=size,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
        print_blob=False,
    )
