"""API paths of payments."""

from django.urls import path

from payments.api.views import documents, payments, payouts, plans, wallet
from payments.webhooks import PayPalWebhookView, StripeWebhookView

urlpatterns = [
    path("stripe/customers", payments.Customers.as_view(), name="stripe-customers"),
    path("stripe/customers/<str:customer_id>", payments.CustomerDetail.as_view(), name="stripe-customer"),
    path("stripe/payment-methods", payments.PaymentMethods.as_view(), name="stripe-payment-methods"),
    path("stripe/payment-methods/<str:card_id>", payments.PaymentMethodDetail.as_view(), name="stripe-payment-method"),
    path("stripe/payment-intents", payments.PaymentIntents.as_view(), name="stripe-payment-intents"),
    path(
        "stripe/payment-intents/<str:intent_id>", payments.PaymentIntentDetail.as_view(), name="stripe-payment-intent"
    ),
    path(
        "stripe/payment-intents/<str:intent_id>/confirm", payments.ConfirmPaymentIntent.as_view(), name="stripe-confirm"
    ),
    path(
        "stripe/payment-intents/<str:intent_id>/capture", payments.CapturePaymentIntent.as_view(), name="stripe-capture"
    ),
    path("stripe/payment-intents/<str:intent_id>/cancel", payments.CancelPaymentIntent.as_view(), name="stripe-cancel"),
    path("stripe/refunds", payments.Refunds.as_view(), name="stripe-refunds"),
    path("stripe/refunds/<str:refund_id>", payments.RefundDetail.as_view(), name="stripe-refund"),
    path("stripe/subscriptions", plans.Subscriptions.as_view(), name="stripe-subscriptions"),
    path("stripe/subscriptions/<str:subscription_id>", plans.SubscriptionDetail.as_view(), name="stripe-subscription"),
    path(
        "stripe/subscriptions/<str:subscription_id>/resume",
        plans.ResumeSubscription.as_view(),
        name="stripe-subscription-resume",
    ),
    path("stripe/webhooks", StripeWebhookView.as_view(), name="stripe-webhooks"),
    path("paypal/webhooks", PayPalWebhookView.as_view(), name="paypal-webhooks"),
    path("payments", payments.Payments.as_view(), name="payments"),
    path("payments/config", payments.PaymentConfig.as_view(), name="payments-config"),
    path("payments/<int:pk>", payments.PaymentDetail.as_view(), name="payment"),
    path("payments/<int:pk>/receipt", documents.Receipt.as_view(), name="payment-receipt"),
    path("payments/plans", plans.Plans.as_view(), name="payments-plans"),
    path("payments/documents", documents.Documents.as_view(), name="payments-documents"),
    path("payments/documents/<int:pk>/pdf", documents.DocumentPdf.as_view(), name="payments-document-pdf"),
    path("wallet", wallet.Wallet.as_view(), name="wallet"),
    path("wallet/entries", wallet.WalletEntries.as_view(), name="wallet-entries"),
    path("wallet/payout-account", payouts.PayoutAccount.as_view(), name="payout-account"),
    path("wallet/payout-account/link", payouts.PayoutAccountLink.as_view(), name="payout-account-link"),
    path("wallet/payouts", payouts.Payouts.as_view(), name="payouts"),
    path("wallet/payouts/<int:pk>", payouts.PayoutDetail.as_view(), name="payout"),
    path("wallet/payouts/<int:pk>/cancel", payouts.CancelPayout.as_view(), name="payout-cancel"),
    path("wallet/debt", wallet.Debt.as_view(), name="wallet-debt"),
    path("transactions/fee", wallet.FeeQuote.as_view(), name="transactions-fee"),
    path("transactions/history", wallet.TransactionHistory.as_view(), name="transactions-history"),
]
