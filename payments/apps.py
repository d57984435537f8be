from django.apps import AppConfig


class PaymentsConfig(AppConfig):
    name = "payments"

    def ready(self) -> None:
        from accounts import hooks
        from payments.selectors import account
        from payments.services import connect

        hooks.register("payments", ties=account.ties, erase=connect.erase_of, export=account.export)
