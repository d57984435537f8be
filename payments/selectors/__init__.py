"""Reports over money: a person's wallet and statement, and the proof that the books are right."""

from payments.selectors.proof import CHECKS, Check, Finding, prove
from payments.selectors.statement import Earned, Statement, earnings, statement
from payments.selectors.wallet import Balance, wallet

__all__ = ["CHECKS", "Balance", "Check", "Earned", "Finding", "Statement", "earnings", "prove", "statement", "wallet"]
