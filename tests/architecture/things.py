"""What there is in the small world: the owner's things, and the people around them."""

from datetime import timedelta

from django.core.files.base import ContentFile
from django.utils import timezone

from accounts.models import Appeal, DataExport, IdentityCheck, Passkey, Suspension, User
from accounts.rules import EvidenceClass, IdentityDocument, SuspensionRule
from accounts.tests.factories import (
    ApiKeyFactory,
    AuthSessionFactory,
    ClientFactory,
    FreelancerFactory,
    ProfileEntryFactory,
    SkillFactory,
    UploadFactory,
    UserFactory,
    staff_of,
)
from chat.tests.factories import MessageFactory
from contracts.models import Contract, Dispute, Milestone
from contracts.services import (
    add_time,
    fund_milestone,
    fund_week,
    open_calendar,
    prepare_bonus,
    propose_milestone_change,
    propose_scope,
    start_timer,
    submit_milestone,
    submit_timesheet,
)
from contracts.services.disputes import contest_dispute, decide_dispute, offer_split
from contracts.tests.factories import (
    first_step,
    make_contract,
    make_hourly,
    open_dispute_about,
    overdue_step,
    refund_asked,
    week,
)
from core.money import Money
from gigs.models import Gig
from gigs.services import accept_gig, fund_gig, report_no_show
from gigs.tests.factories import begins_in, make_gig
from notifications.tests.factories import NotificationFactory, WebhookDeliveryFactory, WebhookEndpointFactory
from payments.models import ReconciliationException
from payments.providers import Card
from payments.services import create_payment, refresh_chargeback, request_payout, request_refund
from payments.tests.factories import earn, make_plan, on_plan, payable
from payments.tests.fakes import VISA, FakeProvider, use_provider
from projects.models import Project, Proposal
from projects.tests.factories import ProjectFactory, ProposalFactory

GROUPS = ("moderator", "support", "finance", "analyst", "administrator")


