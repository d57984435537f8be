"""Pages of payments."""

from django.urls import path

from payments.views import cards, debt, documents, paying, payout_account, payouts, plans, send_back, wallet

urlpatterns = [
    path("wallet/", wallet.wallet, name="wallet"),
    path("wallet/movements/<int:pk>/", documents.movement, name="movement"),
    path("wallet/holds/<int:pk>/", documents.hold, name="hold"),
    path("wallet/documents/", documents.documents, name="documents"),
    path("wallet/documents/<int:pk>/", documents.document, name="document"),
    path("wallet/statement/", documents.statement, name="statement"),
    path("wallet/statement/csv/", documents.statement_csv, name="statement-csv"),
    path("wallet/statement/pdf/", documents.statement_pdf, name="statement-pdf"),
    path("wallet/payments/<int:pk>/send-back/", send_back.send_back, name="send-back"),
    path("settings/cards/", cards.cards, name="cards"),
    path("settings/cards/<slug:card_id>/forget/", cards.forget, name="card-forget"),
    path("settings/plan/", plans.plan, name="plan"),
    path("settings/plan/<slug:code>/pay/", plans.pay_plan, name="plan-pay"),
    path("settings/plan/<slug:code>/start/", plans.pay_plan_start, name="plan-pay-start"),
    path("settings/plan/<int:pk>/cancel/", plans.cancel_plan, name="plan-cancel"),
    path("settings/plan/<int:pk>/resume/", plans.resume_plan, name="plan-resume"),
    path("wallet/payouts/", payouts.payout_list, name="payouts"),
    path("wallet/payouts/new/", payouts.new, name="payout-new"),
    path("wallet/payouts/<int:pk>/", payouts.detail, name="payout"),
    path("wallet/payouts/<int:pk>/cancel/", payouts.cancel, name="payout-cancel"),
    path("wallet/debt/<slug:currency>/", debt.debt, name="debt"),
    path("wallet/debt/<slug:currency>/start/", debt.debt_start, name="debt-start"),
    path("pay/approved/<uuid:token>/", paying.payment_approved, name="payment-approved"),
    path("pay/left/<uuid:token>/", paying.payment_left, name="payment-left"),
    path("pay/<int:hold_id>/", paying.pay, name="pay"),
    path("pay/<int:hold_id>/start/", paying.pay_start, name="pay-start"),
    path("pay/<int:hold_id>/status/", paying.payment_status, name="payment-status"),
]

payout_account_urls = [
    path("", payout_account.home, name="home"),
    path("open/", payout_account.open_account, name="open"),
    path("go/", payout_account.go, name="go"),
]
