"""The same money wanted by several people at the same moment, over real connections, in seeded rounds."""

import random
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any

from django.db import connections, transaction
from django.utils import timezone

from accounts.tests.factories import FreelancerFactory
from chat.models import Room
from contracts.models import Contract, Milestone
from contracts.services import (
    accept_proposal,
    approve_milestone,
    cancel_contract,
    pause_contract,
    release_overdue,
    request_revision,
)
from contracts.tests.factories import funded_step, submitted_step
from core.errors import DomainError
from core.money import Money
from gigs.models import Gig
from gigs.services import accept_gig
from gigs.tests.factories import make_gig
from payments import hooks
from payments.models import Hold, Journal
from payments.services import freeze_hold, refund_hold, split_hold
from payments.tests.fakes import FakeProvider, use_provider
from projects.tests.factories import ProjectFactory, ProposalFactory
from torture.books import violated
from torture.figures import Figures
from torture.later import work_off
from torture.scenes import fresh, posted

PRICE = 600_01
IDENTICAL = 50
Act = Callable[[], Any]


def run(*, seed: int, rounds: int, identical: int = IDENTICAL) -> Figures:
    """`rounds` races for one milestone, and then the set pieces."""
    figures = Figures()
    with use_provider(FakeProvider()):
        for number in range(rounds):
            _race_for_a_milestone(random.Random(f"{seed}-{number}"), f"round {number}", figures)
        figures.add(violated(), where="after the rounds")
        _same_key(identical, figures)
        _different_keys(identical, figures)
        _two_proposals(figures)
        _two_helpers(figures)
        figures.add(violated(), where="in the end")
    return figures


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


def _race_for_a_milestone(chance: random.Random, where: str, figures: Figures) -> None:
    """Approval, parts, silence, giving back, a dispute and an end of the contract, some of them, for one milestone."""
    step = (funded_step if chance.random() < 0.3 else submitted_step)([PRICE])
    if step.release_at:
        Milestone.objects.filter(pk=step.pk).update(release_at=timezone.now() - timedelta(minutes=1))
    names = chance.choices([*MOVES], k=chance.randint(2, 6))
    results = at_once([lambda name=name: MOVES[name](step) for name in names])
    work_off()
    figures.counts["rounds"] += 1
    figures.counts["acts at once"] += len(names)
    figures.add(
        [f"{name} raised {result!r}" for name, result in zip(names, results, strict=True) if _is_fault(result)],
        where=f"{where} {names}",
    )
    figures.add(_torn(fresh(step)), where=f"{where} {names}")
    figures.counts[f"ended {fresh(step.hold).status}"] += 1


def _is_fault(result: Any) -> bool:
    """A refusal is an answer; a deadlock, a broken constraint or an accident is not."""
    return isinstance(result, Exception) and not isinstance(result, DomainError)


def _torn(step: Milestone) -> list[str]:
    """Where the milestone, its hold and the journals tell different stories."""
    hold = step.hold
    assert hold is not None
    wanted = {"released": {"released"}, "refunded": {"refunded"}}.get(step.status, {"held"})
    kinds = Counter(Journal.objects.filter(hold=hold).values_list("kind", flat=True))
    problems = []
    if hold.status not in wanted and not (step.status == "refunded" and hold.released_minor):
        problems.append(f"the milestone is {step.status}, its hold {hold.status}")
    if hold.funded_minor != hold.released_minor + hold.fee_minor + hold.refunded_minor + hold.held_minor:
        problems.append("the hold does not add up")
    if kinds["fund"] != 1 or kinds["refund"] > 1:
        problems.append(f"journals: {dict(kinds)}")
    return problems


def _with_locks(step: Milestone, act: Callable[[Hold], Any]) -> Any:
    """As use cases of disputes do: the work is locked before its hold."""
    assert step.hold_id is not None
    with transaction.atomic():
        hooks.of(Hold.Purpose.MILESTONE).lock(step.hold_id)
        return act(Hold.objects.get(pk=step.hold_id))


def _freeze(step: Milestone) -> Any:
    return _with_locks(step, lambda hold: freeze_hold(None, hold=hold, reason="In dispute."))


def _give_back(step: Milestone) -> Any:
    cause = f"milestone:{step.pk}"
    return _with_locks(step, lambda hold: refund_hold(None, hold=hold, reason="Never delivered.", cause=cause))


def _decide(step: Milestone) -> Any:
    """Everything to the client, as the outcome of a dispute."""
    nothing, cause = Money(0, "USD"), f"dispute:{step.hold_id}"
    return _with_locks(step, lambda hold: split_hold(None, hold=hold, to_payee=nothing, reason="", cause=cause))


MOVES: dict[str, Callable[[Milestone], Any]] = {
    "approve": lambda step: approve_milestone(step.contract.client, milestone_id=step.pk),
    "approve a part": lambda step: approve_milestone(
        step.contract.client, milestone_id=step.pk, amount=Money(200_00, "USD")
    ),
    "silence": lambda step: release_overdue(),
    "give back": _give_back,
    "freeze": _freeze,
    "decide": _decide,
    "end": lambda step: cancel_contract(step.contract.client, contract_id=step.contract_id),
    "pause": lambda step: pause_contract(step.contract.freelancer, contract_id=step.contract_id),
    "ask for changes": lambda step: request_revision(step.contract.client, milestone_id=step.pk, note="Larger."),
}


def _same_key(count: int, figures: Figures) -> None:
    step = submitted_step([PRICE])
    answers = at_once([posted(step.contract.client, f"/api/milestones/{step.pk}/approve", {})] * count)
    figures.counts["identical releases"] += count
    releases = Journal.objects.filter(hold=step.hold, kind="release").count()
    if _statuses(answers) != {200: count} or len({answer.content for answer in answers}) != 1 or releases != 1:
        figures.add([f"{_statuses(answers)}, {releases} releases"], where="releases with one key")


def _different_keys(count: int, figures: Figures) -> None:
    step = submitted_step([PRICE])
    path = f"/api/milestones/{step.pk}/approve"
    answers = at_once([posted(step.contract.client, path, {}) for _ in range(count)])
    figures.counts["releases with keys of their own"] += count
    if _statuses(answers) != {200: 1, 409: count - 1}:
        figures.add([f"{_statuses(answers)}"], where="releases with keys of their own")


def _statuses(answers: list[Any]) -> Counter[Any]:
    return Counter(getattr(answer, "status_code", repr(answer)) for answer in answers)


def _two_proposals(figures: Figures) -> None:
    project = ProjectFactory.create()
    offers = ProposalFactory.create_batch(2, project=project)
    results = at_once([lambda pk=offer.pk: accept_proposal(project.client, proposal_id=pk) for offer in offers])
    made = sum(isinstance(result, Contract) for result in results)
    if made != 1 or Contract.objects.filter(project=project).count() != 1 or any(map(_is_fault, results)):
        figures.add([f"{results}"], where="two proposals accepted at once")
    figures.counts["proposals at once"] += 2


def _two_helpers(figures: Figures) -> None:
    gig = make_gig()
    rooms = Room.objects.count()
    helpers = FreelancerFactory.create_batch(2)
    results = at_once([lambda helper=helper: accept_gig(helper, gig_id=gig.pk) for helper in helpers])
    taken = sum(isinstance(result, Gig) for result in results)
    if taken != 1 or Room.objects.count() != rooms + 1 or any(map(_is_fault, results)):
        figures.add([f"{results}"], where="two helpers on one gig")
    figures.counts["helpers at once"] += 2
