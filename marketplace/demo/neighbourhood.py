"""One unit of generated demo data: 30 people who deal with each other. Its number decides everything about it.

Nothing here moves money or makes a contract: those need the services.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

from accounts.models import Category, ClientProfile, FreelancerProfile, User
from accounts.rules import ExperienceLevel, UserType, WeeklyHours
from accounts.selectors import marketplace_rules
from chat.models import Member, Message, Room
from chat.rules import RoomKind, direct_key, preview_of
from core.geo import blurred, point
from core.money import split
from gigs.models import Gig, GigEvent
from gigs.rules import GigStatus
from marketplace.demo.copying import Ids, Rows
from marketplace.demo.people import password_hash
from marketplace.demo.places import gazetteer
from marketplace.demo.words import Trade, Writer, capitalised, namings, trades, vocabulary
from projects.models import Project, ProjectEvent, Proposal, ProposalEvent, ProposalMilestone
from projects.rules import BudgetType, ProjectStatus, ProposalStatus

CLIENTS, FREELANCERS, HELPERS = 10, 14, 6
PEOPLE = CLIENTS + FREELANCERS + HELPERS
PROJECTS_EACH, PROPOSALS_EACH, GIGS_EACH = 5, 2, 5
CONVERSATIONS = (100, 50, 30, 15, 5)  # messages

WEEKS: list[WeeklyHours] = [
    {},
    {key: [["09:00", "12:30"], ["13:30", "17:30"]] for key in ("mon", "tue", "wed", "thu", "fri")},
    {key: [["08:00", "14:00"]] for key in ("mon", "tue", "thu")},
    {key: [["16:00", "24:00"]] for key in ("wed", "fri", "sat", "sun")},
]

# Of a hundred.
PROJECT_STATUSES = {ProjectStatus.OPEN: 92, ProjectStatus.CANCELLED: 5, ProjectStatus.DRAFT: 3}
PROPOSAL_STATUSES = {
    ProposalStatus.SUBMITTED: 70,
    ProposalStatus.SHORTLISTED: 15,
    ProposalStatus.WITHDRAWN: 10,
    ProposalStatus.REJECTED: 5,
}
GIG_STATUSES = {GigStatus.PENDING: 96, GigStatus.CANCELLED: 4}
MOVES = {
    ProposalStatus.SHORTLISTED: "shortlist",
    ProposalStatus.WITHDRAWN: "withdraw",
    ProposalStatus.REJECTED: "reject",
}
DAYS_OF_PROJECTS, DAYS_OF_GIGS, DAYS_OF_PEOPLE = 180, 25, 1500

ProjectSkill = Project.skills.through
FreelancerSkill = FreelancerProfile.skills.through


class Neighbourhood:
    def __init__(self, number: int, rows: Rows, ids: Ids, now: datetime) -> None:
        self.first_person = number * PEOPLE
        self.people = 0
        self.rows, self.ids, self.now = rows, ids, now
        self.dice = Random(number)  # noqa: S311 - the same number gives the same people
        self.writers: dict[int, Writer] = {}

    def build(self) -> None:
        clients = [self._client() for _ in range(CLIENTS)]
        freelancers = [self._freelancer(Category.Kind.REMOTE) for _ in range(FREELANCERS)]
        for _ in range(HELPERS):
            self._freelancer(Category.Kind.LOCAL)
        for client in clients:
            for _ in range(PROJECTS_EACH):
                self._project(client, freelancers)
            for _ in range(GIGS_EACH):
                self._gig(client)
        for client, freelancer, length in zip(clients, freelancers, CONVERSATIONS, strict=False):
            self._conversation(client, freelancer, length)

    # --- People ---------------------------------------------------------------------------------

    def _client(self) -> User:
        person = self._person(UserType.CLIENT)
        company = self.writers[person.pk].company(person.last_name)
        self.rows.add(ClientProfile(user=person, company_name=company), FreelancerProfile(user=person))
        return person

    def _freelancer(self, kind: str) -> User:
        person = self._person(UserType.FREELANCER, at_a_place=kind == Category.Kind.LOCAL)
        writer, trade = self.writers[person.pk], self.dice.choice(trades(kind))
        skills = self.dice.sample(trade.skills, k=min(5, len(trade.skills)))
        known = {"skill": skills[0].name, "skill2": skills[-1].name}
        headline, *bio = (
            writer.fill(self.dice.choice(phrases), **known)
            for phrases in (vocabulary()["headlines"], *vocabulary()["bios"].values())
        )
        profile = FreelancerProfile(
            user=person,
            headline=capitalised(headline)[:120],
            bio=writer.paragraph(*bio),
            category=trade.category,
            currency=person.currency,
            hourly_rate_minor=writer.price(15, 120, person.currency),
            experience_level=self.dice.choice(ExperienceLevel.values),
            skill_names=[skill.name for skill in skills],
            weekly_hours=self.dice.choice(WEEKS),
        )
        self.rows.add(ClientProfile(user=person), profile)
        self.rows.add(*(FreelancerSkill(freelancerprofile_id=person.pk, skill=skill) for skill in skills))
        return person

    def _person(self, user_type: str, *, at_a_place: bool = False) -> User:
        town = gazetteer(frozenset(namings())).town(self.dice)
        writer = Writer(self.dice, town)
        first_name, last_name, currency = writer.name()
        joined_at = self.now - timedelta(days=200 + DAYS_OF_PEOPLE * self.dice.random())
        place = point(*town.spot(self.dice)) if at_a_place else None
        person = User(
            pk=self.ids.next(User),
            email=f"resident-{self.first_person + self.people:06d}@example.com",
            first_name=first_name,
            last_name=last_name,
            user_type=user_type,
            password=password_hash(),
            email_verified_at=joined_at,
            date_joined=joined_at,
            city=town.name,
            country=town.country,
            time_zone=town.time_zone,
            currency=currency,
            location=place,
            public_location=place and blurred(place),
        )
        self.people += 1
        self.writers[person.pk] = writer
        self.rows.add(person)
        return person

    # --- Projects -------------------------------------------------------------------------------

    def _project(self, client: User, freelancers: list[User]) -> None:
        writer, trade = self.writers[client.pk], self.dice.choice(trades(Category.Kind.REMOTE))
        status, hourly = self._one_of(PROJECT_STATUSES), self.dice.random() < 0.25
        skills = self.dice.sample(trade.skills, k=min(self.dice.randint(2, 5), len(trade.skills)))
        lowest = writer.price(15, 90, client.currency) if hourly else writer.price(150, 6000, client.currency)
        created_at = self._ago(DAYS_OF_PROJECTS)
        project = Project(
            pk=self.ids.next(Project),
            client=client,
            title=_title(writer, trade, skills[0].name),
            description=_description(writer, trade, skills[0].name),
            category=trade.category,
            skill_names=[skill.name for skill in skills],
            budget_type=BudgetType.HOURLY if hourly else BudgetType.FIXED,
            budget_min_minor=lowest,
            budget_max_minor=lowest * self.dice.randint(12, 20) // 10,
            currency=client.currency,
            experience_level=self.dice.choice(ExperienceLevel.values),
            estimated_duration=self.dice.choice(vocabulary()["durations"]),
            status=status,
            published_at=None if status == ProjectStatus.DRAFT else created_at,
            created_at=created_at,
            updated_at=created_at,
        )
        self.rows.add(project, ProjectEvent(project=project, move="post", to_status=status, actor=client))
        self.rows.add(*(ProjectSkill(project_id=project.pk, skill=skill) for skill in skills))
        if status != ProjectStatus.DRAFT:
            for freelancer in self.dice.sample(freelancers, k=PROPOSALS_EACH):
                self._proposal(project, freelancer)

    def _proposal(self, project: Project, freelancer: User) -> None:
        writer = self.writers[freelancer.pk]
        closed = project.status == ProjectStatus.CANCELLED
        status = ProposalStatus.REJECTED if closed else self._one_of(PROPOSAL_STATUSES)
        letter = (writer.one("proposals", part) for part in ("openings", "middles", "closings"))
        sent_at = project.created_at + (self.now - project.created_at) * self.dice.random() / 2
        proposal = Proposal(
            pk=self.ids.next(Proposal),
            project=project,
            freelancer=freelancer,
            cover_letter=writer.paragraph(*letter),
            bid_amount_minor=self.dice.randint(project.budget_min_minor, project.budget_max_minor),
            currency=project.currency,
            estimated_days=self.dice.randint(3, 90),
            status=status,
            created_at=sent_at,
            updated_at=sent_at,
        )
        self.rows.add(proposal)
        self.rows.add(ProposalEvent(proposal=proposal, move="send", to_status="submitted", actor=freelancer))
        if move := MOVES.get(status):
            actor = freelancer if move == "withdraw" else project.client
            self.rows.add(
                ProposalEvent(proposal=proposal, move=move, from_status="submitted", to_status=status, actor=actor)
            )
        project.proposal_count += status != ProposalStatus.WITHDRAWN
        if project.budget_type == BudgetType.FIXED:
            self._plan(proposal)

    def _plan(self, proposal: Proposal) -> None:
        titles = self.dice.sample(vocabulary()["proposals"]["milestones"], k=self.dice.randint(1, 3))
        amounts = split(proposal.bid_amount, [1] * len(titles))
        self.rows.add(
            *(
                ProposalMilestone(proposal=proposal, position=position, title=title, amount_minor=amount.minor)
                for position, (title, amount) in enumerate(zip(titles, amounts, strict=True), start=1)
            )
        )

    # --- Gigs -----------------------------------------------------------------------------------

    def _gig(self, seeker: User) -> None:
        writer, trade = self.writers[seeker.pk], self.dice.choice(trades(Category.Kind.LOCAL))
        place = point(*writer.town.spot(self.dice))
        created_at = self._ago(DAYS_OF_GIGS)
        gig = Gig(
            pk=self.ids.next(Gig),
            seeker=seeker,
            title=capitalised(_title(writer, trade)),
            description=writer.paragraph(*(writer.one("gigs", part) for part in ("details", "details", "closings"))),
            category=trade.category,
            duration_minutes=15 * self.dice.randint(2, 24),
            budget_minor=writer.price(15, 150, seeker.currency),
            currency=seeker.currency,
            fee_bps=marketplace_rules().fee_bps,
            location=place,
            public_location=blurred(place),
            address=f"{writer.street()}, {writer.town.name}",
            area=writer.town.name,
            starts_at=self.now + timedelta(hours=self.dice.randint(24, 24 * 30)),
            status=self._one_of(GIG_STATUSES),
            created_at=created_at,
            updated_at=created_at,
        )
        self.rows.add(gig, GigEvent(gig=gig, move="post", to_status=GigStatus.PENDING, actor=seeker))
        if gig.status == GigStatus.CANCELLED:
            self.rows.add(GigEvent(gig=gig, move="cancel", from_status="pending", to_status=gig.status, actor=seeker))

    # --- Conversations --------------------------------------------------------------------------

    def _conversation(self, client: User, freelancer: User, length: int) -> None:
        room = Room(pk=self.ids.next(Room), kind=RoomKind.DIRECT, direct_key=direct_key(client.pk, freelancer.pk))
        self.rows.add(room)
        at = room.created_at = self.now - timedelta(days=60)
        for seq in range(1, length + 1):
            sender, role = (client, "client") if self.dice.random() < 0.5 else (freelancer, "freelancer")
            at += timedelta(minutes=self.dice.expovariate(1 / 300))
            message = Message(
                room=room,
                seq=seq,
                sender=sender,
                client_id=UUID(int=self.dice.getrandbits(128)),
                content=self.writers[sender.pk].one("messages", role),
                created_at=at,
            )
            self.rows.add(message)
        room.last_seq, room.last_message_at, room.last_sender = length, at, sender
        room.last_preview = preview_of(message.content)
        for member in (client, freelancer):
            read = length if member == sender else self.dice.randint(length - 3, length)
            self.rows.add(
                Member(room=room, user=member, read_seq=read, delivered_seq=length, joined_at=room.created_at)
            )

    # --- Dice -----------------------------------------------------------------------------------

    def _ago(self, days: float) -> datetime:
        """More often lately than long ago."""
        return self.now - timedelta(days=days * self.dice.random() ** 2)

    def _one_of(self, weights: Mapping[Any, int]) -> Any:
        return self.dice.choices([*weights], [*weights.values()])[0]


def _title(writer: Writer, trade: Trade, skill: str = "") -> str:
    title, thing = writer.dice.choice(trade.words["titles"]), writer.dice.choice(trade.words["things"])
    known = {"thing": thing, "skill": skill} if skill else {"thing": thing}
    return capitalised(writer.fill(title, **known))[:160]


def _description(writer: Writer, trade: Trade, skill: str) -> str:
    need = writer.fill(writer.dice.choice(trade.words["needs"]), skill=skill)
    opening, context, limit, closing = (
        writer.one("projects", part) for part in ("openings", "contexts", "limits", "closings")
    )
    return writer.paragraph(opening, need, context, limit, closing)
