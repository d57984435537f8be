"""API paths of payments."""

from django.urls import path

from payments.api import views
from payments.webhooks import PayPalWebhookView, StripeWebhookView

urlpatterns = [
    path("stripe/customers", views.Customers.as_view(), name="stripe-customers"),
    path("stripe/customers/<str:customer_id>", views.CustomerDetail.as_view(), name="stripe-customer"),
    path("stripe/payment-intents", views.PaymentIntents.as_view(), name="stripe-payment-intents"),
    path("stripe/payment-intents/<str:intent_id>", views.PaymentIntentDetail.as_view(), name="stripe-payment-intent"),
    path("stripe/payment-intents/<str:intent_id>/confirm", views.ConfirmPaymentIntent.as_view(), name="stripe-confirm"),
    path("stripe/payment-intents/<str:intent_id>/capture", views.CapturePaymentIntent.as_view(), name="stripe-capture"),
    path("stripe/payment-intents/<str:intent_id>/cancel", views.CancelPaymentIntent.as_view(), name="stripe-cancel"),
    path("stripe/refunds", views.Refunds.as_view(), name="stripe-refunds"),
    path("stripe/refunds/<str:refund_id>", views.RefundDetail.as_view(), name="stripe-refund"),
    path("stripe/subscriptions", views.Subscriptions.as_view(), name="stripe-subscriptions"),
    path("stripe/subscriptions/<str:subscription_id>", views.SubscriptionDetail.as_view(), name="stripe-subscription"),
    path(
        "stripe/subscriptions/<str:subscription_id>/resume",
        views.ResumeSubscription.as_view(),
        name="stripe-subscription-resume",
    ),
    path("stripe/webhooks", StripeWebhookView.as_view(), name="stripe-webhooks"),
    path("paypal/webhooks", PayPalWebhookView.as_view(), name="paypal-webhooks"),
    path("payments", views.Payments.as_view(), name="payments"),
    path("payments/config", views.PaymentConfig.as_view(), name="payments-config"),
    path("payments/<int:pk>", views.PaymentDetail.as_view(), name="payment"),
    path("payments/<int:pk>/receipt", views.Receipt.as_view(), name="payment-receipt"),
    path("payments/plans", views.Plans.as_view(), name="payments-plans"),
    path("payments/documents", views.Documents.as_view(), name="payments-documents"),
    path("payments/documents/<int:pk>/pdf", views.DocumentPdf.as_view(), name="payments-document-pdf"),
    path("wallet", views.Wallet.as_view(), name="wallet"),
    path("wallet/entries", views.WalletEntries.as_view(), name="wallet-entries"),
    path("wallet/payout-account", views.PayoutAccount.as_view(), name="payout-account"),
    path("wallet/payout-account/link", views.PayoutAccountLink.as_view(), name="payout-account-link"),
    path("wallet/payouts", views.Payouts.as_view(), name="payouts"),
    path("wallet/payouts/<int:pk>", views.PayoutDetail.as_view(), name="payout"),
    path("wallet/payouts/<int:pk>/cancel", views.CancelPayout.as_view(), name="payout-cancel"),
    path("wallet/debt", views.Debt.as_view(), name="wallet-debt"),
    path("transactions/fee", views.FeeQuote.as_view(), name="transactions-fee"),
    path("transactions/history", views.TransactionHistory.as_view(), name="transactions-history"),
]
