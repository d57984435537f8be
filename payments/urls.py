"""Pages of payments."""

from django.urls import path

from payments import views

urlpatterns = [
    path("wallet/", views.wallet, name="wallet"),
    path("pay/approved/<uuid:token>/", views.payment_approved, name="payment-approved"),
    path("pay/left/<uuid:token>/", views.payment_left, name="payment-left"),
    path("pay/<int:hold_id>/", views.pay, name="pay"),
    path("pay/<int:hold_id>/start/", views.pay_start, name="pay-start"),
    path("pay/<int:hold_id>/status/", views.payment_status, name="payment-status"),
]
