"""The same money wanted by several people at the same moment, over real connections, in seeded rounds."""

import random
from collections import Counter
from typing import Any

from accounts.tests.factories import FreelancerFactory
from chat.models import Room
from contracts.models import Contract
from contracts.services import accept_proposal
from contracts.tests.factories import submitted_step
from gigs.models import Gig
from gigs.services import accept_gig
from gigs.tests.factories import make_gig
from payments.models import Journal
from payments.tests.fakes import FakeProvider, use_provider
from projects.tests.factories import ProjectFactory, ProposalFactory
from torture.books import violated
from torture.figures import Figures
from torture.rounds import PRICE, ROUNDS, at_once, is_fault
from torture.scenes import requested

IDENTICAL = 50


def run(*, seed: int, rounds: int, identical: int = IDENTICAL) -> Figures:
    """`rounds` races for a milestone, a payout or what a person owes, and then the set pieces."""
    figures = Figures()
    with use_provider(FakeProvider()):
        for number in range(rounds):
            ROUNDS[number % len(ROUNDS)](random.Random(f"{seed}-{number}"), f"round {number}", figures)
            figures.counts["rounds"] += 1
        figures.add(violated(), where="after the rounds")
        _same_key(identical, figures)
        _different_keys(identical, figures)
        _two_proposals(figures)
        _two_helpers(figures)
        figures.add(violated(), where="in the end")
    return figures


def _same_key(count: int, figures: Figures) -> None:
    step = submitted_step([PRICE])
    answers = at_once([requested(step.contract.client, f"/api/milestones/{step.pk}/approve", {})] * count)
    figures.counts["identical releases"] += count
    releases = Journal.objects.filter(hold=step.hold, kind="release").count()
    if _statuses(answers) != {200: count} or len({answer.content for answer in answers}) != 1 or releases != 1:
        figures.add([f"{_statuses(answers)}, {releases} releases"], where="releases with one key")


def _different_keys(count: int, figures: Figures) -> None:
    step = submitted_step([PRICE])
    path = f"/api/milestones/{step.pk}/approve"
    answers = at_once([requested(step.contract.client, path, {}) for _ in range(count)])
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
    if made != 1 or Contract.objects.filter(project=project).count() != 1 or any(map(is_fault, results)):
        figures.add([f"{results}"], where="two proposals accepted at once")
    figures.counts["proposals at once"] += 2


def _two_helpers(figures: Figures) -> None:
    gig = make_gig()
    rooms = Room.objects.count()
    helpers = FreelancerFactory.create_batch(2)
    results = at_once([lambda helper=helper: accept_gig(helper, gig_id=gig.pk) for helper in helpers])
    taken = sum(isinstance(result, Gig) for result in results)
    if taken != 1 or Room.objects.count() != rooms + 1 or any(map(is_fault, results)):
        figures.add([f"{results}"], where="two helpers on one gig")
    figures.counts["helpers at once"] += 2
