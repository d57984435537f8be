"""What people type on the pages of projects and proposals."""

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.forms import NamesField
from accounts.models import Category
from accounts.rules import ExperienceLevel
from accounts.services.profiles import find_skills
from core.errors import Invalid
from core.forms import AmountField, currency_choices
from core.money import MAX_MINOR, Money
from projects.models import Project, Proposal
from projects.rules import MAX_DAYS, MAX_MILESTONES, MAX_PROJECT_SKILLS, BudgetType
from projects.services import Step

SPARE_STEPS = 2  # empty rows of the plan, for readers without scripts
LENGTHS = ("1 week", "2 weeks", "3 weeks", "1 month", "6 weeks", "2 months", "3 months", "6 months")


def money_of(amount: Decimal, currency: str) -> Money:
    """The amount in its currency; a ValidationError for fractional minor units or an absurd sum."""
    try:
        money = Money.parse(amount, currency)
    except ValueError as error:
        raise forms.ValidationError(str(error)) from error
    if money.minor > MAX_MINOR:
        raise forms.ValidationError("The amount is too large.")
    return money


def category_choices() -> list[tuple[str, Any]]:
    """Remote categories under their parents."""
    groups = Category.objects.remote().roots().prefetch_related("children")
    return [
        ("", _("Choose one")),
        *((root.name, [(child.slug, child.name) for child in root.children.all()]) for root in groups),
    ]


