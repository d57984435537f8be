"""Documents and statements on paper and in spreadsheets."""

from collections.abc import Iterator
from datetime import datetime, tzinfo
from typing import Any

from django.template.loader import render_to_string
from django.utils import timezone

from accounts.models import User
from core.money import Money
from core.pdf import pdf
from core.regions import country_name
from core.sheets import csv_lines
from payments.models import Document, Line
from payments.rules import AccountKind
from payments.selectors.statement import MonthStatement

MOST_LINES_ON_PAPER = 1500
COLUMNS = ("Date", "Reference", "What happened", "For", "Link", "Gross", "Fee", "Amount", "Balance", "Currency")
ACCOUNT_TITLES = {
    AccountKind.AVAILABLE: "Earnings",
    AccountKind.CREDIT: "Credit",
    AccountKind.PAYOUTS: "Payouts on their way",
    AccountKind.DEBT: "Owed after a chargeback",
}


def document_pdf(document: Document) -> bytes:
    """The same text each time: all of it was frozen when the document was made."""
    payload = document.payload
    currency = document.currency
    return pdf(
        render_to_string(
            "payments/print/document.html",
            {
                "document": document,
                "issuer": payload["issuer"],
                "recipient": payload["recipient"],
                "country": country_name(payload["recipient"]["country"]) if payload["recipient"]["country"] else "",
                "lines": [(line["text"], Money(line["amount_minor"], currency)) for line in payload["lines"]],
                "taxes": [(tax["name"], tax["bps"], Money(tax["amount_minor"], currency)) for tax in payload["taxes"]],
                "notes": payload["notes"],
            },
        )
    )


def statement_pdf(user: User, statement: MonthStatement) -> bytes:
    rows = [
        {
            "moment": line.journal.created_at,
            "reference": line.journal_id,
            "title": line.title,
            "kind": line.journal.get_kind_display(),
            "amount": line.amount,
            "balance": balance,
        }
        for line, balance in statement.lines
    ]
    return pdf(
        render_to_string(
            "payments/print/statement.html",
            {
                "person": user,
                "statement": statement,
                "title": ACCOUNT_TITLES[statement.kind],
                "rows": rows,
                "made_at": timezone.now(),
            },
        )
    )


def statement_csv(statement: MonthStatement, *, site: str) -> Iterator[str]:
    """Line by line, with the opening and closing balance as the first and last."""
    return csv_lines(COLUMNS, _rows(statement, site))


def _rows(statement: MonthStatement, site: str) -> Iterator[list[Any]]:
    currency, zone = statement.opening.currency, statement.month.tzinfo
    yield [_day(statement.month, zone), "", "Opening balance", "", "", "", "", "", statement.opening.decimal, currency]
    for line, balance in statement.lines:
        figures = line.figures
        yield [
            _day(line.journal.created_at, zone),
            line.journal_id,
            line.journal.get_kind_display(),
            line.title,
            _link(line, site),
            figures.gross.decimal if figures else "",
            figures.fee.decimal if figures else "",
            line.amount.decimal,
            balance.decimal,
            currency,
        ]
    yield ["", "", "Closing balance", "", "", "", "", "", statement.closing.decimal, currency]


def _link(line: Line, site: str) -> str:
    return f"{site}{line.journal.hold.url}" if line.journal.hold and line.journal.hold.url else ""


def _day(moment: datetime, zone: tzinfo | None) -> str:
    """In the zone of the statement: its lines are sent when the request, and with it the reader's zone, is over."""
    return timezone.localtime(moment, zone).strftime("%Y-%m-%d")
