"""Credit that goes back to where it came from."""

from uuid import uuid4

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from core.errors import DomainError, Unavailable
from core.pages import apply
from core.queries import get_or_refuse
from payments import selectors, services
from payments.forms import SendBackForm
from payments.models import Journal, Payment
from payments.rules import RefundStatus
from payments.views.wallet import crumbs

REFUSED = "The payment provider refused to send this back. It is set aside for you, and our staff look into it."


@never_cache
@require_http_methods(["GET", "POST"])
def send_back(request: HttpRequest, pk: int) -> HttpResponse:
    """How much of a payment's unspent credit; all of it, if nothing else is said."""
    payment: Payment = get_or_refuse(Payment.objects.visible_to(request.user).credited(), pk=pk)
    credit = selectors.credit_of(request.user, payment.currency)
    most = min(payment.left, credit)
    initial = {"amount": most.as_string(), "token": uuid4()}
    form = SendBackForm(request.POST or None, currency=payment.currency, initial=initial)
    if form.is_valid():
        try:
            refund = services.request_refund(request.user, intent_id=str(payment.intent_id), **form.cleaned_data)
        except Unavailable as error:
            messages.info(request, error.message)
            return redirect("wallet")
        except DomainError as error:
            apply(form, error)
        else:
            if refund.status == RefundStatus.FAILED:
                messages.error(request, REFUSED)
            else:
                messages.success(
                    request, f"{refund.amount} goes back to {payment.method_label or 'where it came from'}."
                )
            return redirect("wallet")
    context = {
        "payment": payment,
        "form": form,
        "most": most,
        "credit": credit,
        "paid": Journal.objects.visible_to(request.user).filter(cause=f"payment:{pk}").order_by("id").first(),
        "crumbs": crumbs(),
    }
    return render(request, "payments/send_back.html", context)
