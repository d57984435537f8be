"""A person's receipts, invoices and statements."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple

from django.conf import settings
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.http import urlencode
from django.views.decorators.http import require_GET

from accounts.models import User
from core.errors import Conflict
from core.money import Money, total
from core.queries import get_or_refuse
from payments import selectors
from payments.models import Document, Hold, Journal, Line
from payments.rules import CLEARING, COMPANIES, AccountKind
from payments.selectors import MonthStatement
from payments.views.wallet import crumbs, line_of, month_of

PER_PAGE = 20
MONTHS_OFFERED = 24
PURSE = frozenset({AccountKind.CREDIT, AccountKind.DEBT})


class Asked(NamedTuple):
    """Which statement: of which account, currency and month (its first moment). `currencies`: all that the person has."""

    kind: AccountKind
    currency: str
    month: datetime
    currencies: list[str]

    def query(self, **changes: str) -> str:
        return urlencode(
            {"account": self.kind.value, "currency": self.currency, "month": f"{self.month:%Y-%m}"} | changes
        )


@require_GET
def documents(request: HttpRequest) -> HttpResponse:
    mine = Document.objects.visible_to(request.user)
    page = Paginator(mine, PER_PAGE).get_page(request.GET.get("page"))
    corrections = _corrections(request, page)
    rows = [{"document": one, "corrections": corrections[one.pk]} for one in page]
    taxed = any(one.tax_minor for one in page)
    return render(request, "payments/documents.html", {"page": page, "rows": rows, "taxed": taxed, "crumbs": crumbs()})


def _corrections(request: HttpRequest, shown: Iterable[Document]) -> dict[int, list[Document]]:
    """Those that correct the documents shown, by the id of what they correct."""
    mine = Document.objects.visible_to(request.user)
    found: dict[int, list[Document]] = defaultdict(list)
    for one in mine.filter(payload__corrects__id__in=[one.pk for one in shown]).order_by("id"):
        if one.corrects:
            found[one.corrects["id"]].append(one)
    return found


@require_GET
def movement(request: HttpRequest, pk: int) -> HttpResponse:
    """One entry of the ledger: all accounts that it changed. Every figure of a person's money leads to one.

    How much of it somebody else had as credit, and how much they owe now, is between them and us.
    """
    found = get_or_refuse(Journal.objects.visible_to(request.user).select_related("hold"), pk=pk)
    known = list(found.lines.select_related("account__owner").order_by("id"))
    private = [line for line in known if line.account.kind in PURSE and line.account.owner_id != request.user.pk]
    lines = [_side(line, request.user) for line in known if line not in private]
    if private:
        amount = total((line.amount for line in private), private[0].currency)
        lines.append({"account": "Wallet", "owner": private[0].account.owner, "amount": amount, "balance": None})
    return render(
        request,
        "payments/movement.html",
        {
            "journal": found,
            "lines": lines,
            "moves_own": any(line["balance"] is not None for line in lines),
            "documents": Document.objects.visible_to(request.user).filter(journal=found),
            "crumbs": crumbs(),
        },
    )


@require_GET
def hold(request: HttpRequest, pk: int) -> HttpResponse:
    """What was paid in for one piece of work, and where it is now, with every entry that these figures are the sum of."""
    found = get_or_refuse(Hold.objects.visible_to(request.user).select_related("payee"), pk=pk)
    parts = [
        ("Held now", found.held, "lock"),
        ("Paid in", Money(found.funded_minor, found.currency), ""),
        (f"To {found.payee.first_name}", found.released, ""),
        ("Fee", found.fee, ""),
        ("Returned", found.refunded, ""),
    ]
    return render(
        request,
        "payments/hold.html",
        {
            "hold": found,
            "figures": [
                {"label": label, "amount": amount, "icon": icon}
                for place, (label, amount, icon) in enumerate(parts)
                if amount or not place
            ],
            "lines": Line.objects.filter(account__hold=found).select_related("journal").order_by("-id"),
            "crumbs": crumbs(),
        },
    )


def _side(line: Line, reader: User) -> dict[str, Any]:
    account = line.account
    return {
        "account": _name_of(AccountKind(account.kind)),
        "owner": account.owner if account.owner_id != reader.pk else None,
        "amount": line.amount,
        "balance": line.balance_after if account.owner_id == reader.pk else None,
    }


def _name_of(kind: AccountKind) -> str:
    """Money at a provider has, for people, come from outside or gone there."""
    provider = next((one for one, clearing in CLEARING.items() if clearing == kind), None)
    return f"Bank or card, through {COMPANIES[provider]}" if provider else str(kind.label)


@require_GET
def document(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_or_refuse(Document.objects.visible_to(request.user), pk=pk)
    return _pdf(selectors.document_pdf(found), found.reference)


@require_GET
def statement(request: HttpRequest) -> HttpResponse:
    asked = _asked(request)
    found = _statement(request, asked)
    months = _months(request, asked)
    before = next((month for month in months if month < asked.month), None)
    return render(
        request,
        "payments/statement.html",
        {
            "balances": [
                {
                    "label": "Opening balance",
                    "amount": found.opening,
                    "url": f"?{asked.query(month=f'{before:%Y-%m}')}" if before else "",
                },
                {"label": "Closing balance", "amount": found.closing, "url": "#lines-h" if found.lines else ""},
            ],
            "title": f"{selectors.ACCOUNT_TITLES[asked.kind]}, {date_format(asked.month, 'F Y')}",
            "lines": [line_of(line, balance) for line, balance in reversed(found.lines)],
            "months": [
                {"value": f"{month:%Y-%m}", "label": date_format(month, "F Y"), "on": month == asked.month}
                for month in months
            ],
            "accounts": [
                {"value": kind.value, "label": label, "on": kind == asked.kind}
                for kind, label in selectors.ACCOUNT_TITLES.items()
            ],
            "currencies": [{"value": code, "on": code == asked.currency} for code in asked.currencies],
            "csv_url": f"{reverse('statement-csv')}?{asked.query()}",
            "crumbs": crumbs(),
            "pdf_url": f"{reverse('statement-pdf')}?{asked.query()}",
        },
    )


@require_GET
def statement_csv(request: HttpRequest) -> StreamingHttpResponse:
    asked = _asked(request)
    rows = selectors.statement_csv(_statement(request, asked), site=settings.SITE_URL.rstrip("/"))
    response = StreamingHttpResponse(rows, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{_name(asked)}.csv"'
    return response


@require_GET
def statement_pdf(request: HttpRequest) -> HttpResponse:
    asked = _asked(request)
    found = _statement(request, asked)
    if len(found.lines) > selectors.MOST_LINES_ON_PAPER:
        raise Conflict(
            "statement_too_long", "This month has too many lines for paper. The spreadsheet has all of them."
        )
    return _pdf(selectors.statement_pdf(request.user, found), _name(asked))


def _asked(request: HttpRequest) -> Asked:
    """What the address asks for; the account of earnings, the person's currency and this month where it says nothing."""
    kinds = {kind.value: kind for kind in selectors.ACCOUNT_TITLES}
    kind = kinds.get(request.GET.get("account", ""), AccountKind.AVAILABLE)
    known = [balance.currency for balance in selectors.wallet(request.user)]
    currency = request.GET.get("currency", "")
    this_month = timezone.localtime().replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    month = month_of(request.GET.get("month", "")) or this_month
    return Asked(kind, currency if currency in known else known[0], min(month, this_month), known)


def _statement(request: HttpRequest, asked: Asked) -> MonthStatement:
    return selectors.month_statement(request.user, asked.kind, asked.currency, asked.month)


def _months(request: HttpRequest, asked: Asked) -> list[datetime]:
    """The months with lines, and the one that is shown; newest first."""
    found = selectors.statement_months(request.user, asked.kind, asked.currency)[:MONTHS_OFFERED]
    return sorted({*found, asked.month}, reverse=True)


def _name(asked: Asked) -> str:
    return f"statement-{asked.kind.value}-{asked.currency.lower()}-{asked.month:%Y-%m}"


def _pdf(content: bytes, name: str) -> HttpResponse:
    response = HttpResponse(content, content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="{name}.pdf"'
    return response
