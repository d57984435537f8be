"""Pages of payments."""

from django.urls import path

from payments import views

urlpatterns = [
    path("wallet/", views.wallet, name="wallet"),
    path("wallet/documents/", views.documents, name="documents"),
    path("wallet/documents/<int:pk>/", views.document, name="document"),
    path("wallet/statement/", views.statement, name="statement"),
    path("wallet/statement/csv/", views.statement_csv, name="statement-csv"),
    path("wallet/statement/pdf/", views.statement_pdf, name="statement-pdf"),
    path("settings/plan/", views.plan, name="plan"),
    path("settings/plan/<slug:code>/pay/", views.pay_plan, name="plan-pay"),
    path("settings/plan/<slug:code>/start/", views.pay_plan_start, name="plan-pay-start"),
    path("settings/plan/<int:pk>/cancel/", views.cancel_plan, name="plan-cancel"),
    path("settings/plan/<int:pk>/resume/", views.resume_plan, name="plan-resume"),
    path("pay/<int:hold_id>/", views.pay, name="pay"),
    path("pay/<int:hold_id>/start/", views.pay_start, name="pay-start"),
    path("pay/<int:hold_id>/status/", views.payment_status, name="payment-status"),
]
