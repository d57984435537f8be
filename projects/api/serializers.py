"""Projects and proposals as the API shows and takes them."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.urls import reverse
from rest_framework import serializers

from accounts.api.serializers import PersonSerializer, avatar_json, person_json
from accounts.api.serializers.filters import OptionSerializer
from accounts.rules import ExperienceLevel
from accounts.services.profiles import find_category, find_skills
from accounts.signing import sign_upload
from core.fields import AmountField, CurrencyField, to_money
from core.formats import iso
from core.money import Money
from projects.models import Project, Proposal
from projects.rules import (
    MAX_DAYS,
    MAX_MILESTONES,
    MAX_PROJECT_SKILLS,
    MOST_PROJECT_FILES,
    BudgetType,
    ProjectStatus,
    ProposalStatus,
    Visibility,
)
from projects.services import Step

Row = Mapping[str, Any]


def project_json(row: Row) -> dict[str, Any]:
    """`row` holds selectors.COLUMNS."""
    currency = row["currency"]
    return {
        "id": row["id"],
        "title": row["title"],
        "description": row["description"],
        "category": row["category__slug"],
        "budget_type": row["budget_type"],
        "budget_min": Money(row["budget_min_minor"], currency).as_string(),
        "budget_max": Money(row["budget_max_minor"], currency).as_string(),
        "currency": currency,
        "experience_level": row["experience_level"],
        "estimated_duration": row["estimated_duration"],
        "skills": row["skill_names"],
        "status": row["status"],
        "visibility": row["visibility"],
        "deadline": row["deadline"].isoformat() if row["deadline"] else None,
        "client": _client_json(row),
        "proposal_count": row["proposal_count"],
        "created_at": iso(row["created_at"]),
        "updated_at": iso(row["updated_at"]),
    }


def _client_json(row: Row) -> dict[str, Any]:
    """The same as accounts' person_json(user, "client"), from columns."""
    rating = row["client__client_profile__rating_average"]
    name = row["client__client_profile__company_name"]
    return {
        "id": row["client_id"],
        "name": name or f"{row['client__first_name']} {row['client__last_name']}".strip(),
        **avatar_json(row["client__avatar"]),
        "city": row["client__city"],
        "country": row["client__country"],
        "rating": None if rating is None else float(rating),
        "rating_count": row["client__client_profile__rating_count"],
        "identity_verified": row["client__identity_verified_at"] is not None,
    }


class ProjectSerializer(serializers.Serializer[Row]):
    """Reads a row of selectors.COLUMNS."""

    id = serializers.IntegerField()
    title = serializers.CharField()
    description = serializers.CharField()
    category = serializers.SlugField(help_text="See /api/categories.")
    budget_type = serializers.ChoiceField(choices=BudgetType.choices)
    budget_min = serializers.CharField(help_text="A decimal amount; for hourly projects the rate an hour.")
    budget_max = serializers.CharField()
    currency = serializers.CharField()
    experience_level = serializers.ChoiceField(choices=ExperienceLevel.choices)
    estimated_duration = serializers.CharField()
    skills = serializers.ListField(child=serializers.CharField())
    status = serializers.ChoiceField(choices=ProjectStatus.choices)
    visibility = serializers.ChoiceField(choices=Visibility.choices)
    deadline = serializers.DateField(allow_null=True, help_text="The last day for proposals.")
    client = PersonSerializer(side="client")
    proposal_count = serializers.IntegerField()
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()

    def to_representation(self, row: Row) -> dict[str, Any]:
        return project_json(row)


