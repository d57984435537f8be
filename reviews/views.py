"""Writing a review."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from contracts.models import Contract
from core import pages
from core.errors import DomainError, NotFound
from core.queries import get_or_refuse
from gigs.models import Gig
from reviews import policies, services
from reviews.forms import ReviewForm


@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """For `?contract=<uuid>` or `?gig=<id>`."""
    contract, gig = _subject(request)
    form = ReviewForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            if contract:
                services.review_contract(request.user, contract_id=contract.pk, **form.cleaned_data)
            elif gig:
                services.review_gig(request.user, gig_id=gig.pk, **form.cleaned_data)
        except DomainError as error:
            pages.apply(form, error)
        else:
            messages.success(request, "Thank you. Your review shows when both of you wrote, or in 14 days.")
            return redirect("contracts:detail", contract.pk) if contract else redirect("gigs:detail", gig.pk)
    if contract:
        refusal = policies.why_not_review_contract(request.user, contract)
        other = contract.freelancer if contract.client_id == request.user.pk else contract.client
    else:
        refusal = policies.why_not_review_gig(request.user, gig)
        other = gig.helper if gig.seeker_id == request.user.pk else gig.seeker
    return render(
        request,
        "reviews/new.html",
        {"form": form, "work": contract or gig, "contract": contract, "gig": gig, "other": other, "refusal": refusal},
    )


def _subject(request: HttpRequest) -> tuple[Contract, None] | tuple[None, Gig]:
    try:
        if contract_id := request.GET.get("contract"):
            contracts = Contract.objects.visible_to(request.user).select_related("client", "freelancer")
            return get_or_refuse(contracts, pk=UUID(contract_id)), None
        gigs = Gig.objects.visible_to(request.user).select_related("seeker", "helper", "hold")
        return None, get_or_refuse(gigs, pk=int(request.GET.get("gig", "")))
    except ValueError as error:
        raise NotFound from error
