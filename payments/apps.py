from django.apps import AppConfig


class PaymentsConfig(AppConfig):
    name = "payments"

    def ready(self) -> None:
        from accounts import hooks
        from payments import selectors

        hooks.register("payments", ties=selectors.ties, export=selectors.export)
