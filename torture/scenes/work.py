"""Fixed-price contracts and gigs."""

from datetime import timedelta

from django.utils import timezone

from contracts.models import Contract, Milestone
from contracts.services import (
    approve_milestone,
    cancel_contract,
    end_contract,
    fund_milestone,
    refund_unanswered,
    release_overdue,
    submit_milestone,
    watch_holds,
)
from contracts.tests.factories import (
    aged,
    first_step,
    funded_step,
    make_contract,
    refund_asked,
    rolled_step,
    submitted_step,
)
from gigs.models import NoShow
from gigs.services import cancel_gig, fund_gig, release_gig, report_no_show, settle_no_shows
from gigs.tests.factories import accepted_gig, begins_in, completed_gig, funded_gig, missed_gig
from payments.services import confirm_payment
from payments.tests.fakes import VISA
from projects.tests.factories import ProposalFactory
from torture.books import Bank
from torture.later import work_off
from torture.scenes.stage import PRICE, Scene, balance_of, books, fresh, posted, scene


@scene
def fund_a_milestone(bank: Bank) -> Scene:
    step = first_step(make_contract([PRICE]))
    client = step.contract.client
    return Scene(
        lambda: fund_milestone(client, milestone_id=step.pk, payment_method=VISA),
        lambda: (fresh(step).status, books(fresh(step).hold), bank.took(client)),
        ("funded", ("held", PRICE, {"fund": 1}), ([PRICE], [])),
    )


@scene
def confirm_on_the_page(bank: Bank) -> Scene:
    step = first_step(make_contract([PRICE]))
    client = step.contract.client

    def act() -> None:
        _, payment = fund_milestone(client, milestone_id=step.pk)
        if payment.is_open:
            confirm_payment(client, intent_id=payment.intent_id, payment_method=VISA)

    return Scene(
        act,
        lambda: (fresh(step).status, books(fresh(step).hold), bank.took(client)),
        ("funded", ("held", PRICE, {"fund": 1}), ([PRICE], [])),
    )


@scene
def approve(bank: Bank) -> Scene:
    step = submitted_step([PRICE])
    contract = step.contract
    return Scene(
        lambda: approve_milestone(contract.client, milestone_id=step.pk),
        lambda: (fresh(step).status, fresh(contract).status, books(step.hold), bank.took(contract.client)),
        ("released", "completed", ("released", 0, {"fund": 1, "release": 1}), ([PRICE], [])),
    )


@scene
def approve_a_part_with_a_key(bank: Bank) -> Scene:
    step = submitted_step([PRICE])
    act = posted(step.contract.client, f"/api/milestones/{step.pk}/approve", {"amount": "200.00"})
    return Scene(
        act,
        lambda: (fresh(step).status, books(step.hold)),
        ("submitted", ("held", PRICE - 200_00, {"fund": 1, "release": 1})),
    )


@scene
def release_by_silence(bank: Bank) -> Scene:
    step = submitted_step([PRICE])
    type(step).objects.filter(pk=step.pk).update(release_at=timezone.now() - timedelta(hours=1))
    return Scene(
        release_overdue,
        lambda: (fresh(step).status, books(step.hold)),
        ("released", ("released", 0, {"fund": 1, "release": 1})),
    )


@scene
def end_a_contract(bank: Bank) -> Scene:
    step = funded_step([PRICE])
    contract = step.contract

    def act() -> None:
        cancel_contract(contract.client, contract_id=contract.pk)
        work_off()

    return Scene(
        act,
        lambda: (fresh(contract).status, books(step.hold), bank.took(contract.client)),
        ("cancelled", ("refunded", 0, {"fund": 1, "refund": 1}), ([PRICE], [PRICE])),
    )


@scene
def hire(bank: Bank) -> Scene:
    offer = ProposalFactory.create(bid_amount_minor=PRICE, steps=[PRICE])
    client = offer.project.client
    return Scene(
        posted(client, f"/api/proposals/{offer.pk}/accept", {}),
        lambda: [contract.milestones.count() for contract in Contract.objects.filter(client=client)],
        [1],
    )


@scene
def fund_a_gig(bank: Bank) -> Scene:
    gig = accepted_gig()
    return Scene(
        lambda: fund_gig(gig.seeker, gig_id=gig.pk, payment_method=VISA),
        lambda: (books(fresh(gig).hold), bank.took(gig.seeker)),
        (("held", 45_00, {"fund": 1}), ([45_00], [])),
    )


@scene
def release_a_gig(bank: Bank) -> Scene:
    gig = completed_gig()
    return Scene(
        lambda: release_gig(gig.seeker, gig_id=gig.pk),
        lambda: books(fresh(gig).hold),
        ("released", 0, {"fund": 1, "release": 1}),
    )


