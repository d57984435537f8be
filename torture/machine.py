"""Random histories of holds, payments, refunds and news, against the pure model; Hypothesis shortens what breaks.

After every step each balance and each hold is what the model says; after every history all truths hold.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from typing import Any, ClassVar, TypeVar

import hypothesis
from django.db import connection
from django.db.models import Q, Sum
from hypothesis import HealthCheck
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, rule
from hypothesis.stateful import run_state_machine_as_test as play

from accounts.selectors import marketplace_rules
from accounts.tests.factories import ClientFactory, FreelancerFactory, staff_of
from core.errors import DomainError, Unavailable
from core.money import Money
from payments.models import Account, Chargeback, Hold, Payment, Payout, Refund
from payments.providers import REFUND_KEY, Intent, ProviderRefund
from payments.rules import SMALLEST, ProviderName, about, payout_part, step
from payments.services import (
    approve_payout,
    cancel_payout,
    capture_payment,
    create_payment,
    freeze_hold,
    open_hold,
    pay_hold,
    refresh_payment,
    refund_hold,
    reject_payout,
    release_hold,
    request_payout,
    request_refund,
    retry_refund,
    return_transfer,
    send_payout,
    send_refund,
    settle_chargeback,
    settle_payment,
    settle_payout,
    settle_refund,
    split_hold,
    unfreeze_hold,
    withdraw_payment,
)
from payments.tests.factories import NO_HOOKS, payable
from payments.tests.fakes import DECIDED, DECLINED, THREE_D_SECURE, VISA, FakeProvider, use_provider
from torture.books import violated
from torture.figures import Figures
from torture.model import Arrival, Model, Set

STEPS_OF_A_HISTORY = 50
HISTORIES_AT_ONCE = 10
CURRENCIES = ("USD", "JPY", "KWD")  # two, no and three decimals
PLATFORM = ("fees", "refunds", "provider", "connected", "costs")
NAMES = {"holds": "holds", "refunds": "refunds", "disputes": "chargebacks", "outs": "payouts"}
FEE = 7  # of the provider, for a chargeback

sizes = st.one_of(st.integers(0, 20), st.integers(0, 100_000))  # above the least that a card pays, in its units
excesses = st.one_of(st.integers(1, 20), st.integers(1, 100_000))
shares = st.sampled_from([0, 1, 250, 1000, 3333, 9999, 10_000])
parts = st.sampled_from([1, 2, 3, 7])  # a half, a third
oddities = st.sampled_from([0, 0, 0, 0, 1])  # what is a minor unit more may be too much, or nothing that can go back
silences = st.sampled_from(["", "", "", "before", "after"])
cards = st.sampled_from([VISA, VISA, DECLINED, THREE_D_SECURE])


Key = TypeVar("Key", int, str)


class History(RuleBasedStateMachine):
    """One payer and one payee; the provider may be silent, and its news come late, twice or out of order."""

    holds = Bundle("holds")
    pay_ins = Bundle("pay_ins")
    steps: ClassVar[int] = 0
    histories: ClassVar[int] = 0
    figures: ClassVar[Counter[str]] = Counter()

    @initialize(currency=st.sampled_from(CURRENCIES))
    def begin(self, currency: str) -> None:
        self.stack = ExitStack()
        self.provider = self.stack.enter_context(use_provider(FakeProvider()))
        self.payer, self.payee = ClientFactory.create(), FreelancerFactory.create()
        self.deciders = staff_of("finance"), staff_of("finance")
        self.currency = currency
        payable(self.payee, self.provider, currency=currency)
        self.model = Model(unit=step(ProviderName.STRIPE, currency))
        self.least = SMALLEST[ProviderName.STRIPE].get(currency, self.model.unit)
        self.before = self._platform()
        self.arrived: set[int] = set()
        self.causes: dict[int, str] = {}
        self.seen: dict[str, list[Intent]] = {}
        History.histories += 1

    def teardown(self) -> None:
        if hasattr(self, "stack"):
            self.stack.close()
            for name in ("holds", "refunds", "disputes", "outs"):
                History.figures[NAMES[name]] += len(getattr(self.model, name))
            with connection.cursor() as cursor:
                cursor.execute("DELETE FROM procrastinate_jobs")
            assert violated() == []

    # Holds

    @rule(target=holds, size=sizes, bps=shares)
    def agree(self, size: int, bps: int) -> int:
        amount = self._payable(size)
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

    @rule(hold=holds, part=parts, odd=oddities)
    def release(self, hold: int, part: int, odd: int) -> None:
        gross = self._part(self.model.holds[hold].held, part) + odd
        cause = self.causes[hold] = f"release:{hold}:{self.steps}"
        self._expect(
            self.model.release(hold, gross),
            lambda: release_hold(None, hold=self._hold(hold), amount=self._money(gross), cause=cause),
        )

    @rule(hold=holds, more=excesses)
    def release_too_much(self, hold: int, more: int) -> None:
        gross = self._money(self.model.holds[hold].held + more)
        self._expect(False, lambda: release_hold(None, hold=self._hold(hold), amount=gross, cause=f"more:{self.steps}"))

    @rule(hold=holds)
    def release_again(self, hold: int) -> None:
        """Of a cause that has had its effect already."""
        if Hold.objects.get(pk=hold).journals.filter(kind="release", cause=self.causes.get(hold)).exists():
            self._expect(True, lambda: release_hold(None, hold=self._hold(hold), cause=self.causes[hold]))

    @rule(hold=holds, part=parts, odd=oddities)
    def give_back(self, hold: int, part: int, odd: int) -> None:
        amount = self._part(self.model.holds[hold].held, part) + odd
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

    @rule(hold=holds, part=st.sampled_from([0, 1, 2, 3]), odd=oddities)
    def decide(self, hold: int, part: int, odd: int) -> None:
        to_payee = (self._part(self.model.holds[hold].held, part) if part else 0) + odd
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
        is_refused = self.model.holds[hold].status in {"cancelled", "refunded"} or self.model.debt > 0
        answered = self._ask(silence, method, lambda: pay_hold(self.payer, hold_id=hold, payment_method=card))
        assert (answered is False) == is_refused
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

    @rule(target=pay_ins, size=sizes, part=parts, is_manual=st.booleans())
    def pay_in(self, size: int, part: int, is_manual: bool) -> int:
        amount = self._payable(size)
        payment = create_payment(
            self.payer,
            amount=self._money(amount),
            capture_method="manual" if is_manual else "automatic",
            payment_method=VISA,
        )
        taken = amount
        if is_manual:
            taken = self._part(amount, part) or amount
            capture_payment(self.payer, intent_id=payment.intent_id or "", amount=self._money(taken))
        self.model.pay_in(payment.pk, taken)
        return payment.pk

    @rule(payment=pay_ins, part=parts, odd=oddities, silence=silences)
    def ask_back(self, payment: int, part: int, odd: int, silence: str) -> None:
        amount = self._part(self.model.left_of(payment), part) + odd
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
            self._expect(self.model.retry(pk), lambda: retry_refund(self.deciders[0], refund_id=pk))

    # Chargebacks

    @rule(hold=holds, part=parts)
    def charge_back(self, hold: int, part: int) -> None:
        """The payer's bank takes a payment of a hold back, or part of it."""
        one = self.model.holds[hold]
        if one.arrival:
            self._charge_back(self._payment(hold), one.arrival, part, one)

    @rule(payment=pay_ins, part=parts)
    def charge_credit_back(self, payment: int, part: int) -> None:
        self._charge_back(Payment.objects.get(pk=payment), self.model.paid_in[payment], part, None)

    @rule(which=st.integers(0, 99), outcome=st.sampled_from(["won", "lost"]), times=st.integers(1, 2))
    def decide_taken_back(self, which: int, outcome: str, times: int) -> None:
        """Or what was decided is told again, or an old state of it."""
        if name := self._one(self.model.disputes, which):
            state = self.provider.disputes[name]
            if state.status == "needs_response":
                state = self.provider.decide_dispute(name, outcome)
            payment = Payment.objects.get(intent_id=state.intent_id)
            for _ in range(times):
                settle_chargeback(payment.pk, state)
            self.model.decide_chargeback(name, state.status)

    def _charge_back(self, payment: Payment, arrival: Arrival, part: int, hold: Set | None) -> None:
        """Told twice. A payment is disputed once."""
        amount = self._part(arrival.amount, part)
        if not amount or any(one.arrival is arrival for one in self.model.disputes.values()):
            return
        dispute = self.provider.dispute(payment.intent_id or "", self._money(amount), fee=FEE)
        for _ in range(2):
            settle_chargeback(payment.pk, dispute)
        self.model.charge_back(dispute.id, arrival, amount, FEE, hold)

    # Payouts

    @rule(part=parts, more=st.sampled_from([0, 0, 0, 1]))
    def ask_for_payout(self, part: int, more: int) -> None:
        amount = self.model.available // part + more
        rules = marketplace_rules()
        least, most = (
            about(rules.payout_minimum, self.currency),
            about(rules.payout_approval_over, self.currency),
        )
        asked = self._money(amount)
        is_possible = self.model.can_pay_out(amount, least.minor) and asked == payout_part(asked)
        self._expect(is_possible, lambda: request_payout(self.payee, amount=asked))
        if is_possible:
            payout = Payout.objects.filter(user=self.payee).latest("id")
            is_large = self.model.asked_for() + amount > most.minor
            self.model.ask_payout(payout.pk, amount, "awaiting_approval" if is_large else "requested")

    @rule(which=st.integers(0, 99), decision=st.sampled_from(["approve", "reject", "cancel"]))
    def decide_payout(self, which: int, decision: str) -> None:
        if pk := self._one(self.model.outs, which):
            one = self.model.outs[pk]
            is_waiting = one.status == "awaiting_approval"
            if decision == "approve":
                for staff in self.deciders:
                    self._expect(is_waiting, lambda staff=staff: approve_payout(staff, payout_id=pk))
                one.status = "sending" if is_waiting else one.status
            elif decision == "reject":
                self._expect(is_waiting, lambda: reject_payout(self.deciders[0], payout_id=pk, reason="No."))
                self._return_if(is_waiting, pk, "rejected")
            else:
                may = is_waiting or one.status == "requested"
                self._expect(may or one.status == "cancelled", lambda: cancel_payout(self.payee, payout_id=pk))
                self._return_if(may, pk, "cancelled")

    @rule(which=st.integers(0, 99), silence=silences, method=st.sampled_from(["create_transfer", "create_payout"]))
    def send_out(self, which: int, silence: str, method: str) -> None:
        pk = self._one(self.model.outs, which)
        if not pk:
            return
        one = self.model.outs[pk]
        answered = self._ask(silence, method, lambda: send_payout(pk))
        if one.status in {"requested", "sending"}:
            one.status = "sent" if answered else "sending"
            if answered or method == "create_payout":
                self.model.transfer(pk)

    @rule(which=st.integers(0, 99), outcome=st.sampled_from(["paid", "failed"]), times=st.integers(1, 2))
    def hear_of_payout(self, which: int, outcome: str, times: int) -> None:
        """It arrives, or comes back, even after it had arrived; failed is final."""
        pk = self._one(self.model.outs, which)
        one = self.model.outs[pk] if pk else None
        if pk and one and one.status in {"sent", "paid", "failed"} and one.is_transferred:
            payout_id = Payout.objects.get(pk=pk).payout_id or ""
            for _ in range(times):
                settle_payout(pk, self.provider.move_payout(payout_id, outcome))
            if outcome == "paid" and one.status == "sent":
                self.model.pay_out(pk)
            elif outcome == "failed" and one.status != "failed":
                self.model.return_payout(pk, "failed")

    @rule(which=st.integers(0, 99), silence=silences)
    def take_transfer_back(self, which: int, silence: str) -> None:
        pk = self._one(self.model.outs, which)
        if not pk or self.model.outs[pk].status != "failed":
            return
        if self._ask(silence, "reverse_transfer", lambda: return_transfer(pk)):
            self.model.take_transfer_back(pk)

    def _return_if(self, is_done: bool, pk: int, status: str) -> None:
        if is_done:
            self.model.return_payout(pk, status)

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
        found_outs = dict(Payout.objects.filter(user=self.payee).values_list("pk", "status"))
        assert found_outs == {pk: one.status for pk, one in self.model.outs.items()}
        charged = dict(Chargeback.objects.filter(payment__payer=self.payer).values_list("dispute_id", "status"))
        assert charged == {name: one.status for name, one in self.model.disputes.items()}

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

    def _payable(self, size: int) -> int:
        return self.least + size * self.model.unit

    def _part(self, amount: int, part: int) -> int:
        """Of what can be paid, so that it can be sent back."""
        return amount // part // self.model.unit * self.model.unit

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
        return self._one(self.model.refunds, which)

    def _one(self, known: Mapping[Key, Any], which: int) -> Key | None:
        return sorted(known)[which % len(known)] if known else None

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
    History.figures = Counter()
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
    figures.counts += History.figures
    return figures


def _settings(histories: int, size: int) -> hypothesis.settings:
    return hypothesis.settings(
        max_examples=histories,
        stateful_step_count=size,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
        print_blob=False,
    )