class ProjectForm(forms.Form):
    title = forms.CharField(
        label=_("Title"), max_length=160, help_text=_("What should exist when it is done, in one line.")
    )
    description = forms.CharField(
        label=_("Description"),
        max_length=10_000,
        widget=forms.Textarea(attrs={"rows": 10}),
        help_text=_("What it is for, what you have already, what you do not need."),
    )
    category = forms.ChoiceField(label=_("Category"), choices=category_choices)
    skills = NamesField(
        label=_("Skills"),
        max_length=1000,
        required=False,
        help_text=_("Up to %(most)d, with commas between them.") % {"most": MAX_PROJECT_SKILLS},
    )
    experience_level = forms.ChoiceField(
        label=_("Experience"), choices=ExperienceLevel.choices, initial=ExperienceLevel.INTERMEDIATE
    )
    budget_type = forms.ChoiceField(
        label=_("How you pay"), choices=BudgetType.choices, widget=forms.RadioSelect, initial=BudgetType.FIXED
    )
    budget_min = AmountField(label=_("Budget from"))
    budget_max = AmountField(label=_("Budget up to"))
    currency = forms.ChoiceField(label=_("Currency"), choices=currency_choices)
    estimated_duration = forms.CharField(
        label=_("How long it takes"),
        max_length=80,
        required=False,
        widget=forms.TextInput(attrs={"list": "lengths"}),
        help_text=_("In words, such as “6 weeks”."),
    )
    deadline = forms.DateField(
        label=_("Last day for proposals"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )

    def clean_skills(self) -> list[Any]:
        try:
            return find_skills(self.cleaned_data["skills"], most=MAX_PROJECT_SKILLS)
        except Invalid as error:
            raise forms.ValidationError(list(error.fields["skills"])) from error

    def clean_category(self) -> Category:
        return Category.objects.get(slug=self.cleaned_data["category"])

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        currency = data.pop("currency", None)
        for name in ("budget_min", "budget_max"):
            if data.get(name) is not None and currency:
                try:
                    data[name] = money_of(data[name], currency)
                except forms.ValidationError as error:
                    self.add_error(name, error)
        return data

    def details(self) -> dict[str, Any]:
        """The fields of ProjectDetails that this form asks for."""
        return self.cleaned_data | {"attachment_ids": self.attachment_ids()}

    def attachment_ids(self) -> list[int]:
        """The uploads that the page's uploader put beside the form."""
        return [int(value) for value in self.data.getlist("attachment_ids") if value.isdecimal() and len(value) < 18]


class ProposalForm(forms.Form):
    """For one project, whose currency the price is in."""

    bid_amount = AmountField(label=_("Your price for the whole project"))
    estimated_days = forms.IntegerField(label=_("You need"), min_value=1, max_value=MAX_DAYS)
    cover_letter = forms.CharField(
        label=_("Your letter"),
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 9}),
        help_text=_("How you would do it, and why you. The client reads this first."),
    )

    def __init__(self, *args: Any, project: Project, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.currency = project.currency
        if project.budget_type == BudgetType.HOURLY:
            self.fields["bid_amount"].label = _("Your rate an hour")

    def clean_bid_amount(self) -> Money:
        return money_of(self.cleaned_data["bid_amount"], self.currency)


class StepForm(forms.Form):
    """One row of the plan; an empty row is left out."""

    title = forms.CharField(label=_("Step"), max_length=160)
    amount = AmountField(label=_("Amount"))
    due_date = forms.DateField(label=_("Due"), required=False, widget=forms.DateInput(attrs={"type": "date"}))

    def __init__(self, *args: Any, currency: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.currency = currency

    def clean_amount(self) -> Money:
        return money_of(self.cleaned_data["amount"], self.currency)


class BasePlan(forms.BaseFormSet):
    """The milestones of a proposal. Any row may be empty, also one that was filled before."""

    def initial_form_count(self) -> int:
        return 0

    @property
    def filled(self) -> list[StepForm]:
        return [form for form in self.forms if form.has_changed()]

    def steps(self) -> list[Step]:
        return [Step(**form.cleaned_data) for form in self.filled]


def plan(project: Project, data: Any = None, steps: list[dict[str, Any]] | None = None) -> BasePlan:
    """The rows of what was sent, or of `steps` with some empty ones below."""
    rows = steps or []
    Plan = forms.formset_factory(  # noqa: N806 - a class
        StepForm,
        formset=BasePlan,
        extra=min(len(rows) + SPARE_STEPS, MAX_MILESTONES),
        max_num=MAX_MILESTONES,
        absolute_max=MAX_MILESTONES,
        validate_max=True,
    )
    formset: BasePlan = Plan(data, initial=rows, prefix="steps", form_kwargs={"currency": project.currency})
    return formset


def more_rows(data: Any) -> Any:
    """What was sent, with more empty rows: the answer to the button for readers without scripts."""
    data = data.copy()
    rows = data.get("steps-TOTAL_FORMS", "0")
    data["steps-TOTAL_FORMS"] = str(min(int(rows) + SPARE_STEPS, MAX_MILESTONES) if rows.isdecimal() else SPARE_STEPS)
    return data


def project_values(project: Project) -> dict[str, Any]:
    """A project as the form's values."""
    return {
        "title": project.title,
        "description": project.description,
        "category": project.category.slug,
        "skills": project.skill_names,
        "experience_level": project.experience_level,
        "budget_type": project.budget_type,
        "budget_min": project.budget_min.as_string(),
        "budget_max": project.budget_max.as_string(),
        "currency": project.currency,
        "estimated_duration": project.estimated_duration,
        "deadline": project.deadline,
    }


def proposal_values(proposal: Proposal) -> dict[str, Any]:
    """A proposal as the form's values."""
    return {
        "bid_amount": proposal.bid_amount.as_string(),
        "estimated_days": proposal.estimated_days,
        "cover_letter": proposal.cover_letter,
    }


def step_values(proposal: Proposal) -> list[dict[str, Any]]:
    """Its milestones as the plan's values."""
    return [
        {
            "title": step.title,
            "amount": Money(step.amount_minor, proposal.currency).as_string(),
            "due_date": step.due_date,
        }
        for step in proposal.milestones.all()
    ]


class ReasonForm(forms.Form):
    reason = forms.CharField(
        label=_("A word why"), max_length=1000, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
