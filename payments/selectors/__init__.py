"""Reports over money: a person's wallet and statement, and the proof that the books are right."""

from payments.selectors.plans import Offer, fee_bps, fees_with, offers, project_files, tax_rate_of
from payments.selectors.printed import ACCOUNT_TITLES, MOST_LINES_ON_PAPER, document_pdf, statement_csv, statement_pdf
from payments.selectors.proof import CHECKS, Check, Finding, prove
from payments.selectors.statement import (
    Booked,
    Earned,
    MonthStatement,
    Statement,
    earnings,
    month_statement,
    statement,
    statement_months,
)
from payments.selectors.wallet import Balance, wallet

__all__ = [
    "ACCOUNT_TITLES",
    "CHECKS",
    "MOST_LINES_ON_PAPER",
    "Balance",
    "Booked",
    "Check",
    "Earned",
    "Finding",
    "MonthStatement",
    "Offer",
    "Statement",
    "document_pdf",
    "earnings",
    "fee_bps",
    "fees_with",
    "month_statement",
    "offers",
    "project_files",
    "prove",
    "statement",
    "statement_csv",
    "statement_months",
    "statement_pdf",
    "tax_rate_of",
    "wallet",
]