class FileSerializer(serializers.Serializer[Row]):
    """An attached file; `url` is signed and ends after an hour."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    content_type = serializers.CharField()
    size = serializers.IntegerField(help_text="Bytes.")
    url = serializers.CharField()


class ProjectDetailSerializer(ProjectSerializer):
    """With its files: `row["files"]` is a list of {id, name, content_type, size}."""

    attachments = FileSerializer(many=True)

    def to_representation(self, row: Row) -> dict[str, Any]:
        files = [file | {"url": reverse("file", args=[sign_upload(file["id"]), file["name"]])} for file in row["files"]]
        return project_json(row) | {"attachments": files}


class CategoryOptionSerializer(OptionSerializer):
    children = OptionSerializer(many=True)


class FilterOptionsSerializer(serializers.Serializer[Any]):
    """The choices of each filter. `value` is what the filter of the same name (in the singular) takes."""

    count = serializers.IntegerField(help_text="Open projects.")
    categories = CategoryOptionSerializer(many=True)
    budget_types = OptionSerializer(many=True)
    experience_levels = OptionSerializer(many=True)
    currencies = OptionSerializer(many=True)
    skills = OptionSerializer(many=True, help_text="The most wanted ones.")

    def to_representation(self, options: dict[str, Any]) -> dict[str, Any]:
        return options


class ProposalMilestoneSerializer(serializers.Serializer[Any]):
    title = serializers.CharField()
    amount = serializers.CharField()
    due_date = serializers.DateField(allow_null=True)


class ProposalSerializer(serializers.Serializer[Proposal]):
    """Needs `with_freelancer()`, and `milestones` prefetched."""

    id = serializers.IntegerField()
    project_id = serializers.IntegerField()
    freelancer = PersonSerializer(side="freelancer")
    cover_letter = serializers.CharField()
    bid_amount = serializers.CharField(help_text="The whole price; for hourly projects the rate an hour.")
    currency = serializers.CharField()
    estimated_days = serializers.IntegerField()
    milestones = ProposalMilestoneSerializer(many=True)
    status = serializers.ChoiceField(choices=ProposalStatus.choices)
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField(help_text="Hire with it as `read_at`, at the price that was read.")

    def to_representation(self, proposal: Proposal) -> dict[str, Any]:
        return {
            "id": proposal.pk,
            "project_id": proposal.project_id,
            "freelancer": person_json(proposal.freelancer, "freelancer"),
            "cover_letter": proposal.cover_letter,
            "bid_amount": proposal.bid_amount.as_string(),
            "currency": proposal.currency,
            "estimated_days": proposal.estimated_days,
            "milestones": [
                {
                    "title": step.title,
                    "amount": Money(step.amount_minor, proposal.currency).as_string(),
                    "due_date": step.due_date.isoformat() if step.due_date else None,
                }
                for step in proposal.milestones.all()
            ],
            "status": proposal.status,
            "created_at": iso(proposal.created_at),
            "updated_at": iso(proposal.updated_at),
        }


class ProjectInput(serializers.Serializer[Project]):
    """Validated, these are fields of ProjectDetails, and `status`. Give it the project as `instance` to change one."""

    title = serializers.CharField(max_length=160)
    description = serializers.CharField(max_length=10_000)
    category = serializers.CharField(max_length=80, help_text="Slug or name, see /api/categories.")
    budget_type = serializers.ChoiceField(choices=BudgetType.choices)
    budget_min = AmountField(required=False, help_text="The same as budget_max when left out.")
    budget_max = AmountField()
    currency = CurrencyField()
    experience_level = serializers.ChoiceField(choices=ExperienceLevel.choices, required=False)
    estimated_duration = serializers.CharField(max_length=80, required=False, allow_blank=True)
    skills = serializers.ListField(
        child=serializers.CharField(max_length=80),
        max_length=MAX_PROJECT_SKILLS,
        required=False,
        help_text="Names or slugs, see /api/skills.",
    )
    visibility = serializers.ChoiceField(choices=Visibility.choices, required=False)
    deadline = serializers.DateField(required=False, allow_null=True)
    attachment_ids = serializers.ListField(
        child=serializers.IntegerField(min_value=1), max_length=MOST_PROJECT_FILES, required=False
    )
    status = serializers.ChoiceField(
        choices=[ProjectStatus.DRAFT.value, ProjectStatus.OPEN.value],
        required=False,
        help_text='"open" publishes a draft. A new project is open unless this says "draft".',
    )

    def validate_category(self, value: str) -> Any:
        return find_category(value)

    def validate_skills(self, value: list[str]) -> Any:
        return find_skills(value, most=MAX_PROJECT_SKILLS)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """The ends of the budget become Money. What a change leaves out stays as it is."""
        given = attrs.keys() & {"budget_min", "budget_max", "currency"}
        currency = attrs.pop("currency", None) or self.instance.currency  # type: ignore[union-attr]
        if given:
            highest = attrs.get("budget_max") or self.instance.budget_max.decimal  # type: ignore[union-attr]
            lowest = attrs.get("budget_min") or self._lowest_kept(highest)
            attrs["budget_max"] = to_money(highest, currency, "budget_max")
            attrs["budget_min"] = to_money(lowest, currency, "budget_min")
        return attrs

    def _lowest_kept(self, highest: Decimal) -> Decimal:
        return self.instance.budget_min.decimal if self.instance and self.partial else highest


class ProposedMilestoneInput(serializers.Serializer[Any]):
    title = serializers.CharField(max_length=160)
    amount = AmountField()
    due_date = serializers.DateField(required=False, allow_null=True, default=None)


class ProposalInput(serializers.Serializer[Proposal]):
    """Give it the project's currency as context["currency"]; validated, these are the fields of Offer."""

    cover_letter = serializers.CharField(max_length=5000)
    bid_amount = AmountField(help_text="In the project's currency: the whole price, or the rate an hour.")
    estimated_days = serializers.IntegerField(min_value=1, max_value=MAX_DAYS)
    milestones = serializers.ListField(
        child=ProposedMilestoneInput(),
        max_length=MAX_MILESTONES,
        required=False,
        help_text="For a fixed price, the amounts add up to bid_amount.",
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Amounts become Money, milestones Steps."""
        currency = self.context["currency"]
        if "bid_amount" in attrs:
            attrs["bid_amount"] = to_money(attrs["bid_amount"], currency, "bid_amount")
        if "milestones" in attrs:
            attrs["milestones"] = [
                Step(**step | {"amount": to_money(step["amount"], currency, f"milestones.{index}.amount")})
                for index, step in enumerate(attrs["milestones"])
            ]
        return attrs


class ProposalTarget(serializers.Serializer[Any]):
    project_id = serializers.IntegerField(min_value=1)


class NewProposalInput(ProposalTarget, ProposalInput):
    """What the two together read; for the schema."""


class ReasonInput(serializers.Serializer[Any]):
    reason = serializers.CharField(max_length=1000, required=False, default="", allow_blank=True)
