"""`manage.py seed_demo`: the written town through the services, and any number of generated people around it."""

from collections.abc import Iterator
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.contrib.auth import authenticate
from django.core import mail
from django.core.management import CommandError, call_command
from django.utils import timezone
from django_otp.plugins.otp_totp.models import TOTPDevice
from procrastinate.contrib.django.models import ProcrastinateJob

from accounts.models import User
from chat.models import Message, Room
from chat.selectors import members_of
from contracts.models import Contract, Dispute, Milestone, Timesheet
from contracts.rules import ContractStatus, MilestoneStatus
from contracts.rules.time import TimesheetStatus
from gigs.models import Gig, NoShow
from gigs.rules import GigStatus, NoShowStatus
from marketplace.demo import content, outside, town
from marketplace.demo.people import demo_person
from notifications.models import Notification
from payments.models import Account, Journal, Payment, Payout, ReconciliationException
from payments.rules import AccountKind, PaymentStatus, PayoutStatus, ProviderName
from payments.selectors import prove, wallet
from payments.tests.fake_paypal import FakePayPal
from payments.tests.fakes import FakeProvider, use_provider
from projects.models import Project, Proposal
from projects.rules import ProjectStatus
from reviews.models import Review

pytestmark = pytest.mark.django_db
MAIN_SIGN_INS = ["client@example.com", "freelancer@example.com", "helper@example.com"]
PER_UNIT = {User: 30, Project: 50, Gig: 50, Message: 200}


@pytest.fixture(autouse=True)
def provider(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeProvider]:
    """Providers in memory, whose pages need no browser."""
    demo_person.cache_clear()
    fake, paypal = FakeProvider(), FakePayPal()
    for name, done in {
        "stripe_is_here": lambda: True,
        "paypal_is_here": lambda: True,
        "say_who_they_are": lambda link, person: fake.onboard(link.rpartition("/")[2], currency="PLN"),
        "move_payout": fake.move_payout,
        "agree_at_paypal": paypal.approve,
    }.items():
        monkeypatch.setattr(outside, name, done)
    with use_provider(fake, paypal):
        yield fake
    demo_person.cache_clear()


@pytest.fixture
def hamlet(monkeypatch: pytest.MonkeyPatch) -> None:
    """A small part of the story: one finished contract, one gig, and their people."""
    project = next(project for project in content.projects() if project["status"] == "completed")
    gig = next(gig for gig in content.gigs() if gig["status"] == "in_progress")
    names = {project["client"], gig["seeker"], gig["helper"], *(p["freelancer"] for p in project["proposals"])}
    people = [person for person in content.people() if person["email"] in names]
    for part, items in {"people": people, "projects": [project], "gigs": [gig], "hours": []}.items():
        monkeypatch.setattr(content, part, lambda items=items: items)
    for others in ("payouts", "memberships"):  # of people who do not live here
        monkeypatch.setattr(town, others, lambda now: ())


def seed(*arguments: Any) -> str:
    out = StringIO()
    call_command("seed_demo", *arguments, stdout=out)
    return out.getvalue()


def counts() -> dict[Any, int]:
    kinds = (User, Project, Proposal, Contract, Gig, Room, Message, Payment, Journal, Notification)
    return {kind: kind._base_manager.count() for kind in kinds}


def test_the_whole_town() -> None:
    before = timezone.now()

    assert "ready" in seed()

    for email in MAIN_SIGN_INS:
        assert authenticate(username=email, password="guildhall-demo").has_verified_email
    staff = User.objects.get(email="staff@example.com")
    assert not staff.is_superuser and staff.groups.get().name == "administrator"
    assert TOTPDevice.objects.get(user=staff).confirmed
    assert set(Contract.objects.values_list("status", flat=True)) == set(ContractStatus)
    assert Dispute.objects.in_mediation().exists()
    assert Dispute.objects.get(hold__timesheet__status=TimesheetStatus.CONTESTED).answer_by > before
    assert set(Milestone.objects.values_list("status", flat=True)) >= {
        MilestoneStatus.FUNDED,
        MilestoneStatus.SUBMITTED,
        MilestoneStatus.REVISION_REQUESTED,
        MilestoneStatus.RELEASED,
        MilestoneStatus.REFUNDED,
    }
    assert Payment.objects.get(provider=ProviderName.PAYPAL).status == PaymentStatus.SUCCEEDED
    assert set(Payout.objects.values_list("status", flat=True)) == {PayoutStatus.PAID, PayoutStatus.REQUESTED}
    weeks = Timesheet.objects.values_list("status", flat=True)
    assert set(weeks) >= {TimesheetStatus.BILLED, TimesheetStatus.OPEN, TimesheetStatus.PENDING}
    assert set(Gig.objects.values_list("status", flat=True)) == set(GigStatus)
    called_off = Gig.objects.get(compensation_minor__gt=0).hold
    assert called_off.refunded == called_off.amount - called_off.released - called_off.fee > called_off.released
    assert NoShow.objects.get().status == NoShowStatus.CONTESTED
    assert set(Project.objects.values_list("status", flat=True)) == set(ProjectStatus)
    assert [finding for finding in prove() if finding.offenders] == []
    of_transfers = ReconciliationException.objects.filter(
        detail__startswith="payout_sent"
    )  # the fake does not list them
    assert list(ReconciliationException.objects.difference(of_transfers)) == []
    assert not Account.objects.filter(kind=AccountKind.REFUNDS).exclude(balance_minor=0).exists()
    assert not mail.outbox and not ProcrastinateJob.objects.exists()
    assert Journal.objects.earliest("created_at").created_at < before - timedelta(days=100)
    assert not Journal.objects.filter(created_at__gt=timezone.now()).exists()
    assert not Review.objects.filter(published_at__gt=before).exists()
    assert_the_main_people_have_something_to_do()