class Things:
    """The owner's account, work, gigs and money, each with whom it needs."""

    def __init__(self) -> None:
        self.provider = FakeProvider()
        with use_provider(self.provider):
            self._people()
            self._account()
            self._work()
            self._hours()
            self._gigs()
            self._money()

    def _people(self) -> None:
        self.skill = SkillFactory.create(name="Figma")
        self.owner = ClientFactory.create(placed=True, handle="ada-fox")
        self.party = FreelancerFactory.create(placed=True)
        self.people: dict[str, User] = {
            "owner": self.owner,
            "party": self.party,
            "client": ClientFactory.create(placed=True),
            "freelancer": FreelancerFactory.create(placed=True),
        }
        for name in GROUPS:
            self.people[name] = staff_of(name)
        self.session = AuthSessionFactory.create(user=self.owner)
        self.notification = NotificationFactory.create(user=self.owner)
        self.upload = UploadFactory.create(owner=self.owner)

    def _account(self) -> None:
        self.entry = ProfileEntryFactory.create(user=self.owner)
        self.key = ApiKeyFactory.create(user=self.owner)
        self.passkey = Passkey.objects.create(user=self.owner, name="A phone", credential_id=b"1", public_key=b"1")
        self.webhook = WebhookEndpointFactory.create(user=self.owner)
        self.delivery = WebhookDeliveryFactory.create(endpoint=self.webhook)
        self.export = DataExport.objects.create(
            user=self.owner,
            file=ContentFile(b"{}", name="data.zip"),
            size=2,
            finished_at=timezone.now(),
            expires_at=timezone.now() + timedelta(days=1),
        )
        self.document = UploadFactory.create(owner=self.owner, kind="identity")
        self.money_exception = ReconciliationException.objects.create(
            kind="payment_stuck", about="payment:1", provider="stripe"
        )
        self.identity_check = IdentityCheck.objects.create(
            user=UserFactory.create(), document=IdentityDocument.PASSPORT
        )
        self.newcomer = UserFactory.create()
        self.outcast = UserFactory.create(suspended_at=timezone.now())
        suspension = self._suspend(self.outcast)
        self.appeal = Appeal.objects.create(suspension=suspension, text="It was a joke between friends.")

    def _suspend(self, person: User) -> Suspension:
        return Suspension.objects.create(
            user=person,
            rule=SuspensionRule.ABUSE,
            evidence=EvidenceClass.MESSAGES,
            reason="Insulting messages.",
            imposed_by=self.people["moderator"],
            appeal_until=timezone.now() + timedelta(days=14),
        )

    def _work(self) -> None:
        self.project: Project = ProjectFactory.create(client=self.owner)
        self.draft: Project = ProjectFactory.create(client=self.owner, status="draft")
        self.proposal: Proposal = ProposalFactory.create(project=self.project, freelancer=self.party)
        self.contract = make_contract(project=ProjectFactory.create(client=self.owner), freelancer=self.party)
        step = first_step(self.contract)
        fund_milestone(self.owner, milestone_id=step.pk, payment_method=VISA)
        submit_milestone(self.party, milestone_id=step.pk, note="Here it is.")
        self.milestone = first_step(self.contract)
        self.unfunded: Milestone = self.contract.milestones.get(position=2)
        self.change = propose_scope(self.party, contract_id=self.contract.pk, terms="Four labels.")
        self.own_change = propose_milestone_change(
            self.owner, milestone_id=self.unfunded.pk, changes={"title": "Labels"}
        )
        self.overdue = overdue_step(project=ProjectFactory.create(client=self.owner), freelancer=self.party)
        self.spare: Milestone = self.overdue.contract.milestones.get(position=2)
        self.refund_request = refund_asked(project=ProjectFactory.create(client=self.owner), freelancer=self.party)
        self.bonus = prepare_bonus(self.owner, contract_id=self.contract.pk, amount=Money(5_00, "USD"))
        self.calendar = open_calendar(self.owner)
        self.room = self.contract.room
        self._disputes()
        self.message = MessageFactory.create(room=self.room, sender=self.owner)

    def _hours(self) -> None:
        """A week that is paid in, with the party's timer running; one to pay in; one that was sent."""
        self.hourly = make_hourly(project__client=self.owner, freelancer=self.party)
        fund_week(self.owner, timesheet_id=week(self.hourly).pk, payment_method=VISA)
        self.week, self.unpaid_week = week(self.hourly), week(self.hourly, 1)
        other = make_hourly(project__client=self.owner, freelancer=self.party)
        fund_week(self.owner, timesheet_id=week(other).pk, payment_method=VISA)
        Contract.objects.filter(pk=other.pk).update(started_at=self.week.starts_at - timedelta(days=7))
        start = max(self.week.starts_at, timezone.now() - timedelta(hours=2))
        end = start + timedelta(minutes=1)
        add_time(self.party, contract_id=other.pk, started_at=start, ended_at=end, memo="Drawings")
        self.sent_week = submit_timesheet(self.party, timesheet_id=week(other).pk)
        self.idle = make_hourly(project__client=self.owner, freelancer=self.party)
        fund_week(self.owner, timesheet_id=week(self.idle).pk, payment_method=VISA)
        self.time_entry = start_timer(self.party, contract_id=self.hourly.pk, memo="Labels")

    def _disputes(self) -> None:
        """Of the owner's claim, one that waits for the other side, and one of theirs that the staff decided in part."""
        self.dispute = self._dispute(self.owner)
        self.claimed = self._dispute(self.party)
        self.countered = self._dispute(self.owner)
        self.offer = offer_split(self.party, dispute_id=self.countered.pk, to_freelancer=Money(100_00, "USD"))
        self.mediated = contest_dispute(self.party, dispute_id=self._dispute(self.owner).pk, text="As agreed.")
        large = contest_dispute(self.party, dispute_id=self._dispute(self.owner, 2_000_00).pk, text="As agreed.")
        judge = staff_of("moderator")
        self.decision = decide_dispute(
            judge, dispute_id=large.pk, to_freelancer=Money(1_00, "USD"), reasons="As it was agreed."
        )

    def _dispute(self, opener: User, price: int = 500_00) -> Dispute:
        contract = make_contract([price], project=ProjectFactory.create(client=self.owner), freelancer=self.party)
        step = first_step(contract)
        fund_milestone(self.owner, milestone_id=step.pk, payment_method=VISA)
        return open_dispute_about(first_step(contract), opener, claim=price)

    def _gigs(self) -> None:
        self.gig = make_gig(seeker=self.owner)
        self.taken = accept_gig(self.party, gig_id=make_gig(seeker=self.owner).pk)
        self.funded = accept_gig(self.party, gig_id=make_gig(seeker=self.owner).pk)
        fund_gig(self.owner, gig_id=self.funded.pk, payment_method=VISA)
        self.funded.refresh_from_db()
        self.missed, self.reported = (self._missed_gig() for _ in range(2))
        report_no_show(self.owner, gig_id=self.reported.pk)
        self.reported.refresh_from_db()

    def _missed_gig(self) -> Gig:
        gig = accept_gig(self.party, gig_id=make_gig(seeker=self.owner).pk)
        fund_gig(self.owner, gig_id=gig.pk, payment_method=VISA)
        return begins_in(gig, -1)

    def _money(self) -> None:
        self.payment = create_payment(self.owner, amount=Money(50_00, "USD"), payment_method=VISA)
        self.open_payment = create_payment(self.owner, amount=Money(20_00, "USD"))
        self.provider.saved = [Card("pm_kept", "Visa ending 4242", "04/31")]
        self.provider.saved_by = self.owner.payment_customer.customer_id
        self._money_out()
        self.document_of_payment = self.payment.documents.get()
        self.plan = make_plan()
        self.subscription = on_plan(self.owner, self.plan, self.provider)
        self.refund = request_refund(self.owner, intent_id=str(self.payment.intent_id), amount=Money(5_00, "USD"))

    def _money_out(self) -> None:
        """The owner earned something, and their bank is known; one payout can be cancelled, one waits for staff."""
        earn(self.owner, Money(3_000_00, "USD"), self.provider)
        payable(self.owner, self.provider)
        self.payout = request_payout(self.owner, amount=Money(50_00, "USD"))
        self.large_payout = request_payout(self.owner, amount=Money(1_500_00, "USD"))
        disputed = create_payment(self.party, amount=Money(30_00, "USD"), payment_method=VISA)
        chargeback = refresh_chargeback(self.provider.dispute(str(disputed.intent_id)).id)
        assert chargeback
        self.chargeback = chargeback
