"""Gigs in the five towns: from the map to the reviews."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import partial

from accounts.models import User
from accounts.rules import UploadKind
from accounts.services import find_category, uploads
from chat.models import Room
from core.money import Money
from gigs import services as gigs
from gigs.models import Gig
from gigs.rules import GigStatus
from marketplace.demo import content
from marketplace.demo.chats import conversation
from marketplace.demo.content import Item
from marketplace.demo.hires import CARD
from marketplace.demo.people import demo_person, picture
from marketplace.demo.stage import Act
from payments.models import Refund
from payments.rules import RefundStatus
from payments.services import send_refund
from reviews.services import review_gig

HALF_HOUR = timedelta(minutes=30)
PAID_AFTER = timedelta(hours=2)
SENT_AFTER = timedelta(minutes=1)
DAY = timedelta(days=1)


def errands(now: datetime) -> Iterator[Act]:
    for story in content.gigs():
        yield from Errand(story, now).acts()


class Errand:
    """One gig's story. Its helper is paid in unless it was called off or the story says `"funded": false`, and paid out
    unless `"released": false`. `"cancelled_hours_ago"`: called off when it was paid in, and late.
    """

    def __init__(self, story: Item, now: datetime) -> None:
        self.story = story
        self.now = now
        self.name = story["title"]
        self.status = story["status"]
        starts_at = now + timedelta(hours=story["starts_in_hours"])
        self.starts_at = datetime.fromtimestamp(starts_at.timestamp() // 1800 * 1800, tz=now.tzinfo)
        if self.status == GigStatus.PENDING and starts_at - now > DAY:  # by day, whenever the demo is made
            self.starts_at = self.starts_at.replace(hour=8 + self.starts_at.hour % 11)

    def acts(self) -> Iterator[Act]:
        posted_at = self._hours_ago(self.story["posted_hours_ago"])
        yield Act(posted_at, f"{self.name}: posted", self._post)
        if "helper" in self.story:
            yield from self._helping()
        if "cancelled_hours_ago" in self.story:
            called_off_at = self._hours_ago(self.story["cancelled_hours_ago"])
            yield Act(called_off_at, f"{self.name}: called off", self._call_off)
            yield Act(called_off_at + SENT_AFTER, f"{self.name}: sent back", self._send_back, calls_provider=True)
        elif self.status == GigStatus.CANCELLED:
            yield Act(self.now - (self.now - posted_at) / 4, f"{self.name}: called off", self._call_off)
        if no_show := self.story.get("no_show"):
            yield Act(self._hours_ago(no_show["hours_ago"]), f"{self.name}: nobody came", self._report)
            yield Act(self._hours_ago(no_show["answered_hours_ago"]), f"{self.name}: somebody did", self._contest)

    def _hours_ago(self, hours: float) -> datetime:
        return self.now - timedelta(hours=hours)

    def _seeker(self) -> User:
        return demo_person(self.story["seeker"])

    def _helper(self) -> User:
        return demo_person(self.story["helper"])

    def _gig(self) -> Gig:
        return Gig.objects.get(seeker=self._seeker(), title=self.name)

    def _room(self) -> Room:
        room = self._gig().room
        assert room is not None  # made by the acceptance
        return room

    def _post(self) -> None:
        story = self.story
        file = story["picture"]
        images = (
            [uploads.store(self._seeker(), file=picture(content.PICTURES / file), kind=UploadKind.GIG)] if file else []
        )
        details = gigs.GigDetails(
            title=self.name,
            description=story["description"],
            category=find_category(story["category"]),
            duration_minutes=round(story["duration_hours"] * 60),
            budget=Money.parse(story["budget"], story["currency"]),
            **story["location"],
            address=story["address"],
            area=story["area"],
            starts_at=self.starts_at,
            image_ids=[image.pk for image in images],
        )
        gigs.post_gig(self._seeker(), details=details)

    def _helping(self) -> Iterator[Act]:
        story = self.story
        accepted_at = self._hours_ago(story["accepted_hours_ago"])
        yield Act(accepted_at, f"{self.name}: accepted", self._accept)
        yield from conversation(
            self.name,
            story["chat"],
            started_at=self._hours_ago(story["chat"]["started_hours_ago"]),
            now=self.now,
            room=self._room,
            speakers={"seeker": self._seeker, "helper": self._helper},
        )
        if story.get("funded", self.status != GigStatus.CANCELLED or "cancelled_hours_ago" in story):
            yield Act(accepted_at + PAID_AFTER, f"{self.name}: paid in", self._pay_in, calls_provider=True)
        if self.status in {GigStatus.IN_PROGRESS, GigStatus.COMPLETED}:
            yield Act(self._hours_ago(-story["starts_in_hours"]), f"{self.name}: started", self._start)
        if self.status == GigStatus.COMPLETED:
            yield from self._finishing()

    def _finishing(self) -> Iterator[Act]:
        done_at = self._hours_ago(-self.story["starts_in_hours"] - self.story["duration_hours"])
        yield Act(done_at, f"{self.name}: done", self._finish)
        reviews = self.story.get("reviews", [])
        if self.story.get("released", True):
            first_review_at = self._hours_ago(reviews[0]["hours_ago"])
            yield Act(done_at + (first_review_at - done_at) / 2, f"{self.name}: released", self._release)
        for review in reviews:
            at = self._hours_ago(review["hours_ago"])
            yield Act(at, f"{self.name}: review by {review['by']}", partial(self._review, review))

    def _accept(self) -> None:
        gigs.accept_gig(self._helper(), gig_id=self._gig().pk)

    def _pay_in(self) -> None:
        gigs.fund_gig(self._seeker(), gig_id=self._gig().pk, payment_method=CARD)

    def _start(self) -> None:
        gigs.start_gig(self._helper(), gig_id=self._gig().pk)

    def _finish(self) -> None:
        gigs.complete_gig(self._helper(), gig_id=self._gig().pk)

    def _release(self) -> None:
        gigs.release_gig(self._seeker(), gig_id=self._gig().pk)

    def _call_off(self) -> None:
        gigs.cancel_gig(self._seeker(), gig_id=self._gig().pk, reason=self.story.get("reason", ""))

    def _send_back(self) -> None:
        """What the job would do, whose queue the story does not use."""
        for refund in Refund.objects.filter(payment__hold__gig=self._gig(), status=RefundStatus.PENDING):
            send_refund(refund.pk)

    def _report(self) -> None:
        gigs.report_no_show(self._seeker(), gig_id=self._gig().pk, note=self.story["no_show"]["note"])

    def _contest(self) -> None:
        gigs.contest_no_show(self._helper(), gig_id=self._gig().pk, answer=self.story["no_show"]["answer"])

    def _review(self, review: Item) -> None:
        reviewer = self._seeker() if review["by"] == "seeker" else self._helper()
        review_gig(reviewer, gig_id=self._gig().pk, rating=review["rating"], comment=review["comment"])
