"""Pages of payments."""

from django.urls import path

from payments.views import debt, payout_account, payouts, wallet

urlpatterns = [
    path("wallet/", wallet.wallet, name="wallet"),
    path("wallet/payouts/", payouts.payout_list, name="payouts"),
    path("wallet/payouts/new/", payouts.new, name="payout-new"),
    path("wallet/payouts/<int:pk>/", payouts.detail, name="payout"),
    path("wallet/payouts/<int:pk>/cancel/", payouts.cancel, name="payout-cancel"),
    path("wallet/debt/<slug:currency>/", debt.debt, name="debt"),
    path("wallet/debt/<slug:currency>/start/", debt.debt_start, name="debt-start"),
    path("pay/approved/<uuid:token>/", wallet.payment_approved, name="payment-approved"),
    path("pay/left/<uuid:token>/", wallet.payment_left, name="payment-left"),
    path("pay/<int:hold_id>/", wallet.pay, name="pay"),
    path("pay/<int:hold_id>/start/", wallet.pay_start, name="pay-start"),
    path("pay/<int:hold_id>/status/", wallet.payment_status, name="payment-status"),
]

payout_account_urls = [
    path("", payout_account.home, name="home"),
    path("open/", payout_account.open_account, name="open"),
    path("go/", payout_account.go, name="go"),
]
