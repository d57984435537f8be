"""Work by the hour: weeks that were paid in, worked, reviewed and paid out, and hours that are not agreed."""

from collections.abc import Iterator
from datetime import datetime, time, timedelta
from functools import partial

from accounts.models import User
from accounts.services import find_category, find_skills
from contracts import services as contracts
from contracts.models import Contract, Timesheet
from contracts.rules.time import WEEK, edits_until, review_until, start_of, week_of
from core.money import Money
from marketplace.demo import content
from marketplace.demo.content import Item
from marketplace.demo.people import demo_person
from marketplace.demo.stage import Act
from payments.models import Refund
from payments.rules import RefundStatus
from payments.services import send_refund
from projects import services as projects
from projects.models import Proposal

CARD = "pm_card_visa"
SOON = timedelta(minutes=20)


def hours(now: datetime) -> Iterator[Act]:
    for story in content.hours():
        yield from (act for act in Weeks(story, now).acts() if act.at <= now)


class Weeks:
    """One hourly contract's story, up to the week that runs.

    Of a `contested` week, which is over for a week at least, one entry was sent back, and is now in dispute.
    """

    def __init__(self, story: Item, now: datetime) -> None:
        self.story = story
        self.now = now
        self.name = story["title"]
        self.mondays = [week_of(now) - number * WEEK for number in range(story["weeks_ago"], -1, -1)]

    def acts(self) -> Iterator[Act]:
        begun = start_of(self.mondays[0]) + timedelta(hours=8)
        yield Act(begun - timedelta(days=4), f"{self.name}: posted", self._post)
        yield Act(begun - timedelta(days=3), f"{self.name}: proposed", self._propose)
        yield Act(begun, f"{self.name}: hired", self._hire)
        for number, monday in enumerate(self.mondays):
            start = start_of(monday)
            paid_in = begun + SOON if number == 0 else start - timedelta(days=2, hours=9)
            yield Act(start, f"{self.name}: week {number} opened", contracts.open_due_weeks)
            yield Act(paid_in, f"{self.name}: week {number} paid in", partial(self._fund, number), calls_provider=True)
            for entry in self.story["work"]:
                day, _, end, memo = entry
                at = datetime.combine(monday + timedelta(days=day), time.fromisoformat(end), start.tzinfo) + SOON
                yield Act(at, f"{self.name}: week {number}, {memo}", partial(self._log, number, entry))
            yield Act(edits_until(monday) + SOON, f"{self.name}: week {number} sent", contracts.send_due_weeks)
            settled = review_until(monday) + SOON
            if number == 0:
                settled = edits_until(monday) + timedelta(days=1)
                yield Act(settled, f"{self.name}: week {number} approved", partial(self._approve, number))
            else:
                yield Act(settled, f"{self.name}: week {number} paid out", contracts.bill_due_weeks)
            yield Act(settled + SOON, f"{self.name}: week {number} rest", self._send_back, calls_provider=True)
        if contested := self.story.get("contested"):
            number = contested["week"]
            objected = edits_until(self.mondays[number]) + timedelta(days=1)
            opened = self.now - timedelta(hours=contested["opened_hours_ago"])
            yield Act(objected, f"{self.name}: week {number} sent back", partial(self._object, contested))
            yield Act(opened, f"{self.name}: week {number} disputed", partial(self._dispute, contested))

    def _client(self) -> User:
        return demo_person(self.story["client"])

    def _freelancer(self) -> User:
        return demo_person(self.story["freelancer"])

    def _money(self, amount: str) -> Money:
        return Money.parse(amount, self.story["currency"])

    def _proposal(self) -> Proposal:
        return Proposal.objects.get(project__title=self.name, freelancer=self._freelancer())

    def _contract(self) -> Contract:
        return Contract.objects.get(title=self.name)

    def _week(self, number: int) -> Timesheet:
        return Timesheet.objects.get(contract=self._contract(), week_start=self.mondays[number])

    def _post(self) -> None:
        details = projects.ProjectDetails(
            title=self.name,
            description=self.story["description"],
            category=find_category(self.story["category"]),
            budget_type="hourly",
            budget_min=self._money(self.story["budget_min"]),
            budget_max=self._money(self.story["budget_max"]),
            experience_level=self.story["experience_level"],
            estimated_duration=self.story["estimated_duration"],
            skills=find_skills(self.story["skills"]),
            deadline=None,
            attachment_ids=[],
        )
        projects.post_project(self._client(), details=details, status="open")

    def _propose(self) -> None:
        offer = projects.Offer(
            cover_letter=self.story["cover_letter"],
            bid_amount=self._money(self.story["rate"]),
            estimated_days=self.story["days"],
        )
        project_id = self._client().projects.get(title=self.name).pk
        projects.send_proposal(self._freelancer(), project_id=project_id, offer=offer)

    def _hire(self) -> None:
        contracts.accept_proposal(
            self._client(), proposal_id=self._proposal().pk, weekly_cap_minutes=self.story["cap_minutes"]
        )

    def _fund(self, number: int) -> None:
        contracts.fund_week(self._client(), timesheet_id=self._week(number).pk, payment_method=CARD)

    def _log(self, number: int, entry: list[str]) -> None:
        day, start, end, memo = entry
        date = self.mondays[number] + timedelta(days=int(day))
        zone = start_of(date).tzinfo
        contracts.add_time(
            self._freelancer(),
            contract_id=self._contract().pk,
            started_at=datetime.combine(date, time.fromisoformat(start), zone),
            ended_at=datetime.combine(date, time.fromisoformat(end), zone),
            memo=memo,
        )

    def _object(self, story: Item) -> None:
        week = self._week(story["week"])
        entry = week.entries.order_by("started_at")[story["entry"]]
        contracts.reject_timesheet(self._client(), timesheet_id=week.pk, reasons={entry.pk: story["why"]})

    def _dispute(self, story: Item) -> None:
        week = self._week(story["week"])
        assert week.hold is not None  # what is not agreed is held
        contracts.disputes.open_week_dispute(
            self._freelancer(),
            timesheet_id=week.pk,
            reason=story["reason"],
            explanation=story["explanation"],
            claim=week.hold.held,
        )

    def _approve(self, number: int) -> None:
        contracts.approve_timesheet(self._client(), timesheet_id=self._week(number).pk)

    def _send_back(self) -> None:
        """What the job would do, whose queue the story does not use."""
        rest = Refund.objects.filter(payment__hold__timesheet__contract=self._contract(), status=RefundStatus.PENDING)
        for refund in rest:
            send_refund(refund.pk)
