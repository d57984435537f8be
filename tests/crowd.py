"""Any number of rows of everything that one person's lists show, written directly: the services would take minutes."""

from datetime import timedelta

from django.utils import timezone

from accounts.models import IdentityCheck, User
from accounts.tests.factories import (
    ApiKeyFactory,
    AuthSessionFactory,
    ClientFactory,
    FreelancerFactory,
    ProfileEntryFactory,
    SkillFactory,
    UploadFactory,
    UserFactory,
)
from chat.models import Reaction, Room
from chat.tests.factories import MessageFactory, RoomFactory
from contracts.models import (
    Bonus,
    ChangeRequest,
    Contract,
    Dispute,
    DisputeEvidence,
    DisputeOffer,
    Milestone,
    MilestoneEvent,
    Submission,
    TermsVersion,
    TimeEntry,
    Timesheet,
    TimesheetEvent,
)
from contracts.rules.terms import fingerprint
from contracts.rules.time import WEEK, edits_until, review_until, start_of, week_of
from core.money import Money
from gigs.models import Gig
from gigs.tests.factories import make_gig
from notifications.tests.factories import NotificationFactory, WebhookDeliveryFactory, WebhookEndpointFactory
from payments.services import cancel_payout, freeze_hold, request_payout
from payments.tests.factories import add_credit, earn, funded_hold, make_hold, payable
from payments.tests.fakes import FakeProvider
from projects.models import Project, Proposal
from projects.tests.factories import ProjectFactory, ProposalFactory
from reviews.models import Review

PRICE = Money(45_00, "USD")