@scene
def call_off_a_gig(bank: Bank) -> Scene:
    gig = funded_gig()

    def act() -> None:
        cancel_gig(gig.seeker, gig_id=gig.pk)
        work_off()

    return Scene(
        act,
        lambda: (fresh(gig).status, books(fresh(gig).hold), bank.took(gig.seeker)),
        ("cancelled", ("refunded", 0, {"fund": 1, "refund": 1}), ([45_00], [45_00])),
    )


@scene
def call_off_a_gig_late(bank: Bank) -> Scene:
    gig = begins_in(funded_gig(), 3)

    def act() -> None:
        cancel_gig(gig.seeker, gig_id=gig.pk)
        work_off()

    return Scene(
        act,
        lambda: (fresh(gig).status, books(fresh(gig).hold), bank.took(gig.seeker)),
        ("cancelled", ("refunded", 0, {"fund": 1, "release": 1, "refund": 1}), ([45_00], [36_00])),
    )


@scene
def leave_a_gig_late(bank: Bank) -> Scene:
    gig = begins_in(funded_gig(), 3)
    helper = gig.helper
    assert helper is not None

    def act() -> None:
        cancel_gig(helper, gig_id=gig.pk)
        work_off()

    return Scene(
        act,
        lambda: (fresh(gig).status, books(fresh(gig).hold), helper.strikes.count(), bank.took(gig.seeker)),
        ("cancelled", ("refunded", 0, {"fund": 1, "refund": 1}), 1, ([45_00], [45_00])),
    )


@scene
def nobody_came_to_a_gig(bank: Bank) -> Scene:
    gig = missed_gig()
    assert gig.helper is not None
    report_no_show(gig.helper, gig_id=gig.pk)
    NoShow.objects.filter(gig=gig).update(answer_by=timezone.now() - timedelta(hours=1))

    def act() -> None:
        settle_no_shows()
        work_off()

    return Scene(
        act,
        lambda: (fresh(gig).status, books(fresh(gig).hold), bank.took(gig.seeker)),
        ("cancelled", ("refunded", 0, {"fund": 1, "release": 1, "refund": 1}), ([45_00], [36_00])),
    )


@scene
def release_what_was_rolled(bank: Bank) -> Scene:
    first = rolled_step()
    second = first.rolled_into
    assert second is not None
    contract = first.contract
    submit_milestone(contract.freelancer, milestone_id=second.pk, note="Here it is.")
    return Scene(
        lambda: approve_milestone(contract.client, milestone_id=second.pk),
        lambda: (
            fresh(first).status,
            fresh(second).status,
            books(first.hold),
            balance_of(contract.freelancer, "available"),
        ),
        ("released", "released", ("released", 0, {"fund": 1, "release": 2}), 1_350_00),
    )


@scene
def end_after_a_part(bank: Bank) -> Scene:
    """Of two milestones the first is released; the second is funded and goes back."""
    first = submitted_step([PRICE, 300_00])
    contract = first.contract
    approve_milestone(contract.client, milestone_id=first.pk)
    second = contract.milestones.get(position=2)
    fund_milestone(contract.client, milestone_id=second.pk, payment_method=VISA)

    def act() -> None:
        end_contract(contract.client, contract_id=contract.pk)
        work_off()

    return Scene(
        act,
        lambda: (fresh(contract).status, books(fresh(second).hold), bank.took(contract.client)),
        ("completed", ("refunded", 0, {"fund": 1, "refund": 1}), ([300_00, PRICE], [300_00])),
    )


@scene
def refund_what_was_never_delivered(bank: Bank) -> Scene:
    """The client asked the money back, and nobody answered in time."""
    asked = refund_asked([PRICE])
    type(asked).objects.filter(pk=asked.pk).update(answer_by=timezone.now() - timedelta(hours=1))
    step = asked.milestone

    def act() -> None:
        refund_unanswered()
        work_off()

    return Scene(
        act,
        lambda: (fresh(step).status, books(step.hold), bank.took(step.contract.client)),
        ("refunded", ("refunded", 0, {"fund": 1, "refund": 1}), ([PRICE], [PRICE])),
    )


@scene
def release_at_the_hold_limit(bank: Bank) -> Scene:
    """It was handed in days before that, so the time to answer was shorter."""
    step = aged(submitted_step([PRICE]), days=89.5)
    Milestone.objects.filter(pk=step.pk).update(release_at=timezone.now() - timedelta(hours=12))
    return Scene(
        watch_holds,
        lambda: (fresh(step).status, books(step.hold)),
        ("released", ("released", 0, {"fund": 1, "release": 1})),
    )


@scene
def give_a_bonus_with_a_key(bank: Bank) -> Scene:
    contract = submitted_step([PRICE]).contract
    return Scene(
        posted(contract.client, f"/api/contracts/{contract.pk}/bonus", {"amount": "50.00", "payment_method": VISA}),
        lambda: (
            [books(one.hold) for one in contract.bonuses.all()],
            balance_of(contract.freelancer, "available"),
            bank.took(contract.client),
        ),
        ([("released", 0, {"fund": 1, "release": 1})], 45_00, ([50_00, PRICE], [])),
    )
