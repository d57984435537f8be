"""Remote work: from a posted project to the reviews."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import partial
from zlib import crc32

from accounts.models import User
from accounts.rules import UploadKind
from accounts.services import find_category, find_skills, uploads
from chat.models import Room
from contracts import services as contracts
from contracts.models import Contract, Milestone
from core.money import Money
from marketplace.demo import content, outside
from marketplace.demo.chats import conversation
from marketplace.demo.content import Item
from marketplace.demo.people import demo_person, picture
from marketplace.demo.stage import Act
from payments.models import Refund
from payments.rules import ProviderName, RefundStatus
from payments.services import refresh_payment, send_refund
from projects import services as projects
from projects.models import Project, Proposal
from projects.rules import ProjectStatus
from reviews.services import review_contract

CARD = "pm_card_visa"
REACTION = {"shortlisted": timedelta(hours=20), "withdrawn": timedelta(hours=26), "rejected": timedelta(hours=30)}
BETWEEN_PROPOSALS = timedelta(minutes=11)
REVISION_AFTER = timedelta(hours=19)
JUST_NOW = timedelta(minutes=30)


def hires(now: datetime) -> Iterator[Act]:
    for story in content.projects():
        yield from Hire(story, now).acts()


class Hire:
    """One project's story."""

    def __init__(self, story: Item, now: datetime) -> None:
        self.story = story
        self.now = now
        self.name = story["title"]
        self.currency = story["currency"]
        self.contract_story: Item | None = story.get("contract")
        # The content says days; people do things at different times of the day.
        self.time_of_day = timedelta(minutes=150 + crc32(self.name.encode()) % 400)

    def acts(self) -> Iterator[Act]:
        yield Act(self._days_ago(self.story["posted_days_ago"]), f"{self.name}: posted", self._post)
        for number, proposal in enumerate(self.story["proposals"]):
            yield from self._proposing(number, proposal)
        if "closed_days_ago" in self.story:
            yield Act(self._days_ago(self.story["closed_days_ago"]), f"{self.name}: closed", self._close)
        if self.contract_story:
            yield from self._working(self.contract_story)

    # --- When -----------------------------------------------------------------------------------

    def _days_ago(self, days: float) -> datetime:
        return self.now - timedelta(days=days) - self.time_of_day

    def _before_decision(self, at: datetime) -> datetime:
        """Proposals and reactions to them come before somebody is hired, and none in the future."""
        if self.contract_story:
            return min(at, self._days_ago(self.contract_story["accepted_days_ago"]) - JUST_NOW)
        return min(at, self.now - JUST_NOW)

    # --- Who and what ---------------------------------------------------------------------------

    def _client(self) -> User:
        return demo_person(self.story["client"])

    def _freelancer(self) -> User:
        assert self.contract_story is not None
        return demo_person(self.contract_story["freelancer"])

    def _project(self) -> Project:
        return Project.objects.get(client=self._client(), title=self.name)

    def _proposal(self, email: str) -> Proposal:
        return Proposal.objects.get(project=self._project(), freelancer=demo_person(email))

    def _contract(self) -> Contract:
        return Contract.objects.get(project=self._project())

    def _room(self) -> Room:
        return self._contract().room

    def _milestone(self, position: int) -> Milestone:
        return Milestone.objects.get(contract=self._contract(), position=position)

    def _money(self, amount: str) -> Money:
        return Money.parse(amount, self.currency)

    # --- Project and proposals ------------------------------------------------------------------

    def _post(self) -> None:
        story = self.story
        deadline = self.now + timedelta(days=story["deadline_in_days"]) if "deadline_in_days" in story else None
        details = projects.ProjectDetails(
            title=self.name,
            description=story["description"],
            category=find_category(story["category"]),
            budget_type=story["budget_type"],
            budget_min=self._money(story["budget_min"]),
            budget_max=self._money(story["budget_max"]),
            experience_level=story["experience_level"],
            estimated_duration=story["estimated_duration"],
            skills=find_skills(story["skills"]),
            deadline=deadline and deadline.date(),
            attachment_ids=_attach(self._client(), story.get("files", [])),
        )
        is_draft = story["status"] == ProjectStatus.DRAFT
        projects.post_project(
            self._client(), details=details, status=ProjectStatus.DRAFT if is_draft else ProjectStatus.OPEN
        )

    def _close(self) -> None:
        projects.close_project(self._client(), project_id=self._project().pk)

    def _proposing(self, number: int, proposal: Item) -> Iterator[Act]:
        sender = proposal["freelancer"]
        sent_at = self._days_ago(proposal["sent_days_ago"]) + number * BETWEEN_PROPOSALS
        sent_at = self._before_decision(sent_at)
        name = f"{self.name}: proposal of {sender}"
        yield Act(sent_at, name, partial(self._propose, proposal, sent_at))
        react = {"shortlisted": self._shortlist, "withdrawn": self._withdraw, "rejected": self._reject}.get(
            proposal["status"]
        )
        is_rejected_by_hiring = proposal["status"] == "rejected" and self.story["status"] != ProjectStatus.OPEN
        if react and not is_rejected_by_hiring:
            reacted_at = self._before_decision(sent_at + REACTION[proposal["status"]])
            yield Act(reacted_at, f"{name} {proposal['status']}", partial(react, sender))

    def _propose(self, proposal: Item, sent_at: datetime) -> None:
        steps = [
            projects.Step(
                title=step["title"],
                amount=self._money(step["amount"]),
                due_date=(sent_at + timedelta(days=step["due_in_days"])).date(),
            )
            for step in proposal["milestones"]
        ]
        offer = projects.Offer(
            cover_letter=proposal["cover_letter"],
            bid_amount=self._money(proposal["bid_amount"]),
            estimated_days=proposal["estimated_days"],
            milestones=steps,
        )
        projects.send_proposal(demo_person(proposal["freelancer"]), project_id=self._project().pk, offer=offer)

    def _shortlist(self, sender: str) -> None:
        projects.shortlist_proposal(self._client(), proposal_id=self._proposal(sender).pk)

    def _withdraw(self, sender: str) -> None:
        projects.withdraw_proposal(demo_person(sender), proposal_id=self._proposal(sender).pk)

    def _reject(self, sender: str) -> None:
        projects.reject_proposal(self._client(), proposal_id=self._proposal(sender).pk)

    # --- Contract -------------------------------------------------------------------------------

    def _working(self, story: Item) -> Iterator[Act]:
        yield Act(self._days_ago(story["accepted_days_ago"]), f"{self.name}: hired", self._hire)
        for position, milestone in enumerate(story["milestones"], start=1):
            yield from self._delivering(position, milestone)
        for number, change in enumerate(story.get("changes", [])):
            yield from self._changing(number, change)
        if bonus := story.get("bonus"):
            at = self._days_ago(bonus["days_ago"]) + JUST_NOW
            yield Act(at, f"{self.name}: bonus", partial(self._give_bonus, bonus), calls_provider=True)
        yield from conversation(
            self.name,
            story["chat"],
            started_at=self._days_ago(story["chat"]["started_days_ago"]) + JUST_NOW,
            now=self.now,
            room=self._room,
            speakers={"client": self._client, "freelancer": self._freelancer},
        )
        if "dispute" in story:
            yield from self._disputing(story["dispute"])
        if "paused_days_ago" in story:
            yield Act(self._days_ago(story["paused_days_ago"]), f"{self.name}: paused", self._pause)
        if story["status"] == "cancelled":
            ended_at = self._days_ago(story["ended_days_ago"])
            yield Act(ended_at, f"{self.name}: ended", self._end)
            yield Act(ended_at + JUST_NOW, f"{self.name}: sent back", self._send_back, calls_provider=True)
        for review in story.get("reviews", []):
            reviewed_at = self._days_ago(review["days_ago"]) + 2 * JUST_NOW
            yield Act(reviewed_at, f"{self.name}: review by {review['by']}", partial(self._review, review))

    def _delivering(self, position: int, story: Item) -> Iterator[Act]:
        name = f"{self.name}: milestone {position}"
        if "funded_days_ago" in story:
            at = self._days_ago(story["funded_days_ago"])
            yield Act(at, f"{name} funded", partial(self._fund, position, story), calls_provider=True)
        for number, submission in enumerate(story["submissions"]):
            at = self._days_ago(submission["days_ago"])
            yield Act(at, f"{name} handed in {number}", partial(self._submit, position, submission))
            if "revision" in submission:
                answered_at = at + REVISION_AFTER
                yield Act(answered_at, f"{name} revision {number}", partial(self._ask, position, submission))
        if "released_days_ago" in story:
            at = self._days_ago(story["released_days_ago"]) + JUST_NOW
            yield Act(at, f"{name} released", partial(self._approve, position))

    def _changing(self, number: int, change: Item) -> Iterator[Act]:
        """A milestone or another scope, proposed by one side and perhaps accepted by the other."""
        at = self._days_ago(change["days_ago"])
        yield Act(at, f"{self.name}: change {number}", partial(self._propose_change, change, at))
        if "accepted_hours_later" in change:
            accepted_at = at + timedelta(hours=change["accepted_hours_later"])
            yield Act(accepted_at, f"{self.name}: change {number} accepted", partial(self._accept_change, change))

    def _propose_change(self, change: Item, at: datetime) -> None:
        who = self._client() if change["by"] == "client" else self._freelancer()
        contract_id = self._contract().pk
        if "scope" in change:
            contracts.propose_scope(who, contract_id=contract_id, terms=change["scope"], note=change["note"])
            return
        step = change["milestone"]
        contracts.add_milestone(
            who,
            contract_id=contract_id,
            title=step["title"],
            amount=self._money(step["amount"]),
            due_date=(at + timedelta(days=step["due_in_days"])).date(),
            note=change["note"],
        )

    def _accept_change(self, change: Item) -> None:
        other = self._freelancer() if change["by"] == "client" else self._client()
        contracts.accept_change(other, change_id=self._contract().changes.open().get().pk)

    def _give_bonus(self, bonus: Item) -> None:
        contracts.give_bonus(
            self._client(),
            contract_id=self._contract().pk,
            amount=self._money(bonus["amount"]),
            note=bonus["note"],
            payment_method=CARD,
        )

    def _disputing(self, story: Item) -> Iterator[Act]:
        name = f"{self.name}: dispute"
        yield Act(self._days_ago(story["opened_days_ago"]), f"{name} opened", partial(self._dispute, story))
        yield Act(self._days_ago(story["answered_days_ago"]), f"{name} contested", partial(self._contest, story))
        for number, piece in enumerate(story["evidence"]):
            yield Act(self._days_ago(piece["days_ago"]), f"{name} evidence {number}", partial(self._show, piece))

    def _hire(self) -> None:
        assert self.contract_story is not None
        proposal = self._proposal(self.contract_story["freelancer"])
        contracts.accept_proposal(self._client(), proposal_id=proposal.pk)

    def _fund(self, position: int, story: Item) -> None:
        client, milestone_id = self._client(), self._milestone(position).pk
        if story.get("paid_by") != ProviderName.PAYPAL or not outside.paypal_is_here():
            contracts.fund_milestone(client, milestone_id=milestone_id, payment_method=CARD)
            return
        _, payment = contracts.fund_milestone(client, milestone_id=milestone_id, provider=ProviderName.PAYPAL)
        if payment.is_open:
            outside.agree_at_paypal(str(payment.intent_id))
            refresh_payment(payment.pk)

    def _submit(self, position: int, submission: Item) -> None:
        contracts.submit_milestone(
            self._freelancer(),
            milestone_id=self._milestone(position).pk,
            note=submission["note"],
            attachment_ids=_attach(self._freelancer(), submission.get("files", [])),
        )

    def _ask(self, position: int, submission: Item) -> None:
        contracts.request_revision(
            self._client(), milestone_id=self._milestone(position).pk, note=submission["revision"]
        )

    def _approve(self, position: int) -> None:
        contracts.approve_milestone(self._client(), milestone_id=self._milestone(position).pk)

    def _dispute(self, story: Item) -> None:
        contracts.disputes.open_dispute(
            self._client(),
            milestone_id=self._milestone(story["position"]).pk,
            reason=story["reason"],
            explanation=story["explanation"],
            claim=self._money(story["claim"]),
        )

    def _contest(self, story: Item) -> None:
        dispute = self._contract().disputes.get()
        contracts.disputes.contest_dispute(self._freelancer(), dispute_id=dispute.pk, text=story["answer"])

    def _show(self, piece: Item) -> None:
        person = self._client() if piece["by"] == "client" else self._freelancer()
        contracts.disputes.add_evidence(
            person,
            dispute_id=self._contract().disputes.get().pk,
            text=piece["text"],
            attachment_ids=_attach(person, piece.get("files", [])),
        )

    def _pause(self) -> None:
        contracts.pause_contract(self._client(), contract_id=self._contract().pk)

    def _end(self) -> None:
        contracts.cancel_contract(self._client(), contract_id=self._contract().pk)

    def _send_back(self) -> None:
        """What the job would do, whose queue the story does not use."""
        refunds = Refund.objects.filter(payment__hold__milestone__contract=self._contract())
        for refund in refunds.filter(status=RefundStatus.PENDING):
            send_refund(refund.pk)

    def _review(self, review: Item) -> None:
        reviewer = self._client() if review["by"] == "client" else self._freelancer()
        review_contract(reviewer, contract_id=self._contract().pk, rating=review["rating"], comment=review["comment"])


def _attach(owner: User, names: list[str]) -> list[int]:
    return [
        uploads.store(owner, file=picture(content.PICTURES / name), kind=UploadKind.ATTACHMENT).pk for name in names
    ]
