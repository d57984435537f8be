"""Reports over money: a person's wallet and statement, the proof that the books are right, and how healthy they are."""

from payments.selectors.fingerprint import fingerprint
from payments.selectors.health import AGES, MoneyHealth, Waiting, figures, money_health
from payments.selectors.proof import CHECKS, TRUTHS, Check, Finding, all_checks, prove, register_checks
from payments.selectors.statement import Earned, Statement, earnings, statement
from payments.selectors.wallet import Balance, wallet

__all__ = [
    "AGES",
    "CHECKS",
    "TRUTHS",
    "Balance",
    "Check",
    "Earned",
    "Finding",
    "MoneyHealth",
    "Statement",
    "Waiting",
    "all_checks",
    "earnings",
    "figures",
    "fingerprint",
    "money_health",
    "prove",
    "register_checks",
    "statement",
    "wallet",
]
