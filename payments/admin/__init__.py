"""Money in the staff console: to read, and to set going again what a service left waiting. Importing it registers all."""

from payments.admin import chargebacks, documents, health, ledger, mirror, payments, payouts, plans, reconciliation

__all__ = [
    "chargebacks", "documents", "health", "ledger", "mirror", "payments", "payouts", "plans", "reconciliation",
]  # fmt: skip
