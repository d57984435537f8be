"""Pages of money beside whole approvals: parts, money asked back, bonuses."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from contracts import forms, services
from contracts.models import Bonus, Contract, Milestone, RefundRequest
from contracts.views.frame import accepted
from core.queries import get_or_refuse


@require_http_methods(["GET", "POST"])
def release_part(request: HttpRequest, pk: int) -> HttpResponse:
    milestone = get_or_refuse(Milestone.objects.visible_to(request.user).select_related("contract", "hold"), pk=pk)
    form = forms.PartForm(request.POST or None, contract=milestone.contract)

    def act() -> None:
        services.approve_milestone(request.user, milestone_id=pk, **form.cleaned_data)

    if accepted(request, form, act, "Released."):
        return redirect("contracts:detail", milestone.contract_id)
    context = {"milestone": milestone, "contract": milestone.contract, "form": form}
    return render(request, "contracts/release_part.html", context)


@require_http_methods(["GET", "POST"])
def request_refund(request: HttpRequest, pk: int) -> HttpResponse:
    milestone = get_or_refuse(Milestone.objects.visible_to(request.user).select_related("contract", "hold"), pk=pk)
    form = forms.ReasonForm(request.POST or None)

    def act() -> None:
        services.request_milestone_refund(request.user, milestone_id=pk, **form.cleaned_data)

    if accepted(request, form, act, "Asked. The freelancer has seven days to answer."):
        return redirect("contracts:detail", milestone.contract_id)
    return render(request, "contracts/request_refund.html", {"milestone": milestone, "form": form})


@require_http_methods(["GET", "POST"])
def answer_refund(request: HttpRequest, pk: int) -> HttpResponse:
    """The freelancer reads what is asked, and refuses with a reason here; agreeing and handing in have their own buttons."""
    asked = get_or_refuse(
        RefundRequest.objects.visible_to(request.user).select_related("milestone__contract__client", "milestone__hold"),
        pk=pk,
    )
    form = forms.AnswerForm(request.POST or None)

    def act() -> None:
        services.refuse_refund(request.user, request_id=pk, **form.cleaned_data)

    if accepted(request, form, act, "Your answer was sent. The money stays held."):
        return redirect("contracts:detail", asked.milestone.contract_id)
    return render(request, "contracts/answer_refund.html", {"asked": asked, "milestone": asked.milestone, "form": form})


@require_POST
def agree_to_refund(request: HttpRequest, pk: int) -> HttpResponse:
    asked = services.agree_to_refund(request.user, request_id=pk)
    messages.success(request, "The money goes back to the client.")
    return redirect("contracts:detail", asked.milestone.contract_id)


@require_POST
def withdraw_refund_request(request: HttpRequest, pk: int) -> HttpResponse:
    asked = services.withdraw_refund_request(request.user, request_id=pk)
    messages.success(request, "You wait on. The freelancer has been told.")
    return redirect("contracts:detail", asked.milestone.contract_id)


@require_http_methods(["GET", "POST"])
def bonus(request: HttpRequest, pk: UUID) -> HttpResponse:
    """How much and why; then it is paid like everything else."""
    contract = get_or_refuse(Contract.objects.visible_to(request.user).select_related("freelancer"), pk=pk)
    form = forms.BonusForm(request.POST or None, contract=contract)
    prepared: list[Bonus] = []

    def act() -> None:
        prepared.append(services.prepare_bonus(request.user, contract_id=pk, **form.cleaned_data))

    if accepted(request, form, act, "Pay the bonus in, and it is given."):
        return redirect("pay", prepared[0].hold_id)
    return render(request, "contracts/bonus.html", {"contract": contract, "form": form})


@require_POST
def drop_bonus(request: HttpRequest, pk: int) -> HttpResponse:
    dropped = services.drop_bonus(request.user, bonus_id=pk)
    messages.success(request, "The bonus was not given.")
    return redirect("contracts:money", dropped.contract_id)