def assert_the_main_people_have_something_to_do() -> None:
    client, freelancer, helper = (User.objects.get(email=email) for email in MAIN_SIGN_INS)

    assert Milestone.objects.filter(contract__client=client, status=MilestoneStatus.SUBMITTED).exists()
    assert Proposal.objects.live().filter(project__client=client).exists()
    assert Gig.objects.filter(seeker=client, status=GigStatus.COMPLETED, hold__status="held").exists()
    assert Milestone.objects.filter(contract__freelancer=freelancer, status=MilestoneStatus.FUNDED).exists()
    assert Gig.objects.filter(helper=helper, status=GigStatus.ACCEPTED, hold__status="held").exists()
    for person in (freelancer, helper):
        assert any(balance.available for balance in wallet(person))
        assert Review.objects.published().filter(reviewee=person).exists()
    for person in (client, freelancer, helper):
        assert Room.objects.visible_to(person).with_unread(person).filter(unread__gt=0).exists()
        assert person.notifications.unread().count() < 15


@pytest.mark.usefixtures("hamlet")
class TestRepeating:
    def test_a_second_run_has_nothing_to_do(self) -> None:
        seed()
        first = counts()

        assert "nothing to do" in seed()
        assert counts() == first

    def test_an_interrupted_run_goes_on_where_it_stopped(self, provider: FakeProvider) -> None:
        provider.fail_before.add("confirm_intent")
        with pytest.raises(CommandError, match="does not answer"):
            seed()
        with pytest.MonkeyPatch.context() as patch, pytest.raises(KeyboardInterrupt):
            patch.setattr("marketplace.demo.errands.gigs.start_gig", interrupted)
            seed()

        seed()

        contract = Contract.objects.get()
        assert contract.status == ContractStatus.COMPLETED
        assert Gig.objects.get().status == GigStatus.IN_PROGRESS
        assert (
            Payment.objects.count() == provider.charges() == contract.milestones.count() + contract.bonuses.count() + 1
        )
        story = content.projects()[0]
        assert Proposal.objects.count() == len(story["proposals"])
        assert contract.room.last_seq == len(story["contract"]["chat"]["messages"])
        assert [finding for finding in prove() if finding.offenders] == []


def interrupted(*args: Any, **kwargs: Any) -> None:
    raise KeyboardInterrupt


@pytest.mark.usefixtures("hamlet")
class TestScale:
    def test_rows_grow_in_proportion(self) -> None:
        seed()
        written = counts()

        seed("--scale", 3)

        assert {kind: counts()[kind] - written[kind] for kind in PER_UNIT} == {
            kind: 2 * n for kind, n in PER_UNIT.items()
        }
        assert "nothing to do" in seed("--scale", 2)

    def test_generated_rows_say_what_services_would_have_said(self) -> None:
        seed("--scale", 2)

        for project in Project.objects.filter(client__email__startswith="resident"):
            assert project.proposal_count == project.proposals.standing().count()
            assert sorted(project.skill_names) == sorted(skill.name for skill in project.skills.all())
        for room in Room.objects.filter(kind="direct"):
            numbers = list(room.messages.order_by("seq").values_list("seq", flat=True))
            assert numbers == list(range(1, room.last_seq + 1))
            assert all(member.read_seq <= room.last_seq for member in members_of(room.pk))
        for proposal in Proposal.objects.prefetch_related("milestones"):
            steps = [step.amount_minor for step in proposal.milestones.all()]
            assert not steps or sum(steps) == proposal.bid_amount_minor
        assert Project.objects.matching("the").count() == 0
        assert Gig.objects.open().filter(public_location__isnull=False).count() > 40

    def test_the_same_number_makes_the_same_neighbourhood(self) -> None:
        seed("--scale", 2)
        people = User.objects.filter(email__startswith="resident").order_by("id")
        names = list(people.values_list("email", "first_name", "last_name", "city"))

        assert len({email for email, *_ in names}) == len(names) == 30
        assert names[0][0] == "resident-000030@example.com"


def test_refuses_a_site_that_is_not_for_demonstration(settings: Any) -> None:
    settings.DEMO = False
    with pytest.raises(CommandError, match="not a demo site"):
        seed()
    assert not User.objects.exists()


def test_refuses_a_scale_below_one() -> None:
    with pytest.raises(CommandError, match="1 or more"):
        seed("--scale", 0)
