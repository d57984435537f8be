"""Projects and proposals for tests, as the services leave them."""

from datetime import timedelta
from typing import Any

import factory
from django.db.models import F
from django.utils import timezone

from accounts.models import Skill
from accounts.tests.factories import CategoryFactory, ClientFactory, FreelancerFactory
from projects.models import Project, Proposal, ProposalMilestone


class ProjectFactory(factory.django.DjangoModelFactory[Project]):
    """Open, public, fixed price, USD 1,000 to 2,000."""

    class Meta:
        model = Project
        skip_postgeneration_save = True

    client = factory.SubFactory(ClientFactory)
    title = factory.Sequence(lambda n: f"Labels for a small bakery, number {n}")
    description = "Three labels and a paper bag, in two colours, for a printer in our village."
    category = factory.SubFactory(CategoryFactory)
    budget_type = "fixed"
    budget_min_minor = 1_000_00
    budget_max_minor = 2_000_00
    currency = "USD"
    estimated_duration = "3 weeks"
    status = "open"
    published_at = factory.Maybe(
        "is_published", yes_declaration=factory.SelfAttribute("created_at"), no_declaration=None
    )
    created_at = factory.LazyFunction(timezone.now)

    class Params:
        is_published = factory.LazyAttribute(lambda project: project.status != "draft")
        hourly = factory.Trait(budget_type="hourly", budget_min_minor=40_00, budget_max_minor=60_00)

    @factory.post_generation
    def skills(project: Project, create: bool, skills: list[Skill] | None, **kwargs: Any) -> None:
        if create and skills:
            project.skills.set(skills)
            project.skill_names = [skill.name for skill in skills]
            project.save(update_fields=["skill_names"])


class ProposalMilestoneFactory(factory.django.DjangoModelFactory[ProposalMilestone]):
    class Meta:
        model = ProposalMilestone

    title = factory.Sequence(lambda n: f"Step {n}")
    position = factory.Sequence(lambda n: n + 1)
    amount_minor = 500_00
    due_date = factory.LazyFunction(lambda: timezone.now().date() + timedelta(days=10))


class ProposalFactory(factory.django.DjangoModelFactory[Proposal]):
    """Submitted, USD 1,500 in two milestones of 500 and 1,000; `steps=[500_00, 1_000_00]` gives others, `[]` none."""

    class Meta:
        model = Proposal
        skip_postgeneration_save = True

    project = factory.SubFactory(ProjectFactory)
    freelancer = factory.SubFactory(FreelancerFactory)
    cover_letter = "I have drawn labels for eleven bakeries and would begin with yours on paper."
    bid_amount_minor = 1_500_00
    currency = factory.SelfAttribute("project.currency")
    estimated_days = 21
    status = "submitted"

    @factory.post_generation
    def steps(proposal: Proposal, create: bool, amounts: list[int] | None, **kwargs: Any) -> None:
        if not create:
            return
        if amounts is None:
            amounts = [proposal.bid_amount_minor // 3, proposal.bid_amount_minor - proposal.bid_amount_minor // 3]
        for position, amount in enumerate(amounts, start=1):
            ProposalMilestoneFactory(proposal=proposal, position=position, amount_minor=amount)

    @factory.post_generation
    def counted(proposal: Proposal, create: bool, value: object, **kwargs: Any) -> None:
        if create and proposal.status != "withdrawn":
            Project.objects.filter(pk=proposal.project_id).update(proposal_count=F("proposal_count") + 1)