class Crowd:
    """`viewer` hires and works; after `grow(n)` every list of theirs, and every public one, has n rows or more."""

    def __init__(self) -> None:
        self.viewer = FreelancerFactory.create(user_type="both", placed=True)
        self.staff = UserFactory.create(staff=True)
        self.skill = SkillFactory.create(name="Figma")
        self.file = UploadFactory.create(owner=self.viewer)
        self.project = ProjectFactory.create(client=self.viewer)
        self.offered = ProjectFactory.create(skills=[self.skill])
        self.room: Room = RoomFactory.create(members=[self.viewer, UserFactory.create()])
        self.contract = self._contract(ClientFactory.create(), self.viewer)
        self.hourly = self._contract(
            ClientFactory.create(), self.viewer, kind="hourly", hourly_rate_minor=45_00, weekly_cap_minutes=2400
        )
        self.gig = make_gig()
        self.webhook = WebhookEndpointFactory.create(user=self.viewer)
        self._provider = FakeProvider()
        self.dispute = self._dispute()
        self._rows = 0

    @property
    def ids(self) -> dict[str, object]:
        """What stands for the names in an address."""
        things = ("viewer", "project", "offered", "room", "contract", "hourly", "gig", "webhook", "dispute")
        return {name: getattr(self, name).pk for name in things} | {"category": self.offered.category.slug}

    def grow(self, rows: int) -> None:
        for number in range(self._rows + 1, rows + 1):
            self._add(number)
        self._rows = rows

    def _add(self, number: int) -> None:
        client = ClientFactory.create(placed=True)
        freelancer = FreelancerFactory.create(placed=True)
        freelancer.freelancer_profile.skills.add(self.skill)
        self._add_projects(client, freelancer)
        self._add_work(client, freelancer, number)
        self._add_messages(client)
        self._add_dispute()
        add_credit(self.viewer, PRICE, self._provider)
        self._add_payout()
        NotificationFactory.create(user=self.viewer)
        WebhookDeliveryFactory.create(endpoint=self.webhook)
        AuthSessionFactory.create(user=self.viewer)
        ProfileEntryFactory.create(user=self.viewer)
        ApiKeyFactory.create(user=self.viewer)
        IdentityCheck.objects.create(
            user=self.viewer,
            document="passport",
            decided_at=timezone.now(),
            decided_by=self.staff,
            is_approved=False,
            reason="Blurred",
        )
        self.viewer.exports.create(finished_at=timezone.now(), expires_at=timezone.now())

    def _add_payout(self) -> None:
        """Called off at once, so that there need not be money for all of them."""
        if not hasattr(self.viewer, "connect_account"):
            earn(self.viewer, PRICE, self._provider)
            payable(self.viewer, self._provider)
        payout = request_payout(self.viewer, amount=Money(10_00, "USD"))
        cancel_payout(self.viewer, payout_id=payout.pk)

    def _add_projects(self, client: User, freelancer: User) -> None:
        ProposalFactory.create(project=self.project, freelancer=freelancer)
        ProjectFactory.create(client=self.viewer)
        wanted = ProjectFactory.create(client=client, skills=[self.skill], category=self.offered.category)
        ProposalFactory.create(project=wanted, freelancer=self.viewer)

    def _add_work(self, client: User, freelancer: User, number: int) -> None:
        """Two running contracts, a finished and reviewed one, and a gig on either side."""
        for hires, works in ((client, self.viewer), (self.viewer, freelancer)):
            self._add_step(self._contract(hires, works), 1)
            self._add_gig(hires, works)
        finished = self._contract(client, self.viewer, status="completed", ended_at=timezone.now())
        for reviewer, reviewee, side in ((client, self.viewer, "freelancer"), (self.viewer, client, "client")):
            Review.objects.create(
                contract=finished,
                reviewer=reviewer,
                reviewee=reviewee,
                side=side,
                rating=5,
                comment="Careful.",
                reveal_at=timezone.now(),
                published_at=timezone.now(),
            )
        self._add_step(self.contract, number)
        self._add_week(number)
        make_gig(seeker=client).images.add(self.file)

    def _contract(self, client: User, freelancer: User, **columns: object) -> Contract:
        project: Project = ProjectFactory.create(client=client, status="in_progress")
        proposal: Proposal = ProposalFactory.create(project=project, freelancer=freelancer, status="accepted", steps=[])
        room: Room = RoomFactory.create(members=[client, freelancer])
        MessageFactory.create(room=room, sender=client)
        return Contract.objects.create(
            project=project,
            proposal=proposal,
            client=client,
            freelancer=freelancer,
            room=room,
            title=project.title,
            currency="USD",
            fee_bps=1000,
            **columns,
        )

    def _add_step(self, contract: Contract, position: int) -> None:
        """Handed in, with a file, and its funds asked for."""
        hold = make_hold(PRICE, payer=contract.client, payee=contract.freelancer, url=f"/contracts/{contract.pk}/")
        step = Milestone.objects.create(
            contract=contract,
            position=position,
            title=f"Step {position}",
            amount_minor=PRICE.minor,
            currency=PRICE.currency,
            status="submitted",
            hold=hold,
            release_at=timezone.now() + timedelta(days=14),
        )
        submission = Submission.objects.create(milestone=step, note="Here it is.")
        submission.files.add(self.file)
        change = ChangeRequest.objects.create(
            contract=contract,
            proposer=contract.client,
            kind="change_milestone",
            milestone=step,
            after={"title": "Other"},
        )
        change.events.create(move="propose", to_status="proposed", actor=contract.client)
        TermsVersion.objects.create(
            contract=contract, number=position, text="Agreed.", sha256=fingerprint("Agreed.")
        ).acceptances.create(person=contract.client, how="hiring", accepted_at=timezone.now())
        bonus = make_hold(PRICE, payer=contract.client, payee=contract.freelancer, purpose="bonus")
        Bonus.objects.create(contract=contract, hold=bonus)
        MilestoneEvent.objects.create(milestone=step, move="submit", to_status="submitted", actor=contract.freelancer)

    def _add_week(self, number: int) -> None:
        """So many weeks ago, sent, with an hour in it; its funds asked for."""
        monday = week_of(timezone.now()) - number * WEEK
        hold = make_hold(PRICE, payer=self.hourly.client, payee=self.viewer, url=f"/contracts/{self.hourly.pk}/")
        timesheet = Timesheet.objects.create(
            contract=self.hourly,
            week_start=monday,
            rate_minor=PRICE.minor,
            currency=PRICE.currency,
            cap_minutes=60,
            status="submitted",
            hold=hold,
            edits_until=edits_until(monday),
            review_until=review_until(monday),
        )
        start = start_of(monday)
        TimeEntry.objects.create(
            timesheet=timesheet, freelancer=self.viewer, started_at=start, ended_at=start + timedelta(hours=1)
        )
        TimesheetEvent.objects.create(timesheet=timesheet, move="submit", to_status="submitted", actor=self.viewer)

    def _add_dispute(self) -> None:
        """One more; in it and in the first a further offer, evidence with a file, an event, and something said."""
        for dispute in (self.dispute, self._dispute()):
            about = {"dispute": dispute, "by": self.viewer}
            DisputeOffer.objects.create(
                **about, to_freelancer_minor=PRICE.minor, to_client_minor=0, currency="USD", ended_at=timezone.now()
            )
            DisputeEvidence.objects.create(**about, text="See.").files.add(self.file)
            dispute.events.create(move="open", to_status="open", actor=dispute.opener)
            said = MessageFactory.create(room=dispute.contract.room, sender=self.viewer, has_attachments=True)
            said.attachments.add(self.file)

    def _dispute(self) -> Dispute:
        contract = self._contract(ClientFactory.create(), self.viewer, status="disputed")
        hold = funded_hold(PRICE, payer=contract.client, payee=self.viewer, provider=self._provider)
        return Dispute.objects.create(
            contract=contract,
            hold=freeze_hold(None, hold=hold, reason="In dispute"),
            opener=contract.client,
            side="client",
            reason="late",
            explanation="Late.",
            held_minor=PRICE.minor,
            claim_minor=PRICE.minor,
            currency=PRICE.currency,
            answer_by=timezone.now() + timedelta(days=5),
        )

    def _add_gig(self, seeker: User, helper: User) -> None:
        gig = make_gig(seeker=seeker)
        Gig.objects.filter(pk=gig.pk).update(status="accepted", helper=helper, accepted_at=timezone.now())
        gig.images.add(self.file)

    def _add_messages(self, other: User) -> None:
        first = MessageFactory.create(room=self.room, content="Shall we talk about labels?", has_attachments=True)
        first.attachments.add(self.file)
        MessageFactory.create(room=self.room, reply_to=first, content="Labels, gladly")
        Reaction.objects.create(message=first, user=self.viewer, emoji="👍")
        MessageFactory.create(room=RoomFactory.create(members=[self.viewer, other]))
