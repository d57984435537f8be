"""Reports over money: a person's wallet and statement, the proof that the books are right, and how healthy they are."""

from payments.selectors.fingerprint import fingerprint
from payments.selectors.health import AGES, AtProvider, HeldByAge, MoneyHealth, Waiting, figures, money_health
from payments.selectors.plans import Offer, fee_bps, fees_with, offers, project_files, tax_rate_of
from payments.selectors.printed import ACCOUNT_TITLES, MOST_LINES_ON_PAPER, document_pdf, statement_csv, statement_pdf
from payments.selectors.proof import CHECKS, TRUTHS, Check, Finding, all_checks, prove, register_checks
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
from payments.selectors.wallet import Balance, credit_of, taken_by, wallet

__all__ = [
    "ACCOUNT_TITLES",
    "AGES",
    "CHECKS",
    "MOST_LINES_ON_PAPER",
    "TRUTHS",
    "AtProvider",
    "Balance",
    "Booked",
    "Check",
    "Earned",
    "Finding",
    "HeldByAge",
    "MoneyHealth",
    "MonthStatement",
    "Offer",
    "Statement",
    "Waiting",
    "all_checks",
    "credit_of",
    "document_pdf",
    "earnings",
    "fee_bps",
    "fees_with",
    "figures",
    "fingerprint",
    "money_health",
    "month_statement",
    "offers",
    "project_files",
    "prove",
    "register_checks",
    "statement",
    "statement_csv",
    "statement_months",
    "statement_pdf",
    "taken_by",
    "tax_rate_of",
    "wallet",
]
