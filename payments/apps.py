from django.apps import AppConfig


class PaymentsConfig(AppConfig):
    name = "payments"

    def ready(self) -> None:
        from accounts import hooks
        from payments.selectors import account, metrics

        hooks.register("payments", ties=account.ties, export=account.export)
        metrics.register()
