"""Pages of money."""

from payments.views.documents import document, documents, statement, statement_csv, statement_pdf
from payments.views.plans import cancel_plan, pay_plan, pay_plan_start, plan, resume_plan
from payments.views.wallet import pay, pay_start, payment_status, wallet

__all__ = [
    "cancel_plan",
    "document",
    "documents",
    "pay",
    "pay_plan",
    "pay_plan_start",
    "pay_start",
    "payment_status",
    "plan",
    "resume_plan",
    "statement",
    "statement_csv",
    "statement_pdf",
    "wallet",
]
