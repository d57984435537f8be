"""The proof that the books are right: assertions about money, each one SQL statement that finds what breaks it.

TRUTHS are numbered; every check names those it proves. Apps above add checks of theirs by `register_checks`.
"""

from payments.selectors.proof.check import TRUTHS, Check
from payments.selectors.proof.running import CHECKS, Finding, all_checks, prove, register_checks

__all__ = ["CHECKS", "TRUTHS", "Check", "Finding", "all_checks", "prove", "register_checks"]
